"""ISO 8601 dates, times, date-times and durations as openEHR has them: partial, and exactly as written.

Text comes in, frozen values go out that keep the written text, its precision and its offset. Decoders use the patterns
to refuse text that is no date, queries and rules use the values to order and compare. Instants are whole microseconds
since 1970-01-01T00:00Z, so that no date of the years 0 to 9999 overflows or is rounded; finer digits of a fraction
only matter to `compare`.
Source: BASE 1.2.0, foundation_types, Time Types: https://specifications.openehr.org/releases/BASE/Release-1.2.0
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import IntEnum
from fractions import Fraction
from typing import Final

from cdr.rm.temporal_patterns import DATE_PATTERN, DATE_TIME_PATTERN, DURATION_PATTERN, TIME_PATTERN

DAYS_IN_YEAR: Final = Fraction(36524, 100)
"""Time_definitions.Average_days_in_year."""
DAYS_IN_MONTH: Final = Fraction(3042, 100)
"""Time_definitions.Average_days_in_month."""

_MICROSECONDS_IN_DAY: Final = 86_400_000_000
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAYS_IN_400_YEARS: Final = 146_097

_DATE = re.compile(DATE_PATTERN)
_TIME = re.compile(TIME_PATTERN)
_DATE_TIME = re.compile(DATE_TIME_PATTERN)
_TIME_PARTS = re.compile(r"([0-9]{2}):?([0-9]{2})?:?([0-9]{2})?(?:[.,]([0-9]+))?(Z|[+-].+)?")
_DURATION_PARTS = re.compile(DURATION_PATTERN)


class Precision(IntEnum):
    """The finest part that was written."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    HOUR = 4
    MINUTE = 5
    SECOND = 6
    FRACTION = 7


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date that may lack its day, or day and month; `text` is what was written."""

    text: str
    year: int
    month: int | None = None
    day: int | None = None

    @property
    def precision(self) -> Precision:
        """Return `YEAR`, `MONTH` or `DAY`."""
        if self.month is None:
            return Precision.YEAR
        return Precision.MONTH if self.day is None else Precision.DAY

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PartialTime:
    """A time of day that may lack seconds, or seconds and minutes.

    Units: `offset` is in minutes east of UTC, None if none was written; `fraction` is the digits after the decimal
    sign as written, so `"50"` and `"5"` differ.
    """

    text: str
    hour: int
    minute: int | None = None
    second: int | None = None
    fraction: str = ""
    offset: int | None = None

    @property
    def precision(self) -> Precision:
        """Return `HOUR`, `MINUTE`, `SECOND` or `FRACTION`."""
        if self.minute is None:
            return Precision.HOUR
        if self.second is None:
            return Precision.MINUTE
        return Precision.FRACTION if self.fraction else Precision.SECOND

    @property
    def microseconds(self) -> int:
        """Return the microseconds since midnight of the clock that was read, finer digits left out."""
        seconds = (self.hour * 60 + (self.minute or 0)) * 60 + (self.second or 0)
        return seconds * 1_000_000 + int((self.fraction + "000000")[:6])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PartialDateTime:
    """A date with a time of day, or a partial date without one; `text` is what was written."""

    text: str
    date: PartialDate
    time: PartialTime | None = None

    @property
    def precision(self) -> Precision:
        """Return the finest part that was written."""
        return self.date.precision if self.time is None else self.time.precision

    @property
    def offset(self) -> int | None:
        """Return the minutes east of UTC, None if none was written."""
        return None if self.time is None else self.time.offset

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Duration:
    """A period of time in the parts that were written; None is a part that was not."""

    text: str
    is_negative: bool = False
    years: int | None = None
    months: int | None = None
    weeks: int | None = None
    days: int | None = None
    hours: int | None = None
    minutes: int | None = None
    seconds: int | None = None
    fraction: str = ""

    @property
    def total_seconds(self) -> Fraction:
        """Return the exact length in seconds, years and months counted with their average length.

        >>> parse_duration("-PT1M0.5S").total_seconds
        Fraction(-121, 2)
        """
        days = (
            (self.years or 0) * DAYS_IN_YEAR
            + (self.months or 0) * DAYS_IN_MONTH
            + (self.weeks or 0) * 7
            + (self.days or 0)
        )
        seconds = ((days * 24 + (self.hours or 0)) * 60 + (self.minutes or 0)) * 60 + (self.seconds or 0)
        if self.fraction:
            seconds += Fraction(int(self.fraction), 10 ** len(self.fraction))
        return Fraction(-seconds if self.is_negative else seconds)

    @property
    def months_and_seconds(self) -> tuple[int, Fraction]:
        """Return the calendar part in months and the rest in seconds, both signed: what date arithmetic needs."""
        months = (self.years or 0) * 12 + (self.months or 0)
        days = (self.weeks or 0) * 7 + (self.days or 0)
        seconds = Fraction(((days * 24 + (self.hours or 0)) * 60 + (self.minutes or 0)) * 60 + (self.seconds or 0))
        if self.fraction:
            seconds += Fraction(int(self.fraction), 10 ** len(self.fraction))
        return (-months, -seconds) if self.is_negative else (months, seconds)

    @property
    def precision(self) -> Precision:
        """Return the finest part that was written; weeks count as days."""
        if self.fraction:
            return Precision.FRACTION
        parts = (
            (self.seconds, 6),
            (self.minutes, 5),
            (self.hours, 4),
            (self.days, 3),
            (self.weeks, 3),
            (self.months, 2),
        )
        return Precision(next((rank for part, rank in parts if part is not None), 1))

    def __str__(self) -> str:
        return self.text


Instantaneous = PartialDate | PartialDateTime
Temporal = PartialDate | PartialTime | PartialDateTime | Duration


def parse_date(text: str) -> PartialDate:
    """Read a whole or partial date. Errors: ValueError, without the text, if it is none.

    >>> parse_date("2024-05").precision.name
    'MONTH'
    """
    if not _DATE.match(text):
        raise ValueError("expected an ISO 8601 date such as 2024-05-17, 2024-05 or 2024")
    return _date(text, text)


def parse_time(text: str) -> PartialTime:
    """Read a whole or partial time of day. Errors: ValueError, without the text, if it is none.

    >>> parse_time("10:15+02").offset
    120
    """
    if not _TIME.match(text):
        raise ValueError("expected an ISO 8601 time such as 10:15:30 or 10:15+02:00")
    return _time(text, text)


def parse_date_time(text: str) -> PartialDateTime:
    """Read a whole or partial date-time. Errors: ValueError, without the text, if it is none.

    >>> parse_date_time("20240517T1015Z").date.day
    17
    """
    if not _DATE_TIME.match(text):
        raise ValueError("expected an ISO 8601 date-time such as 2024-05-17T10:15:30+02:00")
    day, _, clock = text.partition("T")
    return PartialDateTime(text, _date(day, day), _time(clock, clock) if clock else None)


def parse_duration(text: str) -> Duration:
    """Read a duration. Errors: ValueError, without the text, if it is none.

    >>> parse_duration("P1W2D").weeks
    1
    """
    match = _DURATION_PARTS.match(text)
    if match is None:
        raise ValueError("expected an ISO 8601 duration such as P1Y2M, P1W2D or PT4H30M")
    numbers = [None if part is None else int(part) for part in match.groups()[1:8]]
    years, months, weeks, days, hours, minutes, seconds = numbers
    return Duration(
        text,
        is_negative=match[1] == "-",
        years=years,
        months=months,
        weeks=weeks,
        days=days,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        fraction=match[9] or "",
    )


def lower_bound(value: Temporal, zone: tzinfo = UTC) -> int:
    """Return the first microsecond that the value may mean.

    Units: microseconds since 1970-01-01T00:00Z for dates and date-times, since midnight UTC for times (negative or
    beyond a day if the offset moves them there), and the length for durations (averages for years and months, rounded
    towards minus infinity). `zone` is used where no offset was written; times then take the zone's winter offset.
    """
    if isinstance(value, PartialDateTime):
        return _instant(value.date, value.time, zone)
    if isinstance(value, PartialDate):
        return _instant(value, None, zone)
    if isinstance(value, PartialTime):
        offset = value.offset
        if offset is None:
            offset = _zone_offset(zone, datetime(2000, 1, 1))
        return value.microseconds - offset * 60_000_000
    return int(value.total_seconds * 1_000_000 // 1)


def upper_bound(value: Temporal, zone: tzinfo = UTC) -> int:
    """Return the first microsecond after everything that the value may mean: its upper bound, exclusive.

    Units: as in `lower_bound`. A duration means exactly one length, so both bounds of it are the same.
    """
    if isinstance(value, Duration):
        return lower_bound(value, zone)
    precision = value.precision
    if precision is Precision.FRACTION:
        time = value.time if isinstance(value, PartialDateTime) else value
        digits = len(time.fraction) if isinstance(time, PartialTime) else 6
        return lower_bound(value, zone) + int(10 ** max(0, 6 - digits))
    if precision >= Precision.HOUR:
        lengths = {Precision.HOUR: 3_600_000_000, Precision.MINUTE: 60_000_000, Precision.SECOND: 1_000_000}
        return lower_bound(value, zone) + lengths[precision]
    day = value.date if isinstance(value, PartialDateTime) else value
    assert isinstance(day, PartialDate)
    return _local_instant(_next_day(day), 0, zone)


def compare(left: Temporal, right: Temporal, zone: tzinfo = UTC) -> int:
    """Return -1, 0 or 1: the order of two values of one kind by their lower bounds, to the last written digit.

    Two values may compare as 0 and still differ in precision: `is_same` asks for both.
    """
    first, second = _exact(left, zone), _exact(right, zone)
    return (first > second) - (first < second)


def is_same(left: Temporal, right: Temporal, zone: tzinfo = UTC) -> bool:
    """Tell whether two values mean the same instant (or length) with the same precision."""
    if isinstance(left, Duration) and isinstance(right, Duration):
        return left.total_seconds == right.total_seconds
    return compare(left, right, zone) == 0 and left.precision == right.precision


def _exact(value: Temporal, zone: tzinfo) -> tuple[int | Fraction, str]:
    if isinstance(value, Duration):
        return value.total_seconds, ""
    time = value.time if isinstance(value, PartialDateTime) else value
    finer = time.fraction[6:].rstrip("0") if isinstance(time, PartialTime) else ""
    return lower_bound(value, zone), finer


def _date(text: str, part: str) -> PartialDate:
    digits = part.replace("-", "")
    size = len(digits)
    return PartialDate(
        text, int(digits[:4]), int(digits[4:6]) if size > 4 else None, int(digits[6:8]) if size > 6 else None
    )


def _time(text: str, part: str) -> PartialTime:
    match = _TIME_PARTS.match(part)
    assert match is not None
    hour, minute, second, fraction, offset = match.groups()
    return PartialTime(
        text,
        int(hour),
        None if minute is None else int(minute),
        None if second is None else int(second),
        fraction or "",
        _offset(offset),
    )


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + (int(text[-2:]) if len(text) > 3 else 0)
    return -minutes if text[0] == "-" else minutes


def _instant(day: PartialDate, time: PartialTime | None, zone: tzinfo) -> int:
    ordinal = _ordinal(day.year, day.month or 1, day.day or 1)
    clock = 0 if time is None else time.microseconds
    if time is not None and time.offset is not None:
        return (ordinal - _EPOCH_DAY) * _MICROSECONDS_IN_DAY + clock - time.offset * 60_000_000
    return _local_instant(ordinal, clock, zone)


def _local_instant(ordinal: int, clock: int, zone: tzinfo) -> int:
    """Return the instant of a local day and clock; years outside 1 to 9999 take the nearest offset."""
    utc = (ordinal - _EPOCH_DAY) * _MICROSECONDS_IN_DAY + clock
    if zone is UTC:
        return utc
    near = min(max(ordinal, 1), date.max.toordinal())
    moment = datetime.fromordinal(near) + timedelta(microseconds=clock)
    return utc - _zone_offset_microseconds(zone, moment)


def _zone_offset(zone: tzinfo, moment: datetime) -> int:
    return _zone_offset_microseconds(zone, moment) // 60_000_000


def _zone_offset_microseconds(zone: tzinfo, moment: datetime) -> int:
    offset = zone.utcoffset(moment.replace(tzinfo=zone))
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _ordinal(year: int, month: int, day: int) -> int:
    """Return the day number as `date.toordinal` counts, for the year 0 as well."""
    if year == 0:
        return date(400, month, day).toordinal() - _DAYS_IN_400_YEARS
    return date(year, month, day).toordinal()


def _next_day(day: PartialDate) -> int:
    """Return the ordinal of the first day after everything that a partial date may mean."""
    if day.day is not None:
        return _ordinal(day.year, day.month or 1, day.day) + 1
    months = day.year * 12 + (day.month or 12)
    if months == 10_000 * 12:
        return date.max.toordinal() + 1
    return _ordinal(months // 12, months % 12 + 1, 1)
