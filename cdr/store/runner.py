"""Runs compiled queries: finds candidates, reads what the plan needs of them, and feeds the evaluator.

All reads of one answer see one snapshot of the database. A run ends with `TimedOut` at its deadline, wherever it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from pymongo.database import Database
from pymongo.errors import OperationFailure

from aql.access import AccessFilter
from aql.catalog import RmCatalog
from aql.evaluate import Answer, Evaluation
from aql.functions import Moment
from aql.mongo.compiler import Program, compile_plan
from aql.mongo.predicates import leaf_filter
from aql.plan import Mode, Plan
from cdr.errors import StoreUnavailable
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.columns import DEFAULT_CACHE, CacheLimits, ColumnCache, Held, hidden_templates
from cdr.store.columns_answer import Asked, Columns, answer
from cdr.store.columns_shape import shape_of
from cdr.store.columns_values import Unfit
from cdr.store.failures import store_failures
from cdr.store.query_gates import Gates
from cdr.store.query_layout import ArchetypeNames, QueryLayout
from cdr.store.query_run import Run
from cdr.store.query_steps import Step, archetypes_of

_SLICE_SECONDS = 10.0
_SNAPSHOT_GONE = frozenset({239, 246})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What one run may use: seconds of time, and working rows kept before the page is cut."""

    seconds: float = 30.0
    rows: int = 1_000_000


@dataclass(frozen=True, slots=True)
class _Asking:
    """What one run is asked."""

    plan: Plan
    access: AccessFilter
    moment: Moment
    max_rows: int
    leaves_out: bool
    steps: list[Step]

    def did(self, what: str, begun: float, *, count: int | None = None) -> None:
        """Note a step that began at a moment of the monotonic clock and ends now."""
        self.steps.append(Step(what, count, (time.monotonic() - begun) * 1e3))


class QueryRunner:
    """Runs the queries of one tenant; safe for several threads."""

    def __init__(
        self,
        database: Database[Document],
        *,
        blobs: Blobs,
        catalog: RmCatalog,
        limits: RunLimits | None = None,
        columns: CacheLimits | None = DEFAULT_CACHE,
        gates: Gates | None = None,
    ) -> None:
        self.limits = limits or RunLimits()
        self.columns = None if columns is None else ColumnCache(database, catalog=catalog, limits=columns)
        self._database = database
        self._blobs = blobs
        self._catalog = catalog
        self._names = ArchetypeNames(database)
        self._gates = gates or Gates()

    def run(
        self,
        plan: Plan,
        *,
        access: AccessFilter,
        moment: Moment,
        limits: RunLimits | None = None,
        leaves_out_other_subjects: bool = False,
        steps: list[Step] | None = None,
    ) -> Answer:
        """Return the answer to a plan, for a caller who may see what `access` allows.

        `steps` is told what was done and how long it took.
        Errors: `TimedOut` at the deadline; AqlTooExpensive for too many rows; AqlIncomparable; `StoreUnavailable`.
        """
        limits = limits or self.limits
        deadline = time.monotonic() + limits.seconds
        asking = _Asking(plan, access, moment, limits.rows, leaves_out_other_subjects, [] if steps is None else steps)
        with store_failures(), _snapshot_kept():
            if plan.ehrs.ids is not None:
                return self._one_by_one(None, asking, deadline)
            held = self._held(plan, moment)
            is_ready = held is not None and held.is_ready
            # What is there already answers anything; only else does it matter how much there is to read.
            is_narrow = not is_ready and (plan.can_stop_early or self._has_narrow_leaf(plan))
            if held is not None and self._is_worth(held, is_narrow=is_narrow):
                found = self._from_columns(held, asking, deadline, is_narrow=is_narrow)
                if found is not None:
                    return found
            with nullcontext() if is_narrow else self._gates.heavy(deadline):
                return self._one_by_one(held, asking, deadline)

    def _held(self, plan: Plan, moment: Moment) -> Held | None:
        """Return what the column cache keeps for a plan, None where it cannot answer it."""
        if self.columns is None:
            return None
        shape = shape_of(plan, self._catalog)
        return None if isinstance(shape, str) else self.columns.held(shape, moment)

    def _is_worth(self, held: Held, *, is_narrow: bool) -> bool:
        assert self.columns is not None
        return self.columns.is_worth(held, is_narrow=is_narrow)

    def _from_columns(self, held: Held, asking: _Asking, deadline: float, *, is_narrow: bool) -> Answer | None:
        """Return the answer from columns, None where reading object by object is better."""
        gate = self._gates.light if held.is_ready else self._gates.heavy
        with gate(deadline):
            return self._looked_up(held, asking, deadline, is_narrow=is_narrow)

    def _looked_up(self, held: Held, asking: _Asking, deadline: float, *, is_narrow: bool) -> Answer | None:
        cache = self.columns
        plan, moment = asking.plan, asking.moment
        assert cache is not None
        # Who asks for little does not wait until everything is there.
        slice_seconds = _SLICE_SECONDS if is_narrow else None
        with self._database.client.start_session(snapshot=True) as session:
            run = Run(self._database, session, self._blobs, self._names, deadline)
            try:
                begun = time.monotonic()
                found = cache.current(held, run, session, moment=moment, slice_seconds=slice_seconds)
            except Unfit:
                return None
            if found is None:
                return None
            table, values = found
            asking.did("bring columns up to date", begun, count=table.rows)
            columns = Columns(
                table=table,
                values=values,
                ehrs=cache.ehrs,
                places_of_ehrs=cache.places_of_ehrs,
                closed=run.closed_ehrs(),
                hidden_templates=hidden_templates(asking.access, QueryLayout(self._database, session)),
                whole=held.shape.whole,
            )
            asked = Asked(
                access=asking.access,
                moment=moment,
                leaves_out_other_subjects=asking.leaves_out,
                max_rows=asking.max_rows,
                check_time=run.check_time,
                reread=lambda objects: cache.reread(held, objects, run, session, moment=moment),
            )
            begun = time.monotonic()
            made = answer(plan, columns, asked)
            asking.did("condition, order and page over columns", begun, count=len(made.rows))
            return made

    def _one_by_one(self, held: Held | None, asking: _Asking, deadline: float) -> Answer:
        """Return the answer from the objects themselves."""
        plan = asking.plan
        evaluation = Evaluation(
            plan,
            self._catalog,
            moment=asking.moment,
            leaves_out_other_subjects=asking.leaves_out,
            max_rows=asking.max_rows,
            check_time=lambda: run.check_time(),
        )
        begun = time.monotonic()
        try:
            with self._database.client.start_session(snapshot=True) as session:
                run = Run(self._database, session, self._blobs, self._names, deadline)
                program = compile_plan(plan, QueryLayout(self._database, session), access=asking.access)
                count = 0
                for unit in run.units(program) if evaluation.wants_more else ():
                    count += 1
                    if not evaluation.feed(unit):
                        break
                asking.did(
                    "read and evaluate " + ("objects" if plan.mode is Mode.STREAM else "EHRs"), begun, count=count
                )
                ended = time.monotonic()
                made = evaluation.finish()
                asking.did("order and page", ended, count=len(made.rows))
                return made
        finally:
            if held is not None:
                held.spent += time.monotonic() - begun

    def _has_narrow_leaf(self, plan: Plan) -> bool:
        """Tell whether a condition on a value leaves few objects to read."""
        if len(plan.sources) != 1 or not plan.sources[0].leaves:
            return False
        with self._database.client.start_session(snapshot=True) as session:
            return leaf_filter(plan.sources[0].leaves, QueryLayout(self._database, session)) is not None

    def program(self, plan: Plan, *, access: AccessFilter) -> Program:
        """Return what would be executed for a plan, for EXPLAIN."""
        with store_failures(), self._database.client.start_session(snapshot=True) as session:
            return compile_plan(plan, QueryLayout(self._database, session), access=access)

    def timed(self, plan: Plan, *, access: AccessFilter, moment: Moment) -> tuple[Answer, list[str]]:
        """Return the answer to a plan and what was done for it, line by line."""
        steps: list[Step] = []
        answer = self.run(plan, access=access, moment=moment, steps=steps)
        return answer, [f"step: {step}" for step in steps]

    def way(self, plan: Plan, moment: Moment) -> list[str]:
        """Return how a plan would be answered now and why, with what is thought to be stored, for EXPLAIN."""
        lines = [self._way(plan, moment)]
        with store_failures(), self._database.client.start_session(snapshot=True) as session:
            layout = QueryLayout(self._database, session)
            for name in sorted({name for source in plan.sources for name in archetypes_of(source.needs)}):
                lines.append(f"stored: about {layout.count(name)} of {name}")
        return lines

    def _way(self, plan: Plan, moment: Moment) -> str:
        if plan.ehrs.ids is not None:
            return "way: object by object, since EHRs are named"
        if self.columns is None:
            return "way: object by object, since there is no column cache"
        shape = shape_of(plan, self._catalog)
        if isinstance(shape, str):
            return f"way: object by object, since {shape}"
        held = self.columns.held(shape, moment)
        if held.refused is not None:
            return f"way: object by object, since {held.refused}"
        if held.table is not None and held.is_ready:
            return f"way: columns of {held.table.rows} rows of {len(held.table.keys)} objects, {held.nbytes} bytes"
        is_narrow = plan.can_stop_early or self._has_narrow_leaf(plan)
        if not self._is_worth(held, is_narrow=is_narrow):
            return "way: object by object, since few are read; asked often, columns are filled"
        return "way: columns, which are filled first"


@contextmanager
def _snapshot_kept() -> Iterator[None]:
    """Turn the loss of a snapshot that took too long into an error that says what to do."""
    try:
        yield
    except OperationFailure as error:
        if error.code in _SNAPSHOT_GONE:
            raise StoreUnavailable("The snapshot of the query should still be there; try again.") from None
        raise
