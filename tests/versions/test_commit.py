"""From wishes to a commit."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from cdr import rm
from cdr.errors import Invalid
from cdr.identity import Caller
from cdr.versioning.commit import Base, Change, Original, build_commit, contribution_change_type
from cdr.versioning.committal import NOTHING_SAID, audit_of
from cdr.versioning.model import ChangeType, Commit, Lifecycle, ObjectKind
from cdr.versioning.uid import read_version_uid

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
CALLER = Caller(tenant="oslo", person="nina", role="user")


def audit(change: ChangeType = ChangeType.CREATION) -> rm.AuditDetails:
    return audit_of(CALLER, NOTHING_SAID, default=change, system_id="sysB", time=NOON)


def commit_of(*changes: Change) -> Commit:
    return build_commit(
        changes,
        audit(),
        contribution_uid="c-1",
        ehr_id="e-1",
        system_id="sysB",
        time=NOON,
        encode=msgspec.json.encode,
    )


def change(kind: ChangeType, **more: object) -> Change:
    lifecycle = Lifecycle.DELETED if kind is ChangeType.DELETED else Lifecycle.COMPLETE
    folder = None if kind is ChangeType.DELETED else rm.Folder(name=rm.DvText(value="root"), archetype_node_id="at0")
    values: dict[str, object] = {
        "kind": ObjectKind.FOLDER,
        "change_type": kind,
        "lifecycle": lifecycle,
        "audit": audit(kind),
        "object_id": "o-1",
        "root": folder,
    }
    return Change(**{**values, **more})  # type: ignore[arg-type]


BASE = Base(uid=read_version_uid("o-1::sysB::3"), number=3, lifecycle=Lifecycle.COMPLETE)


def test_a_new_object_gets_version_one_and_its_content_the_same_uid() -> None:
    commit = commit_of(change(ChangeType.CREATION))
    record = commit.versions[0].record
    assert (record.uid, record.number, record.preceding_uid) == ("o-1::sysB::1", 1, None)
    assert record.content is not None
    assert msgspec.json.decode(record.content)["uid"] == {"_type": "OBJECT_VERSION_ID", "value": "o-1::sysB::1"}
    assert commit.contribution.version_uids == ("o-1::sysB::1",)
    assert record.contribution == commit.contribution.uid == "c-1"


def test_a_modification_builds_on_its_base() -> None:
    record = commit_of(change(ChangeType.MODIFICATION, base=BASE)).versions[0].record
    assert (record.uid, record.number, record.preceding_uid) == ("o-1::sysB::4", 4, "o-1::sysB::3")


def test_a_deletion_has_no_content_and_the_deleted_state() -> None:
    version = commit_of(change(ChangeType.DELETED, base=BASE)).versions[0]
    assert version.record.content is None
    assert version.root is None
    assert version.record.is_deleted


def test_one_faulty_change_refuses_the_whole_commit() -> None:
    with pytest.raises(Invalid):
        commit_of(change(ChangeType.CREATION), change(ChangeType.MODIFICATION))


def test_an_imported_version_keeps_its_uid_audit_and_contribution() -> None:
    original = Original(
        uid=read_version_uid("o-1::sysA::2"), preceding_uid="o-1::sysA::1", contribution="theirs", audit=audit()
    )
    record = commit_of(change(ChangeType.CREATION, original=original)).versions[0].record
    assert (record.uid, record.preceding_uid, record.contribution) == ("o-1::sysA::2", "o-1::sysA::1", "theirs")
    assert record.imported_contribution == "c-1"
    assert record.imported_audit is not None


@pytest.mark.parametrize(
    ("kinds", "whole"),
    [
        ([ChangeType.CREATION, ChangeType.CREATION], ChangeType.CREATION),
        ([ChangeType.DELETED], ChangeType.DELETED),
        ([ChangeType.AMENDMENT, ChangeType.DELETED], ChangeType.AMENDMENT),
        ([ChangeType.CREATION, ChangeType.DELETED], ChangeType.MODIFICATION),
    ],
)
def test_the_contribution_sums_up_its_versions(kinds: list[ChangeType], whole: ChangeType) -> None:
    assert contribution_change_type(kinds) is whole
