"""The order of data values: what may be compared with what, and which is less.

Source: RM 1.1.0, data_types, DV_ORDERED and descendants, functions is_strictly_comparable_to and less_than:
https://specifications.openehr.org/releases/RM/Release-1.1.0/data_types.html
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from cdr.rm import (
    DvCount,
    DvDate,
    DvDateTime,
    DvDuration,
    DvInterval,
    DvOrdered,
    DvOrdinal,
    DvProportion,
    DvQuantity,
    DvScale,
    DvTime,
    temporal,
)

_PARSERS: dict[type[DvOrdered], Callable[[str], temporal.Temporal]] = {
    DvDate: temporal.parse_date,
    DvTime: temporal.parse_time,
    DvDateTime: temporal.parse_date_time,
    DvDuration: temporal.parse_duration,
}


def is_strictly_comparable(left: DvOrdered, right: DvOrdered) -> bool:
    """Tell whether two values may be compared: one class, and the same units, proportion kind or terminology."""
    if type(left) is not type(right):
        return False
    if isinstance(left, DvQuantity) and isinstance(right, DvQuantity):
        return left.units == right.units and left.units_system == right.units_system
    if isinstance(left, DvProportion) and isinstance(right, DvProportion):
        return left.type == right.type
    if isinstance(left, (DvOrdinal, DvScale)) and isinstance(right, (DvOrdinal, DvScale)):
        return _terminology(left) == _terminology(right)
    return True


def compare(left: DvOrdered, right: DvOrdered) -> int | None:
    """Return -1, 0 or 1, or None where the values may not be compared or one of them is incomplete.

    Dates without an offset are taken as UTC here: the answer is for two values of one interval, which share a zone.

    >>> compare(DvCount(magnitude=1), DvCount(magnitude=2))
    -1
    """
    if not is_strictly_comparable(left, right):
        return None
    first, second = _magnitude(left), _magnitude(right)
    if first is None or second is None:
        return None
    if isinstance(first, (float, int, Fraction)) and isinstance(second, (float, int, Fraction)):
        return (first > second) - (first < second)
    assert not isinstance(first, (float, int, Fraction)) and not isinstance(second, (float, int, Fraction))
    return temporal.compare(first, second)


def has(interval: DvInterval, value: DvOrdered) -> bool | None:
    """Tell whether a value lies in an interval; None where it cannot be compared with a limit."""
    if not interval.lower_unbounded and interval.lower is not None:
        order = compare(value, interval.lower)
        if order is None:
            return None
        if order < 0 or (order == 0 and interval.lower_included is False):
            return False
    if not interval.upper_unbounded and interval.upper is not None:
        order = compare(value, interval.upper)
        if order is None:
            return None
        if order > 0 or (order == 0 and interval.upper_included is False):
            return False
    return True


def _magnitude(value: DvOrdered) -> float | Fraction | temporal.Temporal | None:
    if isinstance(value, (DvQuantity, DvCount)):
        return value.magnitude
    if isinstance(value, (DvOrdinal, DvScale)):
        return value.value
    if isinstance(value, DvProportion):
        if value.numerator is None or not value.denominator:
            return None
        return Fraction(value.numerator) / Fraction(value.denominator)
    parser = _PARSERS.get(type(value))
    text = getattr(value, "value", None)
    if parser is None or text is None:
        return None
    try:
        return parser(text)
    except ValueError:
        return None


def _terminology(value: DvOrdinal | DvScale) -> str | None:
    code = value.symbol.defining_code if value.symbol is not None else None
    return code.terminology_id.value if code is not None and code.terminology_id is not None else None
