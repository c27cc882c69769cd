"""How values compare: pure rules over plain JSON, used by the interpreter and the engine alike.

A value is what a path gives: None, a boolean, a number, a string, or a dictionary with `_type` for an object. Logic is
three-valued: True, False, and None for unknown, which is what comparing with a missing or incomparable value gives.

- Numbers compare with numbers, DV_COUNT, DV_ORDINAL, DV_SCALE, DV_PROPORTION (its ratio) and the magnitude of a
  DV_QUANTITY.
- Objects of DV_ORDERED compare only with what they are strictly comparable to: quantities after conversion of units,
  proportions of one kind, ordinals of one terminology.
- Dates and date-times compare by the instant of their lower bound; equality also needs equal precision.
- Texts compare by value and code points; codes by terminology and code; a coded text with a string by its value.
- Version uids compare part by part with what is given of them: `object`, `object::system::version`,
  `object::::version`.

Source: RM 1.1.0, data_types, DV_ORDERED.is_strictly_comparable_to; docs/aql.md, Comparing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from aql.moments import Point, PointKind, point
from aql.path import Operator

# Canonical JSON has no narrower common type.
Value: TypeAlias = Any


class Units(Protocol):
    """Conversion of units, supplied by whoever knows UCUM."""

    def canonical(self, magnitude: float, units: str) -> tuple[Fraction, str] | None:
        """Return the magnitude in base units and the name of these, None for units that are unknown or special."""


class SameUnitsOnly:
    """The units of an engine without UCUM: quantities compare in equal units only."""

    def canonical(self, magnitude: float, units: str) -> tuple[Fraction, str] | None:
        """Return None: nothing converts."""
        return None


@dataclass(frozen=True, slots=True)
class ValueRules:
    """What comparing depends on besides the values: the time zone of the tenant, and the conversion of units."""

    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Europe/Oslo"))
    units: Units = field(default_factory=SameUnitsOnly)


@cache
def default_rules() -> ValueRules:
    """Return the rules of a tenant that configured nothing: time of Oslo, no conversion of units."""
    return ValueRules()


class TypedText(str):
    """The text of a date, time, duration or version uid that remembers which type it was read from."""

    __slots__ = ("rm_type",)
    rm_type: str

    def __new__(cls, text: str, rm_type: str) -> TypedText:
        """Return the text with its type."""
        typed = super().__new__(cls, text)
        typed.rm_type = rm_type
        return typed


class Relation(Enum):
    """What two values are to each other."""

    LESS = "less"
    EQUAL = "equal"
    GREATER = "greater"
    TIED = "same place in the order, and not equal"
    UNEQUAL = "not equal, and without order"
    UNKNOWN = "unknown"


_OUTCOMES: Mapping[Relation, frozenset[Operator]] = {
    Relation.LESS: frozenset({Operator.NOT_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL}),
    Relation.EQUAL: frozenset({Operator.EQUAL, Operator.LESS_OR_EQUAL, Operator.GREATER_OR_EQUAL}),
    Relation.GREATER: frozenset({Operator.NOT_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL}),
    Relation.TIED: frozenset({Operator.NOT_EQUAL, Operator.LESS_OR_EQUAL, Operator.GREATER_OR_EQUAL}),
    Relation.UNEQUAL: frozenset({Operator.NOT_EQUAL}),
}
_REVERSED = {Relation.LESS: Relation.GREATER, Relation.GREATER: Relation.LESS}
_EQUALITY = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})

_POINT_KINDS: Mapping[str, PointKind] = {
    "DV_DATE": PointKind.INSTANT,
    "DV_DATE_TIME": PointKind.INSTANT,
    "DV_TIME": PointKind.TIME,
    "DV_DURATION": PointKind.DURATION,
}
_TYPED_VALUES = frozenset({*_POINT_KINDS, "OBJECT_VERSION_ID"})
_TEXT_TYPES = frozenset(
    {
        *("DV_TEXT", "DV_URI", "DV_EHR_URI", "DV_PARSABLE", "HIER_OBJECT_ID", "TERMINOLOGY_ID", "ARCHETYPE_ID"),
        *("TEMPLATE_ID", "GENERIC_ID", "UUID", "ISO_OID", "INTERNET_ID", "VERSION_TREE_ID"),
    }
)


class Operand(NamedTuple):
    """A value as comparing sees it: values of one family compare by `key` where `scope` is equal.

    `plain` is what the value is beside a plain number or string: the magnitude as written, the text.
    """

    family: str
    key: Value
    scope: Value = None
    plain: Value = None


def attribute_of(node: Mapping[str, Value], attribute: str) -> Value:
    """Return what an attribute of a node holds; the text of dates, times, durations and version uids keeps its type."""
    value = node.get(attribute)
    if attribute == "value" and isinstance(value, str):
        rm_type = node.get("_type")
        if rm_type in _TYPED_VALUES:
            return TypedText(value, rm_type)
    return value


def compare(left: Value, operator: Operator, right: Value, *, rules: ValueRules | None = None) -> bool | None:
    """Return the outcome of a comparison; None where it is unknown."""
    found = relation(left, right, rules or default_rules())
    if found is Relation.UNKNOWN or (found is Relation.UNEQUAL and operator not in _EQUALITY):
        return None
    return operator in _OUTCOMES[found]


def relation(left: Value, right: Value, rules: ValueRules) -> Relation:
    """Return what the left value is to the right one."""
    first, second = operand(left, rules), operand(right, rules)
    if first is None or second is None:
        return Relation.UNKNOWN
    if first.family == second.family:
        return _same_family(first, second)
    if second.family in ("number", "text"):
        return _with_plain(first, second, rules)
    if first.family in ("number", "text"):
        return _REVERSED.get(found := _with_plain(second, first, rules), found)
    if {first.family, second.family} == {"code", "coded text"}:
        return Relation.EQUAL if first.key == second.key else Relation.UNEQUAL
    return Relation.UNKNOWN


def operand(value: Value, rules: ValueRules) -> Operand | None:
    """Return the value as comparing sees it, None if it does not compare with anything."""
    if isinstance(value, str):
        return _text_operand(value, getattr(value, "rm_type", None), rules)
    if isinstance(value, bool):
        return Operand("boolean", value)
    if isinstance(value, int | float):
        return Operand("number", value)
    if isinstance(value, dict):
        try:
            return _object_operand(value, rules)
        except (KeyError, TypeError, ZeroDivisionError):
            # An incomplete object, as drafts may hold: it compares with nothing.
            return None
    return None


def matches(value: Value, choices: Iterable[Value], *, rules: ValueRules | None = None) -> bool | None:
    """Return whether the value equals one of the choices; unknown if none does and one comparison is unknown."""
    outcome: bool | None = False
    for choice in choices:
        found = compare(value, Operator.EQUAL, choice, rules=rules)
        if found:
            return True
        if found is None:
            outcome = None
    return outcome


def text_of(value: Value) -> str | None:
    """Return the text of a string, a text, a code, a date, a URI or an id; None for values without one."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return None
    rm_type = value.get("_type")
    if rm_type in _TEXT_TYPES or rm_type in _TYPED_VALUES or rm_type == "DV_CODED_TEXT":
        attribute = "value"
    elif rm_type == "CODE_PHRASE":
        attribute = "code_string"
    elif rm_type == "DV_IDENTIFIER":
        attribute = "id"
    else:
        return None
    text = value.get(attribute)
    return text if isinstance(text, str) else None


def number_of(value: Value) -> int | float | None:
    """Return a number or the magnitude of a DV_COUNT; None for everything else."""
    if isinstance(value, dict) and value.get("_type") == "DV_COUNT":
        value = value.get("magnitude")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def order_key(value: Value, *, rules: ValueRules | None = None) -> tuple[Value, ...]:
    """Return a key that sorts any values: by kind, and within a kind by the order of comparing; None comes last."""
    if value is None:
        return (9,)
    found = operand(value, rules or default_rules())
    if found is None:
        return (8, repr(distinct_key(value)))
    family, key, scope, _ = found
    if family == "boolean":
        return (0, key)
    if family in ("number", "count", "ordinal", "proportion"):
        return (1, key)
    if family == "quantity":
        return (2, scope, key)
    if family == "point":
        return (3, key.kind.value, key.nanoseconds, key.precision)
    return (4, text_of(value) or "", repr(key))


def distinct_key(value: Value) -> Value:
    """Return a hashable key that is equal for values that DISTINCT takes as one: true is not 1, 1 is 1.0."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, dict):
        return tuple(sorted((name, distinct_key(member)) for name, member in value.items()))
    if isinstance(value, list):
        return tuple(distinct_key(member) for member in value)
    return value


def negated(value: bool | None) -> bool | None:
    """Return NOT of three-valued logic."""
    return None if value is None else not value


def _text_operand(value: str, rm_type: str | None, rules: ValueRules) -> Operand | None:
    if rm_type is None:
        return Operand("text", value)
    if rm_type == "OBJECT_VERSION_ID":
        return Operand("version uid", str(value))
    found = point(str(value), _POINT_KINDS[rm_type], rules.zone)
    return None if found is None else Operand("point", found)


def _object_operand(value: Mapping[str, Value], rules: ValueRules) -> Operand | None:
    rm_type = value.get("_type")
    if rm_type in _TYPED_VALUES:
        return _text_operand(value["value"], rm_type, rules)
    if rm_type in _TEXT_TYPES:
        return Operand("text", value["value"])
    match rm_type:
        case "DV_CODED_TEXT":
            return Operand("coded text", _code(value["defining_code"]), None, value["value"])
        case "CODE_PHRASE":
            return Operand("code", _code(value), None, value["code_string"])
        case "DV_BOOLEAN":
            return Operand("boolean", value["value"])
        case "DV_COUNT":
            return Operand("count", value["magnitude"], None, value["magnitude"])
        case "DV_QUANTITY":
            converted = rules.units.canonical(value["magnitude"], value["units"])
            magnitude, units = converted or (value["magnitude"], value["units"])
            return Operand("quantity", magnitude, units, value["magnitude"])
        case "DV_PROPORTION":
            ratio = value["numerator"] / value["denominator"]
            return Operand("proportion", ratio, value["type"], ratio)
        case "DV_ORDINAL" | "DV_SCALE":
            terminology = _code(value["symbol"]["defining_code"])[0]
            return Operand("ordinal", value["value"], (rm_type, terminology), value["value"])
        case "DV_IDENTIFIER":
            parts = tuple(value.get(part) for part in ("id", "issuer", "assigner", "type"))
            return Operand("identifier", parts, None, value["id"])
    return None


def _code(code: Mapping[str, Value]) -> tuple[str, str]:
    return code["terminology_id"]["value"], code["code_string"]


def _same_family(first: Operand, second: Operand) -> Relation:
    match first.family:
        case "number" | "count" | "text":
            return _ordered(first.key, second.key)
        case "quantity" | "proportion" | "ordinal":
            return _ordered(first.key, second.key) if first.scope == second.scope else Relation.UNKNOWN
        case "point":
            return _points(first.key, second.key)
        case "version uid":
            return _version_uids(first.key, second.key)
        case "coded text":
            if first.key == second.key:
                return Relation.EQUAL
            found = _ordered(first.plain, second.plain)
            return Relation.UNEQUAL if found is Relation.EQUAL else found
        case "code":
            if first.key[0] == second.key[0]:
                return _ordered(first.key[1], second.key[1])
            return Relation.UNEQUAL
        case _:
            return Relation.EQUAL if first.key == second.key else Relation.UNEQUAL


def _with_plain(value: Operand, plain: Operand, rules: ValueRules) -> Relation:
    """Compare a value with a plain number or string of the query, or with one that a path gives."""
    if plain.family == "number":
        is_numeric = value.family in ("quantity", "count", "ordinal", "proportion")
        return _ordered(value.plain, plain.key) if is_numeric else Relation.UNKNOWN
    match value.family:
        case "point":
            other = point(str(plain.key), value.key.kind, rules.zone)
            return Relation.UNKNOWN if other is None else _points(value.key, other)
        case "version uid":
            return _version_uids(value.key, plain.key)
        case "code":
            is_whole = "::" in plain.key
            return _ordered("::".join(value.key) if is_whole else value.plain, plain.key)
        case "coded text" | "identifier":
            return _ordered(value.plain, plain.key)
        case _:
            return Relation.UNKNOWN


def _ordered(first: Value, second: Value) -> Relation:
    if first == second:
        return Relation.EQUAL
    return Relation.LESS if first < second else Relation.GREATER


def _points(first: Point, second: Point) -> Relation:
    if first.kind is not second.kind:
        return Relation.UNKNOWN
    found = _ordered(first.nanoseconds, second.nanoseconds)
    return Relation.TIED if found is Relation.EQUAL and first.precision != second.precision else found


def _version_uids(first: str, second: str) -> Relation:
    """Compare the parts that both name; two uids that agree in them are equal, else their texts are ordered."""
    pairs = zip(first.split("::"), second.split("::"), strict=False)
    if all(not a or not b or a == b for a, b in pairs):
        return Relation.EQUAL
    return _ordered(first, second)
