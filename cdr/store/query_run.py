"""One run of a compiled query: finds candidates and reads what the plan needs of them, unit by unit.

All reads of one run see one snapshot of the database. A run ends with `TimedOut` at its deadline, wherever it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from aql.mongo.compiler import Collection, Find, Program, SourceQuery
from aql.mongo.contains import meets
from aql.objects import EhrHandle, StoredObject, Unit
from aql.plan import EhrTerm, Mode, Need, Plan
from cdr.errors import TimedOut
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.ids import StoredId, unpack_id
from cdr.store.layout import EHR, IX, IX_DRAFT, IX_HIST, VERSION, VO, version_uid
from cdr.store.query_layout import ArchetypeNames
from cdr.store.query_nodes import ehr_node, version_node
from cdr.store.query_one_ehr import ehr_of, read_one

_COLLECTIONS = {
    Collection.CURRENT: IX,
    Collection.DRAFT: IX_DRAFT,
    Collection.SUPERSEDED: IX_HIST,
    Collection.HEAD: VO,
    Collection.VERSION: VERSION,
}
_FIELDS = {"vo": 1, "u": 1, "uid": 1, "k": 1, "e": 1, "n": 1}
_FIELDS_WITH_ARCHETYPES = {**_FIELDS, "a": 1}
_FIRST_BATCH = 100
_CHECKS = 8
_BATCH = 500
_PART_KINDS = {
    "ehr_status": "EHR_STATUS",
    "directory": "FOLDER",
    "folders": "FOLDER",
    "compositions": "COMPOSITION",
    "ehr_access": "EHR_ACCESS",
}
_MANY_PARTS = frozenset({"folders", "compositions"})


@dataclass(frozen=True, slots=True)
class Header:
    """A candidate before anything of it is read."""

    uid: str
    object_id: str
    kind: str
    ehr: StoredId | None
    number: int


class Run:
    """One run: a session, a deadline, and what was read so far."""

    def __init__(
        self,
        database: Database[Document],
        session: ClientSession,
        blobs: Blobs,
        names: ArchetypeNames,
        deadline: float,
    ) -> None:
        self._database = database
        self._session = session
        self._blobs = blobs
        self._names = names
        self._deadline = deadline
        self._ehrs: dict[StoredId, EhrHandle] = {}
        self._checks = 0

    def units(self, program: Program) -> Iterator[Unit]:
        """Give the units of a program in a stable order."""
        ehr = ehr_of(program)
        if ehr is not None:
            return self._objects_of_one(program, ehr)
        closed = self.closed_ehrs(program)
        if program.plan.mode is Mode.STREAM:
            return self._objects_one_by_one(program, closed)
        return self._ehrs_one_by_one(program, closed)

    # Object by object ------------------------------------------------------------------------------------------------

    def _objects_one_by_one(self, program: Program, closed: frozenset[StoredId]) -> Iterator[Unit]:
        source = program.sources[0]
        in_ehr = isinstance(program.plan.term, EhrTerm)
        for headers in self._batches(self._headers(source, program.plan, closed)):
            if in_ehr:
                self._read_ehrs(program, [header.ehr for header in headers if header.ehr is not None])
            for header, held in zip(headers, self.objects(headers, source), strict=True):
                self.check_time()
                ehr = self._ehrs.get(header.ehr) if header.ehr is not None else None
                yield Unit(ehr if in_ehr else None, ((held,),))

    def _objects_of_one(self, program: Program, ehr: StoredId) -> Iterator[Unit]:
        """Give the objects of one EHR, most of them from one look into the database."""
        source = program.sources[0]
        read = read_one(
            self._database,
            self._session,
            program,
            ehr,
            fields=_FIELDS if source.need is None else _FIELDS_WITH_ARCHETYPES,
            milliseconds=self.milliseconds(),
        )
        if read.is_closed:
            return
        headers = [
            self._header(document, Collection.CURRENT)
            for document in read.headers
            if self._is_met(document, source.need)
        ]
        headers.sort(key=lambda header: header.object_id)
        in_ehr = isinstance(program.plan.term, EhrTerm)
        if in_ehr:
            self._read_ehrs(program, [ehr])
        handle = self._ehrs.get(ehr) if in_ehr else None
        for batch in self._batches(iter(headers)):
            absent = [header for header in batch if header.uid not in read.contents] if source.needs_content else []
            others = {held.uid: held for held in self.objects(absent, source)} if absent else {}
            for header in batch:
                self.check_time()
                held = others.get(header.uid) or self._object(
                    header, read.contents.get(header.uid), needs_content=source.needs_content
                )
                yield Unit(handle, ((held,),))

    def _is_met(self, document: Document, need: Need | None) -> bool:
        return need is None or meets(need, self._names.of(document.get("a", ()), self._session))

    @staticmethod
    def _header(document: Document, collection: Collection) -> Header:
        object_id = unpack_id(document["_id"] if collection is Collection.HEAD else document["vo"])
        if collection is Collection.VERSION:
            uid = document["_id"]
        elif collection is Collection.HEAD:
            uid = document["uid"]
        else:
            uid = version_uid(document)
        return Header(uid, object_id, document["k"], document.get("e"), document["n"])

    def _headers(
        self,
        source: SourceQuery,
        plan: Plan,
        closed: frozenset[StoredId],
        *,
        among: Sequence[StoredId] | None = None,
    ) -> Iterator[Header]:
        """Give the candidates of a source by object, oldest version first."""
        drafted = self._drafted(source)
        is_sorted = plan.can_stop_early and len(source.finds) == 1
        finds = [
            self._find(find, closed, drafted, among=among, is_sorted=is_sorted, need=source.need)
            for find in source.finds
        ]
        if is_sorted:
            yield from finds[0]
            return
        merged = [header for found in finds for header in found]
        merged.sort(key=lambda header: (header.object_id, header.number))
        yield from merged

    def _find(
        self,
        find: Find,
        closed: frozenset[StoredId],
        drafted: frozenset[StoredId],
        *,
        among: Sequence[StoredId] | None,
        is_sorted: bool,
        need: Need | None,
    ) -> Iterator[Header]:
        conditions: list[Document] = [find.filter]
        if among is not None:
            conditions.append({"e": {"$in": list(among)}})
        if find.is_undrafted and drafted:
            conditions.append({"_id": {"$nin": sorted(drafted, key=str)}})
        by_object = find.collection in (Collection.VERSION, Collection.SUPERSEDED)
        # A sort in the database could only use memory there; it pays where a page is filled early.
        order = ([("vo", 1), ("n", 1)] if by_object else [("_id", 1)]) if is_sorted else None
        cursor = self._database[_COLLECTIONS[find.collection]].find(
            conditions[0] if len(conditions) == 1 else {"$and": conditions},
            _FIELDS if need is None else _FIELDS_WITH_ARCHETYPES,
            sort=order,
            session=self._session,
            max_time_ms=self.milliseconds(),
            allow_disk_use=True,
        )
        for document in cursor:
            ehr = document.get("e")
            if ehr is not None and ehr in closed:
                continue
            if self._is_met(document, need):
                yield self._header(document, find.collection)

    def _drafted(self, source: SourceQuery) -> frozenset[StoredId]:
        """Return the objects that have a draft newer than their complete version, where that matters."""
        for find in source.finds:
            if find.is_undrafted:
                draft = self._database[IX_DRAFT].find(
                    {key: value for key, value in find.filter.items() if key in ("e", "k")},
                    {"_id": 1},
                    session=self._session,
                    max_time_ms=self.milliseconds(),
                )
                return frozenset(document["_id"] for document in draft)
        return frozenset()

    def _batches(self, headers: Iterator[Header]) -> Iterator[list[Header]]:
        batch: list[Header] = []
        size = _FIRST_BATCH
        for header in headers:
            batch.append(header)
            if len(batch) == size:
                yield batch
                batch, size = [], _BATCH
        if batch:
            yield batch

    def objects(self, headers: Sequence[Header], source: SourceQuery) -> list[StoredObject]:
        """Return the objects of headers, with the content and version metadata that the plan needs."""
        documents: dict[str, Document] = {}
        if source.needs_content or source.needs_version:
            fields = {"z": 1, "zd": 1} if not source.needs_version else None if source.needs_content else {"z": 0}
            cursor = self._database[VERSION].find(
                {"_id": {"$in": [header.uid for header in headers]}},
                fields,
                session=self._session,
                max_time_ms=self.milliseconds(),
                batch_size=len(headers) + 1,
            )
            documents = {document["_id"]: document for document in cursor}
        return [
            self._object(header, documents.get(header.uid), needs_content=source.needs_content) for header in headers
        ]

    def _object(self, header: Header, document: Document | None, *, needs_content: bool) -> StoredObject:
        def read() -> bytes | None:
            packed = None if document is None else document.get("z")
            return None if packed is None or document is None else self._blobs.unpack(document["zd"], packed)

        def describe() -> dict[str, Any]:  # canonical JSON
            assert document is not None, "the plan asked for versions"
            return version_node(document)

        return StoredObject(
            kind=header.kind,
            object_id=header.object_id,
            uid=header.uid,
            ehr_id=None if header.ehr is None else unpack_id(header.ehr),
            read=read if needs_content else None,
            describe=describe,
        )

    # EHR by EHR ------------------------------------------------------------------------------------------------------

    def _ehrs_one_by_one(self, program: Program, closed: frozenset[StoredId]) -> Iterator[Unit]:
        for ids in self._ehr_batches(program, closed):
            self._ehrs.clear()
            self._read_ehrs(program, ids)
            grouped: list[dict[StoredId, list[StoredObject]]] = []
            for source in program.sources:
                group: dict[StoredId, list[StoredObject]] = {}
                headers = list(self._headers(source, program.plan, closed, among=ids))
                for start in range(0, len(headers), _BATCH):
                    part = headers[start : start + _BATCH]
                    for header, held in zip(part, self.objects(part, source), strict=True):
                        if header.ehr is not None:
                            group.setdefault(header.ehr, []).append(held)
                grouped.append(group)
            for ehr_id in ids:
                self.check_time()
                ehr = self._ehrs.get(ehr_id)
                if ehr is not None:
                    yield Unit(ehr, tuple(group.get(ehr_id, ()) for group in grouped))

    def _ehr_batches(self, program: Program, closed: frozenset[StoredId]) -> Iterator[list[StoredId]]:
        """Give the ids of the EHRs that can have rows, in order, some at a time."""
        required = program.ehrs.required
        ids: list[StoredId] = []
        if required is not None:
            found: set[StoredId] = set()
            for find in program.sources[required].finds:
                found |= set(
                    self._database[_COLLECTIONS[find.collection]].distinct(
                        "e", find.filter, session=self._session, maxTimeMS=self.milliseconds()
                    )
                )
            ids = sorted((each for each in found if each not in closed), key=unpack_id)
        else:
            cursor = self._database[EHR].find(
                program.ehrs.filter,
                {"_id": 1},
                sort=[("_id", 1)],
                session=self._session,
                max_time_ms=self.milliseconds(),
            )
            ids = [document["_id"] for document in cursor if document["_id"] not in closed]
        for start in range(0, len(ids), _BATCH):
            yield ids[start : start + _BATCH]

    # EHRs ------------------------------------------------------------------------------------------------------------

    def closed_ehrs(self, program: Program | None = None) -> frozenset[StoredId]:
        """Return the EHRs that queries must leave out: those that are not queryable."""
        closed: Document = {"que": False}
        if program is not None and program.ehrs.ids is not None:
            closed = {"$and": [program.ehrs.filter, closed]}
        cursor = self._database[EHR].find(closed, {"_id": 1}, session=self._session, max_time_ms=self.milliseconds())
        return frozenset(document["_id"] for document in cursor)

    def _read_ehrs(self, program: Program, ids: Sequence[StoredId]) -> None:
        """Read the EHRs of a batch, with the parts that the query goes into."""
        wanted = [each for each in dict.fromkeys(ids) if each not in self._ehrs]
        if not wanted:
            return
        if not program.ehrs.needs_record:
            for each in wanted:
                ehr_id = unpack_id(each)
                node = {"_type": "EHR", "ehr_id": {"_type": "HIER_OBJECT_ID", "value": ehr_id}}
                self._ehrs[each] = EhrHandle(ehr_id, node)
            return
        cursor = self._database[EHR].find(
            {"_id": {"$in": wanted}}, session=self._session, max_time_ms=self.milliseconds()
        )
        for document in cursor:
            self._ehrs[document["_id"]] = EhrHandle(unpack_id(document["_id"]), ehr_node(document))
        for part in sorted(program.ehrs.parts & _PART_KINDS.keys()):
            self._read_part(part, wanted, program)

    def _read_part(self, part: str, ids: Sequence[StoredId], program: Program) -> None:
        wanted = {**program.part_filter, "k": _PART_KINDS[part]}
        source = SourceQuery(-1, (Find(Collection.CURRENT, wanted),), needs_content=True, needs_version=False)
        headers = list(self._headers(source, program.plan, frozenset(), among=ids))
        for header, held in zip(headers, self.objects(headers, source), strict=True):
            ehr = self._ehrs.get(header.ehr) if header.ehr is not None else None
            if ehr is None:
                continue
            if part in _MANY_PARTS:
                ehr.root.setdefault(part, []).append(held.root)
            else:
                ehr.root[part] = held.root

    def archetypes(self, numbers: Sequence[int]) -> list[str]:
        """Return the archetype ids behind numbers."""
        return self._names.of(numbers, self._session)

    def milliseconds(self) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimedOut("The query should be answered within its time limit.")
        return max(1, int(left * 1000))

    def check_time(self) -> None:
        """Raise `TimedOut` after the deadline; called for each object, it also lets other threads come in."""
        self._checks += 1
        if not self._checks % _CHECKS:
            # Long Python work would give way only at the interpreter's interval, for each step of a commit anew.
            time.sleep(0)
        check_deadline(self._deadline)


def check_deadline(deadline: float) -> None:
    """Raise `TimedOut` after a moment of the monotonic clock."""
    if time.monotonic() > deadline:
        raise TimedOut("The query should be answered within its time limit.")
