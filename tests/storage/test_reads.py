"""What readers see: the change feed, pages of EHRs, what is purged, and what an access filter hides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aql.access import AccessFilter
from cdr.errors import Conflict, VersionConflict
from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle, ObjectKind
from tests.storage.scene import ALL, Scene
from tests.support.commits import START, commit_of, composition, new_ehr, new_version, pulse


@pytest.fixture
def scene(tenant_store: TenantStore) -> Scene:
    return Scene(tenant_store)


def test_ehr_ids_are_paged_in_order(scene: Scene) -> None:
    for _ in range(5):
        scene.versions.create_ehr(*new_ehr(scene.uids))
    scene.versions.create_ehr(*new_ehr(scene.uids, ehr_id="not-a-uuid"))
    everything = scene.versions.ehr_ids(access=ALL)
    pages: list[str] = []
    while page := scene.versions.ehr_ids(access=ALL, after=pages[-1] if pages else None, limit=2):
        pages += page
    assert len(everything) == 7
    assert pages == everything


def test_the_change_feed_names_each_change_in_order(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    scene.put(object_id, 2, None)
    changes = scene.versions.changes(after=0, limit=100)
    assert [(change.sequence, change.object_id, change.number, change.op) for change in changes] == [
        (1, scene.ehr.status_object_id, 1, "put"),
        (2, object_id, 1, "put"),
        (3, object_id, 2, "delete"),
    ]
    assert scene.versions.changes(after=2, limit=100) == changes[2:]
    assert scene.versions.changes(after=0, limit=2) == changes[:2]


def test_a_refused_commit_closes_its_sequence_number(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    with pytest.raises(VersionConflict):
        scene.put(object_id, 1, 71)
    scene.put(object_id, 2, 72)
    assert [change.op for change in scene.versions.changes(after=1, limit=100)] == ["put", "void", "put"]


def test_readers_wait_at_a_gap_and_close_one_that_was_left_behind(scene: Scene) -> None:
    database = scene.store.database
    database.counter.update_one({"_id": "q"}, {"$inc": {"v": 2}})
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    assert [change.sequence for change in scene.versions.changes(after=0, limit=100)] == [1]
    database.change.update_one({"_id": 4}, {"$set": {"at": START}})
    scene.versions.changes(after=0, limit=100)
    assert [change.op for change in scene.versions.changes(after=1, limit=100)] == ["void", "void", "put"]


def test_a_commit_whose_number_was_closed_meanwhile_takes_another(scene: Scene) -> None:
    scene.store.database.change.insert_one({"_id": 2, "vo": None, "n": None, "op": "void", "at": START})
    scene.put(scene.uids.new(), 1, 70)
    assert [change.op for change in scene.versions.changes(after=0, limit=100)] == ["put", "void", "put"]


def test_purging_leaves_nothing_of_the_ehr_but_purge_entries(scene: Scene) -> None:
    other, commit = new_ehr(scene.uids)
    scene.versions.create_ehr(other, commit)
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    scene.put(object_id, 2, 71)
    scene.put(object_id, 3, 72, Lifecycle.INCOMPLETE)
    assert scene.versions.purge_ehr(scene.ehr.ehr_id) is True
    database = scene.store.database
    for name in ("version", "ix", "ix_hist", "ix_draft", "vo", "contribution", "ehr"):
        assert database[name].count_documents({}) == (0 if name in ("ix_hist", "ix_draft") else 1), name
    assert scene.versions.ehr_ids(access=ALL) == [other.ehr_id]
    purged = [change for change in scene.versions.changes(after=0, limit=100) if change.op == "purge"]
    assert {change.object_id for change in purged} == {object_id, scene.ehr.status_object_id}
    assert scene.versions.purge_ehr(scene.ehr.ehr_id) is False


def test_an_interrupted_purge_is_invisible_and_can_be_finished(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    scene.store.database.ehr.update_many({}, {"$set": {"gone": START}})
    assert scene.versions.ehr(scene.ehr.ehr_id, access=ALL) is None
    assert scene.versions.ehr_by_subject("1", "fnr", access=ALL) is None
    assert scene.versions.ehr_ids(access=ALL) == []
    with pytest.raises(Conflict):
        scene.put(scene.uids.new(), 1, 71)
    assert scene.versions.purge_ehr(scene.ehr.ehr_id) is True
    assert scene.versions.latest(object_id, access=ALL) is None


def hidden(scene: Scene, object_id: str) -> list[AccessFilter]:
    """Return filters that hide the object in each of the ways there are."""
    return [
        AccessFilter(ehrs=frozenset()),
        AccessFilter(hidden_ehrs=frozenset({scene.ehr.ehr_id})),
        AccessFilter(hidden_objects=frozenset({object_id})),
        AccessFilter(hidden_templates=frozenset({"pulse"})),
    ]


def test_every_read_honours_the_access_filter(scene: Scene) -> None:
    object_id = scene.uids.new()
    uid = scene.put(object_id, 1, 70)
    stored = scene.versions.version(uid, access=ALL)
    assert stored is not None
    for access in hidden(scene, object_id):
        reads: list[Any] = [
            scene.versions.version(uid, access=access),
            scene.versions.latest(object_id, access=access),
            scene.versions.version_at(object_id, START + timedelta(days=1), access=access),
            scene.versions.contribution(stored.contribution, access=access),
        ]
        assert reads == [None] * 4, access
        assert scene.versions.history(object_id, access=access) == []
        assert scene.versions.heads(scene.ehr.ehr_id, ObjectKind.COMPOSITION, access=access) == []


def test_ehrs_honour_the_access_filter(scene: Scene) -> None:
    for access in hidden(scene, "")[:2]:
        assert scene.versions.ehr(scene.ehr.ehr_id, access=access) is None
        assert scene.versions.ehr_by_subject("1", "fnr", access=access) is None
        assert scene.versions.ehr_ids(access=access) == []


def test_a_contribution_leaves_out_what_is_hidden(scene: Scene) -> None:
    contribution = scene.uids.new()
    versions = [
        new_version(scene.uids.new(), composition([pulse([80])]), contribution=contribution, ehr_id=scene.ehr.ehr_id)
        for _ in range(2)
    ]
    scene.versions.commit(commit_of(*versions))
    access = AccessFilter(hidden_objects=frozenset({versions[0].record.object_id}))
    found = scene.versions.contribution(contribution, access=access)
    assert found is not None
    assert found.version_uids == (versions[1].record.uid,)


def test_heads_come_oldest_first(scene: Scene) -> None:
    objects = [scene.uids.new() for _ in range(3)]
    for place, object_id in enumerate(reversed(objects)):
        version = new_version(
            object_id,
            composition([pulse([70])]),
            contribution=scene.uids.new(),
            ehr_id=scene.ehr.ehr_id,
            time=START + timedelta(hours=place),
        )
        scene.versions.commit(commit_of(version))
    heads = scene.versions.heads(scene.ehr.ehr_id, ObjectKind.COMPOSITION, access=ALL)
    assert [head.object_id for head in heads] == objects[::-1]
