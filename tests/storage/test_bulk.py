"""Many contributions in one transaction: the same outcome as one at a time, only faster."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from aql.access import AccessFilter
from cdr.errors import Conflict, VersionConflict
from cdr.ports import Write
from cdr.store.commit_plan import BATCH_BYTES, BATCH_VERSIONS, batches
from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle, ObjectKind
from tests.support.commits import Uids, commit_of, composition, ehr_status, new_ehr, new_version, pulse

ALL = AccessFilter.everything()


def ehr_writes(uids: Uids, *, compositions: int) -> Iterator[Write]:
    """Yield a new EHR, and compositions of it of which each second is amended and each third deleted at once."""
    ehr, status = new_ehr(uids)
    yield Write(commit=status, new_ehr=ehr)
    for place in range(compositions):
        object_id = uids.new()
        states = [Lifecycle.COMPLETE]
        states += [Lifecycle.COMPLETE] if place % 2 else []
        states += [] if place % 3 else [Lifecycle.DELETED]
        for number, lifecycle in enumerate(states, 1):
            root = None if lifecycle is Lifecycle.DELETED else composition([pulse([60 + place % 40])])
            version = new_version(
                object_id, root, contribution=uids.new(), ehr_id=ehr.ehr_id, number=number, lifecycle=lifecycle
            )
            yield Write(commit=commit_of(version))


def contents(store: TenantStore) -> dict[str, object]:
    """Return everything stored but sequence numbers and times of the clock."""
    names = ("version", "ix", "ix_hist", "ix_draft", "vo", "ehr", "contribution")
    found: dict[str, object] = {
        name: list(store.database[name].find({}, {"q": 0}, sort=[("_id", 1)])) for name in names
    }
    feed = store.versions.changes(after=0, limit=10_000)
    return {**found, "change": [(change.object_id, change.number, change.op) for change in feed]}


def test_the_outcome_is_that_of_single_commits(tenant_store: TenantStore) -> None:
    versions = tenant_store.versions
    for write in ehr_writes(Uids(1), compositions=12):
        if write.new_ehr is not None:
            versions.create_ehr(write.new_ehr, write.commit)
        else:
            versions.commit(write.commit)
    singly = contents(tenant_store)
    # The path dictionary stays, so that numbers are the same.
    for name in ("version", "ix", "ix_hist", "ix_draft", "vo", "ehr", "contribution", "change"):
        tenant_store.database[name].delete_many({})
    tenant_store.database.counter.delete_one({"_id": "q"})
    assert versions.commit_all(ehr_writes(Uids(1), compositions=12)) == 23
    assert contents(tenant_store) == singly


def test_an_error_leaves_what_came_before_it_and_nothing_after(tenant_store: TenantStore) -> None:
    writes = list(ehr_writes(Uids(1), compositions=4))
    writes.insert(3, writes[1])
    with pytest.raises((Conflict, VersionConflict)):
        tenant_store.versions.commit_all(writes)
    stored = [tenant_store.versions.contribution(write.commit.contribution.uid, access=ALL) for write in writes]
    assert [one is not None for one in stored] == [True] * 4 + [False] * (len(writes) - 4)


def test_nothing_is_written_into_an_absent_ehr(tenant_store: TenantStore) -> None:
    writes = list(ehr_writes(Uids(1), compositions=3))[1:]
    with pytest.raises(Conflict):
        tenant_store.versions.commit_all(writes)
    assert tenant_store.database.version.count_documents({}) == 0


def test_more_versions_than_a_transaction_takes_are_all_stored(tenant_store: TenantStore) -> None:
    count = 2 * BATCH_VERSIONS + 100
    ehr, status = new_ehr(Uids(1))
    uids = Uids(2)

    def writes() -> Iterator[Write]:
        yield Write(commit=status, new_ehr=ehr)
        for _ in range(count):
            root = composition([pulse([70])])
            yield Write(commit=commit_of(new_version(uids.new(), root, contribution=uids.new(), ehr_id=ehr.ehr_id)))

    assert tenant_store.versions.commit_all(writes()) == count + 1
    assert tenant_store.database.ix.count_documents({}) == count + 1
    changes = tenant_store.versions.changes(after=0, limit=count + 100)
    assert [change.sequence for change in changes] == list(range(1, count + 2))


def test_batches_keep_to_their_bounds_and_order() -> None:
    uids = Uids(1)
    large = composition([pulse([70])])
    large.name.value = "x" * (BATCH_BYTES // 3)
    roots = [large] * 4 + [composition([pulse([70])]) for _ in range(5)]
    writes = [
        Write(commit=commit_of(new_version(uids.new(), root, contribution=uids.new(), ehr_id=uids.new())))
        for root in roots
    ]
    found = list(batches(writes))
    assert [len(batch) for batch in found] == [2, 7]
    assert [write for batch in found for write in batch] == writes


def test_an_ehr_is_changed_with_the_commit(tenant_store: TenantStore) -> None:
    uids = Uids(1)
    ehr, status = new_ehr(uids)
    changed = dataclasses.replace(ehr, is_queryable=False)
    version = new_version(
        ehr.status_object_id,
        ehr_status(),
        contribution=uids.new(),
        ehr_id=ehr.ehr_id,
        number=2,
        kind=ObjectKind.EHR_STATUS,
    )
    tenant_store.versions.commit_all(
        [Write(commit=status, new_ehr=ehr), Write(commit=commit_of(version), changed_ehr=changed)]
    )
    assert tenant_store.versions.ehr(ehr.ehr_id, access=ALL) == changed
