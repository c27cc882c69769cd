"""From objects to rows of columns: candidates of a shape are read and evaluated as any query would, without WHERE."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pymongo.client_session import ClientSession
from pymongo.database import Database

from aql.catalog import RmCatalog
from aql.errors import AqlTooExpensive
from aql.evaluate import Evaluation
from aql.evaluate_columns import Kept
from aql.evaluate_conditions import WorkingRow
from aql.functions import Moment
from aql.mongo.compiler import SourceQuery
from aql.mongo.contains import Filter, meets
from aql.objects import EhrHandle, Unit, Value
from aql.plan import EhrTerm, Plan
from cdr.store.client import Document
from cdr.store.columns_shape import Shape
from cdr.store.columns_table import NO_EHR, NO_TEMPLATE, Block
from cdr.store.columns_values import NULL, WHOLE, Unfit, Values
from cdr.store.ids import StoredId, unpack_id
from cdr.store.layout import IX, version_uid
from cdr.store.query_run import Header, Run

_BATCH = 500
_ROWS_OF_ONE = 100_000
"""Rows that one object may give before columns are given up."""

_FIELDS = {"vo": 1, "u": 1, "k": 1, "e": 1, "n": 1, "tp": 1}

Number = Callable[[str], int]
"""From an EHR id to its place in the list of all."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that may have rows: its stored id and header, and the dictionary number of its template."""

    key: bytes
    header: Header
    template: int


class _Rows:
    """Collects the working rows of one object."""

    def __init__(self) -> None:
        self.rows: list[tuple[WorkingRow, bool]] = []

    @property
    def count(self) -> int:
        """Return how many rows are kept so far."""
        return len(self.rows)

    def take(self, row: WorkingRow, kept: Kept) -> None:
        """Keep a working row."""
        self.rows.append((row, kept.is_about_other))

    def finish(self) -> tuple[list[tuple[Value, ...]], list[Kept]]:
        """Return nothing: the rows are taken one object at a time."""
        return [], []


class ObjectRows:
    """Gives the working rows of objects for one shape, under the snapshot of one run."""

    def __init__(self, shape: Shape, run: Run, *, catalog: RmCatalog, moment: Moment) -> None:
        source = shape.plan.sources[0]
        self._shape = shape
        self._run = run
        self._source = SourceQuery(source.number, (), source.needs_content, source.needs_version)
        self._in_ehr = isinstance(shape.plan.term, EhrTerm)
        self._collected = _Rows()
        self._evaluation = Evaluation(shape.plan, catalog, moment=moment, max_rows=_ROWS_OF_ONE, select=self._collected)

    def each(self, candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, list[tuple[WorkingRow, bool]]]]:
        """Yield the candidates with their rows, each marked when it is about another subject. Errors: `Unfit`."""
        for start in range(0, len(candidates), _BATCH):
            part = candidates[start : start + _BATCH]
            headers = [each.header for each in part]
            for candidate, held in zip(part, self._run.objects(headers, self._source), strict=True):
                self._run.check_time()
                self._collected.rows = []
                try:
                    self._evaluation.feed(Unit(self._ehr(candidate.header.ehr), ((held,),)))
                except AqlTooExpensive:
                    raise Unfit("an object gives too many rows") from None
                yield candidate, self._collected.rows

    def add(self, candidates: Sequence[Candidate], block: Block, *, values: Sequence[Values], number: Number) -> None:
        """Add the rows of candidates to a block. Errors: `Unfit`."""
        whole = self._shape.whole
        stored = [
            (None if column in whole else kept.place, column, block.columns[column])
            for column, kept in enumerate(values)
        ]
        for candidate, rows in self.each(candidates):
            if not rows:
                continue
            ehr = candidate.header.ehr
            block.keys.append(candidate.key)
            block.ehrs.append(NO_EHR if ehr is None else number(unpack_id(ehr)))
            block.templates.append(candidate.template)
            block.sizes.append(len(rows))
            for row, is_other in rows:
                block.others.append(is_other)
                for place, column, places in stored:
                    value = row[column]
                    if place is None:
                        places.append(NULL if value is None else WHOLE)
                    else:
                        places.append(place(value))

    def _ehr(self, stored: StoredId | None) -> EhrHandle | None:
        if not self._in_ehr or stored is None:
            return None
        ehr_id = unpack_id(stored)
        return EhrHandle(ehr_id, {"_type": "EHR", "ehr_id": {"_type": "HIER_OBJECT_ID", "value": ehr_id}})


def candidates(
    database: Database[Document], session: ClientSession, found: Filter, *, milliseconds: int
) -> list[Candidate]:
    """Return what a filter on index documents finds, in the order of ids. Errors: `Unfit` for ids that are no UUIDs."""
    cursor = database[IX].find(found, _FIELDS, session=session, max_time_ms=milliseconds, batch_size=10_000)
    return sorted((_candidate(document) for document in cursor), key=lambda each: each.key)


def candidates_among(
    run: Run, plan: Plan, objects: Sequence[bytes], *, database: Database[Document], session: ClientSession
) -> list[Candidate]:
    """Return those of some objects that may have rows."""
    source = plan.sources[0]
    found: list[Candidate] = []
    for start in range(0, len(objects), _BATCH):
        part = list(objects[start : start + _BATCH])
        cursor = database[IX].find(
            {"_id": {"$in": part}, "k": {"$in": list(source.kinds)}},
            {**_FIELDS, "a": 1},
            session=session,
            max_time_ms=run.milliseconds(),
        )
        for document in cursor:
            if source.needs is None or meets(source.needs, run.archetypes(document.get("a", ()))):
                found.append(_candidate(document))
    return found


def _candidate(document: Document) -> Candidate:
    key = document["_id"]
    if not isinstance(key, bytes) or len(key) != 16:
        raise Unfit("an object has an id that is no UUID")
    header = Header(version_uid(document), unpack_id(key), document["k"], document.get("e"), document["n"])
    template = document.get("tp")
    return Candidate(key, header, NO_TEMPLATE if template is None else template)
