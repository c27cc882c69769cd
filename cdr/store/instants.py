"""Dates, times and durations as one number each, for the index: the usual full forms fast, all others exactly.

Units: seconds since 1970-01-01T00:00Z for dates and date/times (their lower bound), seconds since midnight UTC for
times, seconds for durations (average years and months). Without an offset the zone given holds.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from cdr.rm import temporal

_FULL = len("2024-01-01T10:00:00")


def date_time_seconds(text: str, zone: tzinfo) -> float | None:
    """Return the lower bound of a date/time, None if the text is none (a draft may hold anything)."""
    if len(text) >= _FULL and text[10] == "T":
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).timestamp()
        except (ValueError, OverflowError):
            pass
    try:
        return temporal.lower_bound(temporal.parse_date_time(text), zone) / 1_000_000
    except (ValueError, OverflowError):
        return None


def date_seconds(text: str, zone: tzinfo) -> float | None:
    """Return the lower bound of a date, None if the text is none."""
    try:
        return temporal.lower_bound(temporal.parse_date(text), zone) / 1_000_000
    except (ValueError, OverflowError):
        return None


def time_seconds(text: str, zone: tzinfo) -> float | None:
    """Return the lower bound of a time of day, None if the text is none."""
    try:
        return temporal.lower_bound(temporal.parse_time(text), zone) / 1_000_000
    except (ValueError, OverflowError):
        return None


def duration_seconds(text: str, zone: tzinfo) -> float | None:
    """Return the nominal length of a duration, None if the text is none; the zone is not looked at."""
    try:
        return temporal.lower_bound(temporal.parse_duration(text), zone) / 1_000_000
    except (ValueError, OverflowError):
        return None
