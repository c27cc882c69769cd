"""A replica set that changes its primary under load: nothing lost, nothing doubled, and the only error is 'try again'."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from cdr.errors import StoreUnavailable
from cdr.store.client import connect
from cdr.store.ids import unpack_id
from cdr.store.layout import version_uid
from cdr.store.tenant import TenantStore
from tests.support.commits import Uids, commit_of, composition, new_ehr, new_version, pulse
from tests.support.replica_set import ReplicaSet, replica_set

WRITERS = 4


@pytest.fixture(scope="module")
def members() -> Iterator[ReplicaSet]:
    with replica_set() as started:
        yield started


class Load:
    """Writers that commit until stopped, each commit under uids of its own."""

    def __init__(self, store: TenantStore) -> None:
        self.store = store
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.unknown: list[str] = []
        self.errors: list[BaseException] = []
        self.longest_pause = 0.0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(place,)) for place in range(WRITERS)]

    def run(self, trouble: Callable[[], None]) -> None:
        """Write while the trouble goes on, and for a moment after it."""
        for thread in self._threads:
            thread.start()
        try:
            trouble()
            time.sleep(1)
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _write(self, place: int) -> None:
        uids = Uids(place + 1)
        ehr, status = new_ehr(uids)
        self.store.versions.create_ehr(ehr, status)
        last = time.monotonic()
        while not self._stop.is_set():
            version = new_version(uids.new(), composition([pulse([70])]), contribution=uids.new(), ehr_id=ehr.ehr_id)
            try:
                self.store.versions.commit(commit_of(version))
                self.acknowledged.append(version.record.uid)
                self.longest_pause = max(self.longest_pause, time.monotonic() - last)
                last = time.monotonic()
            except StoreUnavailable as error:
                (self.unknown if error.code == "OutcomeUnknown" else self.refused).append(version.record.uid)
            except BaseException as error:
                self.errors.append(error)

    def check(self) -> None:
        """Compare what is stored with what was answered."""
        assert self.errors == []
        database = self.store.database
        stored = [one["_id"] for one in database.version.find({"k": "COMPOSITION"}, {"_id": 1})]
        assert set(self.acknowledged) <= set(stored)
        assert set(self.refused).isdisjoint(stored)
        assert set(stored) <= set(self.acknowledged) | set(self.unknown)
        assert {version_uid(one) for one in database.ix.find({"k": "COMPOSITION"})} == set(stored)
        listed = Counter(uid for one in database.contribution.find() for uid in one["v"])
        assert set(listed.values()) == {1}
        put = Counter(unpack_id(one["vo"]) for one in database.change.find({"op": "put"}))
        assert set(put.values()) == {1}
        assert len(put) == len(listed) == database.version.count_documents({})


def loaded(members: ReplicaSet, tenant: str, trouble: Callable[[], None]) -> Load:
    """Run writers while the trouble goes on, check the store, and return what they did."""
    with connect(members.uri) as client:
        store = TenantStore(client, tenant)
        store.ensure_indexes()
        load = Load(store)
        load.run(trouble)
        load.check()
        return load


def test_a_step_down_and_a_killed_primary_lose_and_double_nothing(members: ReplicaSet) -> None:
    def trouble() -> None:
        time.sleep(1)
        members.step_down()
        time.sleep(3)
        killed = members.kill_primary()
        members.primary()
        members.start_member(killed)

    load = loaded(members, "short", trouble)
    assert len(load.acknowledged) >= 10  # how many depends on the machine; that work went on does not
    assert load.longest_pause < 15


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_step_downs_for_two_minutes_lose_and_double_nothing(members: ReplicaSet) -> None:
    def trouble() -> None:
        for _ in range(24):
            time.sleep(5)
            members.step_down()
        killed = members.kill_primary()
        members.primary()
        time.sleep(5)
        members.start_member(killed)
        time.sleep(5)

    load = loaded(members, "long", trouble)
    assert len(load.acknowledged) > 1_000
    assert load.longest_pause < 15


@pytest.mark.torture
@pytest.mark.timeout(300)
def test_a_primary_that_hangs_loses_and_doubles_nothing(members: ReplicaSet) -> None:
    def trouble() -> None:
        time.sleep(2)
        frozen = members.freeze_primary()
        time.sleep(25)
        members.thaw(frozen)
        time.sleep(5)

    load = loaded(members, "frozen", trouble)
    assert len(load.acknowledged) > 100
    assert load.longest_pause < 20
