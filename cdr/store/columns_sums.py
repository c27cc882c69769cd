"""Aggregates over columns: the same values as `aql.aggregates` gives, from how often each value stands there."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from aql.aggregates import aggregate
from aql.ast import AggregateName
from aql.objects import Value
from cdr.store.columns_values import NULL, Places, Values

_FEW = 5_000
"""Different values up to which each is looked at for itself."""


def first_places(places: Places, size: int) -> npt.NDArray[np.int64]:
    """Return where each of `size` numbers stands first among the places, in the order of standing there."""
    first = np.full(size, -1, np.int64)
    # Of several writes to one place the last stays, so that going backwards leaves the first.
    first[places[::-1]] = np.arange(len(places) - 1, -1, -1, dtype=np.int64)
    return np.sort(first[first >= 0])


def count_distinct(values: Values, places: Places) -> int:
    """Return how many different values stand at the places, null left out."""
    numbers = values.distinct()
    is_there = np.zeros(len(values) + 2, np.bool_)
    is_there[numbers[places]] = True
    return int(is_there[1:].sum())


def total(name: AggregateName, values: Values, places: Places) -> Value:
    """Return SUM, AVG, MIN or MAX of the values at the places, in the order of rows.

    Errors: AqlIncomparable for values that do not go together.
    """
    known = places[places != NULL]
    if not len(known):
        return None
    if name in (AggregateName.MIN, AggregateName.MAX):
        return _extreme(name, values, known)
    return _sum(name, values, known)


def _extreme(name: AggregateName, values: Values, known: Places) -> Value:
    kept = values.values
    first = first_places(known, len(values))
    if len(first) > _FEW:
        numbers = values.numbers()
        points = None if numbers is not None else values.points()
        keys = numbers.number if numbers is not None else None if points is None else points.nanoseconds
        if keys is not None:
            met = keys[known]
            return kept[known[int(met.argmin() if name is AggregateName.MIN else met.argmax())]]
    # A value that stands there again changes nothing.
    return aggregate(name, [kept[known[place]] for place in first.tolist()], rules=values.rules)


def _sum(name: AggregateName, values: Values, known: Places) -> Value:
    kept = values.values
    numbers = values.numbers()
    if numbers is not None:
        counts = np.bincount(known, minlength=len(values))
        used = np.flatnonzero(counts)
        if all(type(kept[place]) is int for place in used.tolist()):
            whole = sum(kept[place] * int(counts[place]) for place in used.tolist())
            if abs(whole) < 1 << 63:
                return whole if name is AggregateName.SUM else float(whole / len(known))
        else:
            added = _rounded_once(kept, counts, used, known)
            if added is not None:
                return added if name is AggregateName.SUM else added / len(known)
    return aggregate(name, [kept[place] for place in known.tolist()], rules=values.rules)


def _rounded_once(
    kept: list[Value], counts: npt.NDArray[np.int64], used: npt.NDArray[np.int64], known: Places
) -> float | None:
    """Return the sum with one rounding at the end, None where it is too big."""
    try:
        if len(used) <= _FEW:
            return float(sum(Fraction(kept[place]) * int(counts[place]) for place in used.tolist()))
        return math.fsum(kept[place] for place in known.tolist())
    except OverflowError:
        return None
