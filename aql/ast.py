"""The syntax tree of a query: one frozen class per construct of the grammar.

`aql.parser.parse` builds it, `aql.params.bind` replaces parameters, `aql.analyse` checks it, `aql.unparse` writes it as
text. Nodes compare without their spans, so `parse(unparse(query)) == query`. Paths and predicates are in `aql.path`.

Source: AQL 1.1.0, Query structure and Expressions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import TypeAlias

from aql.path import NO_SPAN, Literal, ObjectPath, Operator, Parameter, Predicate, Span


class VersionScope(Enum):
    """Which versions a VERSION class expression looks at."""

    LATEST = "LATEST_VERSION"
    ALL = "ALL_VERSIONS"


class Direction(Enum):
    """The direction of TOP and of a sort key."""

    FORWARD = "FORWARD"
    BACKWARD = "BACKWARD"


class AggregateName(Enum):
    """The aggregate functions."""

    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"
    SUM = "SUM"
    AVG = "AVG"


@dataclass(frozen=True, slots=True)
class IdentifiedPath:
    """A variable with a path: `o[name/value='x']/data[at0001]`. A bare variable has a path without segments.

    Variable names are spelt as written; they compare without regard to case.
    """

    variable: str
    path: ObjectPath = field(default_factory=ObjectPath)
    predicate: Predicate | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)

    @property
    def normal(self) -> IdentifiedPath:
        """Return the path with its variable in lower case: equal for all spellings of one path."""
        return IdentifiedPath(self.variable.lower(), self.path, self.predicate, self.span)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A single-row function. `name` is in upper case; TERMINOLOGY is one of them."""

    name: str
    arguments: tuple[Expression, ...] = ()
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate function. `argument` is None for `COUNT(*)`."""

    name: AggregateName
    argument: IdentifiedPath | None
    is_distinct: bool = False
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


Expression: TypeAlias = IdentifiedPath | FunctionCall | Literal | Parameter
ColumnExpression: TypeAlias = IdentifiedPath | FunctionCall | Literal | Parameter | Aggregate


@dataclass(frozen=True, slots=True)
class SelectColumn:
    """One column of the answer, with its name if the query gives one."""

    expression: ColumnExpression
    alias: str | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Top:
    """The deprecated `TOP n FORWARD|BACKWARD`."""

    count: int
    direction: Direction = Direction.FORWARD
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


# FROM ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClassExpression:
    """A class with its variable and predicate: `OBSERVATION o[openEHR-EHR-OBSERVATION.pulse.v2]`.

    `rm_type` is in upper case.
    """

    rm_type: str
    variable: str | None = None
    predicate: Predicate | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class VersionExpression:
    """`VERSION v[LATEST_VERSION]`, `VERSION v[ALL_VERSIONS]`, `VERSION v[commit_audit/time_committed/value > '2024']`.

    At most one of `scope` and `predicate` is given. Without either the newest version is meant; a predicate chooses
    among all versions.
    """

    variable: str | None = None
    scope: VersionScope | None = None
    predicate: Predicate | None = None
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Containment:
    """A class expression and what it has to contain (or, with `is_excluded`, must not)."""

    source: ClassExpression | VersionExpression
    contained: FromExpression | None = None
    is_excluded: bool = False
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ContainsAll:
    """Containments joined with AND; at least two."""

    terms: tuple[FromExpression, ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ContainsAny:
    """Containments joined with OR; at least two."""

    terms: tuple[FromExpression, ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


FromExpression: TypeAlias = Containment | ContainsAll | ContainsAny

# WHERE --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`; the left side is a path or a function."""

    left: IdentifiedPath | FunctionCall
    operator: Operator
    right: Expression
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Like:
    """`path LIKE 'pattern'`: `?` is one character, `*` any number, a backslash takes their meaning away."""

    left: IdentifiedPath | FunctionCall
    pattern: Literal | Parameter
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MatchesValues:
    """`path MATCHES {'a', 'b', $c, TERMINOLOGY(...)}`, and `path MATCHES TERMINOLOGY(...)` with `is_bare`."""

    left: IdentifiedPath | FunctionCall
    values: tuple[Literal | Parameter | FunctionCall, ...]
    is_bare: bool = False
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MatchesUri:
    """`path MATCHES {terminology://...}`."""

    left: IdentifiedPath | FunctionCall
    uri: str
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MatchesPattern:
    """`path MATCHES {/regular expression/}`; the whole value has to match."""

    left: IdentifiedPath | FunctionCall
    pattern: str
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exists:
    """`EXISTS path`."""

    path: IdentifiedPath
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT condition`."""

    condition: Condition
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """Conditions joined with AND; at least two."""

    terms: tuple[Condition, ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Conditions joined with OR; at least two."""

    terms: tuple[Condition, ...]
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


Condition: TypeAlias = Comparison | Like | MatchesValues | MatchesUri | MatchesPattern | Exists | Not | And | Or

# The rest -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of ORDER BY. A bare identifier may name a variable or a column alias; analysis decides which."""

    path: IdentifiedPath
    is_descending: bool = False
    span: Span = field(default=NO_SPAN, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SelectQuery:
    """A whole query. `text` is the source, for positions and the spelling of paths; it takes no part in comparing."""

    columns: tuple[SelectColumn, ...]
    source: FromExpression
    condition: Condition | None = None
    order: tuple[SortKey, ...] = ()
    limit: int | Parameter | None = None
    offset: int | Parameter | None = None
    is_distinct: bool = False
    top: Top | None = None
    text: str = field(default="", compare=False, repr=False)

    @property
    def is_aggregating(self) -> bool:
        """Tell whether a column is an aggregate."""
        return any(isinstance(column.expression, Aggregate) for column in self.columns)


def child_names(node: object) -> tuple[str, ...]:
    """Return the attributes of a node that can hold other nodes, in the order of the text; none for other values."""
    node_class = type(node)
    known = _CHILD_NAMES.get(node_class)
    if known is None:
        found = fields(node_class) if is_dataclass(node_class) else ()
        known = tuple(each.name for each in found if each.type not in _LEAF_TYPES)
        _CHILD_NAMES[node_class] = known
    return known


def descendants(node: object) -> Iterator[object]:
    """Yield a node and all nodes below it, in the order of the text."""
    waiting: list[object] = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, tuple):
            waiting.extend(reversed(found))
        elif found is not None and is_dataclass(found):
            yield found
            names = child_names(found)
            waiting.extend([getattr(found, name) for name in reversed(names)])


_CHILD_NAMES: dict[type, tuple[str, ...]] = {}
# Annotations are text here; what holds no node is not looked into.
_LEAF_TYPES = frozenset(
    {
        *("str", "str | None", "bool", "int", "Span", "Operator", "LiteralKind", "AggregateName", "Direction"),
        *("VersionScope | None", "str | int | float | bool | None"),
    }
)
