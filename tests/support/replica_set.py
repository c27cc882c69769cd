"""A replica set of three real mongods on loopback, for tests of elections: each can be killed and started again."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from cdr.store.mongod import find_mongod

NAME = "kilde"


class ReplicaSet:
    """Three members; `uri` is for clients."""

    def __init__(self, folder: Path) -> None:
        program = find_mongod()
        assert program is not None
        self._program = program
        self._folder = folder
        self.ports = _free_ports(3)
        self._members: dict[int, subprocess.Popen[bytes]] = {}
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self.uri = f"mongodb://{hosts}/?replicaSet={NAME}"

    def start(self) -> None:
        """Start all members and wait for a primary."""
        for port in self.ports:
            self.start_member(port)
        config = {
            "_id": NAME,
            "members": [{"_id": place, "host": f"127.0.0.1:{port}"} for place, port in enumerate(self.ports)],
            "settings": {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500},
        }
        deadline = time.monotonic() + 30
        while True:
            try:
                with self._member(self.ports[0]) as client:
                    client.admin.command("replSetInitiate", config)
                break
            except PyMongoError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self.primary()

    def start_member(self, port: int) -> None:
        """Start one member."""
        folder = self._folder / str(port)
        folder.mkdir(exist_ok=True)
        self._members[port] = subprocess.Popen(
            [
                str(self._program),
                *("--port", str(port), "--bind_ip", "127.0.0.1", "--dbpath", str(folder), "--replSet", NAME),
                *("--nounixsocket", "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25", "--quiet"),
                *("--networkMessageCompressors", "disabled", "--logpath", str(folder / "log"), "--logappend"),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            ],
            stdout=subprocess.DEVNULL,
        )

    def primary(self, *, patience: float = 30.0) -> int:
        """Return the port of the primary, waiting for one."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for port in self.ports:
                with contextlib.suppress(PyMongoError), self._member(port) as client:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return port
            time.sleep(0.05)
        raise TimeoutError("the replica set should have a primary")

    def step_down(self) -> None:
        """Make the primary step down for a moment, so that another is elected."""
        with contextlib.suppress(PyMongoError), self._member(self.primary()) as client:
            client.admin.command("replSetStepDown", 2, secondaryCatchUpPeriodSecs=1, force=True)

    def kill_primary(self) -> int:
        """kill -9 the primary and return its port."""
        port = self.primary()
        self._members[port].kill()
        self._members[port].wait()
        return port

    def freeze_primary(self) -> int:
        """Stop the primary's process without closing its connections, and return its port."""
        port = self.primary()
        self._members[port].send_signal(signal.SIGSTOP)
        return port

    def thaw(self, port: int) -> None:
        """Let a frozen member go on."""
        self._members[port].send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End all members."""
        for member in self._members.values():
            member.kill()
        for member in self._members.values():
            member.wait()

    def _member(self, port: int) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=5000
        )


@contextmanager
def replica_set() -> Iterator[ReplicaSet]:
    """Give a running replica set on temporary directories; ended and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kilde-replica-"))
    members = ReplicaSet(folder)
    try:
        members.start()
        yield members
    finally:
        members.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
