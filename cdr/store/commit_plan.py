"""What a transaction writes, worked out before it: pure but for new numbers of the path dictionary.

`plan_writes` makes the plan of one or more contributions; `cdr.store.unit_of_work` carries it out. Several versions of
one object are followed in their order, so that only the last states reach `ix` and `ix_draft`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cdr import rm
from cdr.errors import VersionConflict
from cdr.ports import Write
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.ids import StoredId, pack_id
from cdr.store.index_document import index_document, is_indexed, superseded
from cdr.store.paths import PathDictionary
from cdr.store.records import contribution_document, ehr_document, ehr_update, head_fields, new_head, version_document
from cdr.versioning.model import Commit, EhrRecord, NewVersion, VersionRecord

# More in one transaction is no faster, and holds up others for longer.
BATCH_VERSIONS = 1_000
BATCH_BYTES = 16 * 1024 * 1024


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
    """All that one transaction writes; `changes` lack their sequence numbers, and `contributions` their first one.

    `sizes` are the numbers of changes of each contribution; `changed_ehrs` the ids and updates of EHRs; `open_ehrs`
    those that have to exist before and are not touched, `modifiable_ehrs` which of them must allow modification.
    """

    contributions: list[Document]
    sizes: list[int]
    versions: list[Document]
    objects: list[ObjectPlan]
    changes: list[Document]
    new_ehrs: list[Document]
    changed_ehrs: list[tuple[StoredId, Document]]
    open_ehrs: list[StoredId]
    modifiable_ehrs: set[StoredId]


def plan_writes(writes: Sequence[Write], *, paths: PathDictionary, blobs: Blobs) -> WritePlan:
    """Return what some contributions write together, in their order.

    `VersionConflict` when their versions of one object do not follow each other.
    """
    objects: dict[str, ObjectPlan] = {}
    records = [version.record for write in writes for version in write.commit.versions]
    for write in writes:
        if not write.commit.versions:
            raise ValueError("a contribution should have at least one version")
        for version in write.commit.versions:
            _take_in(objects, version, paths=paths)
    new_ehrs = [ehr_document(write.new_ehr) for write in writes if write.new_ehr is not None]
    changed_ehrs = [_ehr_change(write.changed_ehr, write.commit) for write in writes if write.changed_ehr is not None]
    touched = {pack_id(write.commit.contribution.ehr_id) for write in writes if write.commit.contribution.ehr_id}
    return WritePlan(
        contributions=[contribution_document(write.commit.contribution) for write in writes],
        sizes=[len(write.commit.versions) for write in writes],
        versions=[version_document(record, blobs=blobs) for record in records],
        objects=list(objects.values()),
        changes=[_change(record) for record in records],
        new_ehrs=new_ehrs,
        changed_ehrs=changed_ehrs,
        open_ehrs=list(touched - {document["_id"] for document in new_ehrs} - {ehr for ehr, _ in changed_ehrs}),
        modifiable_ehrs={
            pack_id(write.commit.contribution.ehr_id)
            for write in writes
            if write.needs_open_ehr and write.commit.contribution.ehr_id
        },
    )


def batches(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """Yield contributions in batches for one transaction each: at most 1,000 versions and 16 MiB of content.

    A contribution that is larger has a batch of its own.
    """
    batch: list[Write] = []
    versions, size = 0, 0
    for write in writes:
        count = len(write.commit.versions)
        weight = sum(len(version.record.content or b"") for version in write.commit.versions)
        if batch and (versions + count > BATCH_VERSIONS or size + weight > BATCH_BYTES):
            yield batch
            batch, versions, size = [], 0, 0
        batch.append(write)
        versions, size = versions + count, size + weight
    if batch:
        yield batch


def plan_index(versions: Iterable[NewVersion], *, paths: PathDictionary) -> ObjectPlan:
    """Return the index documents that all versions of one object, in their order, leave behind."""
    plan: ObjectPlan | None = None
    for version in versions:
        plan = plan or ObjectPlan(vo=pack_id(version.record.object_id), expected=None, head={})
        _follow(plan, version, paths=paths)
    if plan is None:
        raise ValueError("an object should have at least one version")
    return plan


def _take_in(objects: dict[str, ObjectPlan], version: NewVersion, *, paths: PathDictionary) -> None:
    record = version.record
    known = objects.get(record.object_id)
    if known is None:
        known = _begin(record)
        objects[record.object_id] = known
    else:
        if not _follows(record, known.head):
            raise VersionConflict(
                "Versions of one object in a contribution should follow each other.", latest_uid=known.head["uid"]
            )
        known.head |= head_fields(record)
    _follow(known, version, paths=paths)


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


def _ehr_change(ehr: EhrRecord, commit: Commit) -> tuple[StoredId, Document]:
    return pack_id(ehr.ehr_id), ehr_update(ehr, {version.record.kind for version in commit.versions})


def _change(record: VersionRecord) -> Document:
    return {"vo": pack_id(record.object_id), "n": record.number, "op": "delete" if record.is_deleted else "put"}
