"""The embedded MongoDB: what it shows to the outside, and how it survives restarts, moves and kills."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import pytest
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError, OperationFailure

from cdr.errors import Conflict, StoreUnavailable
from cdr.store.client import connect
from cdr.store.data_lock import orphaned_mongod
from cdr.store.diagnose import diagnose
from cdr.store.embedded import EmbeddedMongo

_OWNER = """
import sys, time
from cdr.store.embedded import EmbeddedMongo
mongo = EmbeddedMongo(sys.argv[1], cache_gb=0.25)
sys.stdout.write(mongo.start() + " " + str(mongo.pid) + chr(10))
sys.stdout.flush()
time.sleep(600)
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedMongo]:
    with EmbeddedMongo(tmp_path_factory.mktemp("embedded"), cache_gb=0.25) as mongo:
        yield mongo


def insert_one(uri: str) -> None:
    with connect(uri) as client:
        client["kilde_x"].things.insert_one({"_id": 1})


def count(uri: str) -> int:
    with connect(uri) as client:
        return client["kilde_x"].things.count_documents({})


def test_no_tcp_port_is_open(running: EmbeddedMongo) -> None:
    connections = psutil.Process(running.pid).net_connections("inet")
    assert [c for c in connections if c.status == psutil.CONN_LISTEN] == []


def test_socket_log_and_directory_are_private(running: EmbeddedMongo) -> None:
    folder = running._directory
    for path in (folder, folder / "mongod.sock", folder / "mongod.log", folder / "kilde.lock", folder / "mongo"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    files = [path for path in (folder / "mongo").rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if path.stat().st_mode & 0o077] == []


def test_no_network_compressor_is_offered(running: EmbeddedMongo) -> None:
    with MongoClient(running.uri, compressors="zlib") as client:
        assert "compression" not in client.admin.command("hello", compression=["zlib", "snappy", "zstd"])


def test_writes_are_journaled(running: EmbeddedMongo) -> None:
    insert_one(running.uri)
    with connect(running.uri) as client:
        assert client.admin.command("serverStatus")["wiredTiger"]["log"]["log sync operations"] > 0


def test_the_log_holds_nothing_of_what_was_stored_or_asked(running: EmbeddedMongo) -> None:
    with connect(running.uri) as client:
        things = client["kilde_x"].canaries
        things.create_index("number", unique=True)
        things.insert_one({"number": "canary13116900216"})
        with pytest.raises(DuplicateKeyError):
            things.insert_one({"number": "canary13116900216"})
        slow = {"$where": "sleep(300) || this.number == 'canary13116900216'"}
        assert things.count_documents({"number": "canary13116900216"}) == 1
        assert list(things.find(slow)) != []
        with pytest.raises(OperationFailure):
            things.find_one({"number": {"$canary13116900216": 1}})
    assert "canary13116900216" not in (running._directory / "mongod.log").read_text()


def test_a_second_start_on_the_directory_is_refused(running: EmbeddedMongo) -> None:
    with pytest.raises(Conflict, match=rf"process {os.getpid()} is using it"):
        EmbeddedMongo(running._directory).start()


def test_data_survive_a_move_of_the_directory_to_a_long_path(tmp_path: Path) -> None:
    first = tmp_path / "first"
    with EmbeddedMongo(first, cache_gb=0.25) as mongo:
        insert_one(mongo.uri)
    second = tmp_path / ("d" * 80) / ("e" * 80)
    second.parent.mkdir()
    shutil.move(first, second)
    assert len(str(second)) > 150
    with EmbeddedMongo(second, cache_gb=0.25) as mongo:
        assert count(mongo.uri) == 1


def test_mongod_that_dies_is_started_again(tmp_path: Path) -> None:
    with EmbeddedMongo(tmp_path, cache_gb=0.25) as mongo:
        insert_one(mongo.uri)
        assert mongo.pid is not None
        os.kill(mongo.pid, signal.SIGKILL)
        assert count(mongo.uri) == 1
        assert mongo.restarts == 1


def test_a_killed_owner_leaves_no_mongod_and_no_lock(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    uri, pid = owner.stdout.readline().split()
    insert_one(uri)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    with EmbeddedMongo(tmp_path, cache_gb=0.25) as mongo:
        assert mongo.pid != int(pid)
        assert count(mongo.uri) == 1


def test_a_mongod_that_outlived_its_owner_is_recognised_and_ended(tmp_path: Path) -> None:
    with EmbeddedMongo(tmp_path, cache_gb=0.25) as mongo:
        insert_one(mongo.uri)
        assert mongo.pid is not None
        command = psutil.Process(mongo.pid).cmdline()
    # The same command without the launcher: the kernel does not end this one.
    orphan = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while orphaned_mongod(tmp_path) != orphan.pid and time.monotonic() < deadline:
            time.sleep(0.05)
        assert orphaned_mongod(tmp_path) == orphan.pid
        with EmbeddedMongo(tmp_path, cache_gb=0.25) as mongo:
            assert count(mongo.uri) == 1
            assert orphan.wait(timeout=5) is not None
    finally:
        orphan.kill()
        orphan.wait()


def test_the_lock_file_of_another_process_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "mongo").mkdir()
    (tmp_path / "mongo" / "mongod.lock").write_text(f"{os.getpid()}\n")
    assert orphaned_mongod(tmp_path) is None


def test_stop_is_clean(tmp_path: Path) -> None:
    mongo = EmbeddedMongo(tmp_path, cache_gb=0.25)
    mongo.start()
    pid = mongo.pid
    link = Path(unquote(urlsplit(mongo.uri).netloc))
    assert link.is_symlink()
    mongo.stop()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert (tmp_path / "mongo" / "mongod.lock").read_text() == ""
    assert not link.is_symlink()
    assert '"exitCode":0' in (tmp_path / "mongod.log").read_text()


def test_diagnosis_finds_nothing_where_all_is_well(tmp_path: Path) -> None:
    assert diagnose(tmp_path / "not" / "yet" / "there") == []


def test_an_absent_program_is_named(tmp_path: Path) -> None:
    absent = tmp_path / "mongod"
    assert diagnose(tmp_path, mongod=absent) == [f"The mongod program should be at {absent}; nothing is there."]
    with pytest.raises(StoreUnavailable, match="nothing is there"):
        EmbeddedMongo(tmp_path, mongod=absent).start()


def test_a_missing_shared_library_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ldd = tmp_path / "ldd"
    ldd.write_text("#!/bin/sh\necho '\tlibcurl.so.4 => not found'\necho '\tlibc.so.6 => /lib/libc.so.6 (0x1)'\n")
    ldd.chmod(0o755)
    program = tmp_path / "mongod"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert diagnose(tmp_path, mongod=program) == [
        "mongod should find the shared libraries libcurl.so.4; run: apt-get install libcurl4."
    ]


def test_a_program_that_ends_at_once_gives_an_error_and_frees_the_directory(tmp_path: Path) -> None:
    program = tmp_path / "mongod"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(StoreUnavailable, match="ended during its start"):
        EmbeddedMongo(tmp_path, mongod=program).start()
    with EmbeddedMongo(tmp_path, cache_gb=0.25) as mongo:
        assert mongo.pid is not None
