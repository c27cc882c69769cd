"""Reindexing: whatever happened to the derived collections, the versions alone bring them back."""

from __future__ import annotations

import threading
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo import MongoClient

from cdr.errors import Conflict
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle
from tests.support.commits import Uids, commit_of, composition, new_ehr, new_version, pulse

INDEXES = ("ix", "ix_draft", "ix_hist")


def fill(store: TenantStore) -> str:
    """Store objects in every state an object can be in; return the EHR's id."""
    uids = Uids()
    ehr, commit = new_ehr(uids, subject=("fnr", "1"))
    store.versions.create_ehr(ehr, commit)
    done, draft, deleted = Lifecycle.COMPLETE, Lifecycle.INCOMPLETE, Lifecycle.DELETED
    for states in (
        [done],
        [done, done],
        [draft],
        [done, draft, draft],
        [draft, done],
        [done, deleted],
        [done, deleted, done],
    ):
        object_id = uids.new()
        for number, lifecycle in enumerate(states, 1):
            root = None if lifecycle is deleted else composition([pulse([60 + number])])
            version = new_version(
                object_id, root, contribution=uids.new(), ehr_id=ehr.ehr_id, number=number, lifecycle=lifecycle
            )
            store.versions.commit(commit_of(version))
    store.versions.create_ehr(*new_ehr(uids, ehr_id="an-ehr-without-a-uuid"))
    return ehr.ehr_id


def derived(store: TenantStore) -> dict[str, list[dict[str, Any]]]:
    return {name: list(store.database[name].find({}, sort=[("_id", 1)])) for name in INDEXES}


def test_a_reindex_gives_the_index_that_the_commits_made(tenant_store: TenantStore) -> None:
    fill(tenant_store)
    before = derived(tenant_store)
    assert [len(before[name]) for name in INDEXES] == [7, 2, 5]
    assert tenant_store.reindex() == 9
    assert derived(tenant_store) == before


def test_a_reindex_mends_what_was_lost_changed_or_left_over(tenant_store: TenantStore) -> None:
    fill(tenant_store)
    before = derived(tenant_store)
    tenant_store.database.ix.delete_many({"n": 1})
    tenant_store.database.ix.update_many({}, {"$set": {"m": {}, "x": 0}})
    tenant_store.database.ix_draft.drop()
    tenant_store.database.ix_hist.insert_one({"_id": "orphan", "vo": "orphan", "n": 1})
    tenant_store.reindex()
    assert derived(tenant_store) == before


def test_a_reindex_counts_paths_again(tenant_store: TenantStore) -> None:
    fill(tenant_store)
    tenant_store.versions.paths.flush(force=True)
    counts = {"kind": {"$in": ["archetype", "leaf"]}}
    before = list(tenant_store.database.paths.find(counts, sort=[("_id", 1)]))
    tenant_store.database.paths.update_many({}, {"$set": {"n": 99}})
    tenant_store.reindex()
    assert list(tenant_store.database.paths.find(counts, sort=[("_id", 1)])) == before


def test_an_index_for_another_time_zone_is_refused_until_it_is_rebuilt(
    tenant_store: TenantStore, mongo_client: MongoClient[Document]
) -> None:
    uids = Uids()
    ehr, commit = new_ehr(uids)
    tenant_store.versions.create_ehr(ehr, commit)
    root = composition([pulse([70])], time="2024-05-17T12:00:00")
    version = new_version(uids.new(), root, contribution=uids.new(), ehr_id=ehr.ehr_id)
    tenant_store.versions.commit(commit_of(version))
    other = TenantStore(mongo_client, tenant_store.tenant, zone=ZoneInfo("America/New_York"))
    with pytest.raises(Conflict, match="kilde reindex"):
        other.ensure_indexes()
    other.reindex()
    other.ensure_indexes()
    moved = other.database.ix.find_one({"k": "COMPOSITION"})
    assert moved is not None
    assert moved["t"].isoformat() == "2024-05-17T16:00:00+00:00"
    with pytest.raises(Conflict, match="kilde reindex"):
        tenant_store.ensure_indexes()


def test_an_index_of_another_extractor_is_refused_until_it_is_rebuilt(tenant_store: TenantStore) -> None:
    tenant_store.database.counter.update_one({"_id": "extractor"}, {"$set": {"version": 0}})
    with pytest.raises(Conflict, match="kilde reindex"):
        tenant_store.ensure_indexes()
    tenant_store.reindex()
    tenant_store.ensure_indexes()


def test_progress_ends_at_the_total(tenant_store: TenantStore) -> None:
    fill(tenant_store)
    seen: list[tuple[int, int]] = []
    tenant_store.reindex(lambda done, total: seen.append((done, total)))
    assert seen[-1] == (9, 9)


def test_commits_during_a_reindex_are_in_the_index_afterwards(tenant_store: TenantStore) -> None:
    ehr_id = fill(tenant_store)
    uids = Uids(7)
    objects = [uids.new() for _ in range(3)]
    stop = threading.Event()

    def commits() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            for object_id in objects:
                version = new_version(
                    object_id, composition([pulse([number])]), contribution=uids.new(), ehr_id=ehr_id, number=number
                )
                tenant_store.versions.commit(commit_of(version))

    writer = threading.Thread(target=commits)
    writer.start()
    try:
        for _ in range(5):
            tenant_store.reindex()
    finally:
        stop.set()
        writer.join()
    for object_id in objects:
        head = tenant_store.versions.head(object_id)
        assert head is not None
        packed = bytes.fromhex(object_id.replace("-", ""))
        assert [one["n"] for one in tenant_store.database.ix.find({"vo": packed})] == [head.latest_number]
        superseded = sorted(one["n"] for one in tenant_store.database.ix_hist.find({"vo": packed}))
        assert superseded == list(range(1, head.latest_number))
