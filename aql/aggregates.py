"""The aggregate functions: the values of one column in, one value out. Pure, used by interpreter and engine alike.

Nulls are left out. SUM and AVG take numbers, DV_COUNT and DV_QUANTITY; quantities have to be of equal units, or of
units that convert into each other, and the result is a DV_QUANTITY in the units met first. MIN and MAX take whatever
compares and give one of the values as it is. Values that cannot be put together are an error that names their kinds.

Source: AQL 1.1.0, Aggregate functions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction

from aql.ast import AggregateName
from aql.errors import AqlIncomparable
from aql.values import Relation, Value, ValueRules, default_rules, distinct_key, number_of, relation

_TOO_BIG = "SUM and AVG met numbers that have more than 64 bits"


def aggregate(
    name: AggregateName, values: Iterable[Value], *, is_distinct: bool = False, rules: ValueRules | None = None
) -> Value:
    """Return the aggregate of the values: 0 for COUNT of nothing, None for the others of nothing.

    `COUNT(*)` is the number of rows and not counted here.

    Errors: AqlIncomparable when MIN, MAX, SUM or AVG meet values that do not go together.
    """
    known = [value for value in values if value is not None]
    if name is AggregateName.COUNT:
        return len({distinct_key(value) for value in known}) if is_distinct else len(known)
    if not known:
        return None
    used = rules or default_rules()
    if name is AggregateName.MIN:
        return _extreme(known, Relation.LESS, used)
    if name is AggregateName.MAX:
        return _extreme(known, Relation.GREATER, used)
    return _total(known, used, is_mean=name is AggregateName.AVG)


def _extreme(values: list[Value], wanted: Relation, rules: ValueRules) -> Value:
    best = values[0]
    # The first value is compared with itself, since a single one may not be comparable at all.
    for value in values:
        found = relation(value, best, rules)
        if found in (Relation.UNKNOWN, Relation.UNEQUAL):
            raise AqlIncomparable(f"MIN and MAX met values without an order: {_names((best, value))}.")
        if found is wanted:
            best = value
    return best


def _total(values: list[Value], rules: ValueRules, *, is_mean: bool) -> Value:
    if all(isinstance(value, dict) and value.get("_type") == "DV_QUANTITY" for value in values):
        units = values[0]["units"]
        magnitudes = [_in_units(value, units, values[0], rules) for value in values]
        total = _mean(magnitudes) if is_mean else _sum(magnitudes)
        return {"_type": "DV_QUANTITY", "magnitude": float(total), "units": units}
    numbers = [number_of(value) for value in values]
    if any(number is None for number in numbers):
        raise AqlIncomparable(f"SUM and AVG met values that do not add up: {_names(values)}.")
    plain = [number for number in numbers if number is not None]
    return _mean(plain) if is_mean else _sum(plain)


def _sum(numbers: list[int | float]) -> int | float:
    """Add without loss: whole numbers exactly, the others with one rounding at the end."""
    if all(isinstance(number, int) for number in numbers):
        total = sum(numbers)
        if abs(total) < 2**63:
            return total
    else:
        with suppress(OverflowError):
            return math.fsum(numbers)
    raise AqlIncomparable(f"{_TOO_BIG} together.")


def _mean(numbers: list[int | float]) -> float:
    """Return the mean, which has 64 bits even where the sum has not."""
    try:
        return float(_sum(numbers) / len(numbers))
    except AqlIncomparable:
        return float(sum(map(Fraction, numbers)) / len(numbers))


def _in_units(value: Value, units: str, first: Value, rules: ValueRules) -> int | float:
    magnitude: int | float = value["magnitude"]
    if value["units"] == units:
        return magnitude
    here = rules.units.canonical(magnitude, value["units"])
    one = rules.units.canonical(1.0, units)
    zero = rules.units.canonical(0.0, units)
    if here is None or one is None or zero is None or here[1] != one[1]:
        raise AqlIncomparable(f"SUM and AVG met values that do not add up: {_names((first, value))}.")
    # Units such as Cel have an offset: 0 of them is not 0 in base units.
    with suppress(OverflowError):
        return float(Fraction(here[0] - zero[0]) / Fraction(one[0] - zero[0]))
    raise AqlIncomparable(f"{_TOO_BIG} in units that it was converted to.")


def _names(values: Iterable[Value]) -> str:
    """Name kinds and units, never values."""
    names = {_name(value) for value in values}
    return ", ".join(sorted(names))


def _name(value: Value) -> str:
    if isinstance(value, dict):
        rm_type = str(value.get("_type"))
        return f"{rm_type} in {value.get('units')}" if rm_type == "DV_QUANTITY" else rm_type
    if isinstance(value, bool):
        return "Boolean"
    return "String" if isinstance(value, str) else "number"
