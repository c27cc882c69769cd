"""Ranges, precisions and duration fields of inputs, from the intervals of constraints."""

from __future__ import annotations

import re

from cdr.am.intervals import Interval
from cdr.am.primitives import CDuration, CInteger, CReal
from cdr.webtemplate.model import Input, Validation

_NOT_NEGATIVE = Validation(range=((">=", 0), None))
_FIELDS = (("year", "Y"), ("month", "M"), ("day", "D"), ("week", "W"), ("hour", "H"), ("minute", "M"), ("second", "S"))
_PART = re.compile(r"(\d+(?:\.\d+)?)([YMWDHS])")


def number_range(
    constraint: CInteger | CReal | Interval[float] | Interval[int] | None, *, as_float: bool = False
) -> Validation | None:
    """Return the limits on a number, or None where there are none."""
    interval = constraint
    if isinstance(constraint, CInteger | CReal):
        interval = constraint.range
        as_float = isinstance(constraint, CReal)
        if interval is None and len(constraint.values) == 1:
            interval = Interval(constraint.values[0], constraint.values[0])
    if not isinstance(interval, Interval) or (interval.lower is None and interval.upper is None):
        return None
    convert = float if as_float else int
    low = None if interval.lower is None else (">=" if interval.lower_included else ">", convert(interval.lower))
    high = None if interval.upper is None else ("<=" if interval.upper_included else "<", convert(interval.upper))
    return Validation(range=(low, high))


def precision_range(interval: Interval[int] | None) -> tuple[tuple[str, int] | None, tuple[str, int] | None] | None:
    """Return the limits on the number of decimal places, or None where there are none."""
    if interval is None or (interval.lower is None and interval.upper is None):
        return None
    low = None if interval.lower is None else (">=" if interval.lower_included else ">", interval.lower)
    high = None if interval.upper is None else ("<=" if interval.upper_included else "<", interval.upper)
    return (low, high)


def duration_fields(constraint: CDuration | None) -> tuple[Input, ...]:
    """Return one whole-number input for each field that a duration may have."""
    allowed = _allowed(constraint.pattern if constraint else None)
    chosen = [name for name, _ in _FIELDS if name in allowed]
    limits = _NOT_NEGATIVE
    if constraint and constraint.range and len(chosen) == 1:
        low, high = _amount(constraint.range.lower), _amount(constraint.range.upper)
        limits = number_range(Interval(low or 0, high)) or _NOT_NEGATIVE
    return tuple(Input(type="INTEGER", suffix=name, validation=limits) for name in chosen)


def _allowed(pattern: str | None) -> frozenset[str]:
    """Return the fields in a pattern such as `PYMWDTHMS`; all of them without one."""
    if not pattern:
        return frozenset(name for name, _ in _FIELDS)
    date, _, time = pattern.upper().removeprefix("P").partition("T")
    dates = {letter: name for name, letter in _FIELDS[:4]}
    times = {letter: name for name, letter in _FIELDS[4:]}
    return frozenset({dates[letter] for letter in date if letter in dates} | {times[x] for x in time if x in times})


def _amount(duration: str | None) -> int | None:
    """Return the number in a duration with one field, None for any other."""
    parts = _PART.findall(duration or "")
    return int(float(parts[0][0])) if len(parts) == 1 else None
