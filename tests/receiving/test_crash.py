"""kill -9 of the server and of its mongod while messages come in: none is lost, none is stored twice.

Every message holds two items; whatever got an answer or a receipt has to be there after the next start, without being
sent again, and what got neither is sent again as a sender would.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from cdr import resources
from tests.receiving.conftest import RECEIVE, SOURCES, new_ehr
from tests.receiving.messages import ANNA, FHIR, as_bytes, bundle, condition
from tests.support.command import Server, serving
from tests.support.http import BASE, upload

SENDERS = 4


def message(number: int) -> bytes:
    """Return a message of two items: one of its own, and a version of an item that all messages share."""
    own = condition(f"own-{number}")
    shared = condition(
        f"shared-{number % 7}", changed=f"2024-03-01T00:00:00.{number:06}Z", code={"text": f"nr {number}"}
    )
    return as_bytes(bundle(own, shared, key=f"m{number}"))


@contextmanager
def client_of(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def kill(server: Server, *, with_mongod: bool) -> None:
    """End the server at once, and its mongod too or only by its own death."""
    process = psutil.Process(server.process.pid)
    children = process.children(recursive=True)
    process.kill()
    if with_mongod:
        for child in children:
            if child.is_running():
                child.kill()
    psutil.wait_procs([process, *children], timeout=30)


def send_until_it_dies(server: Server, numbers: list[int], *, stop_after: int, with_mongod: bool) -> set[int]:
    """Send messages from several senders, kill the server on the way, and return the numbers that got an answer."""
    answered: set[int] = set()

    def send(number: int) -> None:
        try:
            with client_of(server) as client:
                answer = client.post(f"{RECEIVE}/fastlege", content=message(number), headers={"content-type": FHIR})
        except httpx.HTTPError:
            return
        if answer.status_code in (200, 201):
            answered.add(number)

    with ThreadPoolExecutor(SENDERS) as pool:
        work = [pool.submit(send, number) for number in numbers]
        deadline = time.monotonic() + 120
        while len(answered) < stop_after and time.monotonic() < deadline and not all(one.done() for one in work):
            time.sleep(0.005)
        kill(server, with_mongod=with_mongod)
    return answered


def receipts(client: httpx.Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get(f"{RECEIVE}/fastlege/receipt", params={"limit": 10_000}).json()[
        "receipts"
    ]
    return found


def await_recovery(client: httpx.Client, server: Server) -> None:
    """Wait until no receipt is open; the server finishes them by itself."""
    deadline = time.monotonic() + 60
    while any(receipt["state"] == "open" for receipt in receipts(client)):
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.1)


def loses_none_and_doubles_none(folder: Path, *, count: int, rounds: int, seed: int) -> None:
    choice = random.Random(seed)
    waiting = list(range(count))
    data = folder / "data"
    for turn in range(rounds):
        with serving(data=data) as server:
            if turn == 0:
                with client_of(server) as client:
                    template = resources.folder("templates") / "diagnosehistorikk.opt"
                    upload(client, template.read_bytes())
                    source = {**SOURCES["fastlege"], "mappings": ["fhir_condition_bundle"]}
                    assert client.put(f"{RECEIVE}/fastlege", json=source).status_code == 200
                    new_ehr(client, ANNA)
            share = max(1, len(waiting) // (rounds - turn + 1))
            stop_after = choice.randint(1, share)
            answered = send_until_it_dies(server, waiting, stop_after=stop_after, with_mongod=turn % 2 == 0)
        waiting = [number for number in waiting if number not in answered]
    with serving(data=data) as server, client_of(server) as client:
        await_recovery(client, server)
        receipted = {str(receipt["message_id"]) for receipt in receipts(client)}
        assert {f"m{number}" for number in range(count)} - {f"m{number}" for number in waiting} <= receipted
        for number in waiting:
            answer = client.post(f"{RECEIVE}/fastlege", content=message(number), headers={"content-type": FHIR})
            assert answer.status_code == (200 if f"m{number}" in receipted else 201), answer.text
        check(client, count)


def check(client: httpx.Client, count: int) -> None:
    """Every message has one receipt that is done, every own item one version, every shared item its newest."""
    found = receipts(client)
    assert Counter(str(receipt["message_id"]) for receipt in found) == {f"m{number}": 1 for number in range(count)}
    assert {receipt["state"] for receipt in found} == {"done"}
    outcomes: Counter[str] = Counter()
    for receipt in found:
        counts = receipt["counts"]
        assert isinstance(counts, dict)
        assert sum(counts.values()) == 2
        outcomes.update(counts)
    assert outcomes["quarantined"] == outcomes["unchanged"] == 0
    aql = (
        "SELECT d/data[at0001]/items[at0002]/value/value AS text, c/uid/value AS uid FROM EHR e CONTAINS COMPOSITION c "
        "CONTAINS EVALUATION d LIMIT 10000"
    )
    rows = client.post(f"{BASE}/query/aql", json={"q": aql}).json()["rows"]
    own = [uid for text, uid in rows if not text.startswith("nr ")]
    assert len(own) == count
    assert {uid.rsplit("::", 1)[1] for uid in own} == {"1"}
    newest = {max(number for number in range(count) if number % 7 == rest) for rest in range(min(7, count))}
    assert sorted(int(text[3:]) for text, _ in rows if text.startswith("nr ")) == sorted(newest)
    # Each version of a shared item was made by a message that says so: no commit happened twice.
    versions = sum(int(uid.rsplit("::", 1)[1]) for text, uid in rows if text.startswith("nr "))
    assert versions + count == outcomes["stored"] + outcomes["updated"]


@pytest.mark.slow
def test_killing_the_server_while_it_receives_loses_no_message_and_doubles_none(tmp_path: Path) -> None:
    loses_none_and_doubles_none(tmp_path, count=40, rounds=1, seed=1)


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_killing_the_server_while_it_receives_a_thousand_messages_loses_none_and_doubles_none(tmp_path: Path) -> None:
    loses_none_and_doubles_none(tmp_path, count=1_000, rounds=6, seed=2)
