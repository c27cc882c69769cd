"""Constraints on dates, times, date-times and durations: patterns of fields, ranges, time zones.

Source: AM 1.4, ADL1.4 sections 5.4.6 (date, time and date-time) and 5.4.7 (duration): `?` is optional, `X` is not
allowed, letters mean that the field has to be there, and a duration pattern lists the fields that may be used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from cdr.am.intervals import Interval
from cdr.am.primitives import CDate, CDateTime, CDuration, CTime, Validity
from cdr.issue import Severity
from cdr.rm import temporal
from cdr.rm.temporal import Duration, Precision
from cdr.validation.report import Finding

_T = TypeVar("_T", bound=temporal.Temporal)
Check = Callable[[object], Finding | None]

_FIELDS = re.compile(r"([yY]{4}|\d{4})-([a-zA-Z]{2}|\?\?|\d\d)-([a-zA-Z]{2}|\?\?|\d\d)")
_CLOCK = re.compile(r"([a-zA-Z]{2}|\?\?|\d\d):([a-zA-Z]{2}|\?\?|\d\d):([a-zA-Z]{2}|\?\?|\d\d)")
_DATE_PRECISION = (Precision.YEAR, Precision.MONTH, Precision.DAY)
_TIME_PRECISION = (Precision.HOUR, Precision.MINUTE, Precision.SECOND)
_PARTS = re.compile(r"P([yYmMwWdD]*)(?:T([hHmMsS]*))?")


def check_of(item: CDate | CTime | CDateTime | CDuration) -> Check | None:
    """Return the check of a constraint, or None where it allows everything."""
    if isinstance(item, CDuration):
        return _duration(item)
    if isinstance(item, CDate):
        return _calendar(item, temporal.parse_date, "TPL_DATE")
    if isinstance(item, CTime):
        return _calendar(item, temporal.parse_time, "TPL_TIME")
    return _calendar(item, temporal.parse_date_time, "TPL_DATE_TIME")


def _calendar(item: CDate | CTime | CDateTime, parse: Callable[[str], _T], code: str) -> Check | None:
    least, most = _precisions(item.pattern)
    range_ = _parsed(item.range, parse)
    zone = item.timezone
    if least is None and most is None and range_ is None and zone is None:
        return None
    wrong_fields = Finding(code, f"the parts of the pattern {item.pattern}")
    # Templates in use write yyyy-??-XX and are sent whole dates: the pattern leaves the month to the sender already, so
    # a day more is said and not refused.
    is_loose = isinstance(item, CDate) and (item.pattern or "").upper().endswith("-??-XX")
    too_fine = replace(wrong_fields, severity=Severity.WARNING) if is_loose else wrong_fields
    wrong_range = Finding(code, f"a value from the range {item.range}")
    wrong_zone = Finding(code, "a time zone" if zone is Validity.MANDATORY else "no time zone")

    def check(value: object) -> Finding | None:
        try:
            parsed = parse(str(value))
        except ValueError:
            return None  # the reference model's own rule reports it
        precision = min(parsed.precision, Precision.SECOND)
        if least is not None and precision < least:
            return wrong_fields
        if most is not None and precision > most:
            return too_fine
        offset = getattr(parsed, "offset", None)
        if (zone is Validity.MANDATORY and offset is None) or (zone is Validity.DISALLOWED and offset is not None):
            return wrong_zone
        return None if range_ is None or _is_within(parsed, range_) else wrong_range

    return check


def _precisions(pattern: str | None) -> tuple[Precision | None, Precision | None]:
    """Return the least and the most that has to, or may, be written; None where the pattern says nothing."""
    if not pattern:
        return None, None
    fields: list[tuple[Precision, str]] = []
    date, clock = _FIELDS.search(pattern), _CLOCK.search(pattern)
    if date is not None:
        fields.extend(zip(_DATE_PRECISION, date.groups(), strict=True))
    if clock is not None:
        fields.extend(zip(_TIME_PRECISION, clock.groups(), strict=True))
    least: Precision | None = None
    most: Precision | None = None
    for precision, text in fields:
        if text in ("XX", "xx"):
            break
        most = precision
        if text != "??":
            least = precision
    if most is Precision.SECOND or not fields:
        most = None
    return least, most


def _parsed(interval: Interval[str] | None, parse: Callable[[str], _T]) -> Interval[_T] | None:
    if interval is None:
        return None
    bounds: list[_T | None] = []
    for bound in (interval.lower, interval.upper):
        try:
            bounds.append(parse(bound) if bound else None)
        except ValueError:
            bounds.append(None)  # a bound that nobody can read bounds nothing
    if bounds == [None, None]:
        return None
    return Interval(bounds[0], bounds[1], interval.lower_included, interval.upper_included)


def _is_within(value: _T, interval: Interval[_T]) -> bool:
    if interval.lower is not None:
        order = temporal.compare(value, interval.lower)
        if order < 0 or (order == 0 and not interval.lower_included):
            return False
    if interval.upper is not None:
        order = temporal.compare(value, interval.upper)
        return order < 0 or (order == 0 and interval.upper_included)
    return True


def _duration(item: CDuration) -> Check | None:
    allowed = _allowed_parts(item.pattern)
    range_ = _parsed(item.range, temporal.parse_duration)
    if allowed is None and range_ is None:
        return None
    wrong_fields = Finding("TPL_DURATION", f"only the parts of the pattern {item.pattern}")
    wrong_range = Finding("TPL_DURATION", f"a duration from the range {item.range}")

    def check(value: object) -> Finding | None:
        try:
            parsed = temporal.parse_duration(str(value))
        except ValueError:
            return None
        if allowed is not None and not _used_parts(parsed) <= allowed:
            return wrong_fields
        return None if range_ is None or _is_within(parsed, range_) else wrong_range

    return check


def _allowed_parts(pattern: str | None) -> frozenset[str] | None:
    found = _PARTS.fullmatch(pattern) if pattern else None
    if found is None:
        return None
    date, clock = found.groups()
    letters = {letter.upper() for letter in date} | {f"T{letter.upper()}" for letter in clock or ""}
    return frozenset(letters) or None


def _used_parts(duration: Duration) -> set[str]:
    return {letter for letter, name in _PART_NAMES if getattr(duration, name) is not None}


_PART_NAMES = (
    ("Y", "years"),
    ("M", "months"),
    ("W", "weeks"),
    ("D", "days"),
    ("TH", "hours"),
    ("TM", "minutes"),
    ("TS", "seconds"),
)
