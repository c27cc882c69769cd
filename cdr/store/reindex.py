"""Building everything derived again from the stored versions, which are the only truth.

Safe while others commit: a batch of objects is read and written in one transaction that also touches their heads, so
a commit to one of them makes the batch start again. Called by `kilde reindex`, and after the extractor has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

import msgspec
from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from cdr.rm.change_control import AnyVersioned
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.commit_plan import ObjectPlan, plan_index
from cdr.store.failures import store_failures
from cdr.store.ids import StoredId
from cdr.store.indexes import ensure_indexes
from cdr.store.layout import IX, IX_DRAFT, IX_HIST, VERSION, VO
from cdr.store.paths import PathDictionary
from cdr.store.records import version_record
from cdr.versioning.model import NewVersion

Progress = Callable[[int, int], None]

# Objects in one transaction: enough to be fast, few enough to stay far below the size and time of a transaction.
_BATCH = 200

_roots = msgspec.json.Decoder(AnyVersioned)


def reindex(database: Database[Document], *, paths: PathDictionary, blobs: Blobs, progress: Progress) -> int:
    """Rebuild ix, ix_draft, ix_hist and the counts of the path dictionary; return the number of objects.

    `progress` is told how many objects of how many are done. An interrupted run leaves every object with an index
    that is either the old or the new one; run it again.
    """
    with store_failures():
        ensure_indexes(database)
        paths.clear_counts()
        total = database[VO].estimated_document_count()
        done = 0
        for batch in _batches(database[VO]):
            _rebuild(database, batch, paths=paths, blobs=blobs)
            done += len(batch)
            progress(done, max(total, done))
        for name in (IX, IX_DRAFT, IX_HIST):
            _drop_orphans(database, name)
    paths.flush(force=True)
    return done


def _batches(heads: Collection[Document]) -> Iterator[list[StoredId]]:
    """Yield the ids of all objects, a batch at a time; ids are of two BSON types, which no comparison spans."""
    for bson_type in ("string", "binData"):
        last: StoredId | None = None
        while True:
            bounds = {} if last is None else {"$gt": last}
            found = heads.find({"_id": {"$type": bson_type, **bounds}}, {"_id": 1}, sort=[("_id", 1)], limit=_BATCH)
            batch = [document["_id"] for document in found]
            if not batch:
                break
            yield batch
            last = batch[-1]


def _rebuild(database: Database[Document], objects: list[StoredId], *, paths: PathDictionary, blobs: Blobs) -> None:
    def work(session: ClientSession) -> None:
        # The touch makes a commit to one of the objects and this transaction exclude each other.
        database[VO].update_many({"_id": {"$in": objects}}, {"$inc": {"ri": 1}}, session=session)
        found = database[VERSION].find({"vo": {"$in": objects}}, sort=[("vo", 1), ("n", 1)], session=session)
        plans = [
            plan_index((_version(document, blobs) for document in versions), paths=paths)
            for _, versions in groupby(found, key=lambda document: document["vo"])
        ]
        for name, documents in _documents(plans):
            database[name].delete_many({"vo": {"$in": objects}}, session=session)
            if documents:
                database[name].insert_many(documents, session=session)

    with database.client.start_session() as session:
        session.with_transaction(
            work,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority", j=True),
            read_preference=ReadPreference.PRIMARY,
        )


def _documents(plans: list[ObjectPlan]) -> Iterator[tuple[str, list[Document]]]:
    yield IX, [plan.index for plan in plans if plan.index is not None]
    yield IX_DRAFT, [plan.draft for plan in plans if plan.draft is not None]
    yield IX_HIST, [document for plan in plans for document in plan.history]


def _version(document: Document, blobs: Blobs) -> NewVersion:
    record = version_record(document, blobs=blobs)
    return NewVersion(record=record, root=None if record.content is None else _roots.decode(record.content))


def _drop_orphans(database: Database[Document], name: str) -> None:
    """Delete the index documents of objects that do not exist."""
    collection = database[name]
    pipeline: list[Document] = [
        {"$lookup": {"from": VO, "localField": "vo", "foreignField": "_id", "as": "head"}},
        {"$match": {"head": []}},
        {"$project": {"_id": 1}},
    ]
    orphans = [document["_id"] for document in collection.aggregate(pipeline)]
    if orphans:
        collection.delete_many({"_id": {"$in": orphans}})
