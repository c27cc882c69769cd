"""Carrying out a write plan: one transaction, all or nothing, with an answer that is always right.

Sequence numbers are taken outside the transaction (inside, writers would wait for each other), so they become visible
out of order, and one that is not used is closed with a change of op `void`. Who wins is decided by unique indexes and
by a compare-and-set on the head, never by isolation alone.

When the outcome of a commit is unknown (the connection broke while it was being confirmed), the first of its numbers
is closed with a `void`: if that can be written, the transaction can never come through any more; if the number is
taken, the contribution says whether it did.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import accumulate

import pymongo
from pymongo import MongoClient, ReadPreference, ReturnDocument, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from cdr.errors import Conflict, StoreUnavailable, VersionConflict
from cdr.store.client import Document
from cdr.store.commit_plan import ObjectPlan, WritePlan
from cdr.store.counters import take_numbers
from cdr.store.failures import is_unavailable, store_failures
from cdr.store.ids import unpack_id
from cdr.store.index_document import superseded
from cdr.store.layout import CHANGE, CONTRIBUTION, EHR, IX, IX_DRAFT, IX_HIST, VERSION, VO, version_uid
from cdr.versioning.model import Lifecycle

# Long enough for a restart of mongod or an election, short enough for a request.
COMMIT_SECONDS = 12.0
RESOLVE_SECONDS = 6.0

SEQUENCE = "q"

_PRESENT = {"gone": {"$exists": False}}

_SNAPSHOT = ReadConcern("snapshot")
_MAJORITY = WriteConcern("majority", j=True)
_DUPLICATE = 11000
# After these the head's object has no draft, or nothing at all, in the index.
_COMPLETE = (Lifecycle.COMPLETE.value, Lifecycle.INACTIVE.value)


class SequenceTaken(Exception):
    """A sequence number was closed by somebody else, or is lower than the last of the object: take new ones."""


class UnitOfWork:
    """Writes plans into one tenant's database; safe for several threads."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._client: MongoClient[Document] = database.client

    def write(self, plan: WritePlan) -> None:
        """Write a plan, or nothing of it.

        `VersionConflict`, `Conflict`: another came first. `StoreUnavailable`: not reachable in time, and nothing was
        written, unless even that could not be found out.
        """
        while True:
            try:
                with pymongo.timeout(COMMIT_SECONDS):
                    first = take_numbers(self._database, SEQUENCE, len(plan.changes))
            except PyMongoError as error:
                raise _translated(error) from None
            try:
                with pymongo.timeout(COMMIT_SECONDS):
                    self._run(lambda session, first=first: self._apply(plan, first, session))  # type: ignore[misc]  # a default binds `first`
                return
            except SequenceTaken:
                self.close_numbers(first, len(plan.changes))
            except (Conflict, VersionConflict):
                self.close_numbers(first, len(plan.changes))
                raise
            except DocumentTooLarge as error:
                self.close_numbers(first, len(plan.changes))
                raise _translated(error) from None
            except PyMongoError as error:
                if self._came_through(plan, first, error):
                    return
                raise _translated(error) from None

    def _run(self, work: Callable[[ClientSession], None]) -> None:
        with self._client.start_session() as session:
            session.with_transaction(
                work, read_concern=_SNAPSHOT, write_concern=_MAJORITY, read_preference=ReadPreference.PRIMARY
            )

    def close_numbers(self, first: int, count: int) -> bool:
        """Close unused sequence numbers so that readers need not wait for them; tell whether all could be closed.

        Best effort: what cannot be closed now is closed by readers later.
        """
        if not count:
            return True
        now = datetime.now(UTC)
        voids = [
            {"_id": number, "vo": None, "n": None, "op": "void", "at": now} for number in range(first, first + count)
        ]
        try:
            with pymongo.timeout(RESOLVE_SECONDS):
                self._database[CHANGE].insert_many(voids, ordered=False)
        except PyMongoError:
            return False
        return True

    def _came_through(self, plan: WritePlan, first: int, error: PyMongoError) -> bool:
        """Tell whether the transaction was committed although it ended with an error; StoreUnavailable if unknown."""
        # Here a time limit is our own for the whole commit, which may have been sent: no answer, not "too slow".
        if not (is_unavailable(error) or error.timeout):
            self.close_numbers(first, len(plan.changes))
            return False
        deadline = time.monotonic() + COMMIT_SECONDS
        while True:
            try:
                with pymongo.timeout(RESOLVE_SECONDS):
                    return self._resolve(plan, first)
            except PyMongoError:
                if time.monotonic() > deadline:
                    raise StoreUnavailable(
                        "The database should be reachable; whether this change was stored is not known.",
                        code="OutcomeUnknown",
                    ) from None
                time.sleep(0.1)

    def _resolve(self, plan: WritePlan, first: int) -> bool:
        try:
            self._database[CHANGE].insert_one(
                {"_id": first, "vo": None, "n": None, "op": "void", "at": datetime.now(UTC)}
            )
        except DuplicateKeyError:
            found = self._database[CONTRIBUTION].find_one({"_id": plan.contributions[0]["_id"]}, {"q": 1})
            return found is not None and found["q"] == first
        self.close_numbers(first + 1, len(plan.changes) - 1)
        return False

    def _apply(self, plan: WritePlan, first: int, session: ClientSession) -> None:
        now = datetime.now(UTC)
        self._apply_ehrs(plan, session)
        last = first + len(plan.changes) - 1
        fresh = [part for part in plan.objects if part.expected is None]
        self._insert_heads(fresh, last, session)
        for part in plan.objects:
            if part.expected is not None:
                self._move_object(part, part.expected, first, last, session)
        self._insert(VERSION, plan.versions, session, _version_exists)
        self._insert(IX, [part.index for part in fresh if part.index is not None], session, _impossible)
        self._insert(IX_DRAFT, [part.draft for part in fresh if part.draft is not None], session, _impossible)
        self._insert(IX_HIST, [one for part in plan.objects for one in part.history], session, _impossible)
        changes = [{"_id": first + place, **change, "at": now} for place, change in enumerate(plan.changes)]
        self._insert(CHANGE, changes, session, SequenceTaken)
        starts = accumulate(plan.sizes, initial=first)
        contributions = [{**document, "q": start} for document, start in zip(plan.contributions, starts, strict=False)]
        self._insert(CONTRIBUTION, contributions, session, _contribution_exists)

    def _apply_ehrs(self, plan: WritePlan, session: ClientSession) -> None:
        self._insert(EHR, plan.new_ehrs, session, _ehr_exists)
        for ehr, update in plan.changed_ehrs:
            try:
                result = self._database[EHR].update_one({"_id": ehr, **_PRESENT}, update, session=session)
            except DuplicateKeyError:
                raise _ehr_exists() from None
            if not result.matched_count:
                raise _ehr_gone()
        if plan.open_ehrs:
            # An EHR that is being purged takes no commits any more: see `cdr.store.purge`.
            cursor = self._database[EHR].find({"_id": {"$in": plan.open_ehrs}, **_PRESENT}, {"mod": 1}, session=session)
            found = {document["_id"]: document["mod"] for document in cursor}
            if len(found) < len(plan.open_ehrs):
                raise _ehr_gone()
            if not all(found.get(ehr, True) for ehr in plan.modifiable_ehrs):
                raise _ehr_locked()

    def _insert_heads(self, parts: list[ObjectPlan], last: int, session: ClientSession) -> None:
        heads = [{**part.head, "q": last} for part in parts]
        try:
            self._insert(VO, heads, session, _Exists)
        except _Exists:
            present = self._database[VO].find_one({"_id": {"$in": [head["_id"] for head in heads]}}, {"uid": 1})
            latest = None if present is None else present["uid"]
            raise VersionConflict("A new object should have an id that is not taken.", latest_uid=latest) from None

    def _move_object(self, part: ObjectPlan, expected: Document, first: int, last: int, session: ClientSession) -> None:
        """Move the head by compare-and-set, and the index documents with it."""
        before = self._database[VO].find_one_and_update(
            {"_id": part.vo, **expected, "q": {"$lt": first}},
            {"$set": {**part.head, "q": last}},
            projection={"lc": 1},
            return_document=ReturnDocument.BEFORE,
            session=session,
        )
        if before is None:
            head = self._database[VO].find_one({"_id": part.vo}, {"uid": 1, "n": 1}, session=session)
            if head is not None and all(head[name] == value for name, value in expected.items()):
                raise SequenceTaken
            raise VersionConflict(
                f"The preceding version should be the latest one of {unpack_id(part.vo)}.",
                latest_uid=None if head is None else head["uid"],
            )
        history: list[Document] = []
        if part.displaces_index is not None and before["lc"] != Lifecycle.DELETED:
            old = self._swap(IX, part, part.index, session)
            if old is not None:
                history.append(superseded(old, version_uid(old), until=part.displaces_index))
        elif part.index is not None:
            self._insert(IX, [part.index], session, _impossible)
        if part.displaces_draft is not None and before["lc"] not in (*_COMPLETE, Lifecycle.DELETED):
            old = self._swap(IX_DRAFT, part, part.draft, session)
            if old is not None:
                history.append(superseded(old, version_uid(old), until=part.displaces_draft))
        elif part.draft is not None:
            self._insert(IX_DRAFT, [part.draft], session, _impossible)
        self._insert(IX_HIST, history, session, _impossible)

    def _swap(self, name: str, part: ObjectPlan, new: Document | None, session: ClientSession) -> Document | None:
        """Put a new index document in place of the stored one, or take that away; return what stood there."""
        collection = self._database[name]
        if new is None:
            return collection.find_one_and_delete({"_id": part.vo}, session=session)
        return collection.find_one_and_replace({"_id": part.vo}, new, upsert=True, session=session)

    def _insert(
        self, name: str, documents: list[Document], session: ClientSession, duplicate: Callable[[], Exception]
    ) -> None:
        if not documents:
            return
        try:
            if len(documents) == 1:
                self._database[name].insert_one(documents[0], session=session)
            else:
                self._database[name].insert_many(documents, session=session)
        except DuplicateKeyError:
            raise duplicate() from None
        except BulkWriteError as error:
            failures = error.details.get("writeErrors", [])
            if failures and failures[0]["code"] == _DUPLICATE:
                raise duplicate() from None
            raise


class _Exists(Exception):
    """A document with the key exists."""


def _impossible() -> Exception:
    return RuntimeError("the index should have no document for an object that has none: run kilde reindex")


def _version_exists() -> Exception:
    return VersionConflict("A version uid should be new.", latest_uid=None)


def _contribution_exists() -> Exception:
    return Conflict("A contribution should have a uid that is not taken.", code="ContributionExists")


def _ehr_exists() -> Exception:
    return Conflict("An EHR should have an id and a subject that no other EHR has.", code="EhrExists")


def _ehr_gone() -> Exception:
    return Conflict("The EHR of a commit should exist.", code="EhrGone")


def _ehr_locked() -> Exception:
    return Conflict("the EHR does not allow modification (EHR_STATUS.is_modifiable is false)", code="EHR_LOCKED")


def _translated(error: Exception) -> Exception:
    """Return our error for the driver's."""
    if isinstance(error, PyMongoError) and error.timeout:
        return StoreUnavailable("The database should take a change within seconds; try again shortly.")
    try:
        with store_failures():
            raise error
    except Exception as ours:
        return ours
