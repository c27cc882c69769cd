"""A parsed query and the reference model in, a checked query out: the last step that knows the text.

Analysis finds what is illegal whatever the data may be: unknown variables, classes and attributes, classes that cannot
contain each other, wrong arguments, mixed aggregates, impossible limits. What it accepts the interpreter and the engine
answer. Parameters may still be there, so that a query can be checked when it is stored.

Source: AQL 1.1.0; docs/aql.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import chain, count

from aql.analyse_expressions import ExpressionChecker
from aql.analyse_paths import PathChecker
from aql.analyse_source import SourceChecker
from aql.ast import FunctionCall, IdentifiedPath, SelectQuery, SortKey
from aql.catalog import RmCatalog
from aql.checked import CheckedClass, CheckedPath, CheckedQuery, CheckedSortKey
from aql.errors import AqlSemanticError
from aql.path import Span
from aql.result import ResultColumn
from aql.unparse import identified_path_text
from aql.variables import with_distinct_variables

_OF_STATUS = re.compile(r"\w+\s*/\s*ehr_status", re.ASCII)


def analyse(query: SelectQuery, catalog: RmCatalog) -> CheckedQuery:
    """Return the query with what its variables, paths, columns and sort keys mean.

    Errors: AqlSemanticError for what is illegal, AqlNotSupported for what this engine does not answer; both with line
    and column.
    """
    return _Analysis(with_distinct_variables(query), catalog).result()


class _Analysis:
    """The state of one analysis."""

    def __init__(self, query: SelectQuery, catalog: RmCatalog) -> None:
        self._query = query
        self._path_checker = PathChecker(catalog, query.text)
        self._source = SourceChecker(self._path_checker, query.text)
        self._paths: dict[IdentifiedPath, CheckedPath] = {}
        self._expressions = ExpressionChecker(self._path_checker, self._path)

    def result(self) -> CheckedQuery:
        query = self._query
        self._source.check(query.source)
        self._check_limits()
        columns = tuple(self._columns())
        self._check_mixture()
        if query.condition is not None:
            self._expressions.check_condition(query.condition)
        order = tuple(self._sort_key(key) for key in query.order)
        return CheckedQuery(
            query=query,
            classes=tuple(self._source.classes),
            columns=columns,
            order=order,
            paths=self._paths,
            notes=self._expressions.finished_notes(),
        )

    def _path(self, path: IdentifiedPath) -> CheckedPath:
        """Return what is known of a path; the first time it is checked."""
        normal = path.normal
        known = self._paths.get(normal)
        if known is None:
            found = self._variable(path)
            known = self._path_checker.checked(path, found.number, found.types)
            self._paths[normal] = known
        return known

    def _variable(self, path: IdentifiedPath) -> CheckedClass:
        found = self._source.variables.get(path.variable.lower())
        if found is None:
            names = list(self._source.variables)
            near = get_close_matches(path.variable.lower(), names, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise self._error(f"FROM defines no variable {path.variable}.{hint}", path.span, *names)
        if not found.is_bound:
            raise self._error(f"NOT CONTAINS binds nothing: {path.variable} has no value to use.", path.span)
        return found

    def _columns(self) -> Iterator[ResultColumn]:
        for index, column in enumerate(self._query.columns):
            types = self._expressions.column_types(column.expression)
            path = None
            if isinstance(column.expression, IdentifiedPath):
                path = self._shown_as(column.expression)
            yield ResultColumn(column.alias if column.alias is not None else f"#{index}", path, types)

    def _shown_as(self, path: IdentifiedPath) -> str:
        """Return a column's path as written; one through `ehr_status` of an EHR begins with a variable of its own.

        Clients of other servers look columns up by that: `e/ehr_status/subject` is `s/subject` to them.
        """
        start, end = path.span
        written = self._query.text[start:end] or identified_path_text(path)
        first = path.path.segments[0] if path.path.segments else None
        if first is None or first.attribute != "ehr_status" or path.predicate is not None:
            return written
        if not self._source.classes[self._path(path).class_number].is_ehr:
            return written
        return _OF_STATUS.sub(self._status_variable(), written, count=1)

    def _status_variable(self) -> str:
        """Return the name that the status of an EHR has in columns: `s`, or with a number where FROM has an `s`."""
        names = chain(["s"], (f"s{number}" for number in count(1)))
        return next(name for name in names if name not in self._source.variables)

    def _check_mixture(self) -> None:
        """Refuse columns that would need grouping, which AQL does not have."""
        query = self._query
        if not query.is_aggregating:
            return
        for column in query.columns:
            inside = column.expression
            if isinstance(inside, IdentifiedPath) or (
                isinstance(inside, FunctionCall) and next(_paths_of(inside), None) is not None
            ):
                raise self._error(
                    "A column with a path cannot stand beside an aggregate function: AQL has no GROUP BY.", inside.span
                )

    def _check_limits(self) -> None:
        query = self._query
        if isinstance(query.limit, int) and query.limit < 1:
            raise self._limit_error("LIMIT has to be at least 1.")
        if isinstance(query.offset, int) and query.offset < 0:
            raise self._limit_error("OFFSET cannot be negative.")
        if query.top is not None:
            if query.top.count < 1:
                raise self._error("TOP has to be at least 1.", query.top.span)
            if query.limit is not None:
                raise self._error("TOP and LIMIT cannot stand in one query.", query.top.span)

    def _limit_error(self, message: str) -> AqlSemanticError:
        # LIMIT and OFFSET are plain numbers in the tree: the last LIMIT of the text is theirs.
        return AqlSemanticError(message, text=self._query.text, offset=max(self._query.text.upper().rfind("LIMIT"), 0))

    def _sort_key(self, key: SortKey) -> CheckedSortKey:
        column = self._named_column(key)
        if column is not None:
            expression = self._query.columns[column].expression
            types = self._expressions.column_types(expression)
        elif self._query.is_aggregating:
            raise self._error("A query with aggregate functions has one row: it sorts by its columns only.", key.span)
        else:
            expression = key.path
            types = self._path(key.path).types
        if types and not any(map(self._expressions.is_sortable, types)):
            raise self._error("The values of this sort key have no order.", key.span)
        return CheckedSortKey(expression, key.is_descending, column)

    def _named_column(self, key: SortKey) -> int | None:
        """Return the column that a sort key names, None if it is a path. A column name wins over a variable."""
        path = key.path
        if path.path.segments or path.predicate is not None:
            return self._shown(path)
        name = path.variable.lower()
        found = [
            index
            for index, column in enumerate(self._query.columns)
            if column.alias is not None and column.alias.lower() == name
        ]
        if len(found) > 1:
            raise self._error(f"Two columns are named {path.variable}.", key.span)
        return found[0] if found else None

    def _shown(self, path: IdentifiedPath) -> int | None:
        """Return the column that shows the very path, so that the key is read from the row."""
        for index, column in enumerate(self._query.columns):
            if isinstance(column.expression, IdentifiedPath) and column.expression.normal == path.normal:
                return index
        return None

    def _error(self, message: str, span: Span, *expected: str) -> AqlSemanticError:
        return AqlSemanticError(message, text=self._query.text, offset=span[0], expected=expected)


def _paths_of(expression: FunctionCall) -> Iterator[IdentifiedPath]:
    for argument in expression.arguments:
        if isinstance(argument, IdentifiedPath):
            yield argument
        elif isinstance(argument, FunctionCall):
            yield from _paths_of(argument)
