"""Receipts of messages, traces of their items, quarantine and sources: the `ReceiptStore` of one tenant.

Shape:
receipt {_id, s: source, t: time received, done, lease: until when it is worked on, n: repeats, j: JSON of the rest}
received_item {_id: "<receipt>:<number>", r: receipt, s, k: number, o: outcome, e: ehr id, tp: template id, x: expected
    values, l: [lacking], c: codable, d: coded, rc: [issue codes], j: JSON of the trace}
item_mark {_id: item, o: order, d: digest, w: withdrawn, lock: until when}
quarantine {_id, s, r: receipt, k: number, open, z: zstd of the content, j: JSON of the rest}
source {_id: key, j: JSON}
Only a receipt and its original wait for the journal: whatever else a crash takes back is made again from them, in the
same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import zstandard
from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne, WriteConcern
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from cdr.receipts import ItemTrace, Mark, QuarantinedItem, Receipt, SourceCounts, SourceRecord
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.layout import ACCESS_LOG, VERSION
from cdr.store.originals import RAW, Originals
from cdr.store.received_counts import counts_of, reads_of

RECEIPT = "receipt"
RECEIVED_ITEM = "received_item"
ITEM_MARK = "item_mark"
QUARANTINE = "quarantine"
SOURCE = "source"

RECEIVE_INDEXES: dict[str, list[IndexModel]] = {
    RAW: [],
    RECEIPT: [
        IndexModel([("s", ASCENDING), ("t", DESCENDING)], name="s_t"),
        IndexModel([("lease", ASCENDING)], name="open", partialFilterExpression={"done": False}),
    ],
    RECEIVED_ITEM: [
        IndexModel([("r", ASCENDING), ("k", ASCENDING)], name="r_k"),
        IndexModel([("s", ASCENDING)], name="s"),
        IndexModel([("e", ASCENDING)], name="e"),
    ],
    ITEM_MARK: [],
    QUARANTINE: [IndexModel([("s", ASCENDING), ("_id", ASCENDING)], name="s", partialFilterExpression={"open": True})],
    SOURCE: [],
}

_QUICK = WriteConcern(w=1, j=False)
# What was written quickly is read before a majority has it.
_LATEST = ReadConcern("local")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_to_receipt = msgspec.json.Decoder(Receipt)
_to_trace = msgspec.json.Decoder(ItemTrace)
_to_quarantined = msgspec.json.Decoder(QuarantinedItem)
_to_source = msgspec.json.Decoder(SourceRecord)


class MongoReceiptStore:
    """The `ReceiptStore` of one tenant; safe for several threads."""

    def __init__(self, database: Database[Document]) -> None:
        self._originals = Originals(database)
        self._receipts = database.get_collection(RECEIPT, read_concern=_LATEST)
        self._quick_receipts = database.get_collection(RECEIPT, write_concern=_QUICK)
        self._items = database.get_collection(RECEIVED_ITEM, write_concern=_QUICK, read_concern=_LATEST)
        self._marks = database.get_collection(ITEM_MARK, write_concern=_QUICK, read_concern=_LATEST)
        self._quarantine = database[QUARANTINE]
        self._sources = database[SOURCE]
        self._access = database[ACCESS_LOG]
        self._versions = database[VERSION].name

    def put_source(self, source: SourceRecord) -> None:
        """Store a source, new or changed."""
        with store_failures():
            self._sources.replace_one({"_id": source.key}, source_document(source), upsert=True)

    def source(self, key: str) -> SourceRecord | None:
        """Return a source, or None."""
        with store_failures():
            found = self._sources.find_one({"_id": key})
        return None if found is None else _to_source.decode(found["j"])

    def sources(self) -> list[SourceRecord]:
        """Return all sources by key."""
        with store_failures():
            return [_to_source.decode(one["j"]) for one in self._sources.find(sort=[("_id", 1)])]

    def add(self, receipt: Receipt, body: bytes, *, lease: datetime) -> Receipt | None:
        """Store a new receipt with the original, durably; return the stored receipt when its id is taken, else None."""
        document = receipt_document(receipt, lease=lease)
        with store_failures():
            self._originals.add(receipt.digest, body)
            try:
                self._receipts.insert_one(document)
            except DuplicateKeyError:
                return self.receipt(receipt.receipt_id)
        return None

    def receipt(self, receipt_id: str) -> Receipt | None:
        """Return a receipt, or None."""
        with store_failures():
            found = self._receipts.find_one({"_id": receipt_id})
        return None if found is None else read_receipt(found)

    def receipts(self, source: str, *, before: datetime | None = None, limit: int = 100) -> list[Receipt]:
        """Return the receipts of a source, newest first, older than a time."""
        wanted: Document = {"s": source} if before is None else {"s": source, "t": {"$lt": before}}
        with store_failures():
            return [read_receipt(one) for one in self._receipts.find(wanted).sort("t", DESCENDING).limit(limit)]

    def original(self, digest: str) -> bytes | None:
        """Return the bytes of a message as they were received, or None."""
        with store_failures():
            return self._originals.read(digest)

    def repeated(self, receipt_id: str) -> None:
        """Count one more copy of a message."""
        with store_failures():
            self._quick_receipts.update_one({"_id": receipt_id}, {"$inc": {"n": 1}})

    def claim(self, *, now: datetime, lease: datetime) -> Receipt | None:
        """Take over the oldest receipt that is not done and whose lease has ended, or return None."""
        with store_failures():
            found = self._receipts.find_one_and_update(
                {"done": False, "lease": {"$lte": now}}, {"$set": {"lease": lease}}, sort=[("t", ASCENDING)]
            )
        return None if found is None else read_receipt(found)

    def extend(self, receipt_id: str, *, lease: datetime) -> None:
        """Go on working on a receipt until a later time."""
        with store_failures():
            self._quick_receipts.update_one({"_id": receipt_id}, {"$set": {"lease": lease}})

    def void_leases(self) -> None:
        """End all leases and locks: for a start at which nobody else can be at work."""
        with store_failures():
            self._receipts.update_many({"done": False}, {"$set": {"lease": _NEVER}})
            self._marks.update_many({"lock": {"$exists": True}}, {"$unset": {"lock": ""}})

    def finish(self, receipt_id: str, *, counts: Mapping[str, int], seconds: float) -> None:
        """Mark a receipt as done."""
        done = {"done": True, "counts": dict(counts), "seconds": seconds}
        with store_failures():
            self._quick_receipts.update_one({"_id": receipt_id}, {"$set": done, "$unset": {"lease": ""}})

    def note(self, traces: Sequence[ItemTrace]) -> None:
        """Store traces; a later one of the same item replaces the earlier."""
        if not traces:
            return
        documents = [item_document(trace) for trace in traces]
        with store_failures():
            if len(documents) == 1:
                self._items.replace_one({"_id": documents[0]["_id"]}, documents[0], upsert=True)
                return
            self._items.bulk_write([ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in documents])

    def items(self, receipt_id: str, *, after: int = -1, limit: int = 1000) -> list[ItemTrace]:
        """Return the traces of a receipt's items after a number, in their order."""
        wanted = {"r": receipt_id, "k": {"$gt": after}}
        with store_failures():
            found = list(self._items.find(wanted, {"j": 1}).sort("k", ASCENDING).limit(limit))
        return [_to_trace.decode(one["j"]) for one in found]

    def lock(self, item: str, *, now: datetime, until: datetime) -> tuple[bool, Mark | None]:
        """Let nobody else settle an item until a time; give whether that came about, and the item's mark."""
        free = {"_id": item, "$or": [{"lock": {"$exists": False}}, {"lock": {"$lte": now}}]}
        with store_failures():
            try:
                found = self._marks.find_one_and_update(free, {"$set": {"lock": until}}, upsert=True)
            except DuplicateKeyError:
                return False, None
        if found is None or "o" not in found:
            return True, None
        return True, Mark(order=found["o"], digest=found["d"], is_withdrawn=found["w"])

    def unlock(self, item: str, mark: Mark | None) -> None:
        """Let others settle the item; a mark replaces the stored one."""
        update: Document = {"$unset": {"lock": ""}}
        if mark is not None:
            update["$set"] = {"o": mark.order, "d": mark.digest, "w": mark.is_withdrawn}
        with store_failures():
            self._marks.update_one({"_id": item}, update)

    def put_quarantined(self, item: QuarantinedItem) -> None:
        """Store an item of the quarantine, new or changed."""
        with store_failures():
            self._quarantine.replace_one({"_id": item.quarantine_id}, quarantine_document(item), upsert=True)

    def quarantined(self, quarantine_id: str) -> QuarantinedItem | None:
        """Return an item of the quarantine, or None."""
        with store_failures():
            found = self._quarantine.find_one({"_id": quarantine_id})
        return None if found is None else read_quarantined(found)

    def quarantine(self, source: str, *, after: str = "", limit: int = 100) -> list[QuarantinedItem]:
        """Return the open items of a source's quarantine by id, after the given one."""
        wanted = {"s": source, "open": True, "_id": {"$gt": after}}
        with store_failures():
            return [read_quarantined(one) for one in self._quarantine.find(wanted).sort("_id", ASCENDING).limit(limit)]

    def counts(self, source: str) -> SourceCounts:
        """Return what the quality report counts."""
        with store_failures():
            return counts_of(self._receipts, self._items, source)

    def reads(self, persons: Sequence[str]) -> Iterator[tuple[str, str, int]]:
        """Yield (resource, template id or "", number) of what these persons read, from the access log."""
        with store_failures():
            yield from reads_of(self._access, self._versions, persons)


def source_document(source: SourceRecord) -> Document:
    """Return the document of a source."""
    return {"_id": source.key, "j": msgspec.json.encode(source)}


def receipt_document(receipt: Receipt, *, lease: datetime = _NEVER) -> Document:
    """Return the document of a receipt; an open one is worked on until `lease`, by nobody unless given."""
    document: Document = {
        "_id": receipt.receipt_id,
        "s": receipt.source,
        "t": receipt.time_received,
        "done": receipt.is_done,
        "n": receipt.repeats,
        "j": msgspec.json.encode(receipt),
    }
    if receipt.is_done:
        return {**document, "counts": dict(receipt.counts), "seconds": receipt.seconds}
    return {**document, "lease": lease}


def read_receipt(document: Document) -> Receipt:
    """Return the receipt of a document."""
    stored = _to_receipt.decode(document["j"])
    return replace(
        stored,
        is_done=document["done"],
        repeats=document["n"],
        counts=document.get("counts", {}),
        seconds=document.get("seconds", 0.0),
    )


def item_document(trace: ItemTrace) -> Document:
    """Return the document of a trace."""
    return {
        "_id": f"{trace.receipt_id}:{trace.number}",
        "r": trace.receipt_id,
        "s": trace.source,
        "k": trace.number,
        "o": trace.outcome.value,
        "e": trace.ehr_id,
        "tp": trace.template_id,
        "x": trace.expected,
        "l": list(trace.lacking),
        "c": trace.codable,
        "d": trace.coded,
        "rc": sorted({reason.code for reason in trace.reasons}),
        "j": msgspec.json.encode(trace),
    }


def quarantine_document(item: QuarantinedItem) -> Document:
    """Return the document of an item of the quarantine."""
    return {
        "_id": item.quarantine_id,
        "s": item.source,
        "r": item.receipt_id,
        "k": item.number,
        "open": item.is_open,
        "z": zstandard.ZstdCompressor(level=3).compress(item.content),
        "j": msgspec.json.encode(replace(item, content=b"")),
    }


def read_quarantined(document: Document) -> QuarantinedItem:
    """Return the item of the quarantine that a document holds."""
    content = bytes(zstandard.ZstdDecompressor().decompress(document["z"]))
    return replace(_to_quarantined.decode(document["j"]), content=content)
