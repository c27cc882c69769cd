"""What WHERE and predicates demand of every row: conditions joined with AND, and equalities with fixed values."""

from __future__ import annotations

from collections.abc import Iterator

from aql.ast import And, Comparison, Condition, IdentifiedPath, MatchesValues
from aql.path import AllTests, Literal, LiteralKind, Operator, PathTest, Predicate


def conjuncts(condition: Condition | None) -> Iterator[Condition]:
    """Return the conditions that have to be true for the whole to be true."""
    if isinstance(condition, And):
        for term in condition.terms:
            yield from conjuncts(term)
    elif condition is not None:
        yield condition


def tests(predicate: Predicate | None) -> Iterator[Predicate]:
    """Return the tests that have to be true for the predicate to be true."""
    if isinstance(predicate, AllTests):
        for term in predicate.terms:
            yield from tests(term)
    elif predicate is not None:
        yield predicate


def demanded(condition: Condition | None) -> Iterator[tuple[IdentifiedPath, frozenset[str]]]:
    """Return the paths that have to equal one of some texts."""
    for term in conjuncts(condition):
        match term:
            case Comparison(
                left=IdentifiedPath() as path,
                operator=Operator.EQUAL,
                right=Literal(kind=LiteralKind.STRING, value=str() as value),
            ):
                yield path, frozenset((value,))
            case MatchesValues(left=IdentifiedPath() as path, values=values) if all(
                isinstance(value, Literal) and isinstance(value.value, str) for value in values
            ):
                yield path, frozenset(str(value.value) for value in values if isinstance(value, Literal))


def demanded_by(predicate: Predicate | None) -> Iterator[tuple[tuple[str, ...], str]]:
    """Return the attribute paths that a predicate demands to equal a text."""
    for test in tests(predicate):
        match test:
            case PathTest(
                path=path, operator=Operator.EQUAL, operand=Literal(kind=LiteralKind.STRING, value=str() as value)
            ) if all(segment.predicate is None for segment in path.segments):
                yield path.attributes, value


def is_plain(path: IdentifiedPath, *attributes: str) -> bool:
    """Tell whether the path is just these attributes, without predicates."""
    return (
        path.predicate is None
        and path.path.attributes == attributes
        and all(segment.predicate is None for segment in path.path.segments)
    )
