"""Constraints on primitive values in cADL: `{|0..10|}`, `{"a", "b"; "a"}`, `{yyyy-mm-??}`, `{PYMD/|<=P1Y|}`, `{/re/}`.

`read_primitive` takes what stands inside the braces and gives one of the primitive constraints of the model.
Source: AM Release-2.3.0, ADL 1.4, section cADL, "Constraints on Primitive Types".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from cdr.am.adl.cursor import Cursor
from cdr.am.adl.source import AdlSyntaxError
from cdr.am.intervals import Interval
from cdr.am.primitives import (
    CBoolean,
    CDate,
    CDateTime,
    CDuration,
    CInteger,
    CPrimitive,
    CReal,
    CString,
    CTime,
)

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
_REGEX = re.compile(r"/((?:[^/\\\n]|\\.)*)/|\^((?:[^^\\\n]|\\.)*)\^")
_BOOLEAN = re.compile(r"(true|false)\b", re.I)
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_DURATION_PATTERN = re.compile(r"P[YMWDymwd]*(?:T[HMShms]+)?(?![A-Za-z0-9_])")
_DURATION = re.compile(
    r"-?P(?=[0-9T])(?:[0-9]+(?:[.,][0-9]+)?[YMWDymwd])*(?:T(?:[0-9]+(?:[.,][0-9]+)?[HMShms])+)?(?![A-Za-z0-9])"
)
_DATE_TIME_PATTERN = re.compile(
    r"[yY]{4}-(?:mm|MM|\?\?|XX|xx)-(?:dd|DD|\?\?|XX|xx)[T ](?:HH|hh|\?\?|XX|xx)[:0-9A-Za-z?]*"
)
_DATE_PATTERN = re.compile(r"[yY]{4}-(?:mm|MM|\?\?|XX|xx)(?:-(?:dd|DD|\?\?|XX|xx))?")
_TIME_PATTERN = re.compile(r"[hH]{2}:(?:mm|MM|\?\?|XX|xx)(?::(?:ss|SS|\?\?|XX|xx))?")
_ZONE = r"(?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?"
_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?" + _ZONE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?![0-9T])")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?" + _ZONE)
_EXPECTED = (
    "a constraint on a primitive value: texts, numbers, true or false, a pattern, a range or a regular expression"
)

V = TypeVar("V")


def read_primitive(cursor: Cursor) -> CPrimitive:
    """Return the constraint that stands at the cursor, up to the closing brace."""
    if cursor.at('"'):
        return _string(cursor)
    if (match := cursor.take(_REGEX)) is not None:
        pattern = match.group(1) if match.group(1) is not None else match.group(2)
        return CString(pattern=pattern.replace("\\/", "/"), assumed=_assumed(cursor, _read_string))
    if cursor.peek(_BOOLEAN) is not None:
        return _boolean(cursor)
    if (match := cursor.take(_DATE_TIME_PATTERN)) is not None:
        return CDateTime(pattern=match.group(0), assumed=_assumed(cursor, _reader(_DATE_TIME)))
    if (match := cursor.take(_DATE_PATTERN)) is not None:
        return CDate(pattern=match.group(0), assumed=_assumed(cursor, _reader(_DATE)))
    if (match := cursor.take(_TIME_PATTERN)) is not None:
        return CTime(pattern=match.group(0), assumed=_assumed(cursor, _reader(_TIME)))
    if (match := cursor.take(_DURATION_PATTERN)) is not None:
        limits = _interval(cursor, _reader(_DURATION)) if cursor.accept("/") else None
        return CDuration(pattern=match.group(0), range=limits, assumed=_assumed(cursor, _reader(_DURATION)))
    return _ranges(cursor)


def _ranges(cursor: Cursor) -> CPrimitive:
    """Dates, times, durations and numbers: single values, lists and ranges, told apart by the first value's form."""
    probe = re.compile(r"\|?\s*(?:[<>]=?)?\s*")
    start = cursor.peek(probe)
    offset = start.end() if start else cursor.position
    for pattern, kind in ((_DURATION, CDuration), (_DATE_TIME, CDateTime), (_DATE, CDate), (_TIME, CTime)):
        if pattern.match(cursor.text, offset, cursor.end):
            read = _reader(pattern)
            limits = _interval(cursor, read) if cursor.at("|") else _point(read(cursor))
            return kind(range=limits, assumed=_assumed(cursor, read))
    if _NUMBER.match(cursor.text, offset, cursor.end) is None:
        raise AdlSyntaxError(_EXPECTED, cursor.position)
    return _number(cursor)


def _number(cursor: Cursor) -> CInteger | CReal:
    place = cursor.position
    limits: Interval[float] | None = None
    values: list[float] = []
    if cursor.at("|"):
        limits = _interval(cursor, _read_number)
    else:
        values.append(_read_number(cursor))
        while cursor.accept(","):
            if cursor.accept("..."):
                break
            values.append(_read_number(cursor))
    assumed = _assumed(cursor, _read_number)
    bounds = (limits.lower, limits.upper) if limits else ()
    if any(isinstance(number, float) for number in (*values, *bounds, assumed)):
        real = (
            None
            if limits is None
            else Interval(
                None if limits.lower is None else float(limits.lower),
                None if limits.upper is None else float(limits.upper),
                limits.lower_included,
                limits.upper_included,
            )
        )
        return CReal(values=tuple(map(float, values)), range=real, assumed=None if assumed is None else float(assumed))
    if any(not isinstance(number, int) for number in values):
        raise AdlSyntaxError("whole numbers only, or decimals only", place)
    whole = (
        None
        if limits is None
        else Interval(
            None if limits.lower is None else int(limits.lower),
            None if limits.upper is None else int(limits.upper),
            limits.lower_included,
            limits.upper_included,
        )
    )
    return CInteger(values=tuple(map(int, values)), range=whole, assumed=None if assumed is None else int(assumed))


def _string(cursor: Cursor) -> CString:
    values = [_read_string(cursor)]
    is_open = False
    while cursor.accept(","):
        if cursor.accept("..."):
            is_open = True
            break
        values.append(_read_string(cursor))
    return CString(values=tuple(values), is_open=is_open, assumed=_assumed(cursor, _read_string))


def _boolean(cursor: Cursor) -> CBoolean:
    allowed = {_read_boolean(cursor)}
    while cursor.accept(","):
        allowed.add(_read_boolean(cursor))
    return CBoolean(true_valid=True in allowed, false_valid=False in allowed, assumed=_assumed(cursor, _read_boolean))


def _assumed(cursor: Cursor, read: Callable[[Cursor], V]) -> V | None:
    return read(cursor) if cursor.accept(";") else None


def _point(value: V) -> Interval[V]:
    return Interval(value, value)


def _interval(cursor: Cursor, read: Callable[[Cursor], V]) -> Interval[V]:
    cursor.expect("|")
    if cursor.accept(">="):
        interval = Interval(read(cursor), None)
    elif cursor.accept("<="):
        interval = Interval(None, read(cursor))
    elif cursor.accept("<"):
        interval = Interval(None, read(cursor), upper_included=False)
    else:
        lower_included = not cursor.accept(">")
        lower = read(cursor)
        if cursor.accept(".."):
            upper_included = not cursor.accept("<")
            upper = None if cursor.accept("*") else read(cursor)
            interval = Interval(lower, upper, lower_included, upper_included)
        elif cursor.accept("+/-"):
            raise AdlSyntaxError("a range with both bounds written out", cursor.position)
        else:
            interval = Interval(lower, lower) if lower_included else Interval(lower, None, lower_included=False)
    cursor.expect("|")
    return interval


def _reader(pattern: re.Pattern[str]) -> Callable[[Cursor], str]:
    def read(cursor: Cursor) -> str:
        return cursor.require(pattern, "a value of the same kind").group(0)

    return read


def _read_string(cursor: Cursor) -> str:
    text = cursor.require(_STRING, "a text in quotes").group(1)
    return text if "\\" not in text else re.sub(r"\\(.)", r"\1", text, flags=re.S)


def _read_number(cursor: Cursor) -> float:
    match = cursor.require(_NUMBER, "a number")
    return float(match.group(0)) if match.group(1) or match.group(2) else int(match.group(0))


def _read_boolean(cursor: Cursor) -> bool:
    return cursor.require(_BOOLEAN, "True or False").group(1).lower() == "true"
