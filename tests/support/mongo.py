"""One real mongod for a test run, and an empty database for each test: nothing of the database is simulated."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pymongo import MongoClient, WriteConcern

from cdr.store.client import Document
from cdr.store.embedded import EmbeddedMongo
from cdr.store.layout import COUNTER
from cdr.store.mongod import LOG
from cdr.store.tenant import database_name
from tests.support.planted import leaks_in

_numbers = itertools.count(1)
_emptied: list[str] = []


@contextmanager
def embedded_mongo() -> Iterator[EmbeddedMongo]:
    """Give a running mongod on a temporary directory with a small cache; stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kilde-test-"))
    mongo = EmbeddedMongo(folder, cache_gb=0.25, oplog_mb=64)
    try:
        mongo.start()
        yield mongo
        mongo.stop()
        leaks = leaks_in(folder / LOG)
        assert leaks == [], "planted texts stand in the log of the database"
    finally:
        mongo.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fresh_tenant_name() -> str:
    """Return a tenant name that no other test of this run uses."""
    return f"test{next(_numbers)}"


def take_tenant() -> str:
    """Return the name of a tenant without data; its collections may be there from an earlier test, all empty."""
    return _emptied.pop() if _emptied else fresh_tenant_name()


def give_back(client: MongoClient[Document], tenant: str) -> None:
    """Empty a tenant's database for the next test: many times faster than making its indexes anew."""
    database = client[database_name(tenant)].with_options(write_concern=WriteConcern(w=1))
    for name in database.list_collection_names():
        database[name].delete_many({})
    # The last one is for a majority: then all before it are, and nobody reads what was deleted.
    client[database_name(tenant)][COUNTER].delete_many({})
    _emptied.append(tenant)
