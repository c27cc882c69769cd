"""What an erasure takes from received messages: everything that was about one EHR.

A message may be about several residents. Its original cannot be kept byte for byte for the others and be erased for
one, so it is erased; the compositions of the others stay, and so does the receipt, without the number of the resident.
"""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
from pymongo.database import Database

from cdr.receipts import Envelope, ItemTrace, Receipt
from cdr.store.client import Document
from cdr.store.originals import RAW

_to_trace = msgspec.json.Decoder(ItemTrace)
_to_receipt = msgspec.json.Decoder(Receipt)


def forget_received(database: Database[Document], ehr_id: str) -> None:
    """Erase originals, traces, marks and quarantine of the items that were about an EHR; may be called again."""
    found = [_to_trace.decode(one["j"]) for one in database["received_item"].find({"e": ehr_id}, {"j": 1})]
    for receipt_id in sorted({one.receipt_id for one in found}):
        document = database["receipt"].find_one({"_id": receipt_id})
        if document is None:
            continue
        receipt = _to_receipt.decode(document["j"])
        database[RAW].delete_many({"_id": re.compile(f"^{receipt.digest}:")})
        bare = replace(receipt, envelope=Envelope(media=receipt.envelope.media))
        database["receipt"].update_one({"_id": receipt_id}, {"$set": {"j": msgspec.json.encode(bare)}})
    for one in found:
        database["quarantine"].delete_many({"r": one.receipt_id, "k": one.number})
    objects = sorted({one.version_uid.split("::")[0] for one in found if one.version_uid})
    database["item_mark"].delete_many({"_id": {"$in": objects}})
    database["received_item"].delete_many({"e": ehr_id})
