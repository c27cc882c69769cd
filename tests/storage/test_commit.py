"""Commits: what is there afterwards, and who wins when two want the same."""

from __future__ import annotations

import base64
import dataclasses
import random
from datetime import timedelta

import pytest

from cdr import rm
from cdr.errors import Conflict, TooLarge, VersionConflict
from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle, NewVersion, ObjectKind
from tests.storage.scene import ALL, Scene
from tests.support.commits import (
    START,
    SYSTEM,
    audit,
    commit_of,
    composition,
    ehr_status,
    element,
    new_ehr,
    new_version,
    phrase,
    pulse,
    text,
    tree,
)


@pytest.fixture
def scene(tenant_store: TenantStore) -> Scene:
    return Scene(tenant_store)


def test_content_comes_back_byte_for_byte(scene: Scene) -> None:
    version = new_version(
        scene.uids.new(), composition([pulse([72])]), contribution=scene.uids.new(), ehr_id=scene.ehr.ehr_id
    )
    scene.versions.commit(commit_of(version))
    assert scene.versions.version(version.record.uid, access=ALL) == version.record


def test_the_ehr_is_found_by_id_and_by_subject(scene: Scene) -> None:
    assert scene.versions.ehr(scene.ehr.ehr_id, access=ALL) == scene.ehr
    assert scene.versions.ehr_by_subject("1", "fnr", access=ALL) == scene.ehr
    assert scene.versions.ehr_by_subject("1", "other", access=ALL) is None


def test_a_second_ehr_for_a_subject_is_a_conflict_and_leaves_nothing(scene: Scene) -> None:
    ehr, commit = new_ehr(scene.uids, subject=("fnr", "1"))
    with pytest.raises(Conflict):
        scene.versions.create_ehr(ehr, commit)
    assert scene.versions.ehr(ehr.ehr_id, access=ALL) is None
    assert scene.versions.version(commit.versions[0].record.uid, access=ALL) is None
    assert scene.versions.contribution(commit.contribution.uid, access=ALL) is None


def test_a_second_ehr_with_the_id_is_a_conflict(scene: Scene) -> None:
    ehr, commit = new_ehr(scene.uids, ehr_id=scene.ehr.ehr_id)
    with pytest.raises(Conflict):
        scene.versions.create_ehr(ehr, commit)


def test_ehrs_without_a_subject_do_not_collide(scene: Scene) -> None:
    for _ in range(2):
        scene.versions.create_ehr(*new_ehr(scene.uids))
    assert len(scene.versions.ehr_ids(access=ALL)) == 3


def test_a_commit_into_an_absent_ehr_is_a_conflict(scene: Scene) -> None:
    version = new_version(
        scene.uids.new(), composition([pulse([72])]), contribution=scene.uids.new(), ehr_id=scene.uids.new()
    )
    with pytest.raises(Conflict):
        scene.versions.commit(commit_of(version))


def test_an_amendment_needs_the_latest_version_as_its_predecessor(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    latest = scene.put(object_id, 2, 71)
    with pytest.raises(VersionConflict) as caught:
        scene.put(object_id, 2, 72)
    assert caught.value.latest_uid == latest


def test_an_imported_version_needs_the_next_number_only(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)

    def imported(number: int) -> NewVersion:
        version = new_version(
            object_id,
            composition([pulse([80])]),
            contribution=scene.uids.new(),
            ehr_id=scene.ehr.ehr_id,
            number=number,
        )
        record = dataclasses.replace(
            version.record,
            uid=f"{object_id}::elsewhere::{number + 7}",
            preceding_uid=f"{object_id}::elsewhere::{number + 6}",
            imported_audit=audit(START),
            imported_contribution=scene.uids.new(),
        )
        return dataclasses.replace(version, record=record)

    with pytest.raises(VersionConflict):
        scene.versions.commit(commit_of(imported(3)))
    version = imported(2)
    scene.versions.commit(commit_of(version))
    assert scene.versions.latest(object_id, access=ALL) == version.record


def test_a_new_object_with_an_id_that_is_taken_is_a_version_conflict(scene: Scene) -> None:
    object_id = scene.uids.new()
    latest = scene.put(object_id, 1, 70)
    with pytest.raises(VersionConflict) as caught:
        scene.put(object_id, 1, 71)
    assert caught.value.latest_uid == latest


def test_a_contribution_is_written_whole_or_not_at_all(scene: Scene) -> None:
    taken, free, contribution = scene.uids.new(), scene.uids.new(), scene.uids.new()
    scene.put(taken, 1, 70)
    versions = [
        new_version(one, composition([pulse([80])]), contribution=contribution, ehr_id=scene.ehr.ehr_id)
        for one in (free, taken)
    ]
    with pytest.raises(VersionConflict):
        scene.versions.commit(commit_of(*versions))
    assert scene.versions.head(free) is None
    assert scene.versions.latest(free, access=ALL) is None
    assert scene.versions.contribution(contribution, access=ALL) is None
    assert scene.indexed("ix") == [(1, "532")]


def test_a_version_beyond_the_size_of_a_document_is_too_large_and_leaves_nothing(scene: Scene) -> None:
    root = composition([pulse([70])])
    # Random text does not shrink below three quarters when it is compressed.
    root.content = [observation_with(base64.b64encode(random.Random(1).randbytes(17 << 20)).decode())]
    version = new_version(scene.uids.new(), root, contribution=scene.uids.new(), ehr_id=scene.ehr.ehr_id)
    with pytest.raises(TooLarge):
        scene.versions.commit(commit_of(version))
    assert scene.versions.head(version.record.object_id) is None
    assert [change.op for change in scene.versions.changes(after=0, limit=10)] == ["put", "void"]


def observation_with(data: str) -> rm.Observation:
    """Return an observation with a picture of the data."""
    found = pulse([70])
    events = found.data.events
    assert events is not None
    media = rm.DvMultimedia(media_type=phrase("image/png", "IANA_media-types"), size=len(data), data=data)
    events[0].data = tree("at0001", [element("at0004", "Picture", media)])
    return found


def test_a_contribution_uid_is_used_once(scene: Scene) -> None:
    contribution = scene.uids.new()
    for expected in (None, Conflict):
        version = new_version(
            scene.uids.new(), composition([pulse([80])]), contribution=contribution, ehr_id=scene.ehr.ehr_id
        )
        if expected is None:
            scene.versions.commit(commit_of(version))
        else:
            with pytest.raises(expected):
                scene.versions.commit(commit_of(version))


def test_the_index_holds_the_newest_complete_version(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    scene.put(object_id, 2, 71)
    assert scene.indexed("ix") == [(2, "532")]
    assert scene.indexed("ix_hist") == [(1, "532")]
    superseded = scene.store.database.ix_hist.find_one({"k": "COMPOSITION"})
    assert superseded is not None
    assert superseded["_id"] == f"{object_id}::{SYSTEM}::1"
    assert superseded["te"] == START + timedelta(minutes=2)


def test_a_draft_stands_beside_the_complete_version_until_it_is_completed(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    scene.put(object_id, 2, 71, Lifecycle.INCOMPLETE)
    assert (scene.indexed("ix"), scene.indexed("ix_draft")) == ([(1, "532")], [(2, "553")])
    scene.put(object_id, 3, 72, Lifecycle.INCOMPLETE)
    assert (scene.indexed("ix"), scene.indexed("ix_draft")) == ([(1, "532")], [(3, "553")])
    scene.put(object_id, 4, 73)
    assert (scene.indexed("ix"), scene.indexed("ix_draft")) == ([(4, "532")], [])
    assert [number for number, _ in scene.indexed("ix_hist")] == [1, 2, 3]


def test_a_first_version_that_is_a_draft_is_not_in_the_index(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70, Lifecycle.INCOMPLETE)
    assert (scene.indexed("ix"), scene.indexed("ix_draft")) == ([], [(1, "553")])
    scene.put(object_id, 2, 71)
    assert (scene.indexed("ix"), scene.indexed("ix_draft")) == ([(2, "532")], [])


def test_a_deletion_takes_the_object_out_of_the_index_and_a_restoration_puts_it_back(scene: Scene) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    scene.put(object_id, 2, None)
    assert (scene.indexed("ix"), scene.indexed("ix_hist")) == ([], [(1, "532")])
    latest = scene.versions.latest(object_id, access=ALL)
    assert latest is not None
    assert latest.is_deleted
    assert latest.content is None
    scene.put(object_id, 3, 72)
    assert (scene.indexed("ix"), scene.indexed("ix_hist")) == ([(3, "532")], [(1, "532")])


def test_versions_of_one_object_may_follow_each_other_in_one_contribution(scene: Scene) -> None:
    object_id, contribution = scene.uids.new(), scene.uids.new()
    chain = [
        new_version(
            object_id,
            composition([pulse([60 + number])]),
            contribution=contribution,
            ehr_id=scene.ehr.ehr_id,
            number=number,
            lifecycle=Lifecycle.INCOMPLETE if number == 2 else Lifecycle.COMPLETE,
        )
        for number in (1, 2, 3)
    ]
    scene.versions.commit(commit_of(*chain))
    assert (scene.indexed("ix"), scene.indexed("ix_draft")) == ([(3, "532")], [])
    assert scene.indexed("ix_hist") == [(1, "532"), (2, "553")]
    head = scene.versions.head(object_id)
    assert head is not None
    assert (head.latest_number, head.time_created) == (3, START + timedelta(minutes=1))


def test_the_history_has_every_version_without_content(scene: Scene) -> None:
    object_id = scene.uids.new()
    uids = [scene.put(object_id, 1, 70), scene.put(object_id, 2, 71), scene.put(object_id, 3, None)]
    history = scene.versions.history(object_id, access=ALL)
    assert [record.uid for record in history] == uids
    assert {record.content for record in history} == {None}


@pytest.mark.parametrize(("minutes", "number"), [(0.5, None), (1, 1), (1.5, 1), (2, 2), (99, 2)])
def test_the_version_at_a_time_is_the_newest_until_then(scene: Scene, minutes: float, number: int | None) -> None:
    object_id = scene.uids.new()
    scene.put(object_id, 1, 70)
    scene.put(object_id, 2, 71)
    found = scene.versions.version_at(object_id, START + timedelta(minutes=minutes), access=ALL)
    assert (None if found is None else found.number) == number


def status_of(scene: Scene, number: int) -> NewVersion:
    """Return the next version of the EHR's status."""
    return new_version(
        scene.ehr.status_object_id,
        ehr_status(),
        contribution=scene.uids.new(),
        ehr_id=scene.ehr.ehr_id,
        number=number,
        kind=ObjectKind.EHR_STATUS,
    )


def directory_of(scene: Scene) -> NewVersion:
    """Return a first directory."""
    folder = rm.Folder(archetype_node_id="openEHR-EHR-FOLDER.generic.v1", name=text("root"))
    return new_version(
        scene.uids.new(), folder, contribution=scene.uids.new(), ehr_id=scene.ehr.ehr_id, kind=ObjectKind.FOLDER
    )


def test_a_status_and_a_directory_of_the_same_moment_do_not_undo_each_other(scene: Scene) -> None:
    closed = dataclasses.replace(scene.ehr, subject=None, is_modifiable=False, is_queryable=False)
    filed = dataclasses.replace(scene.ehr, directory_object_id=scene.uids.new())
    scene.versions.commit(commit_of(status_of(scene, 2)), ehr=closed)
    scene.versions.commit(commit_of(directory_of(scene)), ehr=filed)
    expected = dataclasses.replace(closed, directory_object_id=filed.directory_object_id)
    assert scene.versions.ehr(scene.ehr.ehr_id, access=ALL) == expected


def test_an_ehr_whose_subject_was_taken_away_frees_it(scene: Scene) -> None:
    scene.versions.commit(commit_of(status_of(scene, 2)), ehr=dataclasses.replace(scene.ehr, subject=None))
    scene.versions.create_ehr(*new_ehr(scene.uids, subject=("fnr", "1")))


def test_a_status_that_takes_the_subject_of_another_ehr_is_a_conflict(scene: Scene) -> None:
    scene.versions.create_ehr(*new_ehr(scene.uids, subject=("fnr", "2")))
    with pytest.raises(Conflict):
        scene.versions.commit(commit_of(status_of(scene, 2)), ehr=dataclasses.replace(scene.ehr, subject=("fnr", "2")))
    assert scene.versions.ehr(scene.ehr.ehr_id, access=ALL) == scene.ehr


def test_a_commit_that_needs_an_open_ehr_is_refused_in_the_transaction(scene: Scene) -> None:
    scene.store.database.ehr.update_one({}, {"$set": {"mod": False}})
    contribution, object_id = scene.uids.new(), scene.uids.new()
    version = new_version(object_id, composition([pulse([60])]), contribution=contribution, ehr_id=scene.ehr.ehr_id)
    with pytest.raises(Conflict) as caught:
        scene.versions.commit(commit_of(version), needs_open_ehr=True)
    assert caught.value.code == "EHR_LOCKED"
    assert scene.versions.version(version.record.uid, access=ALL) is None
    scene.versions.commit(commit_of(version))
    assert [change.op for change in scene.versions.changes(after=0, limit=9)] == ["put", "void", "put"]
