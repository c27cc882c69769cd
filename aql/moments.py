"""Dates, times and durations as a query compares them: ISO 8601 text in, a point on a line and a precision out.

The point is the instant of the lower bound: `2024-05` begins at midnight of the first of May. Text without an offset
is local time of the tenant. This module has its own small reader because the query language sits below the reference
model, which keeps more of what was written.

Source: BASE 1.2.0, foundation_types, Time Types; docs/aql.md, Comparing.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum, IntEnum
from functools import lru_cache
from typing import NamedTuple


class PointKind(Enum):
    """What a point is; points of different kinds have no order."""

    INSTANT = "date or date-time"
    TIME = "time of day"
    DURATION = "duration"


class Precision(IntEnum):
    """The smallest unit that is written; a fraction counts as seconds."""

    YEAR = 0
    MONTH = 1
    DAY = 2
    HOUR = 3
    MINUTE = 4
    SECOND = 5


class Point(NamedTuple):
    """A point on the line of its kind.

    Units: nanoseconds since 1970-01-01T00:00Z for instants, since midnight UTC for times, in all for durations (years
    and months by their average length). All durations have the same precision.
    """

    kind: PointKind
    nanoseconds: int
    precision: Precision


_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
_EPOCH = date(1970, 1, 1).toordinal()
_OFFSET = r"(?P<offset>Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?"
_TIME = (
    r"(?P<hour>\d{2})(?:(?P<colon>:?)(?P<minute>\d{2})(?:(?P=colon)(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?)?"
    + _OFFSET
)
_DATE = r"(?P<year>\d{4})(?:(?P<dash>-?)(?P<month>\d{2})(?:(?P=dash)(?P<day>\d{2}))?)?"
_INSTANT_TEXT = re.compile(rf"{_DATE}(?:T{_TIME})?\Z")
_TIME_TEXT = re.compile(rf"T?{_TIME}\Z")
_N = r"\d{1,18}"
_DURATION_TEXT = re.compile(
    rf"(?P<sign>-?)P(?=[\dT])(?:(?P<years>{_N})Y)?(?:(?P<months>{_N})M)?(?:(?P<weeks>{_N})W)?(?:(?P<days>{_N})D)?"
    rf"(?:T(?=\d)(?:(?P<hours>{_N})H)?(?:(?P<minutes>{_N})M)?(?:(?P<seconds>{_N})(?:[.,](?P<fraction>\d{{1,1000}}))?S)?)?\Z"
)

# Time_definitions: an average year has 365.24 days, an average month 30.42.
_YEAR_NANOSECONDS = 36_524 * _DAY // 100
_MONTH_NANOSECONDS = 3_042 * _DAY // 100


@lru_cache(maxsize=8192)
def point(text: str, kind: PointKind, zone: tzinfo) -> Point | None:
    """Return what the text means as a point of the kind, None if it means none.

    Example:
        >>> from datetime import UTC
        >>> point("1970-01-01T00:00:01", PointKind.INSTANT, UTC).nanoseconds
        1000000000
    """
    if kind is PointKind.INSTANT:
        return _instant(text, zone)
    if kind is PointKind.TIME:
        return _time(text, zone)
    return _duration(text)


def _instant(text: str, zone: tzinfo) -> Point | None:
    match = _INSTANT_TEXT.match(text)
    if match is None or (match["hour"] is not None and match["day"] is None):
        return None
    if match["colon"] is not None and bool(match["dash"]) != bool(match["colon"]):
        # The compact and the extended form do not mix.
        return None
    year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
    clock = 0 if match["hour"] is None else _clock(match)
    if clock is None:
        return None
    try:
        # The year 0 exists in data and not in `date`; 400 years are a whole number of weeks and leap cycles.
        ordinal = date(year, month, day).toordinal() if year else date(400, month, day).toordinal() - 146_097
    except ValueError:
        return None
    local = (ordinal - _EPOCH) * _DAY + clock
    precision = _precision(match, ("month", "day", "hour", "minute", "second"))
    return Point(PointKind.INSTANT, local - _offset(match["offset"], zone, ordinal, clock), precision)


def _time(text: str, zone: tzinfo) -> Point | None:
    match = _TIME_TEXT.match(text)
    clock = None if match is None else _clock(match)
    if match is None or clock is None:
        return None
    # A time of day has no date to ask for summer time: it is taken as winter time.
    winter = date(2000, 1, 1).toordinal()
    precision = Precision(_precision(match, ("minute", "second")) + Precision.HOUR)
    return Point(PointKind.TIME, clock - _offset(match["offset"], zone, winter, 0), precision)


def _duration(text: str) -> Point | None:
    match = _DURATION_TEXT.match(text)
    if match is None:
        return None

    def part(name: str) -> int:
        return int(match[name] or 0)

    days = part("weeks") * 7 + part("days")
    seconds = (part("hours") * 60 + part("minutes")) * 60 + part("seconds")
    total = part("years") * _YEAR_NANOSECONDS + part("months") * _MONTH_NANOSECONDS
    total += days * _DAY + seconds * _SECOND + _fraction(match["fraction"])
    return Point(PointKind.DURATION, -total if match["sign"] else total, Precision.SECOND)


def _clock(match: re.Match[str]) -> int | None:
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return ((hour * 60 + minute) * 60 + second) * _SECOND + _fraction(match["fraction"])


def _fraction(digits: str | None) -> int:
    """Return the nanoseconds of the digits after the decimal sign; finer digits are cut off."""
    return int(digits[:9].ljust(9, "0")) if digits else 0


def _precision(match: re.Match[str], parts: tuple[str, ...]) -> Precision:
    return Precision(sum(match[part] is not None for part in parts))


def _offset(text: str | None, zone: tzinfo, ordinal: int, clock: int) -> int:
    """Return the nanoseconds that local time is ahead of UTC."""
    if text is None:
        near = min(max(ordinal, 2), date.max.toordinal() - 1)
        local = datetime.fromordinal(near) + timedelta(microseconds=clock // 1000)
        ahead = zone.utcoffset(local.replace(tzinfo=zone))
        return 0 if ahead is None else round(ahead.total_seconds()) * _SECOND
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return (-minutes if text[0] == "-" else minutes) * 60 * _SECOND
