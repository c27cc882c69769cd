"""What is counted of received messages: for the quality report of a source, and for who reads what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pymongo.collection import Collection

from cdr.receipts import SourceCounts
from cdr.store.client import Document

_READS = ("read", "query")


def counts_of(receipts: Collection[Document], items: Collection[Document], source: str) -> SourceCounts:
    """Return what the quality report of a source counts."""
    mine: Document = {"$match": {"s": source}}
    messages = _first(
        receipts,
        [
            mine,
            {
                "$group": {
                    "_id": None,
                    "messages": {"$sum": 1},
                    "repeats": {"$sum": "$n"},
                    "open": {"$sum": {"$cond": ["$done", 0, 1]}},
                    "seconds": {"$sum": {"$ifNull": ["$seconds", 0]}},
                }
            },
        ],
    )
    totals = _first(
        items,
        [
            mine,
            {
                "$group": {
                    "_id": None,
                    "items": {"$sum": 1},
                    "expected": {"$sum": "$x"},
                    "lacking": {"$sum": {"$size": "$l"}},
                    "codable": {"$sum": "$c"},
                    "coded": {"$sum": "$d"},
                }
            },
        ],
    )
    expected = int(totals.get("expected", 0))
    stored: Document = {"$match": {"o": {"$in": ["stored", "updated"]}}}
    return SourceCounts(
        messages=int(messages.get("messages", 0)),
        repeats=int(messages.get("repeats", 0)),
        open_messages=int(messages.get("open", 0)),
        seconds=float(messages.get("seconds", 0)),
        items=int(totals.get("items", 0)),
        outcomes=_by(items, [mine], "$o"),
        reasons=_by(items, [mine, {"$unwind": "$rc"}], "$rc"),
        lacking=_by(items, [mine, {"$unwind": "$l"}], "$l"),
        templates=_by(items, [mine, stored], "$tp"),
        expected=expected,
        present=expected - int(totals.get("lacking", 0)),
        codable=int(totals.get("codable", 0)),
        coded=int(totals.get("coded", 0)),
    )


def reads_of(log: Collection[Document], versions: str, persons: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Yield (resource, template id or "", number) of what these persons read, the most first."""
    pipeline: list[Document] = [
        {"$match": {"person": {"$in": list(persons)}, "action": {"$in": list(_READS)}}},
        {"$group": {"_id": {"resource": "$resource", "detail": "$detail"}, "n": {"$sum": 1}}},
        {"$lookup": {"from": versions, "localField": "_id.detail", "foreignField": "_id", "as": "v"}},
        {
            "$group": {
                "_id": {"resource": "$_id.resource", "template": {"$ifNull": [{"$first": "$v.tp"}, ""]}},
                "n": {"$sum": "$n"},
            }
        },
        {"$sort": {"n": -1, "_id": 1}},
    ]
    for found in log.aggregate(pipeline):
        yield found["_id"]["resource"], found["_id"]["template"], found["n"]


def _first(collection: Collection[Document], pipeline: list[Document]) -> Document:
    return next(iter(collection.aggregate(pipeline)), {})


def _by(collection: Collection[Document], pipeline: list[Document], field: str) -> dict[str, int]:
    """Return how many documents of a pipeline have each value of a field, the most frequent first."""
    grouped: list[Document] = [{"$group": {"_id": field, "n": {"$sum": 1}}}, {"$sort": {"n": -1, "_id": 1}}]
    return {found["_id"]: found["n"] for found in collection.aggregate([*pipeline, *grouped]) if found["_id"]}
