"""Constraints on primitive values: strings, numbers, booleans, dates, times and durations.

A constraint with nothing in it allows every value of its type. Date, time and duration bounds and assumed values are
the ISO 8601 strings of the source.
Source: AM 1.4, AOM1.4 section 5, The Constraint_model.primitive package.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from cdr.am.intervals import Interval


class Validity(IntEnum):
    """Whether a part of a date or time has to be there (VALIDITY_KIND, with its numbers in XML)."""

    MANDATORY = 1001
    OPTIONAL = 1002
    DISALLOWED = 1003


@dataclass(frozen=True, slots=True, kw_only=True)
class CString:
    """A regular expression the whole string must match, or a list; `is_open` makes the list a suggestion."""

    pattern: str | None = None
    values: tuple[str, ...] = ()
    is_open: bool = False
    assumed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CInteger:
    """A list of whole numbers, a range of them, or both."""

    values: tuple[int, ...] = ()
    range: Interval[int] | None = None
    assumed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CReal:
    """A list of numbers, a range of them, or both."""

    values: tuple[float, ...] = ()
    range: Interval[float] | None = None
    assumed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CBoolean:
    """Which of true and false is allowed."""

    true_valid: bool = True
    false_valid: bool = True
    assumed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CDate:
    """A pattern such as `yyyy-mm-??` (`??` optional, `XX` not allowed) and a range."""

    pattern: str | None = None
    timezone: Validity | None = None
    range: Interval[str] | None = None
    assumed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CTime:
    """A pattern such as `HH:MM:??` and a range."""

    pattern: str | None = None
    timezone: Validity | None = None
    range: Interval[str] | None = None
    assumed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CDateTime:
    """A pattern such as `yyyy-mm-ddTHH:??:??` and a range."""

    pattern: str | None = None
    timezone: Validity | None = None
    range: Interval[str] | None = None
    assumed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CDuration:
    """A pattern of the fields that may be used, such as `PYMWDTHMS`, and a range."""

    pattern: str | None = None
    range: Interval[str] | None = None
    assumed: str | None = None


CPrimitive: TypeAlias = CString | CInteger | CReal | CBoolean | CDate | CTime | CDateTime | CDuration
