"""kill -9 of `kilde serve` and of its mongod while clients commit over HTTP: what got a 2xx is there, nothing by halves.

Each client changes the status and the directory of an EHR of its own, always both in one contribution, so that the two
version numbers tell whether a contribution was ever written by halves.
"""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.command import serving

CLIENTS = 4
SUBJECT = {"_type": "PARTY_SELF"}
FEEDER = {"committer": {"_type": "PARTY_IDENTIFIED", "name": "Nurse"}}


def status() -> dict[str, Any]:
    return {
        "_type": "EHR_STATUS",
        "archetype_node_id": "openEHR-EHR-EHR_STATUS.generic.v1",
        "archetype_details": {
            "archetype_id": {"value": "openEHR-EHR-EHR_STATUS.generic.v1"},
            "rm_version": "1.1.0",
        },
        "name": {"_type": "DV_TEXT", "value": "EHR status"},
        "subject": SUBJECT,
        "is_queryable": True,
        "is_modifiable": True,
    }


def folder(name: str) -> dict[str, Any]:
    return {
        "_type": "FOLDER",
        "archetype_node_id": "openEHR-EHR-FOLDER.generic.v1",
        "archetype_details": {"archetype_id": {"value": "openEHR-EHR-FOLDER.generic.v1"}, "rm_version": "1.1.0"},
        "name": {"_type": "DV_TEXT", "value": name},
    }


def change(code: str, value: str) -> dict[str, Any]:
    terminology = {"_type": "TERMINOLOGY_ID", "value": "openehr"}
    return {
        **FEEDER,
        "change_type": {
            "_type": "DV_CODED_TEXT",
            "value": value,
            "defining_code": {"_type": "CODE_PHRASE", "terminology_id": terminology, "code_string": code},
        },
    }


def version(data: dict[str, Any], preceding: str | None) -> dict[str, Any]:
    audit = change("249", "creation") if preceding is None else change("251", "modification")
    complete = {"_type": "CODE_PHRASE", "terminology_id": {"value": "openehr"}, "code_string": "532"}
    body = {
        "_type": "ORIGINAL_VERSION",
        "commit_audit": audit,
        "lifecycle_state": {"_type": "DV_CODED_TEXT", "value": "complete", "defining_code": complete},
        "data": data,
    }
    if preceding is not None:
        body["preceding_version_uid"] = {"_type": "OBJECT_VERSION_ID", "value": preceding}
    return body


class Client(threading.Thread):
    """One client with one EHR; goes on through answers of 503, ends with the server."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.ehr_id = ""
        self.acknowledged: list[tuple[str, list[str]]] = []
        self.unexpected: list[int] = []
        self.recovery = 0.0

    def run(self) -> None:
        with httpx.Client(base_url=self.base, timeout=60) as http:
            try:
                self._work(http)
            except httpx.TransportError:
                return

    def _work(self, http: httpx.Client) -> None:
        made = http.post("/ehr", headers={"Prefer": "return=representation"})
        if made.status_code != 201:
            return
        self.ehr_id = made.json()["ehr_id"]["value"]
        troubled = 0.0
        for number in range(100_000):
            heads = self._heads(http)
            if heads is None:
                troubled = troubled or time.monotonic()
                continue
            body = {
                "versions": [version(status(), heads[0]), version(folder(f"directory {number}"), heads[1])],
                "audit": change("251", "modification"),
            }
            answer = http.post(
                f"/ehr/{self.ehr_id}/contribution", json=body, headers={"Prefer": "return=representation"}
            )
            if answer.status_code == 201:
                contribution = answer.json()
                uids = [reference["id"]["value"] for reference in contribution["versions"]]
                self.acknowledged.append((contribution["uid"]["value"], uids))
                if troubled:
                    self.recovery, troubled = time.monotonic() - troubled, 0.0
            elif answer.status_code == 503:
                troubled = troubled or time.monotonic()
                assert "retry-after" in answer.headers
            else:
                self.unexpected.append(answer.status_code)

    def _heads(self, http: httpx.Client) -> tuple[str, str | None] | None:
        """Return the uids of the latest status and directory (None: no directory yet), or None if unavailable."""
        answers = [http.get(f"/ehr/{self.ehr_id}/{name}") for name in ("ehr_status", "directory")]
        if any(answer.status_code == 503 for answer in answers):
            return None
        directory = answers[1].json()["uid"]["value"] if answers[1].status_code == 200 else None
        return answers[0].json()["uid"]["value"], directory


def commit_until_killed(data: Path, *, victim: str, least: int) -> list[Client]:
    """Let clients commit so often, kill the victim (serve or mongod), and end the server; return the clients."""
    with serving(data=data) as server:
        clients = [Client(f"{server.url}/rest/openehr/v1") for _ in range(CLIENTS)]
        for client in clients:
            client.start()

        def await_commits(count: int) -> None:
            deadline = time.monotonic() + 120
            while sum(len(client.acknowledged) for client in clients) < count and time.monotonic() < deadline:
                time.sleep(0.02)

        await_commits(least)
        time.sleep(random.random() / 20)
        if victim == "mongod":
            for child in psutil.Process(server.process.pid).children(recursive=True):
                if child.name() == "mongod":
                    child.kill()
            await_commits(sum(len(client.acknowledged) for client in clients) + least)
        server.process.kill()
        server.process.wait()
        for client in clients:
            client.join()
    return clients


def check(data: Path, clients: list[Client]) -> int:
    """Start the server again and ask it for everything it acknowledged; return how many contributions that were."""
    count = 0
    with serving(data=data) as server, httpx.Client(base_url=f"{server.url}/rest/openehr/v1", timeout=60) as http:
        for client in clients:
            assert client.unexpected == []
            for contribution, uids in client.acknowledged:
                answer = http.get(f"/ehr/{client.ehr_id}/contribution/{contribution}")
                assert answer.status_code == 200
                assert [reference["id"]["value"] for reference in answer.json()["versions"]] == uids
                assert http.get(f"/ehr/{client.ehr_id}/ehr_status/{uids[0]}").status_code == 200
                assert http.get(f"/ehr/{client.ehr_id}/directory/{uids[1]}").status_code == 200
                count += 1
            if client.acknowledged:
                heads = [http.get(f"/ehr/{client.ehr_id}/{name}").json() for name in ("ehr_status", "directory")]
                numbers = [int(head["uid"]["value"].rpartition("::")[2]) for head in heads]
                # Both or neither: the status had one version before the first directory.
                assert numbers[0] == numbers[1] + 1
                assert numbers[1] >= len(client.acknowledged)
                assert heads[1]["name"]["value"].startswith("directory ")
    return count


def test_kills_of_server_and_mongod_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    clients = commit_until_killed(tmp_path, victim="mongod", least=15)
    assert max(client.recovery for client in clients) < 10
    clients += commit_until_killed(tmp_path, victim="serve", least=15)
    assert check(tmp_path, clients) >= 45


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    clients: list[Client] = []
    for place in range(20):
        clients += commit_until_killed(tmp_path, victim=("serve", "mongod")[place % 2], least=50)
    assert check(tmp_path, clients) >= 1_000
