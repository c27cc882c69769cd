"""What receiving keeps, as lines of a backup: sources, originals, receipts, traces, marks and quarantine.

Receiving goes on while a backup is written, so it is read on both sides of the EHRs. Before them, what is finished: the
versions that a finished message led to are stored by then, and come in the EHRs. After them, the messages that were
open or came meanwhile: they are written as open, and the server that takes them in finishes them, as after a crash.

Shape, one object to a line:
    {"kind": "source", "record": SourceRecord}
    {"kind": "receipt", "record": Receipt}
    {"kind": "received_item", "record": ItemTrace}
    {"kind": "item_mark", "item", "order", "digest", "is_withdrawn"}
    {"kind": "quarantine", "record": QuarantinedItem}
    {"kind": "original", "digest", "part", "of", "packed": base64 of a piece of the zstd of the message}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import msgspec
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from cdr.receipts import ItemTrace, QuarantinedItem, Receipt, SourceRecord
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.originals import DUPLICATE, RAW
from cdr.store.receipts import (
    ITEM_MARK,
    QUARANTINE,
    RECEIPT,
    RECEIVED_ITEM,
    SOURCE,
    item_document,
    quarantine_document,
    read_quarantined,
    read_receipt,
    receipt_document,
    source_document,
)

# A receipt is stored when its message has been taken apart; none takes as long from its time of receipt.
_LATEST = timedelta(hours=1)
_AT_ONCE = 500
_BYTES_AT_ONCE = 16 * 1024 * 1024
_to_trace = msgspec.json.Decoder(ItemTrace)
_to_source = msgspec.json.Decoder(SourceRecord)


class SourceLine(msgspec.Struct, tag_field="kind", tag="source"):
    """One registered source."""

    record: SourceRecord


class ReceiptLine(msgspec.Struct, tag_field="kind", tag="receipt"):
    """One receipt."""

    record: Receipt


class ReceivedItemLine(msgspec.Struct, tag_field="kind", tag="received_item"):
    """The trace of one item."""

    record: ItemTrace


class ItemMarkLine(msgspec.Struct, tag_field="kind", tag="item_mark"):
    """The newest version of an item that was ever seen."""

    item: str
    order: str
    digest: str
    is_withdrawn: bool


class QuarantineLine(msgspec.Struct, tag_field="kind", tag="quarantine"):
    """One item of the quarantine, open or not; its content is base64."""

    record: QuarantinedItem


class OriginalLine(msgspec.Struct, tag_field="kind", tag="original"):
    """One of the `of` pieces of a message; `packed` is base64."""

    digest: str
    part: int
    of: int
    packed: bytes


ReceivedLine = SourceLine | ReceiptLine | ReceivedItemLine | ItemMarkLine | QuarantineLine | OriginalLine


class ReceivedExport:
    """The lines of one backup: `before` the EHRs are read, and `after`."""

    def __init__(self, database: Database[Document]) -> None:
        # What was written quickly is read before a majority has it.
        database = self._database = database.with_options(read_concern=ReadConcern("local"))
        with store_failures():
            newest = database[RECEIPT].find_one({}, {"t": 1}, sort=[("t", -1)])
            # Receipts that may lie beside later ones: those that `before` gave are not given again.
            self._edge = None if newest is None else newest["t"] - _LATEST
            self._open = [one["_id"] for one in database[RECEIPT].find({"done": False}, {"_id": 1})]
        self._given: set[str] = set()

    def before(self) -> Iterator[ReceivedLine]:
        """Yield what is finished, each receipt before its traces and originals."""
        database = self._database
        with store_failures():
            for one in database[SOURCE].find(sort=[("_id", 1)]):
                yield SourceLine(_to_source.decode(one["j"]))
            for one in database[RECEIPT].find({"done": True, "_id": {"$nin": self._open}}, sort=[("_id", 1)]):
                if self._edge is not None and one["t"] >= self._edge:
                    self._given.add(one["_id"])
                yield ReceiptLine(read_receipt(one))
            for one in database[RECEIVED_ITEM].find(sort=[("_id", 1)]):
                yield ReceivedItemLine(_to_trace.decode(one["j"]))
            # A mark without an order is but the lock of an item that is being settled.
            for one in database[ITEM_MARK].find({"o": {"$exists": True}}, sort=[("_id", 1)]):
                yield ItemMarkLine(item=one["_id"], order=one["o"], digest=one["d"], is_withdrawn=one["w"])
            for one in database[QUARANTINE].find(sort=[("_id", 1)]):
                yield QuarantineLine(read_quarantined(one))
            for one in database[RAW].find(sort=[("_id", 1)]):
                yield _original_line(one)

    def after(self) -> Iterator[ReceivedLine]:
        """Yield the receipts that were open or came since, as open ones, each after its original."""
        late: Document = (
            {} if self._edge is None else {"$or": [{"t": {"$gte": self._edge}}, {"_id": {"$in": self._open}}]}
        )
        with store_failures():
            for one in self._database[RECEIPT].find(late, sort=[("t", 1)]):
                if one["_id"] in self._given:
                    continue
                receipt = read_receipt(one)
                first = self._database[RAW].find_one({"_id": f"{receipt.digest}:0"})
                for part in range(first["of"] if first is not None else 0):
                    piece = self._database[RAW].find_one({"_id": f"{receipt.digest}:{part}"})
                    if piece is not None:
                        yield _original_line(piece)
                yield ReceiptLine(replace(receipt, is_done=False, counts={}, seconds=0.0))


class ReceivedImport:
    """Takes lines in, many at once; what is here already stays as it is. Call `flush` at the end."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._waiting: dict[str, list[Document]] = defaultdict(list)
        self._count = 0
        self._bytes = 0

    def take(self, line: ReceivedLine) -> None:
        """Store a line, soon."""
        name, document = _stored(line)
        self._waiting[name].append(document)
        self._count += 1
        self._bytes += len(document.get("z", b""))
        if self._count >= _AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Store what waits. Errors: `StoreUnavailable`."""
        # An open receipt may be taken up as soon as it is here: its original comes first.
        for name in sorted(self._waiting, key=lambda one: one == RECEIPT):
            with store_failures():
                try:
                    self._database[name].insert_many(self._waiting[name], ordered=False)
                except BulkWriteError as error:
                    if any(failure["code"] != DUPLICATE for failure in error.details["writeErrors"]):
                        raise
        self._waiting.clear()
        self._count = self._bytes = 0


def _original_line(document: Document) -> OriginalLine:
    digest, _, part = document["_id"].rpartition(":")
    return OriginalLine(digest=digest, part=int(part), of=document["of"], packed=document["z"])


def _stored(line: ReceivedLine) -> tuple[str, Document]:
    """Return the collection and the document of a line."""
    if isinstance(line, SourceLine):
        return SOURCE, source_document(line.record)
    if isinstance(line, ReceiptLine):
        return RECEIPT, receipt_document(line.record)
    if isinstance(line, ReceivedItemLine):
        return RECEIVED_ITEM, item_document(line.record)
    if isinstance(line, QuarantineLine):
        return QUARANTINE, quarantine_document(line.record)
    if isinstance(line, ItemMarkLine):
        return ITEM_MARK, {"_id": line.item, "o": line.order, "d": line.digest, "w": line.is_withdrawn}
    return RAW, {"_id": f"{line.digest}:{line.part}", "of": line.of, "z": line.packed}
