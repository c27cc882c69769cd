"""A database that is away, or is not what is needed: every call says so in the same words, and soon."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import (
    AutoReconnect,
    DocumentTooLarge,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from aql.access import AccessFilter
from cdr.errors import NotSupported, StoreUnavailable, TimedOut, TooLarge
from cdr.identity import Caller
from cdr.store import counters, unit_of_work
from cdr.store.client import Document, connect
from cdr.store.control import MongoUserStore
from cdr.store.embedded import EmbeddedMongo
from cdr.store.failures import store_failures
from cdr.store.mongod import find_mongod
from cdr.store.socket_link import link_to
from cdr.store.tenant import TenantStore
from cdr.versioning.model import ObjectKind
from tests.support.commits import START, Uids, commit_of, composition, new_ehr, new_version, pulse

ALL = AccessFilter.everything()
CALLER = Caller(tenant="t", person="p", role="clinician")


@pytest.fixture(scope="module")
def absent() -> Iterator[TenantStore]:
    """A store whose database cannot be reached."""
    with connect("mongodb://127.0.0.1:9/?directConnection=true", selection_ms=300) as client:
        yield TenantStore(client, "absent")


CALLS: dict[str, Callable[[TenantStore], object]] = {
    "ensure_indexes": lambda store: store.ensure_indexes(),
    "ehr": lambda store: store.versions.ehr("x", access=ALL),
    "ehr_by_subject": lambda store: store.versions.ehr_by_subject("x", "y", access=ALL),
    "ehr_ids": lambda store: store.versions.ehr_ids(access=ALL),
    "head": lambda store: store.versions.head("x"),
    "heads": lambda store: store.versions.heads("x", ObjectKind.COMPOSITION, access=ALL),
    "version": lambda store: store.versions.version("x::y::1", access=ALL),
    "latest": lambda store: store.versions.latest("x", access=ALL),
    "version_at": lambda store: store.versions.version_at("x", START, access=ALL),
    "history": lambda store: store.versions.history("x", access=ALL),
    "contribution": lambda store: store.versions.contribution("x", access=ALL),
    "changes": lambda store: store.versions.changes(after=0, limit=1),
    "purge_ehr": lambda store: store.versions.purge_ehr("x"),
    "template": lambda store: store.templates.current("x"),
    "templates": lambda store: store.templates.list(),
    "queries": lambda store: store.queries.list(),
    "access": lambda store: store.access_log.record(CALLER, action="read", resource="x", ehr_ids=[]),
    "accesses": lambda store: list(store.access_log.entries()),
    "reindex": lambda store: store.reindex(),
    "user": lambda store: MongoUserStore(store.client).user("t", "n"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_database_that_is_away_is_unavailable(absent: TenantStore, name: str) -> None:
    with pytest.raises(StoreUnavailable):
        CALLS[name](absent)


def test_a_commit_without_a_database_ends_soon(absent: TenantStore) -> None:
    uids = Uids()
    ehr, status = new_ehr(uids)
    version = new_version(uids.new(), composition([pulse([70])]), contribution=uids.new(), ehr_id=ehr.ehr_id)
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable):
        absent.versions.commit(commit_of(version))
    with pytest.raises(StoreUnavailable):
        absent.versions.create_ehr(ehr, status)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AutoReconnect("secret"), StoreUnavailable),
        (NotPrimaryError("secret"), StoreUnavailable),
        (ServerSelectionTimeoutError("secret"), StoreUnavailable),
        (OperationFailure("secret", code=11600), StoreUnavailable),
        (OperationFailure("secret", code=14031), StoreUnavailable),
        (ExecutionTimeout("secret", code=50), TimedOut),
        (DocumentTooLarge("secret"), TooLarge),
        (OperationFailure("secret", code=10334), TooLarge),
    ],
)
def test_errors_of_the_driver_become_ours_without_their_text(error: PyMongoError, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught, store_failures():
        raise error
    assert "secret" not in str(caught.value)


def test_our_own_mistakes_are_not_hidden() -> None:
    with pytest.raises(OperationFailure), store_failures():
        raise OperationFailure("unknown operator", code=2)


def test_a_mongod_without_a_replica_set_is_refused_with_what_to_do(tmp_path: Path) -> None:
    program = find_mongod()
    assert program is not None
    socket = tmp_path / "mongod.sock"
    arguments = [str(program), "--dbpath", ".", "--bind_ip", "./mongod.sock", "--logpath", "log"]
    standalone = subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        uri = f"mongodb://{str(link_to(socket)).replace('/', '%2F')}/?directConnection=true"
        client: MongoClient[Document] = connect(uri, selection_ms=30_000)
        with client, pytest.raises(NotSupported, match=r"rs\.initiate"):
            TenantStore(client, "x").ensure_indexes()
    finally:
        standalone.kill()
        standalone.wait()


def test_a_commit_into_a_database_that_hangs_is_settled_when_it_answers_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedMongo(tmp_path, cache_gb=0.25) as mongo, connect(mongo.uri) as client:
        store = TenantStore(client, "x")
        store.ensure_indexes()
        uids = Uids()
        ehr, status = new_ehr(uids)
        store.versions.create_ehr(ehr, status)
        monkeypatch.setattr(unit_of_work, "COMMIT_SECONDS", 1.0)
        monkeypatch.setattr(unit_of_work, "RESOLVE_SECONDS", 1.0)
        monkeypatch.setattr(unit_of_work, "take_numbers", freezing_take_numbers(mongo))
        version = new_version(uids.new(), composition([pulse([70])]), contribution=uids.new(), ehr_id=ehr.ehr_id)
        with pytest.raises(StoreUnavailable) as caught:
            store.versions.commit(commit_of(version))
        assert caught.value.code == "StoreUnavailable"
        assert store.versions.version(version.record.uid, access=ALL) is None
        monkeypatch.undo()
        store.versions.commit(commit_of(version))
        assert [change.op for change in store.versions.changes(after=0, limit=9)] == ["put", "void", "put"]


def freezing_take_numbers(mongo: EmbeddedMongo) -> Callable[..., int]:
    """Return the real `take_numbers`, after which mongod hangs for longer than a commit may take."""

    def take(*arguments: Any) -> int:
        number = counters.take_numbers(*arguments)
        assert mongo.pid is not None
        os.kill(mongo.pid, signal.SIGSTOP)
        threading.Timer(1.5, os.kill, (mongo.pid, signal.SIGCONT)).start()
        return number

    return take
