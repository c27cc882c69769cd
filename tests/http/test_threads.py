"""Slow queries hold up neither commits nor reads nor health checks: each kind of work has threads of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.identity import AccessFilter, Caller
from cdr.services.kernel import build_services
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, client_of, query_service_over, services_over, uid_in

THREADS = 2


class Gate:
    """A policy that lets the first few callers wait, in the thread that works for them, until it is opened."""

    def __init__(self) -> None:
        self.waiting = 0
        self.opened = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, caller: Caller) -> AccessFilter:
        """Return the open filter, at once or when the gate is opened."""
        with self._lock:
            must_wait = not self.opened.is_set() and self.waiting < THREADS
            self.waiting += must_wait
        if must_wait:
            assert self.opened.wait(30)
        return AccessFilter.everything()


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate, opened at the end at the latest."""
    found = Gate()
    yield found
    found.opened.set()


@pytest.fixture
def client(tenant_store: TenantStore, gate: Gate) -> Iterator[httpx.Client]:
    """A client of a server with two threads for queries."""
    context = replace(services_over(tenant_store).context, policy=gate)
    services = build_services(context, query=query_service_over(tenant_store, context))
    with client_of(create_app(services, ApiSettings(query_threads=THREADS))) as found:
        yield found


def test_stuck_queries_hold_up_nothing_else(client: httpx.Client, gate: Gate) -> None:
    def ask(_: int) -> int:
        query = {"q": "SELECT e/ehr_id/value FROM EHR e"}
        return client.get(f"{BASE}/query/aql", params=query, timeout=60).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(ask, range(6))
        deadline = time.monotonic() + 10
        while gate.waiting < THREADS and time.monotonic() < deadline:
            time.sleep(0.01)
        assert gate.waiting == THREADS
        began = time.monotonic()
        made = client.post(f"{BASE}/ehr")
        assert made.status_code == 201
        assert client.get(f"{BASE}/ehr/{uid_in(made)}").status_code == 200
        assert client.get("/health/ready").status_code == 200
        assert client.get("/health/live").status_code == 200
        assert time.monotonic() - began < 5
        assert not gate.opened.is_set()
        gate.opened.set()
        assert list(answers) == [200] * 6
