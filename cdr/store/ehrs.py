"""The EHRs of one tenant as documents: reading, paging and access."""

from __future__ import annotations

from pymongo.database import Database

from cdr.identity import AccessFilter
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.ids import pack_id, unpack_id
from cdr.store.layout import EHR
from cdr.store.records import ehr_record
from cdr.versioning.model import EhrRecord

# An EHR that is being purged is gone for every reader.
_PRESENT = {"gone": {"$exists": False}}


class Ehrs:
    """Reads the EHRs of one tenant."""

    def __init__(self, database: Database[Document]) -> None:
        self._ehrs = database[EHR]

    def by_id(self, ehr_id: str, *, access: AccessFilter) -> EhrRecord | None:
        """Return the EHR, or None."""
        if not access.allows_ehr(ehr_id):
            return None
        with store_failures():
            document = self._ehrs.find_one({"_id": pack_id(ehr_id), **_PRESENT})
        return None if document is None else ehr_record(document)

    def by_subject(self, subject_id: str, namespace: str, *, access: AccessFilter) -> EhrRecord | None:
        """Return the EHR of a subject, or None."""
        with store_failures():
            # With the second condition the partial index on subjects can be used.
            found = {"sub.id": subject_id, "sub.ns": namespace, "sub": {"$exists": True}, **_PRESENT}
            document = self._ehrs.find_one(found)
        if document is None:
            return None
        record = ehr_record(document)
        return record if access.allows_ehr(record.ehr_id) else None

    def ids(self, *, access: AccessFilter, after: str | None, limit: int) -> list[str]:
        """Return EHR ids in the order of the store, after the given one."""
        conditions: list[Document] = [dict(_PRESENT), *ehr_conditions(access, field="_id")]
        if after is not None:
            conditions.append(_later(after))
        with store_failures():
            found = self._ehrs.find({"$and": conditions}, {"_id": 1}, sort=[("_id", 1)], limit=limit)
            return [unpack_id(document["_id"]) for document in found]


def ehr_conditions(access: AccessFilter, *, field: str) -> list[Document]:
    """Return the conditions on a field with EHR ids that an access filter asks for; [] when all are open."""
    conditions: list[Document] = []
    if access.ehrs is not None:
        conditions.append({field: {"$in": [pack_id(ehr_id) for ehr_id in sorted(access.ehrs)]}})
    if access.hidden_ehrs:
        conditions.append({field: {"$nin": [pack_id(ehr_id) for ehr_id in sorted(access.hidden_ehrs)]}})
    return conditions


def _later(after: str) -> Document:
    """Return the condition for ids after one; comparisons keep to one BSON type, and text comes before bytes."""
    packed = pack_id(after)
    if isinstance(packed, bytes):
        return {"_id": {"$gt": packed}}
    return {"$or": [{"_id": {"$gt": packed}}, {"_id": {"$type": "binData"}}]}
