"""What of the language this engine answers, and which of it a query uses.

One table drives the documentation, the discovery of features over HTTP, and the check of a query when it is stored. A
query that uses an unsupported feature is refused with its key, never answered in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from aql.ast import (
    Aggregate,
    Comparison,
    Containment,
    ContainsAll,
    ContainsAny,
    Exists,
    FunctionCall,
    IdentifiedPath,
    Like,
    MatchesPattern,
    MatchesUri,
    MatchesValues,
    SelectQuery,
    VersionExpression,
    VersionScope,
    descendants,
)
from aql.path import Literal, LiteralKind, Parameter, PatternTest


class Support(Enum):
    """How far a feature is answered."""

    FULL = "yes"
    SERVICE = "with a terminology service"
    NONE = "no"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: what it looks like in a query, and whether it is answered."""

    key: str
    example: str
    support: Support = Support.FULL


FEATURES: Mapping[str, Feature] = {
    feature.key: feature
    for feature in (
        Feature("path", "c/context/start_time/value"),
        Feature("object_column", "SELECT c"),
        Feature("literal_column", "SELECT true AS flag"),
        Feature("distinct", "SELECT DISTINCT"),
        Feature("top", "SELECT TOP 5 BACKWARD (deprecated)"),
        Feature("aggregate", "COUNT(*), COUNT(DISTINCT p), MIN, MAX, SUM, AVG"),
        Feature("function", "LENGTH, CONCAT, ROUND, NOW, ..."),
        Feature("terminology", "TERMINOLOGY('expand', ...), MATCHES {terminology://...}", Support.SERVICE),
        Feature("containment", "CONTAINS at any depth"),
        Feature("containment_logic", "CONTAINS (a AND b OR c), also directly under FROM"),
        Feature("not_contains", "NOT CONTAINS"),
        Feature("folder", "FOLDER f CONTAINS COMPOSITION c"),
        Feature("version", "VERSION v CONTAINS ..."),
        Feature("all_versions", "VERSION v[ALL_VERSIONS]"),
        Feature("version_predicate", "VERSION v[commit_audit/time_committed/value > '2024']"),
        Feature("predicate", "items[at0004, 'name'], [a/b > 5 AND c = 'x']"),
        Feature("pattern_predicate", "items[name/value MATCHES {/regex/}]"),
        Feature("comparison", "=, !=, <, <=, >, >="),
        Feature("path_comparison", "path = path, path = function, function = path"),
        Feature("null", "the literal NULL"),
        Feature("like", "LIKE 'a?b*'"),
        Feature("matches", "MATCHES {1, 2}"),
        Feature("matches_pattern", "MATCHES {/regex/}"),
        Feature("exists", "EXISTS path"),
        Feature("order_by", "ORDER BY any path or column name"),
        Feature("limit", "LIMIT n OFFSET m"),
        Feature("parameter", "$name in every place of a value, an id, a list, LIMIT and OFFSET"),
        Feature("ehr_inside", "EHR joined with AND or OR, or inside another class", Support.NONE),
        Feature("ehr_access", "EHR_ACCESS in FROM", Support.NONE),
        Feature("position", "items[1]: positions are openEHR paths but not AQL", Support.NONE),
        Feature("timewindow", "TIMEWINDOW (left the language before 1.0)", Support.NONE),
    )
}
"""All features by key, in the order of the documentation."""


def used_features(query: SelectQuery) -> tuple[str, ...]:
    """Return the keys of the features that a query uses, in the order of the table.

    Example:
        >>> from aql.parser import parse
        >>> used_features(parse("SELECT c FROM COMPOSITION c WHERE EXISTS c/context LIMIT 5"))
        ('path', 'object_column', 'exists', 'limit')
    """
    found = set(_of_query(query)) | {key for node in descendants(query) for key in _of_node(node)}
    return tuple(key for key in FEATURES if key in found)


def _of_query(query: SelectQuery) -> Iterator[str]:
    if query.is_distinct:
        yield "distinct"
    if query.top is not None:
        yield "top"
    if query.order:
        yield "order_by"
    if query.limit is not None:
        yield "limit"
    for column in query.columns:
        if isinstance(column.expression, Literal):
            yield "literal_column"
        elif isinstance(column.expression, IdentifiedPath) and not column.expression.path.segments:
            yield "object_column"


def _of_node(node: object) -> Iterator[str]:
    match node:
        case IdentifiedPath(path=path):
            if path.segments:
                yield "path"
            if node.predicate is not None or any(segment.predicate is not None for segment in path):
                yield "predicate"
        case FunctionCall(name=name):
            yield "terminology" if name == "TERMINOLOGY" else "function"
        case Aggregate():
            yield "aggregate"
        case MatchesUri():
            yield "terminology"
        case Containment():
            yield from _of_containment(node)
        case Comparison(left=left, right=right):
            has_value = isinstance(right, Literal | Parameter) and not isinstance(left, FunctionCall)
            yield "comparison" if has_value else "path_comparison"
        case Literal(kind=LiteralKind.NULL):
            yield "null"
        case _:
            if type(node) in _BY_TYPE:
                yield _BY_TYPE[type(node)]


_BY_TYPE: Mapping[type, str] = {
    ContainsAll: "containment_logic",
    ContainsAny: "containment_logic",
    PatternTest: "pattern_predicate",
    Like: "like",
    MatchesValues: "matches",
    MatchesPattern: "matches_pattern",
    Exists: "exists",
    Parameter: "parameter",
}


def _of_containment(node: Containment) -> Iterator[str]:
    if node.contained is not None:
        yield "not_contains" if node.is_excluded else "containment"
    source = node.source
    if isinstance(source, VersionExpression):
        yield "version"
        if source.scope is VersionScope.ALL:
            yield "all_versions"
        elif source.predicate is not None:
            yield "version_predicate"
    else:
        if source.rm_type == "FOLDER":
            yield "folder"
        if source.predicate is not None:
            yield "predicate"
