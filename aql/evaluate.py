"""Rows of a plan over fetched objects: the last part of answering, on plain JSON nodes.

The runner feeds units (an object, or an EHR with its objects) in a fixed order; `Evaluation` matches FROM, reads the
paths, tests WHERE and keeps what SELECT needs; `finish` sorts, removes duplicates, counts and cuts the page. The
interpreter (`aql.interpret`) says the same in another way; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeAlias

from aql.ast import Condition
from aql.catalog import RmCatalog
from aql.errors import AqlTooExpensive
from aql.evaluate_columns import Kept, Select, compile_select
from aql.evaluate_conditions import Test, WorkingRow, compile_condition, slots_of
from aql.evaluate_contains import compile_term
from aql.evaluate_paths import compile_paths
from aql.evaluate_subjects import OtherSubjects
from aql.functions import Moment
from aql.objects import Bound, Unit, Value
from aql.plan import Plan
from aql.planner import reach_of
from aql.result import ResultColumn
from aql.rules.conjuncts import conjuncts

MAX_ROWS = 1_000_000
"""Working rows that an answer may keep before it is sorted and cut."""

_EVERY = 0xFF
"""Rows of one object between two looks at the clock, as a mask: there may be hundreds of thousands."""

SlotRows: TypeAlias = Callable[[Bound], list[WorkingRow]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query answers. A row has plain JSON values and `RawJson`; `ehr_ids` are the EHRs that rows came from.

    `other_subjects` is the number of rows about somebody else than the subject of the EHR, among those returned, or
    the number left out if they were to be left out.
    """

    columns: tuple[ResultColumn, ...]
    rows: list[tuple[Value, ...]]
    ehr_ids: frozenset[str]
    other_subjects: int = 0


class Evaluation:
    """One run of a plan; `select` collects the rows instead of what SELECT says. Not for several threads.

    `check_time` raises when the run has to end; whoever feeds units looks at the clock between them.
    """

    def __init__(
        self,
        plan: Plan,
        catalog: RmCatalog,
        *,
        moment: Moment,
        leaves_out_other_subjects: bool = False,
        max_rows: int = MAX_ROWS,
        select: Select | None = None,
        check_time: Callable[[], None] | None = None,
    ) -> None:
        reach = reach_of(catalog)
        self._check_time = check_time or _take_all_time
        self._plan = plan
        self._match = compile_term(plan.term, reach=reach, rules=moment.rules)
        self._select: Select = select or compile_select(plan, moment)
        self._subjects = OtherSubjects(plan, reach, leaves_out=leaves_out_other_subjects)
        self._max_rows = max_rows
        self._tests: list[Test] = []
        self._slots = self._compile_slots(plan.condition, moment)
        self._most = plan.offset + plan.limit if plan.can_stop_early and plan.limit is not None else None

    def _compile_slots(self, condition: Condition | None, moment: Moment) -> list[tuple[int, SlotRows]]:
        """Compile the paths slot by slot; a condition on one slot alone is tested before slots are combined."""
        own: dict[int, list[Test]] = {}
        offsets: dict[int, int] = {}
        compiled = []
        start = 0
        for paths in self._plan.paths:
            columns, rows = compile_paths(paths, moment.rules)
            offsets[paths.slot] = start
            start += len(columns)
            compiled.append((paths.slot, rows))
        for term in conjuncts(condition):
            used = slots_of(term, self._plan)
            if len(used) == 1:
                slot = next(iter(used))
                own.setdefault(slot, []).append(compile_condition(term, self._plan, moment, offset=offsets[slot]))
            else:
                self._tests.append(compile_condition(term, self._plan, moment))
        return [(slot, _filtered(rows, own.get(slot, []))) for slot, rows in compiled]

    @property
    def wants_more(self) -> bool:
        """Tell whether further units can change the answer."""
        return self._most is None or self._select.count < self._most

    def feed(self, unit: Unit) -> bool:
        """Take one unit; tell whether more are wanted."""
        bindings = self._match(None, None, unit)
        if bindings:
            self._subjects.look_at(unit)
            ehr_id = unit.ehr.ehr_id if unit.ehr is not None else _ehr_of(unit)
            seen: dict[tuple[int, int], list[WorkingRow]] = {}
            for number, binding in enumerate(bindings):
                if number & _EVERY == _EVERY:
                    self._check_time()
                self._take(binding, ehr_id, seen)
                if self._select.count > self._max_rows:
                    raise self._too_many()
        return self.wants_more

    def _take(
        self, binding: tuple[Bound, ...], ehr_id: str | None, seen: dict[tuple[int, int], list[WorkingRow]]
    ) -> None:
        sides = []
        for slot, rows in self._slots:
            bound = binding[slot]
            key = (slot, id(bound))
            found = seen.get(key)
            if found is None:
                found = seen[key] = rows(bound)
            if not found:
                return
            sides.append(found)
        tests = self._tests
        if len(sides) == 1:
            combined = sides[0]
        elif sides:
            if prod(map(len, sides)) > self._max_rows:
                raise self._too_many()
            combined = [sum(rows, ()) for rows in product(*sides)]
        else:
            combined = [()]
        for number, row in enumerate(combined):
            if number & _EVERY == _EVERY:
                self._check_time()
            for test in tests:
                if test(row) is not True:
                    break
            else:
                is_other = self._subjects.is_about_other(binding, row)
                if is_other and self._subjects.leaves_out:
                    self._subjects.left_out += 1
                else:
                    self._select.take(row, Kept(ehr_id, is_other))

    def _too_many(self) -> AqlTooExpensive:
        return AqlTooExpensive(f"An answer may have {self._max_rows} rows.", limit="rows")

    def finish(self) -> Answer:
        """Return the answer over everything that was fed."""
        rows, kept = self._select.finish()
        counted = self._subjects.left_out + sum(1 for each in kept if each.is_about_other)
        ehr_ids = frozenset(each.ehr_id for each in kept if each.ehr_id is not None)
        return Answer(self._plan.checked.columns, rows, ehr_ids, counted)


def _take_all_time() -> None:
    """Let a run without a limit go on."""


def _filtered(rows: SlotRows, tests: list[Test]) -> SlotRows:
    if not tests:
        return rows
    return lambda bound: [row for row in rows(bound) if all(test(row) is True for test in tests)]


def _ehr_of(unit: Unit) -> str | None:
    for objects in unit.objects:
        for each in objects:
            return each.ehr_id
    return None
