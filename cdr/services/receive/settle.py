"""Settling: a prepared item becomes the state of its composition, in the order of the source's own versions.

Whoever settles an item holds a lock on it. What orders its versions is decided by the mark of the newest version that
was ever seen, and by the note that every commit of this module leaves in the audit of the version: note and content are
written in one transaction, so that a crash in between leaves nothing that could be taken for something else. The uid of
the contribution is made of the receipt and the number of the item, and is unique in the database: an item of a message
is committed once, however often it is tried.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta

from cdr import rm
from cdr.errors import StoreUnavailable, VersionConflict
from cdr.identity import AccessFilter, Caller
from cdr.issue import Issue
from cdr.ports import VersionStore
from cdr.receipts import Mark, Outcome, Receipt, ReceiptStore
from cdr.services.committing import Wish, commit
from cdr.services.context import Context
from cdr.services.receive.items import Prepared, Unusable
from cdr.versioning.commit import Base
from cdr.versioning.committal import Committal
from cdr.versioning.model import ChangeType, Lifecycle, ObjectKind, VersionRecord
from cdr.versioning.uid import read_version_uid

LOCK = timedelta(seconds=30)
_WAIT_SECONDS = 60.0
_PAUSE_SECONDS = 0.01
_ATTEMPTS = 5
_CONTRIBUTIONS = uuid.UUID("e6b5a7de-0d3f-5bc9-8b5d-27d3c9a1f0b4")
_NOTE = re.compile(r"received from \S+, receipt (\S+), item (\d+), order (.*), content ([0-9a-f]{64}|withdrawn)")
# What is decided here is the state of the source's own items, not what the caller may read.
_ALL = AccessFilter.everything()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of an item: the outcome, and the version that says so where there is one."""

    outcome: Outcome
    version_uid: str = ""


def contribution_of(receipt_id: str, number: int) -> str:
    """Return the contribution uid of an item of a message."""
    return str(uuid.uuid5(_CONTRIBUTIONS, f"{receipt_id}\n{number}"))


def settled_before(versions: VersionStore, receipt: Receipt, number: int) -> Settled | None:
    """Return what an earlier attempt stored of an item, None when it stored nothing."""
    found = versions.contribution(contribution_of(receipt.receipt_id, number), access=_ALL)
    if found is None:
        return None
    uid = found.version_uids[0]
    version = versions.version(uid, access=_ALL)
    if version is not None and version.is_deleted:
        return Settled(outcome=Outcome.WITHDRAWN, version_uid=uid)
    is_first = read_version_uid(uid).tree.trunk == 1
    return Settled(outcome=Outcome.STORED if is_first else Outcome.UPDATED, version_uid=uid)


def settle(
    context: Context, store: ReceiptStore, caller: Caller, *, receipt: Receipt, number: int, prepared: Prepared
) -> Settled:
    """Bring the composition of an item to what its newest version says, and return what that took.

    Errors: `Unusable` when the item belongs to another resident or template than before; `StoreUnavailable`.
    """
    item = prepared.object_id
    known = _locked(context, store, item)
    mark: Mark | None = None
    try:
        for attempt in range(_ATTEMPTS):
            try:
                settled = _settle(context, caller, receipt, number, prepared, known)
                break
            except VersionConflict:
                # Somebody changed the composition by other means than receiving.
                if attempt == _ATTEMPTS - 1:
                    raise
        if known is None or known.order < prepared.order:
            withdrawn = prepared.composition is None
            mark = Mark(order=prepared.order, digest=prepared.digest, is_withdrawn=withdrawn)
        return settled
    finally:
        store.unlock(item, mark)


def _settle(
    context: Context, caller: Caller, receipt: Receipt, number: int, prepared: Prepared, mark: Mark | None
) -> Settled:
    head = context.versions.latest(prepared.object_id, access=_ALL)
    noted = _note_of(head)
    newest = max((one.order for one in (mark, noted) if one is not None), default="")
    if head is not None:
        _check_same(head, prepared)
    if newest > prepared.order:
        return Settled(outcome=Outcome.SUPERSEDED)
    if prepared.composition is None:
        if head is None or head.is_deleted:
            is_known = head is not None or (mark is not None and mark.is_withdrawn)
            return Settled(outcome=Outcome.UNCHANGED if is_known else Outcome.WITHDRAWN)
        return _commit(context, caller, receipt, number, prepared, head)
    # A version that was corrected here by other means stands until the source says something new.
    seen = noted or mark
    if head is not None and not head.is_deleted and seen is not None and seen.digest == prepared.digest:
        return Settled(outcome=Outcome.UNCHANGED, version_uid=head.uid)
    return _commit(context, caller, receipt, number, prepared, head)


def _commit(
    context: Context, caller: Caller, receipt: Receipt, number: int, prepared: Prepared, head: VersionRecord | None
) -> Settled:
    if prepared.composition is None:
        default, outcome = ChangeType.DELETED, Outcome.WITHDRAWN
    elif head is None:
        default, outcome = ChangeType.CREATION, Outcome.STORED
    elif head.is_deleted:
        default, outcome = ChangeType.RESTORATION, Outcome.UPDATED
    else:
        default, outcome = ChangeType.MODIFICATION, Outcome.UPDATED
    base = None
    if head is not None:
        uid = read_version_uid(head.uid)
        base = Base(uid=uid, number=head.number, lifecycle=Lifecycle(head.lifecycle))
    wish = Wish(
        kind=ObjectKind.COMPOSITION,
        default=default,
        root=prepared.composition,
        base=base,
        object_id=prepared.object_id,
        said=Committal(description=rm.DvText(value=_note(receipt, number, prepared))),
        template_id=prepared.template_id,
        template_revision=prepared.template_revision,
    )
    contribution = contribution_of(receipt.receipt_id, number)
    made = commit(context, caller, [wish], ehr_id=prepared.ehr_id, said=wish.said, contribution_uid=contribution)
    return Settled(outcome=outcome, version_uid=made.versions[0].record.uid)


def _check_same(head: VersionRecord, prepared: Prepared) -> None:
    """Refuse an item that was about somebody else, or under another template, before."""
    if head.ehr_id != prepared.ehr_id:
        expected = "the resident of the earlier versions of this item"
        raise Unusable([Issue(code="RCV_OTHER_RESIDENT", path="$", expected=expected)])
    if head.template_id != prepared.template_id:
        expected = f"the template of the earlier versions of this item, {head.template_id}"
        raise Unusable([Issue(code="TPL_CHANGED", path="/archetype_details/template_id", expected=expected)])


def _note(receipt: Receipt, number: int, prepared: Prepared) -> str:
    content = "withdrawn" if prepared.composition is None else prepared.digest
    return (
        f"received from {receipt.source}, receipt {receipt.receipt_id}, item {number}, "
        f"order {prepared.order}, content {content}"
    )


def _note_of(head: VersionRecord | None) -> Mark | None:
    """Return what the audit of a version says of the item's version, None where it was not written here."""
    description = head.audit.description if head is not None else None
    match = _NOTE.fullmatch(description.value) if description is not None else None
    return None if match is None else Mark(order=match[3], digest=match[4], is_withdrawn=match[4] == "withdrawn")


def _locked(context: Context, store: ReceiptStore, item: str) -> Mark | None:
    """Wait for the lock of an item and return its mark."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        now = context.clock.now()
        is_mine, mark = store.lock(item, now=now, until=now + LOCK)
        if is_mine:
            return mark
        if time.monotonic() > deadline:
            raise StoreUnavailable("An earlier version of the item should be settled soon; try again shortly.")
        time.sleep(_PAUSE_SECONDS)
