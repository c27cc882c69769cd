"""Dates, times, date-times and durations: the key alone is the ISO 8601 text.

A duration may also come in parts: `|year`, `|month`, `|week`, `|day`, `|hour`, `|minute`, `|second`.
Source: ITS-REST development, simplified_formats, RM Mappings: DV_DATE, DV_DATE_TIME, DV_TIME, DV_DURATION.
"""

from __future__ import annotations

from collections.abc import Callable

from cdr import rm
from cdr.formats.flat.keys import Branch, Json
from cdr.formats.flat.scope import Place, Scope
from cdr.rm import temporal

_DATE_PARTS = (("year", "Y"), ("month", "M"), ("week", "W"), ("day", "D"))
_TIME_PARTS = (("hour", "H"), ("minute", "M"), ("second", "S"))


def decode_date(branch: Branch, scope: Scope, place: Place) -> rm.DvDate | None:
    """Take a DV_DATE, whole or partial."""
    value = _iso(branch, scope, temporal.parse_date)
    return None if value is None else rm.DvDate(value=value)


def decode_time(branch: Branch, scope: Scope, place: Place) -> rm.DvTime | None:
    """Take a DV_TIME."""
    value = _iso(branch, scope, temporal.parse_time)
    return None if value is None else rm.DvTime(value=value)


def decode_date_time(branch: Branch, scope: Scope, place: Place) -> rm.DvDateTime | None:
    """Take a DV_DATE_TIME, whole or partial."""
    value = _iso(branch, scope, temporal.parse_date_time)
    return None if value is None else rm.DvDateTime(value=value)


def decode_duration(branch: Branch, scope: Scope, place: Place) -> rm.DvDuration | None:
    """Take a DV_DURATION, as text or in parts."""
    value = _iso(branch, scope, temporal.parse_duration)
    if value is None:
        value = _from_parts(branch, scope)
    return None if value is None else rm.DvDuration(value=value)


def encode_iso(value: rm.DvDate | rm.DvTime | rm.DvDateTime | rm.DvDuration, key: str, out: dict[str, Json]) -> None:
    """Write a date, time, date-time or duration."""
    out[key] = value.value


def _iso(branch: Branch, scope: Scope, parse: Callable[[str], object]) -> str | None:
    suffix = "" if branch.has("") else "value"
    value = scope.text(branch, suffix, what="an ISO 8601 text")
    if value is None:
        return None
    try:
        parse(value)
    except ValueError as error:
        scope.wrong(branch, suffix, str(error).removeprefix("expected "))
        return None
    return value


def _from_parts(branch: Branch, scope: Scope) -> str | None:
    """Take the parts of a duration, also where they come as children, as some forms send them."""
    found: dict[str, int] = {}
    for name, _ in (*_DATE_PARTS, *_TIME_PARTS):
        amount = scope.whole(branch, name)
        if amount is None:
            child = branch.take_child(name)
            amount = scope.whole(child) if child is not None else None
        if amount is not None:
            found[name] = amount
    if not found:
        return None
    date = "".join(f"{found[name]}{letter}" for name, letter in _DATE_PARTS if name in found)
    time = "".join(f"{found[name]}{letter}" for name, letter in _TIME_PARTS if name in found)
    return f"P{date}{'T' + time if time else ''}"
