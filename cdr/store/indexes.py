"""The collections and indexes of a tenant's database."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

from cdr.store import layout
from cdr.store.client import Document
from cdr.store.receipts import RECEIVE_INDEXES

_NAMESPACE_EXISTS = 48

_INDEX_DOCUMENTS = [
    IndexModel([("e", ASCENDING), ("a", ASCENDING), ("t", DESCENDING)], name="e_a_t"),
    IndexModel([("a", ASCENDING), ("t", DESCENDING)], name="a_t"),
    IndexModel([("m.$**", ASCENDING)], name="m"),
]

INDEXES: dict[str, list[IndexModel]] = {
    layout.VERSION: [
        IndexModel([("vo", ASCENDING), ("n", ASCENDING)], name="vo_n", unique=True),
        IndexModel([("e", ASCENDING), ("k", ASCENDING)], name="e_k"),
        IndexModel([("tp", ASCENDING)], name="tp", sparse=True),
    ],
    layout.IX: _INDEX_DOCUMENTS,
    layout.IX_DRAFT: _INDEX_DOCUMENTS[:2],
    layout.IX_HIST: [*_INDEX_DOCUMENTS[:2], IndexModel([("vo", ASCENDING), ("n", ASCENDING)], name="vo_n")],
    layout.VO: [IndexModel([("e", ASCENDING), ("k", ASCENDING), ("t0", ASCENDING)], name="e_k_t0")],
    layout.EHR: [
        IndexModel(
            [("sub.id", ASCENDING), ("sub.ns", ASCENDING)],
            name="subject",
            unique=True,
            partialFilterExpression={"sub": {"$exists": True}},
        ),
        IndexModel([("que", ASCENDING)], name="not_queryable", partialFilterExpression={"que": False}),
    ],
    layout.CONTRIBUTION: [IndexModel([("e", ASCENDING), ("q", ASCENDING)], name="e_q")],
    layout.CHANGE: [IndexModel([("vo", ASCENDING)], name="vo")],
    layout.PATHS: [IndexModel([("key", ASCENDING)], name="key", unique=True)],
    layout.COUNTER: [],
    layout.TEMPLATE: [
        IndexModel([("tid", ASCENDING)], name="tid"),
        IndexModel([("rev", ASCENDING)], name="rev"),
    ],
    layout.TEMPLATE_HEAD: [],
    layout.ARCHETYPE: [],
    layout.QUERY: [IndexModel([("name", ASCENDING), ("version", ASCENDING)], name="name_version", unique=True)],
    layout.ACCESS_LOG: [
        IndexModel([("e", ASCENDING), ("at", DESCENDING)], name="e_at"),
        IndexModel([("wide", ASCENDING), ("at", DESCENDING)], name="wide_at", partialFilterExpression={"wide": True}),
    ],
    layout.DICTIONARY: [],
    layout.COLUMNS: [IndexModel([("key", ASCENDING)], name="key")],
    **RECEIVE_INDEXES,
}


def ensure_indexes(database: Database[Document]) -> None:
    """Make the collections and indexes that are absent; what is there costs one look each."""
    present = set(database.list_collection_names())
    for name, indexes in INDEXES.items():
        if name not in present:
            # Made before any transaction needs it: inside one it would collide with other writers. Another process
            # may be doing the same.
            try:
                database.create_collection(name, check_exists=False)
            except OperationFailure as error:
                if error.code != _NAMESPACE_EXISTS:
                    raise
        if indexes:
            database[name].create_indexes(indexes)
