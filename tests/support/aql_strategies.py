"""Hypothesis strategies for syntax trees of queries: every construct of the grammar, in the form the parser gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aql import ast
from aql.expression_parser import RESERVED
from aql.path import (
    AllTests,
    AnyTest,
    Literal,
    NodeId,
    NodeTest,
    ObjectPath,
    Operator,
    Parameter,
    PathSegment,
    PathTest,
    PatternTest,
    Predicate,
    TermCode,
)

_T = TypeVar("_T")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Codes of nodes look like names: a parser cannot tell them apart where both may stand.
names = st.text(_LETTERS + "_", min_size=1, max_size=8).filter(
    lambda name: name.upper() not in RESERVED and name.strip("_")
)
variables = names.filter(lambda name: name.upper() not in {"TOP", "FORWARD", "BACKWARD", "VERSION"})
strings = st.text(max_size=12).map(Literal.of)
numbers = st.integers(-(2**63), 2**63 - 1).map(Literal.of) | st.floats(allow_nan=False, allow_infinity=False).map(
    Literal.of
)
literals = strings | numbers | st.booleans().map(Literal.of) | st.just(Literal.of(None))
parameters = names.map(Parameter)
node_ids = st.builds(
    lambda letters, number: NodeId(f"{letters}{number:04}"), st.sampled_from(["at", "id"]), st.integers(0, 9999)
)
archetype_ids = st.builds(
    lambda rm_class, concept, version: NodeId(f"openEHR-EHR-{rm_class}.{concept}.v{version}"),
    st.sampled_from(["OBSERVATION", "CLUSTER"]),
    st.text(_LETTERS + "_-", min_size=1, max_size=8),
    st.integers(0, 12),
)
term_codes = st.builds(
    TermCode, names, st.from_regex(r"\A[A-Za-z0-9.]{1,8}\Z"), st.none() | st.from_regex(r"\A[a-z ]{0,8}\Z")
)
operators = st.sampled_from(list(Operator))
patterns = st.from_regex(r"\A[a-z.*]{1,6}\Z")


@st.composite
def drawn(draw: st.DrawFn, strategy: Callable[[], SearchStrategy[_T]]) -> _T:
    """Draw from a strategy without showing what it is made of, which would be long."""
    return draw(strategy())


def _joined(kind: type[_T], term: SearchStrategy[object]) -> SearchStrategy[_T]:
    return st.builds(kind, st.lists(term, min_size=2, max_size=3).map(tuple))


def _paths(predicate: SearchStrategy[Predicate | None]) -> SearchStrategy[ObjectPath]:
    segments = st.lists(st.builds(PathSegment, names, predicate), min_size=1, max_size=3)
    return st.builds(ObjectPath, segments.map(tuple))


plain_paths = _paths(st.none())
node_tests = st.builds(
    NodeTest, node_ids | archetype_ids | parameters, st.none() | strings | node_ids | term_codes | parameters
)
_path_tests = st.builds(
    PathTest, plain_paths, operators, literals | parameters | node_ids | archetype_ids | term_codes | plain_paths
)
_predicates: SearchStrategy[Predicate] = st.recursive(
    node_tests | _path_tests | st.builds(PatternTest, plain_paths, patterns),
    lambda inner: _joined(AllTests, inner) | _joined(AnyTest, inner),
    max_leaves=4,
)
predicates = drawn(lambda: _predicates)
_identified_paths = st.builds(
    ast.IdentifiedPath,
    variables,
    st.just(ObjectPath()) | _paths(st.none() | predicates),
    st.none() | predicates,
)
identified_paths = drawn(lambda: _identified_paths)
_leaves = identified_paths | literals | parameters
_function_names = st.sampled_from(["LENGTH", "CONCAT", "CONTAINS", "NOW", "TERMINOLOGY", "OWN_FUNCTION"])
_functions = st.recursive(
    st.builds(ast.FunctionCall, _function_names, st.lists(_leaves, max_size=2).map(tuple)),
    lambda inner: st.builds(ast.FunctionCall, _function_names, st.lists(inner | _leaves, max_size=3).map(tuple)),
    max_leaves=3,
)
functions = drawn(lambda: _functions)
expressions = _leaves | functions
aggregates = st.builds(
    ast.Aggregate, st.sampled_from([ast.AggregateName.MIN, ast.AggregateName.AVG]), identified_paths
) | st.builds(ast.Aggregate, st.just(ast.AggregateName.COUNT), identified_paths, st.booleans())
columns = st.builds(
    ast.SelectColumn,
    expressions | aggregates | st.just(ast.Aggregate(ast.AggregateName.COUNT, None)),
    st.none() | names,
)
_left = identified_paths | functions
_terminology = st.builds(ast.FunctionCall, st.just("TERMINOLOGY"), st.lists(strings, max_size=3).map(tuple))
_simple_conditions = st.one_of(
    st.builds(ast.Comparison, _left, operators, expressions),
    st.builds(ast.Like, _left, strings | parameters),
    st.builds(
        ast.MatchesValues, _left, st.lists(literals | parameters | _terminology, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(ast.MatchesValues, _left, st.tuples(_terminology | parameters), st.just(True)),
    st.builds(ast.MatchesUri, _left, st.just("terminology://snomed-ct/hierarchy?rootConceptId=50043002")),
    st.builds(ast.MatchesPattern, _left, patterns),
    st.builds(ast.Exists, identified_paths),
)
_conditions: SearchStrategy[ast.Condition] = st.recursive(
    _simple_conditions,
    lambda inner: st.builds(ast.Not, inner) | _joined(ast.And, inner) | _joined(ast.Or, inner),
    max_leaves=5,
)
conditions = drawn(lambda: _conditions)
_classes = st.builds(
    ast.ClassExpression,
    st.sampled_from(["EHR", "COMPOSITION", "OBSERVATION", "CLUSTER"]),
    st.none() | variables,
    st.none() | predicates,
) | st.one_of(
    st.builds(ast.VersionExpression, st.none() | variables, st.none() | st.sampled_from(list(ast.VersionScope))),
    st.builds(ast.VersionExpression, st.none() | variables, st.none(), predicates),
)
classes = drawn(lambda: _classes)
_sources: SearchStrategy[ast.FromExpression] = st.recursive(
    st.builds(ast.Containment, classes),
    lambda inner: (
        st.builds(ast.Containment, classes, inner, st.booleans())
        | _joined(ast.ContainsAll, inner)
        | _joined(ast.ContainsAny, inner)
    ),
    max_leaves=5,
)
sources = drawn(lambda: _sources)
counts = st.integers(-5, 10**6) | parameters


@st.composite
def queries(draw: st.DrawFn) -> ast.SelectQuery:
    """Draw a whole query."""
    limit = draw(st.none() | counts)
    return ast.SelectQuery(
        columns=tuple(draw(st.lists(columns, min_size=1, max_size=3))),
        source=draw(sources),
        condition=draw(st.none() | conditions),
        order=tuple(draw(st.lists(st.builds(ast.SortKey, identified_paths, st.booleans()), max_size=2))),
        limit=limit,
        offset=None if limit is None else draw(st.none() | counts),
        is_distinct=draw(st.booleans()),
        top=draw(st.none() | st.builds(ast.Top, st.integers(-5, 100), st.sampled_from(list(ast.Direction)))),
    )
