"""Runs compiled queries: finds candidates, reads what the plan needs of them, and feeds the evaluator.

All reads of one answer see one snapshot of the database. A run ends with `TimedOut` at its deadline, wherever it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from pymongo.database import Database
from pymongo.errors import OperationFailure

from aql.access import AccessFilter
from aql.catalog import RmCatalog
from aql.evaluate import Answer, Evaluation
from aql.functions import Moment
from aql.mongo.compiler import Program, compile_plan
from aql.plan import Plan
from cdr.errors import StoreUnavailable
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.query_layout import ArchetypeNames, QueryLayout
from cdr.store.query_run import Run

_SNAPSHOT_GONE = frozenset({239, 246})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What one run may use: seconds of time, and working rows kept before the page is cut."""

    seconds: float = 30.0
    rows: int = 1_000_000


class QueryRunner:
    """Runs the queries of one tenant; safe for several threads."""

    def __init__(
        self, database: Database[Document], *, blobs: Blobs, catalog: RmCatalog, limits: RunLimits | None = None
    ) -> None:
        self.limits = limits or RunLimits()
        self._database = database
        self._blobs = blobs
        self._catalog = catalog
        self._names = ArchetypeNames(database)

    def run(
        self,
        plan: Plan,
        *,
        access: AccessFilter,
        moment: Moment,
        limits: RunLimits | None = None,
        leaves_out_other_subjects: bool = False,
    ) -> Answer:
        """Return the answer to a plan, for a caller who may see what `access` allows.

        Errors: `TimedOut` at the deadline; AqlTooExpensive for too many rows; AqlIncomparable; `StoreUnavailable`.
        """
        limits = limits or self.limits
        evaluation = Evaluation(
            plan,
            self._catalog,
            moment=moment,
            leaves_out_other_subjects=leaves_out_other_subjects,
            max_rows=limits.rows,
        )
        deadline = time.monotonic() + limits.seconds
        with store_failures(), self._database.client.start_session(snapshot=True) as session:
            run = Run(self._database, session, self._blobs, self._names, deadline)
            try:
                program = compile_plan(plan, QueryLayout(self._database, session), access=access)
                for unit in run.units(program):
                    if not evaluation.feed(unit):
                        break
            except OperationFailure as error:
                if error.code in _SNAPSHOT_GONE:
                    raise StoreUnavailable("The snapshot of the query should still be there; try again.") from None
                raise
        return evaluation.finish()

    def program(self, plan: Plan, *, access: AccessFilter) -> Program:
        """Return what would be executed for a plan, for EXPLAIN."""
        with store_failures(), self._database.client.start_session(snapshot=True) as session:
            return compile_plan(plan, QueryLayout(self._database, session), access=access)
