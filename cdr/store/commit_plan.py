"""What a commit writes, worked out before the transaction: pure but for new numbers of the path dictionary.

`plan_commit` comes from a `Commit`; `cdr.store.unit_of_work` carries the plan out. Several versions of one object in
one contribution are followed in their order, so that only the last states reach `ix` and `ix_draft`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cdr import rm
from cdr.errors import VersionConflict
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.ids import StoredId, pack_id
from cdr.store.index_document import index_document, is_indexed, superseded
from cdr.store.paths import PathDictionary
from cdr.store.records import contribution_document, head_fields, new_head, version_document
from cdr.versioning.model import Commit, EhrRecord, NewVersion, VersionRecord


@dataclass(slots=True)
class ObjectPlan:
    """What happens to one versioned object.

    `expected` is what the head must show, None for a new object, whose whole head is in `head`; else `head` holds the
    fields to set. `displaces_index` and `displaces_draft` are when the stored documents of `ix` and
    `ix_draft` were superseded, None if they stay. `index` and `draft` are the new ones; `history` goes to `ix_hist`.
    """

    vo: StoredId
    expected: Document | None
    head: Document
    displaces_index: datetime | None = None
    displaces_draft: datetime | None = None
    index: Document | None = None
    draft: Document | None = None
    history: list[Document] = field(default_factory=list)


@dataclass(slots=True)
class WritePlan:
    """All that one commit writes; `changes` lack their sequence numbers."""

    contribution: Document
    versions: list[Document]
    objects: list[ObjectPlan]
    changes: list[Document]
    new_ehr: EhrRecord | None = None
    changed_ehr: EhrRecord | None = None


def plan_commit(
    commit: Commit,
    *,
    paths: PathDictionary,
    blobs: Blobs,
    new_ehr: EhrRecord | None = None,
    changed_ehr: EhrRecord | None = None,
) -> WritePlan:
    """Return what the commit writes; `VersionConflict` when its own versions of one object do not follow each other."""
    objects: dict[str, ObjectPlan] = {}
    for version in commit.versions:
        record = version.record
        known = objects.get(record.object_id)
        if known is None:
            objects[record.object_id] = _begin(record)
            known = objects[record.object_id]
        else:
            if not _follows(record, known.head):
                raise VersionConflict(
                    "Versions of one object in a contribution should follow each other.", latest_uid=known.head["uid"]
                )
            known.head |= head_fields(record)
        _follow(known, version, paths=paths)
    return WritePlan(
        contribution=contribution_document(commit.contribution),
        versions=[version_document(version.record, blobs=blobs) for version in commit.versions],
        objects=list(objects.values()),
        changes=changes_of([version.record for version in commit.versions]),
        new_ehr=new_ehr,
        changed_ehr=changed_ehr,
    )


def changes_of(records: Sequence[VersionRecord]) -> list[Document]:
    """Return the change documents of some versions, without their sequence numbers."""
    return [
        {"vo": pack_id(record.object_id), "n": record.number, "op": "delete" if record.is_deleted else "put"}
        for record in records
    ]


def plan_index(versions: Iterable[NewVersion], *, paths: PathDictionary) -> ObjectPlan:
    """Return the index documents that all versions of one object, in their order, leave behind."""
    plan: ObjectPlan | None = None
    for version in versions:
        plan = plan or ObjectPlan(vo=pack_id(version.record.object_id), expected=None, head={})
        _follow(plan, version, paths=paths)
    if plan is None:
        raise ValueError("an object should have at least one version")
    return plan


def _begin(record: VersionRecord) -> ObjectPlan:
    vo = pack_id(record.object_id)
    if record.number == 1:
        return ObjectPlan(vo=vo, expected=None, head=new_head(record))
    # An imported version names its predecessor where it came from, which need not be the last one here.
    is_import = record.imported_audit is not None
    expected: Document = {"n": record.number - 1} if is_import else {"uid": record.preceding_uid}
    return ObjectPlan(vo=vo, expected=expected, head=head_fields(record))


def _follows(record: VersionRecord, head: Document) -> bool:
    """Tell whether a version comes right after a head."""
    if record.imported_audit is not None:
        return bool(record.number == head["n"] + 1)
    return bool(record.preceding_uid == head["uid"])


def _follow(plan: ObjectPlan, version: NewVersion, *, paths: PathDictionary) -> None:
    """Take the effect of one more version into the plan.

    A complete version supersedes the complete one and the draft before it, a deletion as well; a draft supersedes
    only a draft, so that default answers go on showing the last complete version.
    """
    record = version.record
    until = record.time_committed
    if plan.draft is not None:
        plan.history.append(superseded(plan.draft, _uid(record, plan.draft), until=until))
        plan.draft = None
    plan.displaces_draft = plan.displaces_draft or until
    if record.is_complete or record.is_deleted:
        if plan.index is not None:
            plan.history.append(superseded(plan.index, _uid(record, plan.index), until=until))
            plan.index = None
        plan.displaces_index = plan.displaces_index or until
    if not is_indexed(record):
        return
    root: rm.RmObject | None = version.root
    if root is None:
        raise ValueError("a version with content should come with its RM object")
    document = index_document(record, root, paths=paths)
    if record.is_complete:
        plan.index = document
    elif not record.is_deleted:
        plan.draft = document


def _uid(record: VersionRecord, document: Document) -> str:
    return f"{record.object_id}::{document['u']}"
