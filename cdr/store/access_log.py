"""Who read and wrote what, in an append-only collection.

Shape: {_id, at, person, role, purpose, basis, action, resource, e: [ehr ids], detail}. An entry names the EHRs touched,
never what stood in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from pymongo import DESCENDING, WriteConcern
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from cdr.identity import Caller, Clock
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.ids import pack_id, unpack_id
from cdr.store.layout import ACCESS_LOG

# To wait for the journal would double the time of every read. What a crash of the database takes back within that tenth
# of a second are reads whose answers hardly anybody got; a commit says in its own audit who made it.
_QUICK = WriteConcern(w=1, j=False)
# An entry with more EHRs than this is written as several, so that none outgrows a document.
_EHRS_PER_ENTRY = 10_000
_DUPLICATE = 11000


class MongoAccessLog:
    """The `AccessLog` of one tenant."""

    def __init__(self, database: Database[Document], *, clock: Clock) -> None:
        self._entries = database.get_collection(ACCESS_LOG, write_concern=_QUICK, read_concern=ReadConcern("local"))
        self._clock = clock

    def record(self, caller: Caller, *, action: str, resource: str, ehr_ids: Sequence[str], detail: str = "") -> None:
        """Note one access; the database has it when this returns, and journals it within a tenth of a second."""
        self.write(self.noted(caller, action=action, resource=resource, ehr_ids=ehr_ids, detail=detail))

    def noted(
        self, caller: Caller, *, action: str, resource: str, ehr_ids: Sequence[str], detail: str = ""
    ) -> list[Document]:
        """Return the entries that an access of this moment makes; nothing is written."""
        packed = [pack_id(ehr_id) for ehr_id in ehr_ids]
        entry = {
            "at": self._clock.now(),
            "person": caller.person,
            "role": caller.role,
            "purpose": caller.purpose,
            "basis": caller.basis,
            "action": action,
            "resource": resource,
            "detail": detail,
        }
        parts = [packed[start : start + _EHRS_PER_ENTRY] for start in range(0, len(packed), _EHRS_PER_ENTRY)] or [[]]
        return [{**entry, "e": part} for part in parts]

    def write(self, entries: Sequence[Document]) -> None:
        """Write entries that `noted` made; `StoreUnavailable` when the database cannot take them.

        After a failure they may be given once more: what did get through is not written twice.
        """
        with store_failures():
            try:
                if len(entries) == 1:
                    self._entries.insert_one(entries[0])
                elif entries:
                    self._entries.insert_many(entries, ordered=False)
            except DuplicateKeyError:
                return
            except BulkWriteError as error:
                if any(failure["code"] != _DUPLICATE for failure in error.details["writeErrors"]):
                    raise

    def entries(self, *, ehr_id: str | None = None, limit: int = 100) -> Iterator[Mapping[str, object]]:
        """Return the newest entries first, of one EHR or of all.

        Shape: {at, person, role, purpose, basis, action, resource, ehr_ids, detail}.
        """
        found = {} if ehr_id is None else {"e": pack_id(ehr_id)}
        with store_failures():
            cursor = self._entries.find(found, {"_id": 0}).sort([("at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
            for document in cursor:
                ehrs = document.pop("e")
                document["at"] = document["at"].replace(tzinfo=UTC)
                yield {**document, "ehr_ids": [unpack_id(one) for one in ehrs]}
