"""openEHR paths: the nodes they are made of and their text form. The one path syntax of the project.

`parse_path` reads text such as `/data[at0001]/events[at0006,'any']/value` into an `ObjectPath`; `str()` writes it back
in the canonical spelling. The query parser uses the same nodes for the paths behind its variables. All nodes are
frozen and compare without their spans (character offsets, end exclusive).

Source: BASE, architecture overview, Paths and Locators; AQL 1.1.0, Predicates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
NO_SPAN: Span = (0, 0)


class LiteralKind(Enum):
    """The type of a literal; dates and times are strings whose type the context decides."""

    STRING = "String"
    INTEGER = "Integer"
    REAL = "Real"
    BOOLEAN = "Boolean"
    NULL = "Null"


class Operator(Enum):
    """The comparison operators."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Literal:
    """A fixed value. `kind` keeps 1, 1.0 and true apart."""

    value: str | int | float | bool | None
    kind: LiteralKind
    span: Span = field(default=NO_SPAN, compare=False, repr=False)

    @classmethod
    def of(cls, value: str | int | float | bool | None, *, span: Span = NO_SPAN) -> Literal:
        """Return the literal of a Python value."""
        return cls(value, _kind_of(value), span)

    def __str__(self) -> str:
        return literal_text(self)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter `$name`, to be bound before analysis."""

    name: str
    span: Span = field(default=NO_SPAN, compare=False, repr=False)

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, slots=True)
class TermCode:
    """A term code `terminology::code|value|`; the value is informational and does not take part in comparisons."""

    terminology: str
    code: str
    value: str | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)

    def __str__(self) -> str:
        rubric = "" if self.value is None else f"|{self.value}|"
        return f"{self.terminology}::{self.code}{rubric}"


@dataclass(frozen=True, slots=True)
class NodeId:
    """An archetype id or the code of an archetype node: `openEHR-EHR-OBSERVATION.pulse.v2`, `at0004`, `id4.1`."""

    value: str
    span: Span = field(default=NO_SPAN, compare=False, repr=False)

    @property
    def is_archetype_id(self) -> bool:
        """Tell whether it is an archetype id and not a code."""
        return "-" in self.value

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class NodeTest:
    """A node constraint: an archetype node id and, in the short form, a name.

    `[at0004]`, `[at0004, 'Systolic']`, `[at0004, at0005]`, `[at0004, SNOMED-CT::123]`, `[$archetype]`. The name is a
    string (equals `name/value`), a code (equals `name/defining_code`; a bare code is of terminology `local`) or a
    parameter for a string.
    """

    node_id: NodeId | Parameter
    name: Literal | NodeId | TermCode | Parameter | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PathTest:
    """A comparison inside a predicate: `[name/value = 'Systolic']`. Both paths start at the node under test."""

    path: ObjectPath
    operator: Operator
    operand: Literal | Parameter | NodeId | TermCode | ObjectPath
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PatternTest:
    """A regular expression inside a predicate: `[name/value matches {/Syst.*/}]`. The whole value has to match."""

    path: ObjectPath
    pattern: str
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AllTests:
    """Tests joined with AND; at least two."""

    terms: tuple[Predicate, ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AnyTest:
    """Tests joined with OR; at least two."""

    terms: tuple[Predicate, ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IndexTest:
    """A position `[2]`, 1-based, as openEHR EHR URIs write it; not part of AQL."""

    position: int
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


Predicate: TypeAlias = NodeTest | PathTest | PatternTest | AllTests | AnyTest | IndexTest


@dataclass(frozen=True, slots=True)
class PathSegment:
    """One step of a path: an attribute and, in brackets, a condition on the nodes it leads to."""

    attribute: str
    predicate: Predicate | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)

    def __str__(self) -> str:
        return segment_text(self)


@dataclass(frozen=True, slots=True)
class ObjectPath:
    """A path from a node to what lies under it. `/` alone (no segments, absolute) is the node itself."""

    segments: tuple[PathSegment, ...] = ()
    is_absolute: bool = False
    span: Span = field(default=NO_SPAN, compare=False, repr=False)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return the attribute names alone."""
        return tuple(segment.attribute for segment in self.segments)

    def __iter__(self) -> Iterator[PathSegment]:
        return iter(self.segments)

    def __len__(self) -> int:
        return len(self.segments)

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return ("/" if self.is_absolute else "") + "/".join(map(segment_text, self.segments))


def parse_path(text: str) -> ObjectPath:
    """Return the path that the text spells.

    Shape: `data[at0001]/events[at0006, 'any event']/time/value`; a leading `/` makes it absolute, `/` alone is
    the root.

    Errors: AqlSyntaxError with the offset in `text`; AqlTooExpensive for a path longer or deeper than a query may be.

    Example:
        >>> path = parse_path("/content[openEHR-EHR-OBSERVATION.pulse.v2]/data[at0002]")
        >>> path.attributes
        ('content', 'data')
        >>> str(parse_path("items[ at0004,'Rate' ]/value"))
        "items[at0004, 'Rate']/value"
    """
    # The path grammar needs these nodes and sits on the token cursor of the query parser.
    from aql.path_parser import PathParser

    return PathParser(text).parse()


_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})


def literal_text(literal: Literal) -> str:
    """Return the literal as it is written in a query."""
    if literal.kind is LiteralKind.STRING:
        return "'" + str(literal.value).translate(_ESCAPES) + "'"
    if literal.kind is LiteralKind.BOOLEAN:
        return "true" if literal.value else "false"
    if literal.kind is LiteralKind.NULL:
        return "NULL"
    return repr(literal.value)


def segment_text(segment: PathSegment) -> str:
    """Return one step of a path as it is written."""
    if segment.predicate is None:
        return segment.attribute
    return f"{segment.attribute}[{predicate_text(segment.predicate)}]"


def predicate_text(predicate: Predicate) -> str:
    """Return a condition without its brackets."""
    match predicate:
        case NodeTest(node_id=node_id, name=None):
            return str(node_id)
        case NodeTest(node_id=node_id, name=name):
            return f"{node_id}, {name}"
        case PathTest(path=path, operator=operator, operand=operand):
            return f"{path} {operator.value} {operand}"
        case PatternTest(path=path, pattern=pattern):
            return f"{path} MATCHES {{/{pattern}/}}"
        case AllTests(terms=terms):
            return " AND ".join(_grouped(term, AllTests) for term in terms)
        case AnyTest(terms=terms):
            return " OR ".join(_grouped(term, AnyTest) for term in terms)
        case IndexTest(position=position):
            return str(position)


def _grouped(term: Predicate, inside: type[AllTests] | type[AnyTest]) -> str:
    """Put parentheses where the term would otherwise join its neighbours."""
    needs = isinstance(term, AllTests | AnyTest) if inside is AllTests else isinstance(term, AnyTest)
    return f"({predicate_text(term)})" if needs else predicate_text(term)


def _kind_of(value: str | int | float | bool | None) -> LiteralKind:
    if value is None:
        return LiteralKind.NULL
    if isinstance(value, bool):
        return LiteralKind.BOOLEAN
    if isinstance(value, int):
        return LiteralKind.INTEGER
    return LiteralKind.REAL if isinstance(value, float) else LiteralKind.STRING
