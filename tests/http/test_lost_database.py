"""What the server answers while its database is away, and after it has come back."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdr.store.client import connect
from cdr.store.embedded import EmbeddedMongo
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, client_over


@pytest.fixture
def mongo() -> Iterator[EmbeddedMongo]:
    """A mongod of this test's own, that may be stopped."""
    folder = Path(tempfile.mkdtemp(prefix="kilde-lost-"))
    mongo = EmbeddedMongo(folder, cache_gb=0.25, oplog_mb=64)
    try:
        mongo.start()
        yield mongo
    finally:
        mongo.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_a_lost_database_answers_503_and_comes_back(mongo: EmbeddedMongo) -> None:
    with connect(mongo.uri, selection_ms=500) as connection:
        store = TenantStore(connection, "lost")
        store.ensure_indexes()
        with client_over(store) as client:
            ehr_id = client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
            mongo.stop()
            for answer in (client.get(f"{BASE}/ehr/{ehr_id}"), client.post(f"{BASE}/ehr"), client.get("/health/ready")):
                assert answer.status_code == 503, answer.text
                assert answer.headers["retry-after"] == "2"
                assert set(answer.json()) == {"message", "code", "error", "errors"}
            assert client.get("/health/live").status_code == 200
            mongo.start()
            deadline = time.monotonic() + 20
            while client.get("/health/ready").status_code != 200 and time.monotonic() < deadline:
                time.sleep(0.1)
            assert client.get(f"{BASE}/ehr/{ehr_id}").status_code == 200
            assert client.post(f"{BASE}/ehr").status_code == 201
