"""SELECT for rows that are taken away as they come: what a streamed answer keeps is a batch and never the whole.

A plan can be streamed when nothing has to be known of all rows before the first is given: no ORDER BY, no DISTINCT, no
aggregates, no TOP n BACKWARD. LIMIT and OFFSET are the caller's, who sees the rows pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from aql.access import AccessFilter
from aql.evaluate_columns import Kept, ResultRow, compile_column
from aql.evaluate_conditions import WorkingRow
from aql.functions import Moment
from aql.objects import RawJson
from aql.plan import Mode, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is streamed: a plan for a caller, from behind a place on, in batches of about so many rows."""

    plan: Plan
    access: AccessFilter
    moment: Moment
    after: str | None = None
    batch_rows: int = 500
    leaves_out_other_subjects: bool = False


@dataclass(frozen=True, slots=True)
class StreamedRows:
    """A batch of rows, with what is remembered of each.

    `after` is the place where the next batch begins, None at the end; `left_out` is then the number of rows about
    others than the subject of the EHR that were left out, if that was asked for.
    """

    rows: list[ResultRow]
    kept: list[Kept]
    after: str | None
    left_out: int = 0


def can_stream(plan: Plan) -> bool:
    """Tell whether the rows of a plan can be given before all are known."""
    query = plan.query
    is_from_the_end = plan.limit is not None and plan.limit < 0
    return not (plan.checked.order or query.is_distinct or query.is_aggregating or is_from_the_end)


def streamed(plan: Plan) -> Plan:
    """Return the plan without its page, which whoever takes the rows cuts out; candidates come sorted."""
    return replace(plan, limit=None, offset=0, can_stop_early=plan.mode is Mode.STREAM)


class PassingRows:
    """SELECT without ORDER BY, DISTINCT and aggregates, a batch at a time."""

    def __init__(self, plan: Plan, moment: Moment) -> None:
        self._readers = tuple(compile_column(column.expression, plan, moment) for column in plan.query.columns)
        self._rows: list[ResultRow] = []
        self._kept: list[Kept] = []
        self.bytes = 0

    @property
    def count(self) -> int:
        """Return how many rows wait to be taken away; `bytes` is how much stored text is among them."""
        return len(self._rows)

    def take(self, row: WorkingRow, kept: Kept) -> None:
        """Keep the columns of a working row."""
        values = tuple([read(row) for read in self._readers])
        for value in values:
            if isinstance(value, RawJson):
                self.bytes += len(value.text)
        self._rows.append(values)
        self._kept.append(kept)

    def finish(self) -> tuple[list[ResultRow], list[Kept]]:
        """Return the rows that wait, and forget them."""
        rows, kept = self._rows, self._kept
        self._rows, self._kept, self.bytes = [], [], 0
        return rows, kept
