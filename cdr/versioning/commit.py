"""`build_commit`: pure change control, from wishes to a `Commit` that the store writes whole or not at all.

Comes in: the wanted changes with the heads they build on, who commits and when. Goes out: a `Commit` whose versions
have uids, audits and encoded content; the content's own uid is the version's. Services call it and hand the result to
the store, which checks once more that the heads have not moved.
Source: RM 1.1.0, common, change_control package.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from cdr import rm
from cdr.versioning.lifecycle import check_change, check_stays
from cdr.versioning.model import (
    ChangeType,
    Commit,
    ContributionRecord,
    Lifecycle,
    NewVersion,
    ObjectKind,
    VersionRecord,
)
from cdr.versioning.uid import VersionUid, first_uid, next_uid

Encode = Callable[[rm.RmObject], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The version that a change builds on: its uid, local number and state; `taken` are all uids of the object."""

    uid: VersionUid
    number: int
    lifecycle: Lifecycle
    taken: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One wanted version.

    `base` is None for a new object, `object_id` is then its id. `root` is the content, None for a deletion; it is
    """

    kind: ObjectKind
    change_type: ChangeType
    lifecycle: Lifecycle
    audit: rm.AnyAuditDetails
    object_id: str
    base: Base | None = None
    root: rm.RmObject | None = None
    template_id: str | None = None
    template_revision: str | None = None
    attestations: tuple[rm.Attestation, ...] = ()
    other_input_uids: tuple[str, ...] = ()
    signature: str | None = None
    original: Original | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What an imported version brings along from its own system: uid, predecessor, contribution and audit."""

    uid: VersionUid
    preceding_uid: str | None
    contribution: str
    audit: rm.AnyAuditDetails


def build_commit(
    changes: Sequence[Change],
    audit: rm.AnyAuditDetails,
    *,
    contribution_uid: str,
    ehr_id: str | None,
    system_id: str,
    time: datetime,
    encode: Encode,
) -> Commit:
    """Return the commit of a contribution with one version a change.

    Errors: `Invalid` when a change does not fit the state of its object (see `cdr.versioning.lifecycle`).
    """
    versions = tuple(
        _version(change, contribution_uid, ehr_id=ehr_id, system_id=system_id, time=time, encode=encode)
        for change in changes
    )
    record = ContributionRecord(
        uid=contribution_uid,
        ehr_id=ehr_id,
        audit=audit,
        time_committed=time,
        version_uids=tuple(version.record.uid for version in versions),
    )
    return Commit(contribution=record, versions=versions)


def contribution_change_type(changes: Sequence[ChangeType]) -> ChangeType:
    """Return the change type of a contribution that names none: the one all its versions share, else 251.

    Source: RM 1.1.0, common, change_control, Contributions ("typical values").
    """
    kinds = set(changes)
    if len(kinds) == 1:
        return kinds.pop()
    if kinds <= {ChangeType.AMENDMENT, ChangeType.DELETED}:
        return ChangeType.AMENDMENT
    return ChangeType.MODIFICATION


def _version(
    change: Change, contribution_uid: str, *, ehr_id: str | None, system_id: str, time: datetime, encode: Encode
) -> NewVersion:
    base, original = change.base, change.original
    check_stays(change.kind, after=change.lifecycle)
    if original is None:
        before = base.lifecycle if base else None
        check_change(change.change_type, before=before, after=change.lifecycle, has_data=change.root is not None)
        if base is None:
            uid = first_uid(change.object_id, system_id=system_id)
        else:
            uid = next_uid(base.uid, system_id=system_id, taken=base.taken)
    else:
        uid = original.uid
    root = change.root
    if isinstance(root, rm.Locatable):
        root.uid = rm.ObjectVersionId(value=str(uid))
    record = VersionRecord(
        uid=str(uid),
        object_id=uid.object_id,
        tree=str(uid.tree),
        number=base.number + 1 if base else 1,
        kind=change.kind,
        ehr_id=ehr_id,
        contribution=original.contribution if original else contribution_uid,
        audit=original.audit if original else change.audit,
        time_committed=time,
        lifecycle=change.lifecycle,
        preceding_uid=_preceding(change),
        other_input_uids=change.other_input_uids,
        attestations=change.attestations,
        signature=change.signature,
        imported_contribution=contribution_uid if original else None,
        imported_audit=change.audit if original else None,
        template_id=change.template_id,
        template_revision=change.template_revision,
        content=None if root is None else encode(root),
    )
    return NewVersion(record=record, root=root)


def _preceding(change: Change) -> str | None:
    if change.original is not None:
        return change.original.preceding_uid
    return str(change.base.uid) if change.base else None
