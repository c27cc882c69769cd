"""Versions, versioned objects, contributions and EHRs of one tenant: the `VersionStore` of `cdr.ports`.

Every read honours the access filter: what is hidden is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from pymongo import DESCENDING
from pymongo.database import Database

from cdr.errors import Conflict, TooLarge, VersionConflict
from cdr.identity import AccessFilter
from cdr.ports import Change, Head, Write
from cdr.store.blobs import Blobs
from cdr.store.changes import ChangeFeed
from cdr.store.client import Document
from cdr.store.commit_plan import batches, plan_writes
from cdr.store.ehrs import Ehrs
from cdr.store.failures import store_failures
from cdr.store.group_commit import GroupCommit
from cdr.store.ids import pack_id, unpack_id, unpack_optional
from cdr.store.layout import CONTRIBUTION, VERSION, VO
from cdr.store.paths import PathDictionary
from cdr.store.purge import purge_ehr
from cdr.store.records import WITHOUT_CONTENT, contribution_record, head_record, version_record
from cdr.store.unit_of_work import UnitOfWork
from cdr.versioning.model import Commit, ContributionRecord, EhrRecord, ObjectKind, VersionRecord


class MongoVersionStore:
    """The `VersionStore` of one tenant; safe for several threads.

    `paths` and `blobs` are the caches of the path dictionary and of compression dictionaries, for the query runner.
    """

    def __init__(self, database: Database[Document], *, zone: tzinfo) -> None:
        self._database = database
        self._versions = database[VERSION]
        self._heads = database[VO]
        self._contributions = database[CONTRIBUTION]
        self._ehrs = Ehrs(database)
        self._feed = ChangeFeed(database)
        self._unit_of_work = UnitOfWork(database)
        self._together = GroupCommit(self._write)
        self.paths = PathDictionary(database, zone=zone)
        self.blobs = Blobs(database)

    def is_writing(self) -> bool:
        """Tell whether this process has commits under way."""
        return self._together.is_busy

    def create_ehr(self, ehr: EhrRecord, commit: Commit) -> None:
        """Store a new EHR with its first EHR_STATUS; `Conflict` when the id or the subject is taken."""
        self._together.write(Write(commit=commit, new_ehr=ehr))

    def ehr(self, ehr_id: str, *, access: AccessFilter) -> EhrRecord | None:
        """Return the EHR, or None."""
        return self._ehrs.by_id(ehr_id, access=access)

    def ehr_by_subject(self, subject_id: str, namespace: str, *, access: AccessFilter) -> EhrRecord | None:
        """Return the EHR of a subject, or None."""
        return self._ehrs.by_subject(subject_id, namespace, access=access)

    def ehr_ids(self, *, access: AccessFilter, after: str | None = None, limit: int = 100) -> list[str]:
        """Return EHR ids in order, after the given one, for paging."""
        return self._ehrs.ids(access=access, after=after, limit=limit)

    def purge_ehr(self, ehr_id: str) -> bool:
        """Delete an EHR physically with all that belongs to it; False when there is none."""
        return purge_ehr(self._database, ehr_id)

    def commit(self, commit: Commit, *, ehr: EhrRecord | None = None, needs_open_ehr: bool = False) -> None:
        """Write a contribution with its versions in one transaction.

        `VersionConflict` when a version's `preceding_uid` is not the head, `Conflict` when the contribution exists or
        its EHR does not (`EhrGone`) or must not be modified (`EHR_LOCKED`), or when the changed EHR takes the subject
        of another.
        """
        self._together.write(Write(commit=commit, changed_ehr=ehr, needs_open_ehr=needs_open_ehr))

    def commit_all(self, writes: Iterable[Write]) -> int:
        """Write many contributions in their order, many to a transaction, and return how many versions they had.

        At the first error those before it are stored, and neither it nor those after it.
        """
        versions = 0
        for batch in batches(writes):
            try:
                self._write(batch)
            except (Conflict, VersionConflict, TooLarge):
                # One of them cannot be written, or all together are too much: find out by writing each alone.
                if len(batch) == 1:
                    raise
                for write in batch:
                    self._write([write])
            versions += sum(len(write.commit.versions) for write in batch)
        return versions

    def _write(self, writes: Sequence[Write]) -> None:
        with store_failures():
            plan = plan_writes(writes, paths=self.paths, blobs=self.blobs)
        self._unit_of_work.write(plan)
        self.paths.flush()

    def head(self, object_id: str) -> Head | None:
        """Return the current state of a versioned object, or None."""
        with store_failures():
            document = self._heads.find_one({"_id": pack_id(object_id)})
        return None if document is None else head_record(document)

    def heads(self, ehr_id: str, kind: ObjectKind, *, access: AccessFilter) -> list[Head]:
        """Return the versioned objects of an EHR of one kind, oldest first."""
        if not access.allows_ehr(ehr_id):
            return []
        with store_failures():
            found = self._heads.find({"e": pack_id(ehr_id), "k": kind.value}, sort=[("t0", 1), ("_id", 1)])
            heads = [head_record(document) for document in found]
        return [head for head in heads if _allows(access, head)]

    def version(self, uid: str, *, access: AccessFilter) -> VersionRecord | None:
        """Return one version with its content, or None."""
        with store_failures():
            return self._visible(self._versions.find_one({"_id": uid}), access=access)

    def latest(self, object_id: str, *, access: AccessFilter) -> VersionRecord | None:
        """Return the newest version with its content, or None."""
        with store_failures():
            found = self._versions.find_one({"vo": pack_id(object_id)}, sort=[("n", DESCENDING)])
            return self._visible(found, access=access)

    def version_at(self, object_id: str, time: datetime, *, access: AccessFilter) -> VersionRecord | None:
        """Return the version that was the newest at a time (inclusive), or None when there was none yet."""
        with store_failures():
            found = self._versions.find_one({"vo": pack_id(object_id), "tc": {"$lte": time}}, sort=[("n", DESCENDING)])
            return self._visible(found, access=access)

    def history(self, object_id: str, *, access: AccessFilter) -> list[VersionRecord]:
        """Return all versions without their content, in the order of their numbers."""
        with store_failures():
            documents = list(self._versions.find({"vo": pack_id(object_id)}, WITHOUT_CONTENT, sort=[("n", 1)]))
        records = (self._visible(document, access=access) for document in documents)
        return [record for record in records if record is not None]

    def contribution(self, uid: str, *, access: AccessFilter) -> ContributionRecord | None:
        """Return one contribution, or None; hidden versions are left out of it, and it is hidden with its last one."""
        with store_failures():
            document = self._contributions.find_one({"_id": pack_id(uid)})
            if document is None:
                return None
            ehr_id = unpack_optional(document.get("e"))
            if ehr_id is not None and not access.allows_ehr(ehr_id):
                return None
            if access.hidden_objects or access.hidden_templates:
                visible = self._visible_uids(document["v"], access=access)
                if document["v"] and not visible:
                    return None
                document["v"] = visible
        return contribution_record(document)

    def changes(self, *, after: int, limit: int) -> list[Change]:
        """Return the change feed after a sequence number, only as far as it has no gaps."""
        return self._feed.read(after=after, limit=limit)

    def _visible(self, document: Document | None, *, access: AccessFilter) -> VersionRecord | None:
        """Return the record of a version's document, None when there is none or it is hidden."""
        if document is None:
            return None
        ehr_id = unpack_optional(document.get("e"))
        if not access.allows(ehr_id=ehr_id, object_id=unpack_id(document["vo"]), template_id=document.get("tp")):
            return None
        return version_record(document, blobs=self.blobs)

    def _visible_uids(self, uids: Iterable[str], *, access: AccessFilter) -> list[str]:
        wanted = list(uids)
        found = self._versions.find({"_id": {"$in": wanted}}, {"vo": 1, "e": 1, "tp": 1})
        visible = {
            document["_id"]
            for document in found
            if access.allows(
                ehr_id=unpack_optional(document.get("e")),
                object_id=unpack_id(document["vo"]),
                template_id=document.get("tp"),
            )
        }
        return [uid for uid in wanted if uid in visible]


def _allows(access: AccessFilter, head: Head) -> bool:
    return access.allows(ehr_id=head.ehr_id, object_id=head.object_id, template_id=head.template_id)
