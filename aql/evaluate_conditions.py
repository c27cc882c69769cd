"""WHERE and the expressions of SELECT as closures over a working row.

A working row is a tuple of the values that paths met. Conditions have three values: True, False and None (unknown);
a row stays when its condition is True.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from aql.ast import (
    And,
    Comparison,
    Condition,
    Exists,
    Expression,
    FunctionCall,
    IdentifiedPath,
    Like,
    MatchesPattern,
    MatchesUri,
    MatchesValues,
    Not,
    Or,
)
from aql.errors import AqlNotSupported
from aql.evaluate_nodes import NodePredicate, compile_predicate, members
from aql.functions import Moment, call
from aql.objects import RawJson, Value, root_of
from aql.path import Literal, Parameter
from aql.patterns import full_match, like
from aql.plan import Plan, Step
from aql.plan_paths import condition_paths, exists_paths
from aql.values import compare, matches

WorkingRow: TypeAlias = "tuple[Value, ...]"
Test = Callable[[WorkingRow], bool | None]
Reader = Callable[[WorkingRow], Value]


def plain(value: Value) -> Value:
    """Return a value as JSON: the dictionary behind a bound thing."""
    if value is None or isinstance(value, str | int | float | bool | dict | list | RawJson):
        return value
    return root_of(value)


def compile_expression(expression: Expression, plan: Plan, moment: Moment, *, offset: int = 0) -> Reader:
    """Return the function that gives the value of an expression for a working row, or for its part from `offset`."""
    match expression:
        case IdentifiedPath():
            column = plan.column_of(expression) - offset
            return lambda row: plain(row[column])
        case Literal(value=value):
            return lambda row: value
        case FunctionCall(name=name, arguments=arguments):
            readers = tuple(compile_expression(argument, plan, moment, offset=offset) for argument in arguments)
            return lambda row: call(name, [read(row) for read in readers], moment)
        case Parameter():
            raise AssertionError("parameters are bound before a plan is made")


def compile_condition(condition: Condition, plan: Plan, moment: Moment, *, offset: int = 0) -> Test:
    """Return the function that tells whether a working row meets a condition: True, False or None (unknown)."""

    rules = moment.rules

    def test_of(inner: Condition) -> Test:
        return compile_condition(inner, plan, moment, offset=offset)

    def reader_of(expression: Expression) -> Reader:
        return compile_expression(expression, plan, moment, offset=offset)

    match condition:
        case And(terms=terms):
            return _all(tuple(map(test_of, terms)))
        case Or(terms=terms):
            return _any(tuple(map(test_of, terms)))
        case Not(condition=inner):
            negated = test_of(inner)
            return lambda row: None if (result := negated(row)) is None else not result
        case Exists(path=path):
            return _exists(path, plan, moment, offset=offset)
        case Comparison(left=left, operator=operator, right=right):
            read_left, read_right = reader_of(left), reader_of(right)
            return lambda row: compare(read_left(row), operator, read_right(row), rules=rules)
        case Like(left=left, pattern=pattern):
            read = reader_of(left)
            wanted = pattern.value if isinstance(pattern, Literal) else None
            return lambda row: like(read(row), str(wanted))
        case MatchesPattern(left=left, pattern=text):
            read = reader_of(left)
            return lambda row: full_match(text, read(row))
        case MatchesValues(left=left, values=values):
            read = reader_of(left)
            readers = tuple(map(reader_of, values))
            if all(isinstance(value, Literal) for value in values):
                fixed = [value.value for value in values if isinstance(value, Literal)]
                return lambda row: matches(read(row), fixed, rules=rules)
            return lambda row: matches(read(row), _choices(readers, row), rules=rules)
        case MatchesUri(left=left, uri=uri):
            read = reader_of(left)
            members_of_uri: list[Value] = []

            def is_member(row: WorkingRow) -> bool | None:
                if not members_of_uri:
                    members_of_uri.append(_expanded(uri, moment))
                return matches(read(row), members_of_uri[0], rules=rules)

            return is_member


def _choices(readers: tuple[Reader, ...], row: WorkingRow) -> list[Value]:
    """Return what MATCHES chooses from; a function may give a list."""
    found: list[Value] = []
    for read in readers:
        value = read(row)
        if isinstance(value, list):
            found.extend(value)
        else:
            found.append(value)
    return found


def _expanded(uri: str, moment: Moment) -> list[Value]:
    """Return what a URI in MATCHES stands for: the codes of a terminology URI, any other itself."""
    if not uri.lower().startswith("terminology:"):
        return [uri]
    if moment.terminology is None:
        raise AqlNotSupported("No terminology service is configured.", feature="terminology")
    return list(moment.terminology.members(uri))


def _all(tests: tuple[Test, ...]) -> Test:
    def test(row: WorkingRow) -> bool | None:
        result: bool | None = True
        for each in tests:
            found = each(row)
            if found is False:
                return False
            if found is None:
                result = None
        return result

    return test


def _any(tests: tuple[Test, ...]) -> Test:
    def test(row: WorkingRow) -> bool | None:
        result: bool | None = False
        for each in tests:
            found = each(row)
            if found is True:
                return True
            if found is None:
                result = None
        return result

    return test


def _exists(path: IdentifiedPath, plan: Plan, moment: Moment, *, offset: int) -> Test:
    starts = tuple(
        (column - offset, tuple((step.attribute, _predicate(step, moment)) for step in steps))
        for column, steps in plan.exists[path.normal].starts
    )

    def test(row: WorkingRow) -> bool:
        for column, steps in starts:
            start = row[column]
            if start is not None:
                found = [plain(start)]
                for attribute, predicate in steps:
                    found = [below for value in found for below in members(value, attribute, predicate)]
                return bool(found)
        return False

    return test


def _predicate(step: Step, moment: Moment) -> NodePredicate | None:
    return None if step.predicate is None else compile_predicate(step.predicate, moment.rules)


def slots_of(condition: Condition, plan: Plan) -> frozenset[int]:
    """Return the slots that a condition depends on."""
    named = {path.variable.lower() for path in (*condition_paths(condition), *exists_paths(condition))}
    return frozenset(slot.number for slot in plan.slots if slot.variable is not None and slot.variable.lower() in named)
