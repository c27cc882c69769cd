"""Who read and wrote what, in an append-only collection.

Shape: {_id, at, person, role, purpose, basis, action, resource, e: [ehr ids], detail}; where there are many, `w` holds
the ids of 16 bytes joined and `wide` is true. An entry names the EHRs touched, never what stood in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from itertools import islice

from pymongo import DESCENDING, WriteConcern
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from cdr.identity import Caller, Clock
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.ids import StoredId, pack_id, unpack_id
from cdr.store.layout import ACCESS_LOG

# To wait for the journal would double the time of every read. What a crash of the database takes back within that tenth
# of a second are reads whose answers hardly anybody got; a commit says in its own audit who made it.
_QUICK = WriteConcern(w=1, j=False)
# An entry with more EHRs than this is written as several, so that none outgrows a document.
_EHRS_PER_ENTRY = 10_000
_DUPLICATE = 11000
# More EHRs than this stand joined in one field, which no index takes apart: an index key for each of ten thousand
# would cost the database more than the query did.
_FEW = 200
_WIDTH = 16
_JOINED_BYTES = _WIDTH * 500_000


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
        packed, joined = _packed(ehr_ids)
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
        entries = [{**entry, "e": part} for part in parts if part or not joined]
        for start in range(0, len(joined), _JOINED_BYTES):
            entries.append({**entry, "e": [], "wide": True, "w": joined[start : start + _JOINED_BYTES]})
        return entries

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
        one = None if ehr_id is None else pack_id(ehr_id)
        found = {} if one is None else {"$or": [{"e": one}, {"wide": True}]}
        with store_failures():
            cursor = self._entries.find(found, {"_id": 0}).sort([("at", DESCENDING), ("_id", DESCENDING)])
            for document in islice((each for each in cursor if _names(each, one)), limit):
                ehrs = [*document.pop("e"), *_parts(document.pop("w", b""))]
                document.pop("wide", None)
                document["at"] = document["at"].replace(tzinfo=UTC)
                yield {**document, "ehr_ids": [unpack_id(each) for each in ehrs]}


def _packed(ehr_ids: Sequence[str]) -> tuple[list[StoredId], bytes]:
    """Return EHR ids one by one, or, where there are many, those in canonical form joined and only the others alone."""
    if len(ehr_ids) <= _FEW:
        return [pack_id(ehr_id) for ehr_id in ehr_ids], b""
    quick = _joined(ehr_ids)
    if quick is not None:
        return [], quick
    stored = [pack_id(ehr_id) for ehr_id in ehr_ids]
    others: list[StoredId] = [each for each in stored if isinstance(each, str)]
    return others, b"".join(each for each in stored if isinstance(each, bytes))


def _joined(ehr_ids: Sequence[str]) -> bytes | None:
    """Return ids in canonical form as bytes, all at once; None when one has another form."""
    text = "".join(ehr_ids)
    dashes = "-" * len(ehr_ids)
    if len(text) != 36 * len(ehr_ids) or any(text[place::36] != dashes for place in (8, 13, 18, 23)):
        return None
    digits = text.replace("-", "")
    try:
        joined = bytes.fromhex(digits)
    except ValueError:
        return None
    is_canonical = len(joined) == _WIDTH * len(ehr_ids) and joined.hex() == digits
    return joined if is_canonical and set(map(len, ehr_ids)) == {36} else None


def _parts(joined: bytes) -> Iterator[bytes]:
    for start in range(0, len(joined), _WIDTH):
        yield joined[start : start + _WIDTH]


def _names(document: Document, ehr: StoredId | None) -> bool:
    """Tell whether an entry names an EHR."""
    if ehr is None or ehr in document["e"]:
        return True
    return isinstance(ehr, bytes) and ehr in document.get("w", b"") and ehr in _parts(document["w"])
