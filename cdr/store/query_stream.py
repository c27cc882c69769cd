"""Streams the rows of a plan: a batch at a time, in the order of the objects, from one snapshot of the database.

    plan, place to begin after -> candidates in order -> units -> batches of rows, each with the place it ends at

A batch ends where an object (or an EHR, where rows are built EHR by EHR) ends. So a place is the id of the last one
that was given whole: beginning after it later meets every object that was there all the time exactly once, whatever
others write. Memory: one batch, the ids of what is still to be read, and a bounded number of EHRs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace

from pymongo.database import Database
from pymongo.errors import OperationFailure

from aql.catalog import RmCatalog
from aql.evaluate import Evaluation
from aql.evaluate_stream import PassingRows, StreamedRows, Wanted, streamed
from aql.mongo.compiler import Collection, Find, Program, SourceQuery, compile_plan
from aql.objects import Unit
from aql.plan import Mode, Plan
from cdr.errors import StoreUnavailable
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.ids import StoredId, pack_id, unpack_id
from cdr.store.query_gates import Gates
from cdr.store.query_layout import ArchetypeNames, QueryLayout
from cdr.store.query_run import Header, Run

BATCH_BYTES = 1024 * 1024
_MOST_EHRS = 20_000
_TURN_SECONDS = 0.25
_SNAPSHOT_GONE = frozenset({239, 246})


class RowStreams:
    """The streamed answers of one tenant; safe for several threads."""

    def __init__(
        self,
        database: Database[Document],
        *,
        blobs: Blobs,
        catalog: RmCatalog,
        seconds: float = 240.0,
        gates: Gates | None = None,
    ) -> None:
        """`seconds` is how long a stream may take; the database keeps what a snapshot sees for five minutes."""
        self.seconds = seconds
        self._gates = gates or Gates()
        self._database = database
        self._blobs = blobs
        self._catalog = catalog
        self._names = ArchetypeNames(database)

    def rows(self, wanted: Wanted) -> Iterator[StreamedRows]:
        """Give the rows of a plan that `aql.evaluate_stream.can_stream`; only the last batch may be empty.

        Errors, at any batch: `TimedOut` at the deadline, AqlTooExpensive, `StoreUnavailable`. Closing the iterator ends
        the run.
        """
        plan = streamed(wanted.plan)
        rows = PassingRows(plan, wanted.moment)
        deadline = time.monotonic() + self.seconds
        evaluation = Evaluation(
            plan,
            self._catalog,
            moment=wanted.moment,
            leaves_out_other_subjects=wanted.leaves_out_other_subjects,
            select=rows,
            check_time=lambda: run.check_time(),
        )
        turns = _Turns(self._gates, deadline, has_gate=plan.ehrs.ids is None)
        with (
            store_failures(),
            snapshot_kept(),
            self._database.client.start_session(snapshot=True) as session,
            closing(turns),
        ):
            turns.begin()
            run = _OrderedRun(self._database, session, self._blobs, self._names, deadline)
            run.after = wanted.after
            program = compile_plan(plan, QueryLayout(self._database, session), access=wanted.access)
            last = wanted.after
            for unit in run.units(_beginning_after(program, wanted.after)):
                here = _id_of(unit, plan)
                if here != last and (rows.count >= wanted.batch_rows or rows.bytes >= BATCH_BYTES):
                    turns.close()
                    yield StreamedRows(*rows.finish(), after=last)
                    turns.begin()
                turns.give_way()
                last = here
                evaluation.feed(unit)
                # The run holds the objects of its whole batch, the rows hold what they show.
                for objects in unit.objects:
                    for each in objects:
                        each.forget()
            turns.close()
            rest, kept = rows.finish()
            yield StreamedRows(rest, kept, after=None, left_out=evaluation.finish().other_subjects)


@contextmanager
def snapshot_kept() -> Iterator[None]:
    """Turn the loss of a snapshot that took too long into an error that says what to do."""
    try:
        yield
    except OperationFailure as error:
        if error.code in _SNAPSHOT_GONE:
            raise StoreUnavailable("The snapshot of the query should still be there; try again.") from None
        raise


class _Turns:
    """A stream's turns among what takes long: it has one while it makes a batch, and never while a client reads."""

    def __init__(self, gates: Gates, deadline: float, *, has_gate: bool) -> None:
        self._gates, self._deadline, self._has_gate = gates, deadline, has_gate
        self._turn: AbstractContextManager[None] | None = None
        self._since = 0.0

    def begin(self) -> None:
        """Wait for a turn. Errors: `TimedOut`."""
        if self._has_gate:
            turn = self._gates.heavy(self._deadline)
            turn.__enter__()
            self._turn, self._since = turn, time.monotonic()

    def give_way(self) -> None:
        """Let another one come in when the turn has been long."""
        if self._turn is not None and time.monotonic() - self._since > _TURN_SECONDS:
            self.close()
            # Who waits wakes up only when this thread stops for a moment.
            time.sleep(0.001)
            self.begin()

    def close(self) -> None:
        """End the turn, if there is one."""
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.__exit__(None, None, None)


class _OrderedRun(Run):
    """A run that begins after a place and does not keep every EHR that it met."""

    after: str | None = None

    def _headers(
        self,
        source: SourceQuery,
        plan: Plan,
        closed: frozenset[StoredId],
        *,
        among: Sequence[StoredId] | None = None,
    ) -> Iterator[Header]:
        found = super()._headers(source, plan, closed, among=among)
        if self.after is None or plan.mode is not Mode.STREAM or len(source.finds) == 1:
            # A single find has the place in its filter.
            return found
        return (header for header in found if header.object_id > str(self.after))

    def _ehr_batches(self, program: Program, closed: frozenset[StoredId]) -> Iterator[list[StoredId]]:
        after = None if self.after is None else _in_order(pack_id(self.after), program)
        for ids in super()._ehr_batches(program, closed):
            rest = [each for each in ids if after is None or _in_order(each, program) > after]
            if rest:
                yield rest

    def _read_ehrs(self, program: Program, ids: Sequence[StoredId]) -> None:
        if len(self._ehrs) > _MOST_EHRS:
            self._ehrs.clear()
        super()._read_ehrs(program, ids)


def _in_order(ehr: StoredId, program: Program) -> tuple[bool, str]:
    """Return what EHRs are sorted by: as the database sorts ids, or as texts where a source says which there are."""
    return (program.ehrs.required is None and isinstance(ehr, bytes), unpack_id(ehr))


def _beginning_after(program: Program, after: str | None) -> Program:
    """Put the place to begin after into the one filter that finds the objects."""
    if after is None or program.plan.mode is not Mode.STREAM:
        return program
    first, *rest = program.sources
    if len(first.finds) != 1:
        return program
    (find,) = first.finds
    return replace(program, sources=(replace(first, finds=(_after(find, pack_id(after)),)), *rest))


def _after(find: Find, stored: StoredId) -> Find:
    key = "vo" if find.collection in (Collection.VERSION, Collection.SUPERSEDED) else "_id"
    behind: Document = {key: {"$gt": stored}}
    if isinstance(stored, str):
        # Texts come before bytes, and a comparison in the database looks at one type only.
        behind = {"$or": [behind, {key: {"$type": "binData"}}]}
    return replace(find, filter={"$and": [find.filter, behind]})


def _id_of(unit: Unit, plan: Plan) -> str:
    if plan.mode is Mode.STREAM or unit.ehr is None:
        return unit.objects[0][0].object_id
    return unit.ehr.ehr_id
