"""Dates in the precision in which they were written, as intervals of days, and whether two of them can be the same.

A date is `(first day, last day)`, both inclusive, as ISO text of ten characters, which orders as time does. The day is
that of the writer's own clock: a source that writes an offset means its local day.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime

FIRST = "0000-00-00"
LAST = "9999-99-99"

_DATE = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?(?:T.*)?\Z", re.ASCII)


def days(text: str) -> tuple[str, str] | None:
    """Return the first and the last day that a partial date may mean; None for no date.

    >>> days("2019-02")
    ('2019-02-01', '2019-02-28')
    """
    found = _DATE.match(text.strip())
    if found is None:
        return None
    year, month, day = found.groups()
    if month is None:
        return f"{year}-01-01", f"{year}-12-31"
    if not 1 <= int(month) <= 12 or int(year) < 1:
        return None
    if day is None:
        return f"{year}-{month}-01", f"{year}-{month}-{calendar.monthrange(int(year), int(month))[1]:02d}"
    return f"{year}-{month}-{day}", f"{year}-{month}-{day}"


def are_compatible(one: str, other: str) -> bool:
    """Tell whether two dates can mean the same day; a date that is missing or unreadable fits everything."""
    left, right = days(one), days(other)
    return left is None or right is None or (left[0] <= right[1] and right[0] <= left[1])


def period(onset: str, end: str) -> tuple[str, str] | None:
    """Return the longest time that something may have lasted; None where neither end is known."""
    begin, finish = days(onset), days(end)
    if begin is None and finish is None:
        return None
    return (begin[0] if begin else FIRST, finish[1] if finish else LAST)


def overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two periods share a day."""
    return one[0] <= other[1] and other[0] <= one[1]


def instant(text: str) -> str:
    """Return a moment as text that orders as time does: whole times in UTC, dates as they are; empty sorts first.

    A date without a time counts as the end of its day, so that what happened on a day is not before that day.
    """
    if "T" in text:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return _in_utc(moment).isoformat(timespec="milliseconds")[:23]
    found = days(text)
    return "" if found is None else f"{found[1]}T23:59:59.999"


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment
    except OverflowError:
        # The first and the last hours of the calendar, which UTC cannot hold.
        return moment
