"""One real mongod for a test run, and an empty database for each test: nothing of the database is simulated."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cdr.store.embedded import EmbeddedMongo

_numbers = itertools.count(1)


@contextmanager
def embedded_mongo() -> Iterator[EmbeddedMongo]:
    """Give a running mongod on a temporary directory with a small cache; stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kilde-test-"))
    mongo = EmbeddedMongo(folder, cache_gb=0.25, oplog_mb=64)
    try:
        mongo.start()
        yield mongo
    finally:
        mongo.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fresh_tenant_name() -> str:
    """Return a tenant name that no other test of this run uses."""
    return f"test{next(_numbers)}"
