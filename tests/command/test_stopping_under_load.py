"""Stopping and killing a busy server: what it has acknowledged is there afterwards."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from cli.demo.residents import residents
from cli.demo.vitals import compositions
from tests.command.conftest import TEMPLATE
from tests.support.command import Server, kilde, serving

BASE = "/rest/openehr/v1"
BODY = json.dumps(next(compositions(next(residents(1))))).encode()


class Clients:
    """Four clients that commit to one EHR until the server is gone; what they were told is in `uids` and `refused`."""

    def __init__(self, url: str) -> None:
        self.uids: list[str] = []
        self.refused: list[int] = []
        self._path = url + BASE
        with httpx.Client() as client:
            self.ehr_id = client.post(f"{self._path}/ehr").headers["ETag"].removeprefix("W/").strip('"')
        self._threads = [threading.Thread(target=self._commit) for _ in range(4)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for all clients to find the server gone."""
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _commit(self) -> None:
        with httpx.Client(timeout=30) as client:
            while True:
                try:
                    answer = client.post(f"{self._path}/ehr/{self.ehr_id}/composition", content=BODY)
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.uids.append(answer.headers["ETag"].removeprefix("W/").strip('"'))
                else:
                    self.refused.append(answer.status_code)


def _busy(server: Server) -> Clients:
    """Return clients that have committed for a while."""
    assert kilde("template", "upload", str(TEMPLATE), "--server", server.url).status == 0
    clients = Clients(server.url)
    deadline = time.monotonic() + 30
    while len(clients.uids) < 40 and time.monotonic() < deadline:
        time.sleep(0.05)
    return clients


def _missing(folder: Path, clients: Clients) -> list[str]:
    """Return the acknowledged uids that a new server on the folder does not have."""
    with serving(data=folder) as server, httpx.Client(base_url=server.url + BASE) as client:
        path = f"/ehr/{clients.ehr_id}/composition/"
        return [uid for uid in clients.uids if client.get(path + uid).status_code != 200]


def test_sigterm_refuses_nothing_that_was_accepted_and_loses_nothing(tmp_path: Path) -> None:
    with serving(data=tmp_path) as server:
        clients = _busy(server)
        assert server.stop() == 0
        clients.join()
    assert len(clients.uids) >= 40
    assert clients.refused == []
    assert _missing(tmp_path, clients) == []


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.torture)])
def test_a_killed_server_has_kept_every_acknowledged_commit(tmp_path: Path, workers: str) -> None:
    with serving("--workers", workers, "--drain-seconds", "2", data=tmp_path) as server:
        clients = _busy(server)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(20)
        clients.join()
    assert len(clients.uids) >= 40
    assert _missing(tmp_path, clients) == []
