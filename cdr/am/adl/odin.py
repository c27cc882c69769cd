"""ODIN (formerly dADL): the object text of an archetype's language, description, ontology and domain constraints.

`read_odin` takes the text and gives plain values:

- an object `a = <...> b = <...>` becomes a dict, a keyed container `["k"] = <...>` an `OdinKeyed`, a dict as well,
- a list `<"a", "b">` becomes a list, a single value `<"a">` the value itself,
- strings, integers, floats, booleans and None (an empty `<>`) are Python's, and
- what has no Python form is an `OdinTerm`, `OdinInterval` or `OdinText` (dates, times, durations, URIs, paths).

Source: AM Release-1.4, ADL 1.4, section dADL, https://specifications.openehr.org/releases/AM/Release-2.3.0/ADL1.4.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from cdr.am.adl.source import AdlSyntaxError

MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class OdinTerm:
    """A coded term, `[terminology(version)::code]`: the terminology with its version, and the code."""

    terminology: str
    code: str


@dataclass(frozen=True, slots=True)
class OdinText:
    """A value that stays as written: a date, time, duration, URI, character or path."""

    text: str


@dataclass(frozen=True, slots=True)
class OdinInterval:
    """An interval, `|0..<10|`; a bound is None where it is open-ended."""

    lower: OdinScalar | None
    upper: OdinScalar | None
    lower_included: bool
    upper_included: bool


OdinScalar: TypeAlias = str | int | float | bool | OdinTerm | OdinText
OdinValue: TypeAlias = (
    "OdinScalar | OdinInterval | list[OdinScalar | OdinInterval] | dict[str, OdinValue] | OdinKeyed | None"
)


class OdinKeyed(dict[str, "OdinValue"]):
    """A keyed container; kept apart from an object so that it is printed with its keys in brackets again."""


_SPACE = re.compile(r"(?:\s+|--[^\n]*)*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
_ATTRIBUTE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)")
_TYPE = re.compile(r"\(\s*[A-Za-z_][A-Za-z0-9_.]*(?:\s*<[^()]*>)?\s*\)")
_TERM = re.compile(r"\[([A-Za-z0-9_./-]+(?:\([^)\]]*\))?)::([^\]\s]*)\]")
_TEMPORAL = re.compile(
    r"-?P(?=[0-9T])(?:[0-9]+[YMWD])*(?:T(?:[0-9]+(?:[.,][0-9]+)?[HMS])+)?"
    r"|[0-9]{4}-[0-9?X]{2}(?:-[0-9?X]{2})?(?:T[0-9:?X.,]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    r"|[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_BOOLEAN = re.compile(r"(true|false)\b", re.I)
_CHARACTER = re.compile(r"'(\\.|[^'\\])'")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"|,]+")
_PATH = re.compile(r"/[^\s<>\",]*")
_ESCAPE = re.compile(r"\\(.)", re.S)


def read_odin(text: str, *, start: int = 0, end: int | None = None) -> dict[str, OdinValue]:
    """Return the attributes of an ODIN text (the part of it between two offsets).

    Raises `AdlSyntaxError` with the offset of the first fault.

    >>> read_odin('language = <[ISO_639-1::nb]> keywords = <"a", "b">')["keywords"]
    ['a', 'b']
    """
    reader = _Reader(text, start, len(text) if end is None else end)
    value = reader.attributes(depth=0)
    if reader.position < reader.end:
        raise AdlSyntaxError("an attribute name or the end of the section", reader.position)
    return value


def read_odin_section(text: str, offset: int) -> tuple[dict[str, OdinValue], int]:
    """Return the attributes that stand from an offset on, and the offset of what follows them."""
    reader = _Reader(text, offset, len(text))
    return reader.attributes(depth=0), reader.position


def read_odin_block(text: str, offset: int) -> tuple[dict[str, OdinValue], int]:
    """Return the attributes of a block `<...>` that starts at an offset, and the offset after it."""
    reader = _Reader(text, offset, len(text))
    value = reader.block(depth=0)
    if value is None:
        return {}, reader.position
    if not isinstance(value, dict):
        raise AdlSyntaxError("a block of attributes", offset)
    return value, reader.position


class _Reader:
    """Reads forward over one text; `position` always stands at something that is neither space nor comment."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.end = end
        self.position = start
        self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.position, self.end)
        if match is not None:
            self.position = match.end()

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.position, self.end)
        if match is not None:
            self.position = match.end()
            self._skip()
        return match

    def _at(self, literal: str) -> bool:
        return self.text.startswith(literal, self.position, self.end)

    def _accept(self, literal: str) -> bool:
        if self._at(literal):
            self.position += len(literal)
            self._skip()
            return True
        return False

    def _require(self, literal: str) -> None:
        if not self._accept(literal):
            raise AdlSyntaxError(f'"{literal}"', self.position)

    def attributes(self, *, depth: int) -> dict[str, OdinValue]:
        result: dict[str, OdinValue] = {}
        while self._is_attribute() and (match := self._take(_ATTRIBUTE)) is not None:
            name = match.group(1)
            if name in result:
                raise AdlSyntaxError(f'the attribute "{name}" only once', match.start(), code="ADL_DUPLICATE_ATTRIBUTE")
            self._require("=")
            result[name] = self.block(depth=depth + 1)
            self._accept(";")
        return result

    def block(self, *, depth: int) -> OdinValue:
        if depth > MAX_DEPTH:
            raise AdlSyntaxError(f"at most {MAX_DEPTH} levels of nesting", self.position)
        if self._at("("):
            self._take(_TYPE)
        self._require("<")
        if self._accept(">"):
            return None
        value: OdinValue
        if self._at('["') or self._is_numbered_key():
            value = self._keyed(depth=depth)
        elif self._is_attribute():
            value = self.attributes(depth=depth)
        else:
            value = self._values()
        self._require(">")
        return value

    def _is_attribute(self) -> bool:
        match = _ATTRIBUTE.match(self.text, self.position, self.end)
        if match is None:
            return False
        after = _SPACE.match(self.text, match.end(), self.end)
        return self.text.startswith("=", after.end() if after else match.end())

    def _is_numbered_key(self) -> bool:
        return re.compile(r"\[-?[0-9]+\]\s*=").match(self.text, self.position, self.end) is not None

    def _keyed(self, *, depth: int) -> OdinKeyed:
        result = OdinKeyed()
        while self._at("["):
            place = self.position
            self._require("[")
            string = self._take(_STRING)
            number = None if string else self._take(_NUMBER)
            if string is None and number is None:
                raise AdlSyntaxError("a key in quotes or a whole number", self.position)
            key = _unescape(string.group(1)) if string else number.group(0) if number else ""
            self._require("]")
            self._require("=")
            if key in result:
                raise AdlSyntaxError("every key only once", place, code="ADL_DUPLICATE_KEY")
            result[key] = self.block(depth=depth + 1)
            self._accept(";")
        return result

    def _values(self) -> OdinValue:
        first = self._value()
        if not self._at(","):
            return first
        values = [first]
        while self._accept(","):
            if self._accept("..."):
                break
            values.append(self._value())
        return values

    def _value(self) -> OdinScalar | OdinInterval:
        if self._at("|"):
            return self._interval()
        return self._scalar()

    def _scalar(self) -> OdinScalar:
        if (match := self._take(_STRING)) is not None:
            return _unescape(match.group(1))
        if (match := self._take(_TERM)) is not None:
            return OdinTerm(match.group(1), match.group(2))
        if (match := self._take(_TEMPORAL)) is not None:
            return OdinText(match.group(0))
        if (match := self._take(_NUMBER)) is not None:
            return float(match.group(0)) if match.group(1) or match.group(2) else int(match.group(0))
        if (match := self._take(_BOOLEAN)) is not None:
            return match.group(1).lower() == "true"
        for pattern in (_CHARACTER, _URI, _PATH):
            if (match := self._take(pattern)) is not None:
                return OdinText(match.group(0))
        raise AdlSyntaxError(
            "a value: a text in quotes, a number, a date, a term in brackets or a block", self.position
        )

    def _interval(self) -> OdinInterval:
        self._require("|")
        for sign, is_lower, is_included in (
            (">=", True, True),
            ("<=", False, True),
            (">", True, False),
            ("<", False, False),
        ):
            if self._accept(sign):
                bound = self._scalar()
                if is_lower and self._accept(".."):
                    break
                self._require("|")
                return (
                    OdinInterval(bound, None, is_included, False)
                    if is_lower
                    else OdinInterval(None, bound, False, is_included)
                )
        else:
            bound, is_included = self._scalar(), True
            if self._accept("|"):
                return OdinInterval(bound, bound, True, True)
            self._require("..")
        upper_included = not self._accept("<")
        upper = None if self._accept("*") else self._scalar()
        self._require("|")
        return OdinInterval(bound, upper, is_included, upper_included and upper is not None)


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: {"n": "\n", "t": "\t", "r": "\r"}.get(match.group(1), match.group(1)), text)
