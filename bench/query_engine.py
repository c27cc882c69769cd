"""Queries inside one process: from AQL text to rows, without HTTP and without the entry in the access log."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aql.objects import RawJson
from bench.query_database import CALLER, SYSTEM
from bench.query_kinds import KINDS, Kind
from bench.query_records import ehr_id
from cdr.identity import Caller
from cdr.rm.catalog import CATALOG
from cdr.services.context import Context
from cdr.services.query import QueryService
from cdr.store.layout import COLUMNS
from cdr.store.runner import QueryRunner, RunLimits
from cdr.store.tenant import TenantStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured of one kind of query: milliseconds of wall clock, and of processor time of this process."""

    kind: Kind
    rows: int
    cold: float
    middle: float
    high: float
    processor: float

    @property
    def is_met(self) -> bool:
        """Tell whether the target is met; no target counts as met."""
        return self.kind.target is None or self.middle <= self.kind.target


class _Unlogged:
    """An access log for measuring queries alone."""

    def record(self, caller: Caller, *, action: str, resource: str, ehr_ids: Sequence[str], detail: str = "") -> None:
        """Note nothing."""

    def entries(self, *, ehr_id: str | None = None, limit: int = 100) -> Iterator[dict[str, object]]:
        """Give nothing."""
        return iter(())


def engine(store: TenantStore) -> tuple[QueryService, QueryRunner]:
    """Return the query service over a store, as a server makes it, and its runner."""
    context = Context(
        versions=store.versions,
        compositions=store.compositions,
        templates=store.templates,
        archetypes=store.archetypes,
        queries=store.queries,
        access_log=_Unlogged(),
        system_id=SYSTEM,
    )
    limits = RunLimits(seconds=600)
    runner = QueryRunner(store.database, blobs=store.versions.blobs, catalog=CATALOG, limits=limits)
    return QueryService(context, runner), runner


def measure(store: TenantStore, *, ehrs: int, times: int, say: Callable[[str], None]) -> tuple[list[Figures], str]:
    """Return the figures of all kinds, and a line about memory."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    # What earlier runs saved is not part of a first question.
    store.database[COLUMNS].delete_many({})
    service, runner = engine(store)
    before = _memory()
    figures = []
    for kind in KINDS:
        say(f"engine: {kind.name}")
        figures.append(_one(service, kind, ehrs=ehrs, times=times if kind.is_single else max(10, times // 6)))
    cache = runner.columns.nbytes if runner.columns is not None else 0
    line = (
        f"Columns of all these queries: {cache / 1e6:.0f} MB; process {before:.0f} MB before, "
        f"{_memory():.0f} MB at most."
    )
    return figures, line


def _one(service: QueryService, kind: Kind, *, ehrs: int, times: int) -> Figures:
    def ask(number: int) -> int:
        parameters = {"ehr": ehr_id(number * 7919 % ehrs + 1)} if kind.is_single else {}
        rows = service.run(CALLER, kind.text, parameters=parameters).rows
        # A row is only there when its text is.
        return sum(1 for row in rows if not isinstance(row[0], RawJson) or row[0].text)

    begun = time.perf_counter()
    rows = ask(0)
    cold = time.perf_counter() - begun
    for number in range(1, times + 1) if kind.is_single else ():
        # Warm means that the database has the pages of these EHRs in memory, not only this process its plans.
        ask(number)
    spent, used = [], []
    for number in range(1, times + 1):
        begun, processor = time.perf_counter(), time.process_time()
        rows = max(rows, ask(number))
        used.append(time.process_time() - processor)
        spent.append(time.perf_counter() - begun)
    ordered = sorted(spent)
    return Figures(
        kind=kind,
        rows=rows,
        cold=cold * 1e3,
        middle=statistics.median(ordered) * 1e3,
        high=ordered[int(len(ordered) * 0.95)] * 1e3,
        processor=statistics.fmean(used) * 1e3,
    )


def _memory() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
