"""The change feed: what was committed, in an order that no reader ever has to go back on.

Sequence numbers become visible out of order, so a reader goes on only as far as they are without gaps. A gap that a
later change has waited for longer than a commit can take was left by a process that died; the reader closes it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pymongo.database import Database
from pymongo.errors import BulkWriteError

from cdr.ports import Change
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.ids import unpack_optional
from cdr.store.layout import CHANGE

# Closing too early is safe, it only makes a slow commit start again.
GAP_AGE = timedelta(seconds=5)

_DUPLICATE = 11000


class ChangeFeed:
    """Reads the changes of one tenant."""

    def __init__(self, database: Database[Document]) -> None:
        self._changes = database[CHANGE]

    def read(self, *, after: int, limit: int) -> list[Change]:
        """Return at most `limit` changes after a sequence number, in order, up to the first gap."""
        with store_failures():
            documents = list(self._changes.find({"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit))
            changes: list[Change] = []
            expected = after + 1
            for document in documents:
                if document["_id"] != expected:
                    self._close(expected, document)
                    break
                changes.append(_change(document))
                expected += 1
        return changes

    def last(self) -> int:
        """Return the greatest sequence number in use, 0 when there is none; there may be gaps below it."""
        with store_failures():
            document = self._changes.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        return 0 if document is None else int(document["_id"])

    def _close(self, first: int, later: Document) -> None:
        """Close the gap from `first` up to a later change, if that has waited long enough."""
        if datetime.now(UTC) - later["at"] < GAP_AGE:
            return
        voids = [
            {"_id": number, "vo": None, "n": None, "op": "void", "at": later["at"]}
            for number in range(first, min(later["_id"], first + 1000))
        ]
        try:
            self._changes.insert_many(voids, ordered=False)
        except BulkWriteError as error:
            # A number that was used after all is no gap any more.
            if any(failure["code"] != _DUPLICATE for failure in error.details["writeErrors"]):
                raise


def _change(document: Document) -> Change:
    return Change(
        sequence=document["_id"],
        object_id=unpack_optional(document["vo"]),
        number=document["n"],
        op=document["op"],
    )
