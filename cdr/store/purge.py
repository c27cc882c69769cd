"""Physical deletion of an EHR: afterwards nothing of it is left but `purge` entries in the change feed.

The EHR is marked first, so that nobody sees it and no new commit is let in; commits under way are waited for by their
sequence numbers, which they took before they looked at the EHR. A purge that was interrupted goes on when it is asked
for again. The access log stays: it says who did this, and holds nothing of the record.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from cdr.errors import StoreUnavailable
from cdr.store.changes import GAP_AGE, ChangeFeed
from cdr.store.client import Document
from cdr.store.counters import take_numbers
from cdr.store.failures import store_failures
from cdr.store.ids import pack_id
from cdr.store.layout import CHANGE, COLUMNS, CONTRIBUTION, EHR, IX, IX_DRAFT, IX_HIST, VERSION, VO
from cdr.store.received_purge import forget_received
from cdr.store.unit_of_work import SEQUENCE, UnitOfWork

# Objects deleted in one transaction.
_BATCH = 100

# Sequence numbers looked at before a purge.
_WINDOW = 50_000


def purge_ehr(database: Database[Document], ehr_id: str) -> bool:
    """Delete an EHR physically with all that belongs to it; False when there is none."""
    ehr = pack_id(ehr_id)
    with store_failures():
        marked = database[EHR].update_one({"_id": ehr}, {"$set": {"gone": datetime.now(UTC)}})
        if not marked.matched_count:
            return False
        _await_commits(database)
        while True:
            heads = list(database[VO].find({"e": ehr}, {"n": 1}, limit=_BATCH))
            if not heads:
                break
            _purge_objects(database, heads)
        database[CONTRIBUTION].delete_many({"e": ehr})
        forget_received(database, ehr_id)
        # Columns that were saved hold values of everyone; they are made again without those of this EHR.
        database[COLUMNS].delete_many({})
        database[EHR].delete_one({"_id": ehr})
    return True


def _await_commits(database: Database[Document]) -> None:
    """Wait until every commit that began before now has ended."""
    barrier = take_numbers(database, SEQUENCE, 1)
    UnitOfWork(database).close_numbers(barrier, 1)
    feed = ChangeFeed(database)
    # Far more numbers than commits that last can have taken; what is older has ended.
    reached = max(0, barrier - _WINDOW)
    deadline = time.monotonic() + 3 * GAP_AGE.total_seconds()
    while reached < barrier:
        changes = feed.read(after=reached, limit=10_000)
        if changes:
            reached = changes[-1].sequence
        elif time.monotonic() > deadline:
            raise StoreUnavailable("Commits under way should end before a purge; try again.", code="PurgeWaits")
        else:
            time.sleep(0.02)


def _purge_objects(database: Database[Document], heads: list[Document]) -> None:
    objects = [head["_id"] for head in heads]
    first = take_numbers(database, SEQUENCE, len(heads))
    now = datetime.now(UTC)
    changes = [
        {"_id": first + place, "vo": head["_id"], "n": head["n"], "op": "purge", "at": now}
        for place, head in enumerate(heads)
    ]

    def work(session: ClientSession) -> None:
        for name in (VERSION, IX, IX_DRAFT, IX_HIST):
            database[name].delete_many({"vo": {"$in": objects}}, session=session)
        database[VO].delete_many({"_id": {"$in": objects}}, session=session)
        database[CHANGE].insert_many(changes, session=session)

    with database.client.start_session() as session:
        session.with_transaction(
            work,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority", j=True),
            read_preference=ReadPreference.PRIMARY,
        )
