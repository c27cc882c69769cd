"""Commits that come at once share a transaction, and none of them is refused, or held up, because of another."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from aql.access import AccessFilter
from cdr.errors import Conflict, StoreUnavailable
from cdr.ports import Write
from cdr.store.group_commit import GroupCommit
from cdr.store.tenant import TenantStore
from tests.support.commits import Uids, commit_of, composition, new_ehr, new_version, pulse

ALL = AccessFilter.everything()


class Gate:
    """Carries nothing out, but holds the first transaction until it is opened and notes who came together."""

    def __init__(self, *, fails: int = 0, error: BaseException | None = None) -> None:
        self.open = threading.Event()
        self.sizes: list[int] = []
        self._fails = fails
        self._error = error

    def __call__(self, writes: Sequence[Write]) -> None:
        """Take part in a transaction."""
        self.sizes.append(len(writes))
        if len(self.sizes) == 1:
            self.open.wait(10)
        elif self._error is not None and len(writes) > self._fails:
            raise self._error


def writes(count: int) -> list[Write]:
    """Return contributions of one new composition each."""
    uids = Uids(1)
    ehr, _ = new_ehr(uids)
    made = (
        new_version(uids.new(), composition([pulse([60])]), contribution=uids.new(), ehr_id=ehr.ehr_id)
        for _ in range(count)
    )
    return [Write(commit=commit_of(version)) for version in made]


def gathered(gate: Gate, several: Sequence[Write], *, wait: float = 0.05) -> list[Exception | None]:
    """Write one contribution, then others while it is under way; return what each met."""
    group = GroupCommit(gate)

    def one(write: Write) -> Exception | None:
        try:
            group.write(write)
        except (Conflict, StoreUnavailable) as error:
            return error
        except SystemExit:
            return RuntimeError("the thread was ended")
        return None

    with ThreadPoolExecutor(len(several)) as pool:
        waiting = [pool.submit(one, several[0])]
        while not gate.sizes:
            time.sleep(0.001)
        waiting += [pool.submit(one, write) for write in several[1:]]
        time.sleep(wait)
        gate.open.set()
        return [each.result(10) for each in waiting]


def test_what_comes_during_a_transaction_is_written_in_the_next_together() -> None:
    gate = Gate()
    assert gathered(gate, writes(7)) == [None] * 7
    assert gate.sizes == [1, 6]


def test_two_about_one_object_never_share_a_transaction() -> None:
    gate = Gate()
    several = writes(3)
    assert gathered(gate, [several[0], several[1], several[1], several[2]]) == [None] * 4
    assert gate.sizes == [1, 2, 1]


def test_after_a_refusal_each_is_tried_alone() -> None:
    gate = Gate(fails=1, error=Conflict("one of several"))
    assert gathered(gate, writes(4)) == [None] * 4
    assert sorted(gate.sizes) == [1, 1, 1, 1, 3]


def test_a_lost_database_is_told_to_everybody() -> None:
    gate = Gate(error=StoreUnavailable("gone", code="OutcomeUnknown"))
    met = gathered(gate, writes(4))
    assert met[0] is None
    assert [getattr(error, "code", None) for error in met[1:]] == ["OutcomeUnknown"] * 3
    assert len({id(error) for error in met[1:]}) == 3


def test_a_thread_that_is_ended_while_it_leads_makes_no_success_of_it() -> None:
    met = gathered(Gate(error=SystemExit()), writes(4))
    assert met[0] is None
    assert sorted(type(error).__name__ for error in met[1:]) == ["RuntimeError", "StoreUnavailable", "StoreUnavailable"]


def test_a_transaction_that_hangs_holds_the_others_up_for_a_moment_only() -> None:
    gate = Gate()
    group = GroupCommit(gate)
    several = writes(3)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(group.write, several[0])
        while not gate.sizes:
            time.sleep(0.001)
        begun = time.monotonic()
        group.write(several[1])
        group.write(several[2])
        assert time.monotonic() - begun < 2
        assert not hanging.done()
        assert group.is_busy
        gate.open.set()
        hanging.result(10)
    assert not group.is_busy
    group.write(several[0])
    assert gate.sizes == [1, 1, 1, 1]


@pytest.mark.parametrize("clients", [24])
def test_commits_at_once_with_some_refused_are_stored_just_as_answered(tenant_store: TenantStore, clients: int) -> None:
    uids = Uids(1)
    ehr, status = new_ehr(uids)
    tenant_store.versions.create_ehr(ehr, status)

    def one(place: int) -> str | None:
        owner = Uids(900 + place).new() if place % 4 == 3 else ehr.ehr_id
        space = Uids(100 + place)
        version = new_version(space.new(), composition([pulse([60 + place])]), contribution=space.new(), ehr_id=owner)
        try:
            tenant_store.versions.commit(commit_of(version))
        except Conflict as error:
            assert error.code == "EhrGone"
            return None
        return version.record.uid

    with ThreadPoolExecutor(clients) as pool:
        stored = {uid for uid in pool.map(one, range(clients)) if uid is not None}
    assert len(stored) == 18
    found = tenant_store.database.version.find({"k": "COMPOSITION"}, {"_id": 1})
    assert {document["_id"] for document in found} == stored
    deadline = time.monotonic() + 15
    feed = tenant_store.versions.changes(after=0, limit=1000)
    while sum(change.op == "put" for change in feed) < 19 and time.monotonic() < deadline:
        time.sleep(0.05)
        feed = tenant_store.versions.changes(after=0, limit=1000)
    assert sum(change.op == "put" for change in feed) == 19
