"""The second reading of canonical JSON: mends what is obvious, and lists everything else that is wrong.

A body that the strict decoder refuses comes in here as bytes (`parse`) and as a tree (`normalise`); out goes a tree
with every `_type` in place, or `BadInput` with all structural issues. Only `canonical_json` calls this.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NoReturn

from cdr.errors import BadInput
from cdr.issue import Issue, Stage
from cdr.rm import RmObject
from cdr.rm.catalog import CATALOG, Field, fields

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?\Z")
# XML 1.0, section 2.2, Char: what is not in it cannot be written as canonical XML, so it is no text of ours.
_BAD_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT = "text without control characters (but tab and line ends) and without lone surrogates"
# Only words that can be attribute names are repeated in an issue: another key might be somebody's name or number.
_WORD = re.compile(r"[A-Za-z_]{1,40}\Z")
_INT64 = 2**63
_HINTS = 50
_LONGEST_WORD = 60
LONGEST_NUMBER = 400
_DIGITS_OF_A_DOUBLE = 17
_JSON_KINDS = {str: "a string", bool: "true or false", int: "an integer", float: "a number"}
_TEMPORAL = {
    "DV_DATE": "an ISO 8601 date",
    "DV_TIME": "an ISO 8601 time",
    "DV_DATE_TIME": "an ISO 8601 date-time",
    "DV_DURATION": "an ISO 8601 duration",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a body may cost: `depth` counts nested objects and arrays, `issues` caps the list of issues."""

    depth: int = 256
    issues: int = 1000


DEFAULT_LIMITS = Limits()


class Number(str):
    """A number as it was written, so that nothing is rounded before it is checked."""

    __slots__ = ()


class Repeated(dict[str, Any]):
    """An object with a key that stands twice; `keys_twice` are those keys."""

    keys_twice: tuple[str, ...] = ()


def parse(body: bytes, *, limits: Limits) -> object:
    """Return the tree of a JSON text, its numbers as `Number`.

    Errors: `BadInput` with `FMT_SYNTAX` (no JSON, no UTF-8, a byte order mark) or `FMT_DEPTH`.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        _refuse("FMT_SYNTAX", "line 1, column 1", "UTF-8 without a byte order mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse("FMT_SYNTAX", f"byte {error.start}", "UTF-8")
    if is_deeper_than(limits.depth, text):
        _refuse("FMT_DEPTH", "$", f"at most {limits.depth} levels of objects and arrays")
    try:
        return json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=_constant, object_pairs_hook=_object_of
        )
    except json.JSONDecodeError as error:
        # The text of the error comes from the parser's own list; it never repeats the input.
        _refuse("FMT_SYNTAX", f"line {error.lineno}, column {error.colno}", f"JSON ({error.msg.lower()})")


def is_deeper_than(depth: int, text: str) -> bool:
    """Tell whether the objects and arrays of a JSON text are nested deeper than that, without recursion."""
    level = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "{[":
            level += 1
            if level > depth:
                return True
        elif token in "}]":
            level -= 1
    return False


def has_repeated_keys(body: bytes) -> bool:
    """Tell whether any object of a JSON text has the same key twice; the text is known to be JSON."""
    found = False

    def check(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) != len(pairs)

    json.loads(body, object_pairs_hook=check)
    return found


def check_texts(tree: Mapping[str, object]) -> None:
    """Refuse a tree of a simplified format that holds texts which no format can write.

    Errors: `BadInput` with an `FMT_CHARACTER` for each, under the path of its keys.
    """
    issues = [
        Issue(code="FMT_CHARACTER", path=path, expected=_TEXT, stage=Stage.STRUCTURE) for path in _bad_texts(tree, "$")
    ]
    if issues:
        raise BadInput(f"expected {_TEXT}", code="FMT_CHARACTER", issues=issues)


def _bad_texts(node: object, path: str) -> Iterator[str]:
    if isinstance(node, str):
        if _BAD_CHARACTER.search(node):
            yield path
    elif isinstance(node, dict):
        for key, value in node.items():
            # A key with such a character is no key of a template; it is refused as that, and not repeated here.
            yield from _bad_texts(value, path if _BAD_CHARACTER.search(key) else f"{path}.{key}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _bad_texts(value, f"{path}[{place}]")


def normalise(tree: object, choices: Mapping[str, type[RmObject]], *, limits: Limits) -> dict[str, Any]:
    """Return the tree with every `_type` filled in, numbers as numbers and without nulls.

    Errors: `BadInput` with all issues found. Numbers of the tree may be `Number`, int or float.
    """
    reading = _Reading(limits)
    declared = next(iter(choices)) if len(choices) == 1 else ""
    result = reading.read_object(tree, choices, declared, "$", 1)
    if reading.issues or result is None:
        first = reading.issues[0]
        count = len(reading.issues)
        message = f"expected {_any_of(choices)} in canonical JSON; the first of {count} issues: {first.message}"
        raise BadInput(message, code=first.code, issues=reading.issues)
    return result


class _Reading:
    """One pass over one tree."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.issues: list[Issue] = []

    def fail(self, code: str, path: str, expected: str) -> None:
        """Note an issue; where it happens the value becomes None, which nobody reads once there are issues."""
        if len(self.issues) < self.limits.issues:
            self.issues.append(Issue(code=code, path=path, expected=expected, stage=Stage.STRUCTURE))

    def read_object(
        self, node: object, choices: Mapping[str, type[RmObject]], declared: str, path: str, depth: int
    ) -> dict[str, Any] | None:
        if not isinstance(node, dict):
            self.fail("FMT_JSON_TYPE", path, f"an object ({_any_of(choices)})")
            return None
        if depth > self.limits.depth:
            self.fail("FMT_DEPTH", path, f"at most {self.limits.depth} levels of objects and arrays")
            return None
        if isinstance(node, Repeated):
            for key in node.keys_twice:
                self.fail("FMT_DUPLICATE_KEY", path, f"each attribute once{_naming(key)}")
        rm_name = self.type_name(node, choices, declared, path)
        if rm_name is None:
            return None
        result: dict[str, Any] = {"_type": rm_name}
        known = fields(CATALOG.python_class(rm_name))
        for key, value in node.items():
            if len(self.issues) >= self.limits.issues:
                return None
            if key == "_type":
                continue
            field = known.get(key)
            if field is None:
                self.unknown_attribute(key, rm_name, known, path)
            elif value is not None:
                result[key] = self.attribute(value, field, rm_name, f"{path}.{key}", depth + 1)
        return result

    def type_name(
        self, node: dict[str, Any], choices: Mapping[str, type[RmObject]], declared: str, path: str
    ) -> str | None:
        rm_name = node.get("_type")
        if rm_name is None:
            if declared in choices:
                return declared
            self.fail("FMT_TYPE", path, f"a _type, one of {_any_of(choices)}")
            return None
        if not isinstance(rm_name, str) or isinstance(rm_name, Number):
            self.fail("FMT_JSON_TYPE", f"{path}._type", "a string, the name of an RM class")
            return None
        # Some senders write the parameter of a generic class; here it follows from the values.
        rm_name = rm_name.partition("<")[0]
        if rm_name in choices:
            return rm_name
        if CATALOG.is_class(rm_name):
            self.fail("FMT_TYPE", f"{path}._type", _any_of(choices))
            return None
        near = self.nearest(rm_name, choices) or self.nearest(rm_name, CATALOG.class_names())
        hint = f', such as "{near}"' if near else ""
        self.fail("FMT_UNKNOWN_TYPE", f"{path}._type", f"the name of an RM class{hint}")
        return None

    def unknown_attribute(self, key: str, rm_name: str, known: Mapping[str, Field], path: str) -> None:
        near = self.nearest(key, known)
        hint = f'; the nearest is "{near}"' if near else ""
        where = f"{path}.{key}" if _WORD.match(key) else path
        self.fail("FMT_UNKNOWN_ATTRIBUTE", where, f"only attributes of {rm_name}{hint}")

    def nearest(self, word: str, names: Iterable[str]) -> str:
        """Return the name most like a word, "" if none is, or if enough hints have been given: they are not cheap."""
        if len(self.issues) >= _HINTS or len(word) > _LONGEST_WORD:
            return ""
        return next(iter(get_close_matches(word, names, n=1)), "")

    def attribute(self, value: object, field: Field, owner: str, path: str, depth: int) -> Any:
        if not field.is_multiple:
            return self.member(value, field, owner, path, depth)
        if not isinstance(value, list):
            self.fail("FMT_JSON_TYPE", path, "an array")
            return None
        members = []
        for index, member in enumerate(value):
            if len(self.issues) >= self.limits.issues:
                break
            members.append(self.member(member, field, owner, f"{path}[{index}]", depth + 1))
        return members

    def member(self, value: object, field: Field, owner: str, path: str, depth: int) -> Any:
        if field.primitive is None:
            return self.read_object(value, field.choices, field.rm_type, path, depth)
        if field.primitive is str:
            return self.string(value, field, owner, path)
        if field.primitive is bool:
            return self.boolean(value, path)
        return self.number(value, field.primitive, path)

    def boolean(self, value: object, path: str) -> bool | None:
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        self.fail("FMT_JSON_TYPE", path, "true or false")
        return None

    def string(self, value: object, field: Field, owner: str, path: str) -> str | None:
        if not isinstance(value, str) or isinstance(value, Number):
            self.fail("FMT_JSON_TYPE", path, "a string")
            return None
        if _BAD_CHARACTER.search(value):
            self.fail("FMT_CHARACTER", path, _TEXT)
            return None
        if field.pattern is not None and not re.search(field.pattern, value):
            self.fail("FMT_DATE", path, _TEMPORAL[owner])
            return None
        return value

    def number(self, value: object, primitive: type, path: str) -> int | float | None:
        wanted = _JSON_KINDS[primitive]
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self.fail("FMT_JSON_TYPE", path, wanted)
            return None
        if isinstance(value, str):
            if len(value) > LONGEST_NUMBER or not _NUMBER.match(value):
                code = "FMT_NUMBER" if isinstance(value, Number) else "FMT_JSON_TYPE"
                self.fail(code, path, f"{wanted} in decimal notation")
                return None
            exact = exact_number(value, primitive)
        else:
            exact = exact_number(repr(value), primitive) if math.isfinite(value) else None
        if exact is None:
            expected = "an integer of 64 bits" if primitive is int else "a number that a double holds without rounding"
            self.fail("FMT_NUMBER", path, expected)
            return None
        return exact


def exact_number(text: str, primitive: type) -> int | float | None:
    """Return the number of a JSON literal as int or float, or None if it cannot be kept.

    A fraction of up to 17 digits names one double, as senders write them (not all in the shortest form); a whole number
    must be kept to the last digit, and so must anything longer.

    >>> exact_number("5.0", int), exact_number("0.1", float), exact_number("0.10000000000000000001", float)
    (5, 0.1, None)
    """
    written = Decimal(text)
    is_whole = written == written.to_integral_value()
    if primitive is int:
        return int(written) if is_whole and -_INT64 <= written < _INT64 else None
    number = float(text)
    if math.isinf(number):
        return None
    if written == Decimal(repr(number)):
        return number
    is_short = not is_whole and number != 0 and len(written.as_tuple().digits) <= _DIGITS_OF_A_DOUBLE
    return number if is_short else None


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) == len(pairs):
        return tree
    repeated = Repeated(tree)
    repeated.keys_twice = tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return repeated


def _constant(name: str) -> NoReturn:
    _refuse("FMT_NUMBER", "$", "numbers in decimal notation, not NaN or Infinity")


def _any_of(choices: Mapping[str, type[RmObject]]) -> str:
    names = sorted(choices)
    if len(names) > 8:
        return f"{', '.join(names[:8])} or another subtype"
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _naming(key: str) -> str:
    return f' ("{key}")' if _WORD.match(key) else ""


def _refuse(code: str, path: str, expected: str) -> NoReturn:
    issue = Issue(code=code, path=path, expected=expected, stage=Stage.STRUCTURE)
    raise BadInput(issue.message, code=code, issues=[issue])
