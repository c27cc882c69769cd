"""The candidates of a query about one EHR in a single round trip: whether it may be queried, headers and contents.

Most questions are about one patient, and then the way to the database and back is most of the time. The newest
versions are fetched beside the headers before it is known which are needed; what that leaves out is read as usual.
"""

from __future__ import annotations

from dataclasses import dataclass

from pymongo.client_session import ClientSession
from pymongo.database import Database

from aql.mongo.compiler import Collection, Program
from aql.plan import Mode
from cdr.store.client import Document
from cdr.store.ids import StoredId, pack_id
from cdr.store.layout import EHR, IX, VERSION

_CONTENTS = 60
"""Versions of an EHR that are fetched before it is known which are needed."""


@dataclass(frozen=True, slots=True)
class OneEhr:
    """What is known of the candidates: `headers` as they stand in `ix`, `contents` of versions by uid."""

    is_closed: bool
    headers: list[Document]
    contents: dict[str, Document]


def ehr_of(program: Program) -> StoredId | None:
    """Return the EHR of a program whose candidates can be read in one go, None otherwise."""
    ids = program.ehrs.ids
    if ids is None or len(ids) != 1 or program.plan.mode is not Mode.STREAM or program.ehrs.needs_record:
        return None
    source = program.sources[0]
    if source.needs_version or len(source.finds) != 1 or source.finds[0].collection is not Collection.CURRENT:
        return None
    return pack_id(next(iter(ids)))


def read_one(
    database: Database[Document],
    session: ClientSession,
    program: Program,
    ehr: StoredId,
    *,
    fields: Document,
    milliseconds: int,
) -> OneEhr:
    """Return the candidates of a program about one EHR."""
    source = program.sources[0]
    kinds = list(program.plan.sources[0].kinds)
    pipeline: list[Document] = [
        {"$match": {"_id": ehr, "que": False}},
        {"$project": {"_id": 1}},
        {"$unionWith": {"coll": IX, "pipeline": [{"$match": source.finds[0].filter}, {"$project": fields}]}},
    ]
    if source.needs_content:
        contents = [
            {"$match": {"e": ehr, "k": {"$in": kinds} if len(kinds) > 1 else kinds[0]}},
            {"$limit": _CONTENTS},
            {"$project": {"z": 1, "zd": 1}},
        ]
        pipeline.append({"$unionWith": {"coll": VERSION, "pipeline": contents}})
    found = database[EHR].aggregate(pipeline, session=session, maxTimeMS=milliseconds, batchSize=10_000)
    headers: list[Document] = []
    read: dict[str, Document] = {}
    is_closed = False
    for document in found:
        if "vo" in document:
            headers.append(document)
        elif document["_id"] == ehr:
            is_closed = True
        else:
            read[document["_id"]] = document
    return OneEhr(is_closed, headers, read)
