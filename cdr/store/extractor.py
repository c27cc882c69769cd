"""What the index of a tenant was made with: the version of the extractor, and the time zone of bare dates.

Kept in the database, so that a newer program, or another setting, does not mix two kinds of numbers in one index and
answer queries wrongly: it is refused until the index has been rebuilt.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pymongo import ReturnDocument
from pymongo.database import Database

from cdr.errors import Conflict
from cdr.store.client import Document
from cdr.store.layout import COUNTER, EXTRACTOR_VERSION

_KEY = {"_id": "extractor"}


def check_extractor(database: Database[Document], zone: ZoneInfo) -> None:
    """Raise `Conflict` when the index was made by another extractor or for another zone; note ours if it is new."""
    ours = {"version": EXTRACTOR_VERSION, "zone": zone.key}
    noted = database[COUNTER].find_one(_KEY) or database[COUNTER].find_one_and_update(
        _KEY, {"$setOnInsert": ours}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert noted is not None
    if noted["version"] != EXTRACTOR_VERSION:
        raise Conflict(
            f"The query index should be of version {EXTRACTOR_VERSION}, it is of {noted['version']}; "
            "run: kilde reindex",
            code="IndexOutdated",
        )
    if noted["zone"] != zone.key:
        raise Conflict(
            f"The query index should be for the time zone {zone.key}, it is for {noted['zone']}; run: kilde reindex",
            code="IndexOutdated",
        )


def note_extractor(database: Database[Document], zone: ZoneInfo) -> None:
    """Note that the whole index was made by this extractor for the zone."""
    database[COUNTER].update_one(_KEY, {"$set": {"version": EXTRACTOR_VERSION, "zone": zone.key}}, upsert=True)
