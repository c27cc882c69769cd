"""What becomes of working rows: SELECT, aggregates, DISTINCT, ORDER BY, LIMIT and OFFSET."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import orjson

from aql.aggregates import aggregate
from aql.ast import Aggregate, AggregateName, ColumnExpression, IdentifiedPath
from aql.errors import AqlTooExpensive
from aql.evaluate_conditions import Reader, WorkingRow, compile_expression, plain
from aql.functions import Moment
from aql.objects import EhrHandle, RawJson, StoredObject, Value
from aql.plan import EHR_PARTS, Plan
from aql.values import distinct_key, order_key

ResultRow: TypeAlias = "tuple[Value, ...]"
MAX_BYTES = 128 * 1024 * 1024
"""What an answer may keep of texts and objects before it is sorted, cut and given in one piece."""
_DECODED = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of a row beside its values."""

    ehr_id: str | None
    is_about_other: bool


class Room:
    """What is left of the memory that the rows of one answer may take."""

    def __init__(self) -> None:
        self._left = MAX_BYTES

    def take(self, values: ResultRow) -> None:
        """Count the values of a row. Errors: AqlTooExpensive when there is no room for them."""
        for value in values:
            self._left -= _size(value)
        if self._left < 0:
            raise AqlTooExpensive(
                f"An answer in one piece may have {MAX_BYTES >> 20} MiB: ask for application/x-ndjson or text/csv, "
                "which are streamed without ORDER BY and DISTINCT, or for pages behind a cursor.",
                limit="bytes",
            )


class Rows:
    """SELECT without aggregates."""

    def __init__(self, plan: Plan, moment: Moment) -> None:
        self._plan = plan
        self._readers = tuple(compile_column(column.expression, plan, moment) for column in plan.query.columns)
        self._rules = moment.rules
        self._keys = [(compile_column(key.expression, plan, moment), key.is_descending) for key in plan.checked.order]
        self._seen: set[Value] | None = set() if plan.query.is_distinct else None
        self._rows: list[tuple[ResultRow, Kept, list[tuple[Value, ...]]]] = []
        self._room = Room()

    @property
    def count(self) -> int:
        """Return how many rows are kept so far."""
        return len(self._rows)

    def take(self, row: WorkingRow, kept: Kept) -> None:
        """Keep what SELECT and ORDER BY need of a working row. Errors: AqlTooExpensive."""
        values = tuple([read(row) for read in self._readers])
        if self._seen is not None and not self._keys:
            key = tuple(map(_distinct, values))
            if key in self._seen:
                return
            self._seen.add(key)
        self._room.take(values)
        keys = [order_key(read(row), rules=self._rules) for read, _ in self._keys]
        self._rows.append((values, kept, keys))

    def finish(self) -> tuple[list[ResultRow], list[Kept]]:
        """Return the page that is asked for."""
        rows = self._rows
        # Stable sorts from the last key to the first keep the order of the store among equal rows.
        for number in range(len(self._keys) - 1, -1, -1):
            rows.sort(key=lambda row: row[2][number], reverse=self._keys[number][1])
        if self._seen is not None and self._keys:
            rows = self._without_duplicates(rows)
        limit, offset = self._plan.limit, self._plan.offset
        if limit is not None and limit < 0:
            page = rows[limit:]
        else:
            page = rows[offset:] if limit is None else rows[offset : offset + limit]
        return [row[0] for row in page], [row[1] for row in page]

    def _without_duplicates(
        self, rows: list[tuple[ResultRow, Kept, list[tuple[Value, ...]]]]
    ) -> list[tuple[ResultRow, Kept, list[tuple[Value, ...]]]]:
        seen = set()
        first = []
        for row in rows:
            key = tuple(map(_distinct, row[0]))
            if key not in seen:
                seen.add(key)
                first.append(row)
        return first


class Aggregates:
    """SELECT with aggregate functions: one row over everything. Columns without one hold fixed values."""

    def __init__(self, plan: Plan, moment: Moment) -> None:
        self._plan = plan
        self._rules = moment.rules
        self._count = 0
        self._kept: dict[Kept, None] = {}
        self._columns: list[tuple[ColumnExpression, Reader | None, list[Value]]] = []
        for column in plan.query.columns:
            expression = column.expression
            reader: Reader | None
            if isinstance(expression, Aggregate):
                argument = expression.argument
                reader = None if argument is None else compile_expression(argument, plan, moment)
            else:
                reader = compile_expression(expression, plan, moment)
            self._columns.append((expression, reader, []))

    @property
    def count(self) -> int:
        """Return how many rows have been counted."""
        return self._count

    def take(self, row: WorkingRow, kept: Kept) -> None:
        """Add a working row."""
        self._count += 1
        self._kept[kept] = None
        for expression, read, values in self._columns:
            if read is not None and isinstance(expression, Aggregate):
                value = read(row)
                if value is not None:
                    values.append(value)

    def finish(self) -> tuple[list[ResultRow], list[Kept]]:
        """Return the one row, or none when the page begins behind it."""
        result = []
        for expression, read, values in self._columns:
            if not isinstance(expression, Aggregate):
                result.append(read(()) if read is not None else None)
            elif read is None:
                result.append(self._count)
            elif expression.name is AggregateName.COUNT and not expression.is_distinct:
                result.append(len(values))
            else:
                result.append(aggregate(expression.name, values, is_distinct=expression.is_distinct, rules=self._rules))
        rows = [tuple(result)] if self._plan.offset == 0 else []
        return rows, list(self._kept)


class Select(Protocol):
    """What collects working rows."""

    @property
    def count(self) -> int:
        """Return how many rows are kept so far."""

    def take(self, row: WorkingRow, kept: Kept) -> None:
        """Keep what is needed of a working row."""

    def finish(self) -> tuple[list[ResultRow], list[Kept]]:
        """Return the page that is asked for."""


def compile_select(plan: Plan, moment: Moment) -> Select:
    """Return what collects the rows of a plan."""
    return Aggregates(plan, moment) if plan.query.is_aggregating else Rows(plan, moment)


def compile_column(expression: ColumnExpression, plan: Plan, moment: Moment) -> Callable[[WorkingRow], Value]:
    """Return the function that reads a column; whole objects are copied as stored."""
    assert not isinstance(expression, Aggregate), "aggregates have a collector of their own"
    if isinstance(expression, IdentifiedPath) and not expression.path.segments and expression.predicate is None:
        number = plan.column_of(expression)

        def read(row: WorkingRow) -> Value:
            value = row[number]
            if isinstance(value, StoredObject):
                content = value.content
                return None if content is None else RawJson(content)
            if isinstance(value, EhrHandle):
                # Paths see the objects of an EHR in the place of references; whoever selects the EHR gets the EHR.
                return {name: member for name, member in value.root.items() if name not in EHR_PARTS}
            return plain(value)

        return read
    return compile_expression(expression, plan, moment)


def _size(value: Value) -> int:
    """Return about how many bytes a value takes; decoded objects take several times their JSON."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, RawJson):
        return len(value.text)
    return _DECODED * len(orjson.dumps(value)) if isinstance(value, dict) else 8


def _distinct(value: Value) -> Value:
    return value if isinstance(value, RawJson) else distinct_key(value)
