"""kill -9 of the owner and of mongod while four clients commit: what was acknowledged is there, and nothing by halves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from aql.access import AccessFilter
from cdr.store.client import connect
from cdr.store.embedded import EmbeddedMongo
from cdr.store.ids import unpack_id
from cdr.store.layout import version_uid
from cdr.store.tenant import TenantStore

ROOT = Path(__file__).resolve().parents[2]


def run_until_killed(folder: Path, space: int, *, least: int, victim: str) -> list[list[str]]:
    """Let a server commit at least so often, kill it, and return what it acknowledged: contribution and version uids.

    `victim` is owner (the server process), mongod (then the owner, after some more commits) or both.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.committer", str(folder), str(space)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    lines = []
    try:
        mongod = int(server.stdout.readline().split()[1])
        while len(lines) < least:
            lines.append(server.stdout.readline())
        time.sleep(random.random() / 20)
        if victim in ("mongod", "both"):
            os.kill(mongod, signal.SIGKILL)
        if victim == "mongod":
            # The owner starts it again, and the clients go on.
            for _ in range(least):
                lines.append(server.stdout.readline())
    finally:
        server.kill()
        lines += server.stdout.readlines()
        server.wait()
        server.stdout.close()
    return [line.split() for line in lines if line.endswith("\n") and line.strip()]


def check(folder: Path, acknowledged: list[list[str]]) -> int:
    """Start again on the folder and compare everything with what was acknowledged; return the number of versions."""
    everything = AccessFilter.everything()
    with EmbeddedMongo(folder, cache_gb=0.25) as mongo, connect(mongo.uri) as client:
        store = TenantStore(client, "crash")
        database = store.database
        versions = {one["_id"]: one for one in database.version.find({}, {"z": 0})}
        contributions = {unpack_id(one["_id"]): one for one in database.contribution.find()}
        for contribution, *uids in acknowledged:
            assert contributions[contribution]["v"] == uids
            assert all(uid in versions for uid in uids)
        # No half commit: every contribution has all its versions, every version its contribution, once.
        assert Counter(uid for one in contributions.values() for uid in one["v"]) == Counter(versions.keys())
        newest: dict[str, str] = {}
        for uid, version in sorted(versions.items(), key=lambda item: item[1]["n"]):
            newest[unpack_id(version["vo"])] = uid
            assert uid in contributions[unpack_id(version["c"])]["v"]
        assert {unpack_id(one["_id"]): one["uid"] for one in database.vo.find()} == newest
        assert {version_uid(one) for one in database.ix.find()} == set(newest.values())
        assert {one["_id"] for one in database.ix_hist.find()} == set(versions) - set(newest.values())
        put = [(unpack_id(one["vo"]), one["n"]) for one in database.change.find({"op": "put"})]
        assert sorted(put) == sorted((unpack_id(one["vo"]), one["n"]) for one in versions.values())
        for uid in [uids[-1] for _, *uids in acknowledged[-5:]]:
            record = store.versions.version(uid, access=everything)
            assert record is not None
            assert record.content is not None
        return len(versions)


def rounds(folder: Path, count: int, *, least: int) -> list[list[str]]:
    acknowledged: list[list[str]] = []
    for place in range(count):
        victim = ("mongod", "owner", "both")[place % 3]
        acknowledged += run_until_killed(folder, 1000 * (place + 1), least=least, victim=victim)
        check(folder, acknowledged)
    return acknowledged


def test_two_kills_lose_nothing(tmp_path: Path) -> None:
    assert len(rounds(tmp_path, 2, least=20)) >= 60


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_fifty_kills_lose_nothing(tmp_path: Path) -> None:
    assert len(rounds(tmp_path, 50, least=60)) >= 2_500
