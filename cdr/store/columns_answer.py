"""The answer to a plan from columns: the same rows in the same order as object by object, made for all rows at once.

Only the rows of the page become Python values. Whole nodes are not in columns: the objects of those rows are read and
evaluated again, which gives their rows in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aql.access import AccessFilter
from aql.ast import Aggregate, AggregateName, IdentifiedPath
from aql.errors import AqlTooExpensive
from aql.evaluate import Answer
from aql.evaluate_columns import Room, compile_column
from aql.evaluate_conditions import WorkingRow, compile_expression
from aql.functions import Moment
from aql.objects import Value
from aql.plan import Plan
from aql.plan_paths import paths_of
from aql.values import distinct_key, order_key
from cdr.store.columns_filter import Filter, Rows, reader
from cdr.store.columns_sums import count_distinct, first_places, total
from cdr.store.columns_table import Table
from cdr.store.columns_values import NULL, Places, Values
from cdr.store.ids import StoredId, unpack_id

_MANY = 5_000
_REREAD_ROWS = 500
_GREATEST_KEY = 1 << 62

Reread = Callable[[list[bytes]], dict[bytes, list[WorkingRow]]]
"""From stored ids of objects to their working rows, whole nodes included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a shape as one query sees them.

    `ehrs` are the ids by place, `closed` the EHRs that are left out; `whole` the columns of whole nodes.
    """

    table: Table
    values: tuple[Values, ...]
    ehrs: Sequence[str]
    places_of_ehrs: dict[str, int]
    closed: frozenset[StoredId]
    hidden_templates: frozenset[int]
    whole: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run asks beside its plan."""

    access: AccessFilter
    moment: Moment
    leaves_out_other_subjects: bool
    max_rows: int
    check_time: Callable[[], None]
    reread: Reread


def answer(plan: Plan, columns: Columns, asked: Asked) -> Answer:
    """Return the answer to a plan. Errors: AqlTooExpensive, AqlIncomparable, TimedOut."""
    return _Answering(plan, columns, asked).answer()


class _Answering:
    def __init__(self, plan: Plan, columns: Columns, asked: Asked) -> None:
        self._plan = plan
        self._columns = columns
        self._table = columns.table
        self._values = columns.values
        self._asked = asked

    def answer(self) -> Answer:
        """Return the answer."""
        found = Filter(self._plan, self._asked.moment, self._table, self._values, self._asked.check_time)
        rows = found.rows(self._visible())
        others_left_out: Rows = rows[:0]
        if self._asked.leaves_out_other_subjects and self._table.has_others:
            is_other = self._table.others[rows]
            others_left_out = rows[is_other]
            rows = rows[~is_other]
        if self._plan.query.is_aggregating:
            return self._aggregated(rows, len(others_left_out))
        page = self._page(rows)
        left_out = self._left_out(others_left_out, page)
        if len(page) > self._asked.max_rows:
            raise AqlTooExpensive(f"An answer may have {self._asked.max_rows} rows.", limit="rows")
        others = int(self._table.others[page].sum()) if self._table.has_others else 0
        columns = self._plan.checked.columns
        return Answer(columns, self._selected(page), self._ehr_ids(page), left_out + others)

    def _left_out(self, others: Rows, page: Rows) -> int:
        """Return how many rows were left out: where the page is filled early, of the objects up to the last on it."""
        plan = self._plan
        if not len(others) or not plan.can_stop_early or plan.limit is None:
            return len(others)
        if plan.limit + plan.offset == 0:
            return 0
        if len(page) < plan.limit or not len(page):
            return len(others)
        objects = self._table.object_of_row
        return int((objects[others] <= objects[page[-1]]).sum())

    # Rows that may be seen -------------------------------------------------------------------------------------------

    def _visible(self) -> Rows | None:
        """Return the rows that the caller may see, of EHRs that may be queried; None: all."""
        access, columns, table = self._asked.access, self._columns, self._table
        if access.is_open and not columns.closed:
            return None
        known = columns.places_of_ehrs
        is_seen = np.ones(len(columns.ehrs) + 1, np.bool_)
        if access.ehrs is not None:
            # The last place stands for objects without an EHR, which no list of EHRs hides.
            is_seen[:-1] = False
            is_seen[[known[each] for each in access.ehrs if each in known]] = True
        closed = (unpack_id(each) for each in columns.closed)
        is_seen[[known[each] for each in (*access.hidden_ehrs, *closed) if each in known]] = False
        objects = is_seen[table.ehrs]
        if columns.hidden_templates:
            objects &= ~np.isin(table.templates, list(columns.hidden_templates))
        for number in range(len(table.keys)) if access.hidden_objects else ():
            if unpack_id(table.key(number)) in access.hidden_objects:
                objects[number] = False
        return np.flatnonzero(objects[table.object_of_row])

    # SELECT without aggregates ----------------------------------------------------------------------------------------

    def _page(self, rows: Rows) -> Rows:
        plan = self._plan
        is_distinct = plan.query.is_distinct
        limit, offset = plan.limit, plan.offset
        if plan.checked.order:
            most = None if is_distinct or limit is None or limit < 0 else offset + limit
            rows = self._sorted(rows, most)
        if is_distinct:
            rows = self._first_of_each(rows)
        if limit is not None and limit < 0:
            return rows[limit:]
        return rows[offset:] if limit is None else rows[offset : offset + limit]

    def _sorted(self, rows: Rows, most: int | None) -> Rows:
        """Return the rows in order, the first `most` of them at least."""
        keys: list[npt.NDArray[np.int64]] = []
        for key in self._plan.checked.order:
            rank = self._rank(key.expression, rows)
            for part in rank:
                keys.append(-part if key.is_descending else part)
        if most is not None and len(rows) > 4 * most + 1000 and len(keys) > 0:
            # Only what comes no later than the last of the page by the first key can be on it.
            bound = np.partition(keys[0], most)[most]
            near = np.flatnonzero(keys[0] <= bound)
            rows, keys = rows[near], [key[near] for key in keys]
        order = np.lexsort(keys[::-1])
        return rows[order]

    def _rank(self, expression: object, rows: Rows) -> list[npt.NDArray[np.int64]]:
        """Return whole numbers that sort rows as the values of an expression sort."""
        rules = self._asked.moment.rules
        if isinstance(expression, IdentifiedPath):
            column = self._plan.column_of(expression)
            places = self._table.columns[column][rows]
            values = self._values[column]
            quick = self._quick_rank(values, places) if len(values) > _MANY else None
            if quick is not None:
                return quick
            is_used = np.zeros(len(values), np.bool_)
            is_used[places] = True
            used = np.flatnonzero(is_used)
            sort_keys = [order_key(values.values[place], rules=rules) for place in used.tolist()]
            ranks = np.zeros(len(values), np.int64)
            ranks[used] = _ranks(sort_keys)
            return [ranks[places]]
        read = self._working(paths_of(expression))
        value_of = compile_column(expression, self._plan, self._asked.moment)  # type: ignore[arg-type]  # no aggregate
        return [np.array(_ranks([order_key(value_of(read(row)), rules=rules) for row in rows.tolist()]), np.int64)]

    @staticmethod
    def _quick_rank(values: Values, places: Places) -> list[npt.NDArray[np.int64]] | None:
        """Return the sort keys of points, whose order is that of their instants, then of their precision."""
        points = values.points()
        if points is None:
            return None
        nanoseconds = points.nanoseconds[places]
        if len(nanoseconds) and max(int(nanoseconds.max()), -int(nanoseconds.min())) >= _GREATEST_KEY:
            return None
        is_null = places == NULL
        return [np.where(is_null, _GREATEST_KEY, nanoseconds), points.precision[places].astype(np.int64)]

    def _first_of_each(self, rows: Rows) -> Rows:
        """Return the first row of each different combination of values, in order."""
        combined = np.zeros(len(rows), np.int64)
        size = 1
        for column in self._plan.query.columns:
            expression = column.expression
            if not isinstance(expression, IdentifiedPath):
                return self._first_by_value(rows)
            number = self._plan.column_of(expression)
            values = self._values[number]
            numbers = values.distinct()[self._table.columns[number][rows]].astype(np.int64)
            size *= len(values) + 2
            if size >= _GREATEST_KEY:
                return self._first_by_value(rows)
            combined = combined * (len(values) + 2) + numbers
        if size <= 10_000_000:
            return rows[first_places(combined, size)]  # type: ignore[arg-type]  # any whole numbers do
        return rows[np.sort(np.unique(combined, return_index=True)[1])]

    def _first_by_value(self, rows: Rows) -> Rows:
        read = self._working(self._selected_paths())
        columns = [self._column(column.expression) for column in self._plan.query.columns]
        seen: set[object] = set()
        found = []
        for row in rows.tolist():
            working = read(row)
            key = tuple([distinct_key(each(working)) for each in columns])
            if key not in seen:
                seen.add(key)
                found.append(row)
        return np.array(found, np.int64)

    def _selected_paths(self) -> list[IdentifiedPath]:
        return [path for column in self._plan.query.columns for path in paths_of(column.expression)]

    def _column(self, expression: object) -> Callable[[WorkingRow], Value]:
        return compile_column(expression, self._plan, self._asked.moment)  # type: ignore[arg-type]  # no aggregate

    def _working(self, paths: object) -> Callable[[int], WorkingRow]:
        used = frozenset(self._plan.column_of(path) for path in paths)  # type: ignore[attr-defined]  # an iterable
        return reader(self._table, self._values, used, width=self._plan.width)

    def _selected(self, page: Rows) -> list[tuple[Value, ...]]:
        """Return the rows of the page as values."""
        columns = [column.expression for column in self._plan.query.columns]
        used = {self._plan.column_of(path) for path in self._selected_paths()}
        if used.isdisjoint(self._columns.whole):
            if all(isinstance(each, IdentifiedPath) for each in columns):
                return self._looked_up([each for each in columns if isinstance(each, IdentifiedPath)], page)
            parts: Iterable[tuple[Rows, Callable[[int], WorkingRow]]] = [(page, self._working(self._selected_paths()))]
        else:
            # Objects are let go of before the next are read: only what the rows show stays.
            starts = range(0, len(page), _REREAD_ROWS)
            parts = ((part, self._reread(part)) for start in starts if len(part := page[start : start + _REREAD_ROWS]))
        readers = [self._column(each) for each in columns]
        room, selected = Room(), []
        for rows, read in parts:
            for working in map(read, rows.tolist()):
                values = tuple([each(working) for each in readers])
                room.take(values)
                selected.append(values)
        return selected

    def _looked_up(self, paths: list[IdentifiedPath], page: Rows) -> list[tuple[Value, ...]]:
        parts = []
        for path in paths:
            number = self._plan.column_of(path)
            kept = self._values[number].values
            parts.append([kept[place] for place in self._table.columns[number][page].tolist()])
        return list(zip(*parts, strict=True))

    def _reread(self, page: Rows) -> Callable[[int], WorkingRow]:
        """Return the function that gives the working row of a row of the page, from the objects read again."""
        objects = self._table.object_of_row[page]
        keys = {number: self._table.key(number) for number in dict.fromkeys(objects.tolist())}
        found = self._asked.reread(list(keys.values()))
        owner = dict(zip(page.tolist(), objects.tolist(), strict=True))
        starts = self._table.starts

        def read(row: int) -> WorkingRow:
            number = owner[row]
            return found[keys[number]][row - int(starts[number])]

        return read

    # SELECT with aggregates -------------------------------------------------------------------------------------------

    def _aggregated(self, rows: Rows, left_out: int) -> Answer:
        result: list[Value] = []
        for column in self._plan.query.columns:
            expression = column.expression
            if not isinstance(expression, Aggregate):
                result.append(compile_expression(expression, self._plan, self._asked.moment)(()))
                continue
            argument = expression.argument
            if argument is None:
                result.append(len(rows))
                continue
            number = self._plan.column_of(argument)
            places = self._table.columns[number]
            # All rows are the usual case, and then nothing has to be picked out.
            met = places if len(rows) == len(places) else places[rows]
            values = self._values[number]
            if expression.name is not AggregateName.COUNT:
                result.append(total(expression.name, values, met))
            elif expression.is_distinct:
                result.append(count_distinct(values, met))
            else:
                result.append(int(np.count_nonzero(met)))
        others = 0
        if self._table.has_others:
            objects = self._table.object_of_row[rows[self._table.others[rows]]]
            others = len(np.unique(self._table.ehrs[objects]))
        page = [tuple(result)] if self._plan.offset == 0 else []
        return Answer(self._plan.checked.columns, page, self._ehr_ids(rows), left_out + others)

    def _ehr_ids(self, rows: Rows) -> frozenset[str]:
        """Return the EHRs that some rows come from."""
        if not len(rows):
            return frozenset()
        is_there = np.zeros(len(self._columns.ehrs) + 1, np.bool_)
        if len(rows) == self._table.rows:
            is_there[self._table.ehrs] = True
        else:
            is_there[self._table.ehrs[self._table.object_of_row[rows]]] = True
        ids = self._columns.ehrs
        return frozenset([ids[place] for place in np.flatnonzero(is_there[:-1]).tolist()])


def _ranks(keys: list[tuple[Value, ...]]) -> list[int]:
    """Return for each key how many different keys come before it."""
    place = {key: number for number, key in enumerate(sorted(set(keys)))}
    return [place[key] for key in keys]
