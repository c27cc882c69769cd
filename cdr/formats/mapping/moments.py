"""Dates and times as sources write them, to ISO 8601 as the RM writes it; the precision that was written is kept."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<part>[.,]\d{1,9})?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_NORDIC = re.compile(
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"
    r"(?: (?:kl\.? ?)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?)?"
)


def read_moment(text: str) -> str | None:
    """Return a date or date-time in extended ISO 8601, as precise as it was written; None when it is none.

    >>> read_moment("2019-05"), read_moment("1.2.2024"), read_moment("2024-02-30")
    ('2019-05', '2024-02-01', None)
    >>> read_moment("01.02.2024 09:30"), read_moment("2024-02-01T09:30:00.5+0100")
    ('2024-02-01T09:30:00', '2024-02-01T09:30:00.5+01:00')
    """
    match = _ISO.fullmatch(text.strip()) or _NORDIC.fullmatch(text.strip())
    if match is None:
        return None
    found = match.groupdict()
    year, month, day = (int(found[name]) if found[name] else None for name in ("year", "month", "day"))
    try:
        date(year or 1, month or 1, day or 1)
    except ValueError:
        return None
    written = f"{year:04}" + "".join(f"-{part:02}" for part in (month, day) if part is not None)
    if found["hour"] is None:
        return written
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = found.get("zone") or ""
    if zone and zone != "Z":
        zone = f"{zone[:3]}:{zone[-2:]}"
        if int(zone[1:3]) > 14 or int(zone[4:]) > 59:
            return None
    part = (found.get("part") or "").replace(",", ".")
    return f"{written}T{hour:02}:{minute:02}:{second:02}{part}{zone}"


def day_of(moment: str) -> str | None:
    """Return the day of a moment of `read_moment`, None when it is less precise."""
    return moment[:10] if len(moment) >= 10 else None


def order_of(moment: str) -> str:
    """Return a text that sorts as moments do: times with an offset in UTC, others as written.

    >>> order_of("2024-02-01T09:30:00+01:00") < order_of("2024-02-01T08:30:01Z")
    True
    """
    if "T" not in moment:
        return moment
    seconds, dot, part = moment.partition(".")
    digits = re.match(r"\d+", part)
    plain = seconds + part[digits.end() :] if dot and digits else moment
    read = datetime.fromisoformat(plain.replace("Z", "+00:00"))
    try:
        utc = read.astimezone(UTC) if read.tzinfo else read
    except OverflowError:
        # The first and the last hours of the calendar; nothing is between them and what they would become.
        utc = read
    fraction = (digits[0] if dot and digits else "").ljust(9, "0")
    return f"{utc.replace(tzinfo=None).isoformat(timespec='seconds')}.{fraction}"
