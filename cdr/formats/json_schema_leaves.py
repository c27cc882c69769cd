"""Leaf constraints of templates as JSON Schema: primitives, codes, quantities, ordinals, scales, states.

What JSON Schema cannot say (ranges of dates and durations, external value sets, names of terminologies that are written
in several ways) is left to the server.
"""

from __future__ import annotations

from cdr.am.constraints import CCodePhrase, CCodeReference, CDvOrdinal, CDvQuantity, CDvScale, CDvState, CObject
from cdr.am.intervals import Interval
from cdr.am.primitives import CBoolean, CDate, CDateTime, CDuration, CInteger, CPrimitive, CReal, CString, CTime
from cdr.formats.json_schema_rm import Schema

# Terminologies that have one name only.
_FIXED_NAMES = ("local", "openehr")
_PARTS = {"Y": "Y", "M": "M", "W": "W", "D": "D"}
_YEAR, _TWO = "[0-9]{4}", "[0-9]{2}"
_ZONE = "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"


def primitive(item: CPrimitive | None, *, is_pattern: bool) -> Schema:
    """Return the schema of a primitive constraint; `is_pattern` marks values that are regular expressions."""
    if isinstance(item, CString):
        if item.values and not item.is_open:
            return {"enum": list(item.values)}
        if item.pattern is not None and not is_pattern:
            return {"type": "string", "pattern": anchored(item.pattern)}
        return {}
    if isinstance(item, CBoolean):
        return {"enum": [value for value, valid in ((True, item.true_valid), (False, item.false_valid)) if valid]}
    if isinstance(item, CInteger | CReal):
        schema: Schema = {"enum": list(item.values)} if item.values else {}
        return {**schema, **bounds(item.range)}
    if isinstance(item, CDate | CTime | CDateTime):
        return _calendar(item)
    if isinstance(item, CDuration) and item.pattern:
        return _duration(item.pattern)
    return {}


def anchored(pattern: str) -> str:
    """Return a pattern that the whole text has to match."""
    bare = pattern[1:-1] if len(pattern) > 1 and pattern[0] == pattern[-1] == "/" else pattern
    return f"^(?:{bare})$"


def bounds(interval: Interval[int] | Interval[float] | None) -> Schema:
    """Return the limits of a number."""
    if interval is None:
        return {}
    schema: Schema = {}
    if interval.lower is not None:
        schema["minimum" if interval.lower_included else "exclusiveMinimum"] = interval.lower
    if interval.upper is not None:
        schema["maximum" if interval.upper_included else "exclusiveMaximum"] = interval.upper
    return schema


def _calendar(item: CDate | CTime | CDateTime) -> Schema:
    """Return the parts that have to be, or may be, written, as a regular expression."""
    if not item.pattern:
        return {}
    date, _, clock = item.pattern.partition("T") if isinstance(item, CDateTime) else (item.pattern, "", "")
    if isinstance(item, CTime):
        date, clock = "", item.pattern
    fields = [(_TWO if number else _YEAR, "-?", part) for number, part in enumerate(date.split("-")) if part]
    fields += [
        (_TWO, ":?" if number else ("T" if date else ""), part) for number, part in enumerate(clock.split(":")) if part
    ]
    text = "(?:[.,][0-9]+)?" if fields and fields[-1][2].upper() == "SS" else ""
    for number, (digits, separator, part) in reversed(list(enumerate(fields))):
        lead = separator if number else ""
        if part.upper() == "XX":
            text = ""
        elif part == "??":
            last = number == len(fields) - 1
            fraction = "(?:[.,][0-9]+)?" if last and clock else ""
            text = f"(?:{lead}{digits}{fraction}{text})?"
        else:
            text = f"{lead}{digits}{text}"
    return {"type": "string", "pattern": f"^{text}{_ZONE if clock else ''}$"}


def _duration(pattern: str) -> Schema:
    date, _, clock = pattern.upper().removeprefix("P").partition("T")
    number = "[0-9]+(?:[.,][0-9]+)?"
    days = "".join(f"(?:{number}{part})?" for part in "YMWD" if part in date)
    hours = "".join(f"(?:{number}{part})?" for part in "HMS" if part in clock)
    if not date and not clock:
        return {}
    return {"type": "string", "pattern": f"^-?P{days}{f'(?:T{hours})?' if hours else ''}$"}


def domain(node: CObject) -> Schema:
    """Return the schema of a constraint on a code, quantity, ordinal, scale or state; {} for other nodes."""
    if isinstance(node, CCodeReference):
        return {}
    if isinstance(node, CCodePhrase):
        return _code(node)
    if isinstance(node, CDvQuantity) and node.items:
        return {"anyOf": [_quantity(node, number) for number in range(len(node.items))]}
    if isinstance(node, CDvOrdinal | CDvScale) and node.items:
        steps = [(item.value, item.symbol.code) for item in node.items]
        return {"anyOf": [_step(value, code) for value, code in steps]}
    if isinstance(node, CDvState) and node.states:
        names = [state.name for state in node.states]
        return {"properties": {"value": {"properties": {"value": {"enum": names}}}}}
    return {}


def _code(node: CCodePhrase) -> Schema:
    properties: Schema = {}
    if node.terminology in _FIXED_NAMES:
        properties["terminology_id"] = {"properties": {"value": {"const": node.terminology}}}
    if node.codes:
        properties["code_string"] = {"enum": list(node.codes)}
    return {"properties": properties} if properties else {}


def _quantity(node: CDvQuantity, number: int) -> Schema:
    item = node.items[number]
    properties: Schema = {"units": {"const": item.units}}
    if item.magnitude is not None:
        properties["magnitude"] = bounds(item.magnitude)
    if item.precision is not None and item.precision.upper != -1:
        properties["precision"] = {"anyOf": [bounds(item.precision), {"const": -1}]}
    return {"properties": properties}


def _step(value: float, code: str) -> Schema:
    properties: Schema = {"value": {"const": value}}
    if code:
        properties["symbol"] = {"properties": {"defining_code": {"properties": {"code_string": {"const": code}}}}}
    return {"properties": properties}
