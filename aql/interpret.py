"""A checked query and plain records in, rows out: what a query means, computed in the most obvious way.

It walks decoded compositions and knows nothing of plans, indexes or stored documents. That makes it slow, and an
independent judge: the tests compare the engine with it. Only the rules for single values are shared (`aql.values`,
`aql.patterns`, `aql.functions`, `aql.aggregates`), and these have tables of tests of their own.

Source: AQL 1.1.0; docs/aql.md, Rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from aql.aggregates import aggregate
from aql.ast import (
    Aggregate,
    And,
    ColumnExpression,
    Comparison,
    Condition,
    Direction,
    Exists,
    FunctionCall,
    IdentifiedPath,
    Like,
    MatchesPattern,
    MatchesUri,
    MatchesValues,
    Not,
    Or,
)
from aql.checked import CheckedQuery
from aql.errors import AqlNotSupported, AqlParameterError
from aql.functions import Moment, call
from aql.interpret_paths import PathInterpreter, Row, Step
from aql.interpret_source import (
    Binding,
    InterpretedEhr,
    InterpretedObject,
    InterpretedVersion,
    Records,
    SourceInterpreter,
)
from aql.params import parameter_names
from aql.path import Literal
from aql.patterns import full_match, like
from aql.result import ResultSet
from aql.values import Value, compare, distinct_key, matches, negated, order_key

__all__ = ["InterpretedEhr", "InterpretedObject", "InterpretedVersion", "interpret"]


def interpret(
    checked: CheckedQuery,
    ehrs: Sequence[InterpretedEhr],
    *,
    moment: Moment,
    parties: Sequence[InterpretedObject] = (),
) -> ResultSet:
    """Return the answer of a query over records in memory.

    Errors: AqlParameterError if a parameter is left; AqlIncomparable, AqlNotSupported as the functions say.
    """
    names = parameter_names(checked.query)
    if names:
        raise AqlParameterError(f"The parameter ${names[0]} has no value.", parameter=names[0])
    return _Interpreter(checked, Records(ehrs, parties), moment).result()


class _Interpreter:
    """One run."""

    def __init__(self, checked: CheckedQuery, records: Records, moment: Moment) -> None:
        self._checked = checked
        self._query = checked.query
        self._moment = moment
        self._paths = PathInterpreter(checked, moment.rules)
        self._source = SourceInterpreter(checked, records, self._paths.passes)
        self._trees = self._grow_trees()
        self._ends = {path: step for tree in self._trees.values() for path, step in _ends(tree)}

    def result(self) -> ResultSet:
        bindings = sorted(self._source.bindings(), key=self._place)
        rows = [(row, binding) for binding in bindings for row in self._rows(binding)]
        condition = self._query.condition
        if condition is not None:
            rows = [(row, binding) for row, binding in rows if self._holds(condition, row) is True]
        if self._checked.is_aggregating:
            answer = [tuple(self._aggregated(column.expression, rows) for column in self._query.columns)]
        else:
            self._sort(rows)
            answer = [tuple(self._shown(column.expression, row) for column in self._query.columns) for row, _ in rows]
        if self._query.is_distinct:
            first: dict[Value, tuple[Value, ...]] = {}
            for row in answer:
                first.setdefault(tuple(map(distinct_key, row)), row)
            answer = list(first.values())
        return ResultSet(self._checked.columns, tuple(self._page(answer)))

    def _grow_trees(self) -> dict[int, Step]:
        """Lay the paths of each class expression over each other; those under EXISTS stay out."""
        by_class: dict[int, list[IdentifiedPath]] = {}
        for path in dict.fromkeys(self._row_paths()):
            by_class.setdefault(self._checked.path(path).class_number, []).append(path)
        return {found.number: self._paths.tree(by_class.get(found.number, [])) for found in self._checked.classes}

    def _row_paths(self) -> Iterator[IdentifiedPath]:
        for column in self._query.columns:
            yield from _paths_in(column.expression)
        if self._query.condition is not None:
            yield from _paths_in(self._query.condition)
        for key in self._checked.order:
            yield from _paths_in(key.expression)

    def _place(self, binding: Binding) -> tuple[Value, ...]:
        """Return what orders bindings: the places of the nodes in the order of FROM, then the EHR."""
        nodes: list[Value] = []
        ehrs: list[Value] = []
        for found in self._checked.classes:
            bound = binding.get(found.number)
            (ehrs if found.is_ehr else nodes).append((1,) if bound is None else bound.place)
        return (*nodes, *ehrs)

    def _rows(self, binding: Binding) -> Iterator[Row]:
        """Yield the rows of one binding: the combinations of what the paths of each variable meet."""
        each = [self._paths.rows(self._trees[number], bound.root) for number, bound in sorted(binding.items())]
        for combination in product(*each):
            yield {step: value for row in combination for step, value in row.items()}

    def _value(self, expression: ColumnExpression, row: Row) -> Value:
        match expression:
            case IdentifiedPath():
                return row.get(id(self._ends[expression.normal]))
            case Literal(value=value):
                return value
            case FunctionCall(name=name, arguments=arguments):
                return call(name, [self._value(argument, row) for argument in arguments], self._moment)
            case _:
                raise AssertionError("aggregates have no value in a row")

    def _shown(self, expression: ColumnExpression, row: Row) -> Value:
        value = self._value(expression, row)
        # Paths see the objects of an EHR in the place of references; whoever selects the EHR gets the EHR.
        if isinstance(value, dict) and value.get("_type") == "EHR":
            return {name: member for name, member in value.items() if name in _EHR_RECORD}
        return value

    def _aggregated(self, expression: ColumnExpression, rows: Sequence[tuple[Row, Binding]]) -> Value:
        if not isinstance(expression, Aggregate):
            return self._value(expression, {})
        argument = expression.argument
        if argument is None:
            return len(rows)
        values = [self._value(argument, row) for row, _ in rows]
        return aggregate(expression.name, values, is_distinct=expression.is_distinct, rules=self._moment.rules)

    def _sort(self, rows: list[tuple[Row, Binding]]) -> None:
        """Sort by the keys, the last one first: sorting is stable, so ties keep the order of FROM."""
        for key in reversed(self._checked.order):
            self._sort_by(key.expression, rows, is_descending=key.is_descending)

    def _sort_by(self, expression: ColumnExpression, rows: list[tuple[Row, Binding]], *, is_descending: bool) -> None:
        def sort_key(found: tuple[Row, Binding]) -> tuple[Value, ...]:
            return order_key(self._value(expression, found[0]), rules=self._moment.rules)

        rows.sort(key=sort_key, reverse=is_descending)

    def _page(self, rows: list[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
        top = self._query.top
        if top is not None:
            return rows[-top.count :] if top.direction is Direction.BACKWARD else rows[: top.count]
        start = self._query.offset if isinstance(self._query.offset, int) else 0
        limit = self._query.limit
        return rows[start : start + limit] if isinstance(limit, int) else rows[start:]

    def _holds(self, condition: Condition, row: Row) -> bool | None:
        rules = self._moment.rules
        match condition:
            case And(terms=terms):
                outcomes = [self._holds(term, row) for term in terms]
                return False if False in outcomes else None if None in outcomes else True
            case Or(terms=terms):
                outcomes = [self._holds(term, row) for term in terms]
                return True if True in outcomes else None if None in outcomes else False
            case Not(condition=inner):
                return negated(self._holds(inner, row))
            case Exists(path=path):
                tree = self._trees[self._checked.path(path).class_number]
                return self._paths.exists(tree, row, path)
            case Comparison(left=left, operator=operator, right=right):
                return compare(self._value(left, row), operator, self._value(right, row), rules=rules)
            case Like(left=left, pattern=Literal(value=pattern)):
                return like(self._value(left, row), str(pattern))
            case MatchesPattern(left=left, pattern=text):
                return full_match(text, self._value(left, row))
            case MatchesValues(left=left, values=values):
                return matches(self._value(left, row), list(self._choices(values, row)), rules=rules)
            case MatchesUri(left=left, uri=uri):
                return matches(self._value(left, row), self._members(uri), rules=rules)
        raise AssertionError("parameters are bound before a query runs")

    def _choices(self, values: Sequence[ColumnExpression], row: Row) -> Iterator[Value]:
        for expression in values:
            value = self._value(expression, row)
            if isinstance(value, list):
                yield from value
            else:
                yield value

    def _members(self, uri: str) -> Sequence[Value]:
        """Return what a URI in MATCHES stands for: the codes of a terminology URI, any other itself."""
        if not uri.lower().startswith("terminology:"):
            return [uri]
        if self._moment.terminology is None:
            raise AqlNotSupported("No terminology service is configured.", feature="terminology")
        return self._moment.terminology.members(uri)


_EHR_RECORD = frozenset({"_type", "system_id", "ehr_id", "time_created", "contributions", "tags"})


def _ends(step: Step) -> Iterator[tuple[IdentifiedPath, Step]]:
    for path in step.paths:
        yield path.normal, step
    for below in step.steps:
        yield from _ends(below)


def _paths_in(node: object) -> Iterator[IdentifiedPath]:
    """Yield the paths of an expression or condition, without those under EXISTS."""
    match node:
        case IdentifiedPath():
            yield node.normal
        case FunctionCall(arguments=members) | And(terms=members) | Or(terms=members):
            for member in members:
                yield from _paths_in(member)
        case Aggregate(argument=argument):
            yield from _paths_in(argument)
        case Not(condition=inner):
            yield from _paths_in(inner)
        case Comparison(left=left, right=right):
            yield from _paths_in(left)
            yield from _paths_in(right)
        case MatchesValues(left=left, values=values):
            yield from _paths_in(left)
            for value in values:
                yield from _paths_in(value)
        case Like(left=left) | MatchesPattern(left=left) | MatchesUri(left=left):
            yield from _paths_in(left)
