"""Numbers that grow: sequence numbers of the change feed, numbers of the path dictionary."""

from __future__ import annotations

from pymongo import ReturnDocument, WriteConcern
from pymongo.database import Database

from cdr.store.client import Document
from cdr.store.layout import COUNTER

# Not majority: a number that a crash takes back was used in nothing that was acknowledged, since everything
# acknowledged comes later in the same log; and a number given twice meets the unique index of where it is used.
_QUICK = WriteConcern(w=1, j=False)


def take_numbers(database: Database[Document], name: str, count: int) -> int:
    """Take `count` numbers in a row from a counter and return the first; the first of all is 1."""
    counters = database.get_collection(COUNTER, write_concern=_QUICK)
    # The driver types the answer as optional; with upsert and AFTER there always is one.
    document = counters.find_one_and_update(
        {"_id": name}, {"$inc": {"v": count}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert document is not None
    return int(document["v"]) - count + 1
