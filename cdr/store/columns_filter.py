"""WHERE over columns: a condition is asked once for each value that a column has, then looked up for its rows.

Outcomes are numbers: 0 false, 1 unknown, 2 true, so that AND is the least and OR the greatest of them. What looks at
several columns at once is asked row by row, of the rows that the other conditions leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aql.ast import And, Comparison, Condition, Exists, IdentifiedPath, Not, Or
from aql.evaluate_conditions import compile_condition
from aql.functions import Moment
from aql.moments import point
from aql.path import Literal, LiteralKind, Operator
from aql.plan import Plan
from aql.plan_paths import condition_paths
from aql.rules.conjuncts import conjuncts
from cdr.store.columns_table import Table
from cdr.store.columns_values import Numbers, Places, Points, Values

FALSE, UNKNOWN, TRUE = 0, 1, 2
_OUTCOME = {False: FALSE, None: UNKNOWN, True: TRUE}
_MANY = 2_000
"""Values from which on comparing them all at once pays."""

Outcomes = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a plan's WHERE needs: the table, the values of each column, and the plan with its moment."""

    plan: Plan
    moment: Moment
    table: Table
    values: tuple[Values, ...]
    check_time: Callable[[], None]

    def rows(self, candidates: Rows | None) -> Rows:
        """Return those of the candidates (None: all rows) for which WHERE is true, in order."""
        later: list[Condition] = []
        found = candidates
        for term in conjuncts(self.plan.condition):
            if not self._is_lookup(term):
                later.append(term)
                continue
            outcomes = self._outcomes(term, found)
            passed = np.flatnonzero(outcomes == TRUE)
            found = passed if found is None else found[passed]
        rows = np.arange(self.table.rows, dtype=np.int64) if found is None else found
        return self._one_by_one(later, rows) if later else rows

    def _is_lookup(self, condition: Condition) -> bool:
        """Tell whether every part of a condition looks at one column."""
        match condition:
            case And(terms=terms) | Or(terms=terms):
                return all(self._is_lookup(term) for term in terms)
            case Not(condition=inner):
                return self._is_lookup(inner)
            case Exists():
                return False
        return len({self.plan.column_of(path) for path in condition_paths(condition)}) == 1

    def _outcomes(self, condition: Condition, rows: Rows | None) -> Outcomes:
        match condition:
            case And(terms=terms):
                outcomes = self._outcomes(terms[0], rows)
                for term in terms[1:]:
                    outcomes = np.minimum(outcomes, self._outcomes(term, rows))
                return outcomes
            case Or(terms=terms):
                outcomes = self._outcomes(terms[0], rows)
                for term in terms[1:]:
                    outcomes = np.maximum(outcomes, self._outcomes(term, rows))
                return outcomes
            case Not(condition=inner):
                return TRUE - self._outcomes(inner, rows)
        self.check_time()
        column = self.plan.column_of(next(iter(condition_paths(condition))))
        places = self.table.columns[column]
        answers = self._answers(condition, column)
        return answers[places if rows is None else places[rows]]

    def _answers(self, condition: Condition, column: int) -> Outcomes:
        """Return the outcome for each value of a column."""
        values = self.values[column]
        if len(values) > _MANY and isinstance(condition, Comparison) and isinstance(condition.left, IdentifiedPath):
            literal = condition.right
            if isinstance(literal, Literal):
                answers = _at_once(values, condition.operator, literal)
                if answers is not None:
                    return answers
        test = compile_condition(condition, self.plan, self.moment, offset=column)
        return np.array([_OUTCOME[test((value,))] for value in values.values], np.int8)

    def _one_by_one(self, conditions: list[Condition], rows: Rows) -> Rows:
        tests = [compile_condition(each, self.plan, self.moment) for each in conditions]
        used = {self.plan.column_of(path) for each in conditions for path in condition_paths(each)}
        read = reader(self.table, self.values, frozenset(used), width=self.plan.width)
        found = []
        for number, row in enumerate(rows.tolist()):
            if not number % 1000:
                self.check_time()
            working = read(row)
            if all(test(working) is True for test in tests):
                found.append(row)
        return np.array(found, np.int64)


def reader(
    table: Table, values: tuple[Values, ...], used: frozenset[int], *, width: int
) -> Callable[[int], tuple[object, ...]]:
    """Return the function that gives a working row, with the values of the used columns alone."""
    columns = [(column, table.columns[column], values[column].values) for column in sorted(used)]

    def read(row: int) -> tuple[object, ...]:
        working: list[object] = [None] * width
        for column, places, kept in columns:
            working[column] = kept[places[row]]
        return tuple(working)

    return read


def _at_once(values: Values, operator: Operator, literal: Literal) -> Outcomes | None:
    """Return the outcomes of comparing all values with a literal at once, None where that cannot be done exactly."""
    if literal.kind in (LiteralKind.INTEGER, LiteralKind.REAL):
        numbers = values.numbers()
        return None if numbers is None else _numbers(numbers, operator, literal.value)
    if literal.kind is LiteralKind.STRING:
        points = values.points()
        if points is not None:
            return _points(points, operator, point(str(literal.value), points.kind, values.rules.zone))
        # A copy: others may be adding values.
        texts = values.values[2:]
        if all(type(text) is str for text in texts):
            return _texts(texts, operator, str(literal.value))
    return None


_COMPARE: Mapping[Operator, Callable[[npt.NDArray[np.int8]], npt.NDArray[np.bool_]]] = {
    Operator.EQUAL: lambda sign: sign == 0,
    Operator.NOT_EQUAL: lambda sign: sign != 0,
    Operator.LESS: lambda sign: sign < 0,
    Operator.LESS_OR_EQUAL: lambda sign: sign <= 0,
    Operator.GREATER: lambda sign: sign > 0,
    Operator.GREATER_OR_EQUAL: lambda sign: sign >= 0,
}


def _numbers(numbers: Numbers, operator: Operator, wanted: object) -> Outcomes | None:
    if not isinstance(wanted, int | float) or abs(wanted) > 1 << 53:
        return None
    sign = np.sign(numbers.number - wanted).astype(np.int8)
    return np.where(numbers.is_number, np.where(_COMPARE[operator](sign), TRUE, FALSE), UNKNOWN).astype(np.int8)


def _points(points: Points, operator: Operator, wanted: tuple[object, int, int] | None) -> Outcomes | None:
    if wanted is None or abs(wanted[1]) >= 1 << 62:
        return None
    nanoseconds, precision = int(wanted[1]), int(wanted[2])
    sign = (points.nanoseconds > nanoseconds).astype(np.int8) - (points.nanoseconds < nanoseconds).astype(np.int8)
    met = _COMPARE[operator](sign)
    # Equal instants that were written to another precision: neither is before the other, and they are not equal.
    is_tied = (sign == 0) & (points.precision != precision)
    met = np.where(is_tied, operator not in (Operator.EQUAL, Operator.LESS, Operator.GREATER), met)
    return np.where(points.is_point, np.where(met, TRUE, FALSE), UNKNOWN).astype(np.int8)


def _texts(texts: list[str], operator: Operator, wanted: str) -> Outcomes:
    match operator:
        case Operator.EQUAL:
            met = [text == wanted for text in texts]
        case Operator.NOT_EQUAL:
            met = [text != wanted for text in texts]
        case Operator.LESS:
            met = [text < wanted for text in texts]
        case Operator.LESS_OR_EQUAL:
            met = [text <= wanted for text in texts]
        case Operator.GREATER:
            met = [text > wanted for text in texts]
        case Operator.GREATER_OR_EQUAL:
            met = [text >= wanted for text in texts]
    outcomes = np.full(len(texts) + 2, UNKNOWN, np.int8)
    outcomes[2:] = np.where(np.array(met, np.bool_), TRUE, FALSE)
    return outcomes


__all__ = ["Filter", "Places", "Rows", "reader"]
