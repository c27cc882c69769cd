"""Many writers and readers at once: one winner for each head, and a change feed that nobody has to read twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pymongo import MongoClient

from aql.access import AccessFilter
from cdr.errors import Conflict, VersionConflict
from cdr.ports import Change
from cdr.store.client import Document
from cdr.store.indexes import INDEXES
from cdr.store.tenant import TenantStore
from tests.support.commits import SYSTEM, Uids, commit_of, composition, new_ehr, new_version, pulse
from tests.support.mongo import fresh_tenant_name

ALL = AccessFilter.everything()


def at_once(work: Callable[[int], None], count: int) -> None:
    """Run the work in that many threads; the first error of any is raised here."""
    errors: list[BaseException] = []

    def run(place: int) -> None:
        try:
            work(place)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def one_winner_each_round(store: TenantStore, *, writers: int, rounds: int) -> None:
    ehr, status = new_ehr(Uids())
    store.versions.create_ehr(ehr, status)
    object_id = Uids(99).new()
    spaces = [Uids(place + 1) for place in range(writers)]
    barrier = threading.Barrier(writers)
    wins: list[list[int]] = [[] for _ in range(rounds)]

    def work(place: int) -> None:
        for turn in range(rounds):
            version = new_version(
                object_id,
                None if turn % 7 == 6 else composition([pulse([turn])]),
                contribution=spaces[place].new(),
                ehr_id=ehr.ehr_id,
                number=turn + 1,
            )
            barrier.wait()
            try:
                store.versions.commit(commit_of(version))
                wins[turn].append(place)
            except VersionConflict as conflict:
                assert conflict.latest_uid is None or conflict.latest_uid >= f"{object_id}::{SYSTEM}::{turn + 1}"
            barrier.wait()

    at_once(work, writers)
    assert [len(turn) for turn in wins] == [1] * rounds
    history = store.versions.history(object_id, access=ALL)
    assert [record.number for record in history] == list(range(1, rounds + 1))


def test_of_many_writers_on_one_head_exactly_one_wins(tenant_store: TenantStore) -> None:
    one_winner_each_round(tenant_store, writers=20, rounds=8)


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_of_twenty_writers_in_two_hundred_rounds_exactly_one_wins_each(tenant_store: TenantStore) -> None:
    one_winner_each_round(tenant_store, writers=20, rounds=200)


def test_of_many_ehrs_for_one_subject_exactly_one_is_made(tenant_store: TenantStore) -> None:
    outcomes: list[str] = []

    def work(place: int) -> None:
        ehr, commit = new_ehr(Uids(place), subject=("fnr", "1"))
        try:
            tenant_store.versions.create_ehr(ehr, commit)
            outcomes.append("made")
        except Conflict:
            outcomes.append("refused")

    at_once(work, 30)
    assert sorted(outcomes) == ["made"] + ["refused"] * 29
    assert len(tenant_store.versions.ehr_ids(access=ALL)) == 1


def feed_is_whole(store: TenantStore, *, writers: int, readers: int, commits: int) -> None:
    spaces = [Uids(place + 1) for place in range(writers)]
    written: list[tuple[str, int]] = []
    done = threading.Event()
    seen: list[list[Change]] = [[] for _ in range(readers)]

    def write(place: int) -> None:
        uids = spaces[place]
        ehr, status = new_ehr(uids)
        store.versions.create_ehr(ehr, status)
        written.append((ehr.status_object_id, 1))
        object_id = uids.new()
        for number in range(1, commits + 1):
            version = new_version(
                object_id, composition([pulse([number])]), contribution=uids.new(), ehr_id=ehr.ehr_id, number=number
            )
            store.versions.commit(commit_of(version))
            written.append((object_id, number))
            if number % 5 == 0:
                # A refused commit leaves a number behind that has to be closed.
                with pytest.raises(VersionConflict):
                    store.versions.commit(commit_of(version))

    def read(place: int) -> None:
        last = 0
        while True:
            finished = done.is_set()
            changes = store.versions.changes(after=last, limit=50)
            seen[place] += changes
            if changes:
                last = changes[-1].sequence
            elif finished:
                return

    reading = [threading.Thread(target=read, args=(place,)) for place in range(readers)]
    for thread in reading:
        thread.start()
    try:
        at_once(write, writers)
    finally:
        done.set()
        for thread in reading:
            thread.join()
    for changes in seen:
        assert [change.sequence for change in changes] == list(range(1, len(changes) + 1))
        puts = [(change.object_id, change.number) for change in changes if change.op == "put"]
        assert sorted(puts) == sorted(written)  # type: ignore[type-var]
        numbers: dict[str | None, int] = {}
        for object_id, number in puts:
            assert number == numbers.get(object_id, 0) + 1
            numbers[object_id] = number


def test_readers_of_the_feed_miss_nothing_under_many_writers(tenant_store: TenantStore) -> None:
    feed_is_whole(tenant_store, writers=16, readers=4, commits=10)


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_readers_of_the_feed_miss_nothing_in_ten_thousand_commits(tenant_store: TenantStore) -> None:
    feed_is_whole(tenant_store, writers=16, readers=4, commits=625)


def test_processes_that_make_the_indexes_at_once_all_succeed(mongo_client: MongoClient[Document]) -> None:
    tenant = fresh_tenant_name()
    stores = [TenantStore(mongo_client, tenant) for _ in range(4)]
    at_once(lambda place: stores[place].ensure_indexes(), 4)
    names = [set(stores[0].database[name].index_information()) for name in INDEXES]
    assert names == [{"_id_", *(index.document["name"] for index in INDEXES[name])} for name in INDEXES]
    mongo_client.drop_database(stores[0].database.name)
