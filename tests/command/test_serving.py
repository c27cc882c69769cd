"""`kilde serve`: ready means ready, stopping loses nothing, and nothing is left running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.support.command import environment, kilde, serving
from tests.support.tree import CHECKOUT


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def _get(url: str, path: str = "/health/live") -> bytes:
    """Return the first line of the answer."""
    with _connect(url) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: kilde\r\nConnection: close\r\n\r\n".encode())
        return connection.makefile("rb").readline().strip()


def _until(holds: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Wait until something holds; tell whether it came to hold."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


def _gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


def _family(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def test_the_ready_line_means_that_connections_are_accepted() -> None:
    with serving() as server:
        assert _get(server.url).startswith(b"HTTP/1.1 ")
        assert urlsplit(server.url).port != 0


def test_sigterm_ends_it_with_status_0_and_nothing_left_behind() -> None:
    with serving() as server:
        family = _family(server.process.pid)
        assert family
        assert server.stop() == 0
        assert _until(lambda: _gone(family))


def test_nothing_but_the_ready_line_goes_to_standard_output() -> None:
    with serving() as server:
        _get(server.url)
        server.stop()
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""


def test_a_request_under_way_is_finished_before_the_end() -> None:
    body = b'{"q": "SELECT e FROM EHR e"}'
    head = f"POST /rest/openehr/v1/query/aql HTTP/1.1\r\nHost: kilde\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving() as server, _connect(server.url) as connection:
        connection.sendall(head.encode() + body[:5])
        # The server has read the head when it is busy with it: a moment is enough on one machine.
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        with pytest.raises(ConnectionRefusedError):
            _connect(server.url)
        connection.sendall(body[5:])
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 ")
        assert server.stop() == 0


def test_draining_ends_after_the_time_it_was_given() -> None:
    with serving("--drain-seconds", "1") as server, _connect(server.url) as connection:
        connection.sendall(b"POST /rest/openehr/v1/query/aql HTTP/1.1\r\nHost: kilde\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.3)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 15


def test_sigterm_during_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "serve", "--port", "0", "--data", str(tmp_path / "data")],
        cwd=CHECKOUT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # The database's folder is made just before it is started.
    assert _until((tmp_path / "data" / "mongo").is_dir)
    family = _family(process.pid)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"")
    assert _until(lambda: _gone(family))


def test_a_data_folder_in_use_is_refused(tmp_path: Path) -> None:
    with serving(data=tmp_path) as server:
        second = kilde("serve", "--port", "0", "--data", str(tmp_path))
        assert (second.status, second.out) == (1, "")
        assert str(server.process.pid) in second.err


def test_a_port_in_use_is_refused_before_the_database_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = kilde("serve", "--port", str(port), "--data", str(tmp_path / "data"))
    assert ended.status == 2
    assert "--port" in ended.err
    assert not (tmp_path / "data").exists()


def test_another_database_may_be_used_by_two_servers(mongo_uri: str, tenant_name: str) -> None:
    options = ("--mongo-uri", mongo_uri, "--tenant", tenant_name)
    with serving(*options) as first, serving(*options) as second:
        created = kilde("ehr", "create", "--json", "--server", first.url)
        ehr_id = created.json["ehr_id"]["value"]
        assert kilde("ehr", "get", ehr_id, "--server", second.url).status == 0
        assert not any("mongod" in psutil.Process(pid).name() for pid in _family(first.process.pid))


def test_workers_share_the_port_and_are_replaced_when_they_die() -> None:
    with serving("--workers", "2") as server:
        workers = _workers(server.process.pid)
        assert len(workers) == 2
        first = min(workers)
        os.kill(first, signal.SIGKILL)
        assert _until(lambda: len(_workers(server.process.pid) - {first}) == len(workers))
        for _ in range(10):
            assert _get(server.url).startswith(b"HTTP/1.1 ")
        family = _family(server.process.pid)
        assert server.stop() == 0
        assert _until(lambda: _gone(family))


def test_nothing_survives_a_killed_parent() -> None:
    with serving("--workers", "2") as server:
        family = _family(server.process.pid)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(20)
        assert _until(lambda: _gone(family))


def _workers(pid: int) -> set[int]:
    """Return the worker processes of a server that are alive."""
    found = set()
    for child in psutil.Process(pid).children():
        try:
            if any("spawn_main" in part for part in child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.add(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found
