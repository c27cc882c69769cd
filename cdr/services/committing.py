"""Committing: from checked content to stored versions, told to the access log, safe to send twice.

All services that write go through `commit`. A contribution whose uid is already there counts as the same request sent
again when it asked for exactly what is stored; then the stored versions are the answer, and nothing is written.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cdr import rm
from cdr.errors import Conflict, KildeError, TooLarge, VersionConflict
from cdr.formats import canonical_json
from cdr.identity import AccessFilter, Caller
from cdr.ports import Write
from cdr.services.context import Context
from cdr.versioning.commit import Base, Change, Original, build_commit, contribution_change_type
from cdr.versioning.committal import NOTHING_SAID, Committal, audit_of
from cdr.versioning.model import (
    ChangeType,
    Commit,
    ContributionRecord,
    EhrRecord,
    Lifecycle,
    NewVersion,
    ObjectKind,
    VersionRecord,
)

# What concerns one contribution alone; a lost database concerns all and is passed on.
_OF_ONE_COMMIT = (Conflict, VersionConflict, TooLarge)
# Contribution uids made of idempotency keys live in a namespace of their own.
_KEYS = uuid.UUID("7a6f3d3e-2c0b-5b0e-9d43-6b2c6f1d9a55")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One wanted version, before uids, audits and bytes.

    `default` is the change type when the committer names none; `base` is None for a new object, whose id is
    `object_id` or a new one; `original` is set for a version that comes from another system.
    """

    kind: ObjectKind
    default: ChangeType
    root: rm.RmObject | None
    base: Base | None = None
    object_id: str | None = None
    said: Committal = NOTHING_SAID
    template_id: str | None = None
    template_revision: str | None = None
    attestations: tuple[rm.Attestation, ...] = ()
    signature: str | None = None
    other_input_uids: tuple[str, ...] = ()
    original: Original | None = None


def contribution_uid_of(caller: Caller, ehr_id: str | None, key: str) -> str:
    """Return the contribution uid that belongs to a caller's idempotency key."""
    return str(uuid.uuid5(_KEYS, "\n".join((caller.tenant, caller.person, ehr_id or "", key))))


def commit(
    context: Context,
    caller: Caller,
    wishes: Sequence[Wish],
    *,
    ehr_id: str | None,
    said: Committal = NOTHING_SAID,
    contribution_uid: str | None = None,
    ehr: EhrRecord | None = None,
    time: datetime | None = None,
    needs_open_ehr: bool = False,
) -> Commit:
    """Store the wished versions in one contribution and return it.

    `said` is about the contribution; each wish brings its own. `contribution_uid` makes the call safe to repeat.
    Errors: `Invalid`, `VersionConflict`, `Conflict` (the contribution uid belongs to another contribution).
    """
    made = _made(context, caller, wishes, ehr_id=ehr_id, said=said, contribution_uid=contribution_uid, time=time)
    try:
        context.versions.commit(made, ehr=ehr, needs_open_ehr=needs_open_ehr)
    except Conflict:
        if contribution_uid is None:
            raise
        stored = stored_commit(context, caller, wishes, contribution_uid=contribution_uid, ehr_id=ehr_id)
        if stored is None:
            raise
        return stored
    tell(context, caller, made)
    return made


def prepared(context: Context, caller: Caller, wishes: Sequence[Wish], *, ehr_id: str | None) -> Commit:
    """Return the contribution that `commit_several` is to store. Errors: `Invalid`."""
    return _made(context, caller, wishes, ehr_id=ehr_id, said=NOTHING_SAID, contribution_uid=None, time=None)


def commit_several(context: Context, caller: Caller, commits: Sequence[Commit]) -> list[KildeError | None]:
    """Store contributions that do not build on each other, many to a transaction; say of each what it met.

    One that is refused (`Conflict`, `VersionConflict`, `TooLarge`) keeps none of the others from being stored.
    """
    try:
        context.versions.commit_all(Write(commit=made) for made in commits)
        outcomes: list[KildeError | None] = [None] * len(commits)
    except _OF_ONE_COMMIT:
        outcomes = [_alone(context, made) for made in commits]
    for made, error in zip(commits, outcomes, strict=True):
        if error is None:
            tell(context, caller, made)
    return outcomes


def create_ehr(context: Context, caller: Caller, wish: Wish, *, ehr: EhrRecord) -> Commit:
    """Store a new EHR with its first status and return the contribution. Errors: `Conflict`, `Invalid`."""
    made = _made(
        context, caller, [wish], ehr_id=ehr.ehr_id, said=wish.said, contribution_uid=None, time=ehr.time_created
    )
    context.versions.create_ehr(ehr, made)
    tell(context, caller, made)
    return made


def stored_commit(
    context: Context, caller: Caller, wishes: Sequence[Wish], *, contribution_uid: str, ehr_id: str | None
) -> Commit | None:
    """Return the stored contribution of this uid when it holds just what is wished for.

    None when there is no such contribution; `Conflict` when it holds something else.
    """
    # Who may repeat a commit may see what came of it: the filter is for reading, and this answers a write.
    access = AccessFilter.everything()
    record = context.versions.contribution(contribution_uid, access=access)
    if record is None:
        return None
    versions = [context.versions.version(uid, access=access) for uid in record.version_uids]
    if record.ehr_id != ehr_id or len(versions) != len(wishes):
        raise _another()
    for wish, version in zip(wishes, versions, strict=True):
        if version is None or not _is_same(wish, version):
            raise _another()
    context.told(caller, action="read", resource="CONTRIBUTION", ehr_ids=[ehr_id] if ehr_id else [])
    return _commit_of(record, versions)


def tell(context: Context, caller: Caller, made: Commit) -> None:
    """Tell the access log of a commit."""
    ehr_id = made.contribution.ehr_id
    for version in made.versions:
        context.told(
            caller,
            action="delete" if version.record.is_deleted else "write",
            resource=version.record.kind,
            ehr_ids=[ehr_id] if ehr_id else [],
            detail=version.record.uid,
        )


def _alone(context: Context, made: Commit) -> KildeError | None:
    """Store a contribution unless it is there; return what it met."""
    if context.versions.contribution(made.contribution.uid, access=AccessFilter.everything()) is not None:
        return None
    try:
        context.versions.commit(made)
    except _OF_ONE_COMMIT as error:
        return error
    return None


def _made(
    context: Context,
    caller: Caller,
    wishes: Sequence[Wish],
    *,
    ehr_id: str | None,
    said: Committal,
    contribution_uid: str | None,
    time: datetime | None,
) -> Commit:
    now = time or context.clock.now()
    changes = [_change(context, caller, wish, time=now) for wish in wishes]
    whole = contribution_change_type([change.change_type for change in changes])
    return build_commit(
        changes,
        audit_of(caller, said, default=whole, system_id=context.system_id, time=now),
        contribution_uid=contribution_uid or context.uids.new(),
        ehr_id=ehr_id,
        system_id=context.system_id,
        time=now,
        encode=canonical_json.encode,
    )


def _change(context: Context, caller: Caller, wish: Wish, *, time: datetime) -> Change:
    change_type = wish.said.change_type or wish.default
    return Change(
        kind=wish.kind,
        change_type=change_type,
        lifecycle=_lifecycle(wish),
        audit=audit_of(caller, wish.said, default=change_type, system_id=context.system_id, time=time),
        object_id=wish.base.uid.object_id if wish.base else wish.object_id or context.uids.new(),
        base=wish.base,
        root=wish.root,
        template_id=wish.template_id,
        template_revision=wish.template_revision,
        attestations=wish.attestations,
        signature=wish.signature,
        other_input_uids=wish.other_input_uids,
        original=wish.original,
    )


def _lifecycle(wish: Wish) -> Lifecycle:
    if wish.said.lifecycle is not None:
        return wish.said.lifecycle
    return Lifecycle.DELETED if wish.root is None else Lifecycle.COMPLETE


def _is_same(wish: Wish, version: VersionRecord) -> bool:
    preceding = str(wish.base.uid) if wish.base else None
    # The first attempt has moved the head, so a wish may now build on the very version it once made.
    builds_alike = preceding in (version.preceding_uid, version.uid)
    if version.kind is not wish.kind or version.lifecycle != _lifecycle(wish) or not builds_alike:
        return False
    if wish.root is None:
        return version.content is None
    if isinstance(wish.root, rm.Locatable):
        wish.root.uid = rm.ObjectVersionId(value=version.uid)
    return canonical_json.encode(wish.root) == version.content


def _commit_of(record: ContributionRecord, versions: Sequence[VersionRecord | None]) -> Commit:
    return Commit(
        contribution=record,
        versions=tuple(NewVersion(record=version, root=None) for version in versions if version is not None),
    )


def _another() -> Conflict:
    return Conflict("this contribution uid or idempotency key belongs to another commit", code="CONTRIBUTION_TAKEN")
