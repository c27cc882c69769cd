"""Entries of the access log that are written a moment later: none is lost, doubled or passed over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from cdr.errors import StoreUnavailable
from cdr.identity import Caller, SystemClock
from cdr.store.access_log import MongoAccessLog
from cdr.store.access_queue import QueuedAccessLog
from cdr.store.client import connect
from cdr.store.tenant import TenantStore

CALLER = Caller(tenant="t", person="kari", role="clinician")


@pytest.fixture
def queue(tenant_store: TenantStore) -> Iterator[QueuedAccessLog]:
    """A queue before an empty log."""
    queue = QueuedAccessLog(tenant_store.access_log)
    yield queue
    queue.close()


def record(queue: QueuedAccessLog, detail: str) -> None:
    queue.record(CALLER, action="read", resource="COMPOSITION", ehr_ids=[], detail=detail)


def written(store: TenantStore) -> list[object]:
    """Return the details of what the database has, the newest first."""
    return [entry["detail"] for entry in store.access_log.entries(limit=10_000)]


def test_an_entry_is_in_the_database_a_moment_later(queue: QueuedAccessLog, tenant_store: TenantStore) -> None:
    record(queue, "one")
    deadline = time.monotonic() + 5
    while not written(tenant_store) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert written(tenant_store) == ["one"]


def test_who_asks_for_entries_sees_those_of_just_now(queue: QueuedAccessLog) -> None:
    for number in range(3):
        record(queue, str(number))
        assert next(iter(queue.entries(limit=1)))["detail"] == str(number)


def test_entries_of_many_threads_are_all_written_once_by_the_end(tenant_store: TenantStore) -> None:
    queue = QueuedAccessLog(tenant_store.access_log)

    def work(own: int) -> None:
        for at in range(200):
            record(queue, f"{own}-{at}")

    threads = [threading.Thread(target=work, args=(own,)) for own in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.close()
    found = written(tenant_store)
    assert len(found) == 1600
    assert set(found) == {f"{own}-{at}" for own in range(8) for at in range(200)}


def test_an_entry_after_the_end_is_written_at_once(queue: QueuedAccessLog, tenant_store: TenantStore) -> None:
    queue.close()
    record(queue, "late")
    assert written(tenant_store) == ["late"]


def test_entries_that_are_written_again_stand_there_once(tenant_store: TenantStore) -> None:
    log = MongoAccessLog(tenant_store.database, clock=SystemClock())
    noted = [one for at in range(3) for one in log.noted(CALLER, action="read", resource=str(at), ehr_ids=[])]
    log.write(noted[:2])
    log.write(noted)
    log.write(noted[2:])
    assert len(list(log.entries())) == 3


def test_without_a_database_accesses_are_refused_after_a_moment_and_none_is_dropped() -> None:
    with connect("mongodb://127.0.0.1:9/?directConnection=true", selection_ms=100) as client:
        queue = QueuedAccessLog(TenantStore(client, "absent").access_log)
        record(queue, "kept")
        with pytest.raises(StoreUnavailable):
            queue.flush()
        with pytest.raises(StoreUnavailable):
            record(queue, "told that it was not written")
        assert len(queue._waiting) == 2
        queue.close()
