"""`python -m bench.commits`: what commits and reads cost, with one and several clients and workers.

Each number of workers gets a server of its own on an empty store. Clients are threads of this process with one
connection each; everything goes over HTTP, every commit is validated and journaled. CPU time is told beside the rate,
since the rate depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from urllib.parse import urlsplit

import httpx

from bench.machine import about_machine
from bench.measure import BASE, prepare
from bench.processes import Cost, cost_of
from bench.server import started
from cli.demo.load import lines_of
from cli.demo.residents import SEED, residents
from cli.demo.status import ehr_status
from cli.demo.vitals import compositions

RESIDENTS = 64
CONTACTS = 10
_JSON = {"Content-Type": "application/json"}
_TARGETS = {"commit": "150/s a worker", "bulk": "500/s", "read": "p50 below 2 ms"}

# What one client does again and again: method, path, body.
Request = tuple[str, str, bytes | None]


class Run:
    """The measurements of one server."""

    def __init__(self, url: str, pid: int, *, workers: int, seconds: float) -> None:
        self._address = urlsplit(url).netloc
        self._url = url
        self._pid = pid
        self._workers = workers
        self._seconds = seconds
        self._residents = list(residents(RESIDENTS, contacts=CONTACTS))
        self._uids: list[tuple[str, str]] = []

    def rows(self, clients: Sequence[int]) -> Iterator[str]:
        """Yield the lines of the table as they are measured."""
        yield self._memory("idle")
        with httpx.Client(base_url=self._url, timeout=120) as client:
            prepare(client)
            for resident in self._residents:
                client.put(f"{BASE}/ehr/{resident.ehr_id}", json=ehr_status(resident)).raise_for_status()
        bodies = [
            [("POST", f"{BASE}/ehr/{one.ehr_id}/composition", json.dumps(each).encode()) for each in compositions(one)]
            for one in self._residents
        ]
        self._drive(1, lambda _: cycle(bodies[0]), seconds=1.5)
        for count in clients:
            yield self._row(f"commit, {count} clients", "commit", count, lambda at: cycle(bodies[at % RESIDENTS]))
        yield self._bulk()
        with httpx.Client(base_url=self._url, timeout=120) as client:
            for resident in self._residents:
                query = (
                    f"SELECT c/uid/value FROM EHR e[ehr_id/value='{resident.ehr_id}'] CONTAINS COMPOSITION c LIMIT 5"
                )
                found = client.get(f"{BASE}/query/aql", params={"q": query}).raise_for_status().json()["rows"]
                self._uids += [(resident.ehr_id, row[0]) for row in found]
        reads: list[Request] = [("GET", f"{BASE}/ehr/{ehr}/composition/{uid}", None) for ehr, uid in self._uids]
        for count in clients[:2]:
            yield self._row(f"read a composition, {count} clients", "read", count, lambda _: cycle(reads))
        yield self._memory("loaded")

    def _row(self, what: str, target: str, clients: int, requests: Callable[[int], Iterator[Request]]) -> str:
        before = cost_of(self._pid)
        times, spent = self._drive(clients, requests, seconds=self._seconds)
        after = cost_of(self._pid)
        ordered = sorted(times)
        middle, late = ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3
        rate = f"{len(times) / spent:.0f}"
        figures = f"{rate} | {middle:.1f} | {late:.1f} | {_cpu(before, after, len(times))}"
        return f"| {self._workers} | {what} | {figures} | {_TARGETS[target]} |"

    def _drive(
        self, clients: int, requests: Callable[[int], Iterator[Request]], *, seconds: float
    ) -> tuple[list[float], float]:
        """Return how long each request took, and how long all together."""
        times: list[float] = []
        faults: list[str] = []
        stop = time.perf_counter() + seconds

        def work(number: int) -> None:
            connection = http.client.HTTPConnection(self._address, timeout=60)
            connection.connect()
            for method, path, body in requests(number):
                begun = time.perf_counter()
                if begun > stop or faults:
                    break
                connection.request(method, path, body, _JSON)
                answer = connection.getresponse()
                answer.read()
                times.append(time.perf_counter() - begun)
                if answer.status >= 300:
                    faults.append(f"the server answered {answer.status}")
            connection.close()

        begun = time.perf_counter()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise SystemExit(faults[0])
        return times, time.perf_counter() - begun

    def _bulk(self) -> str:
        lines = [line for resident in self._residents for line in lines_of(resident, seed=SEED)]
        before, stored, begun = cost_of(self._pid), 0, time.perf_counter()
        with httpx.Client(base_url=self._url, timeout=120) as client:
            while time.perf_counter() - begun < self._seconds:
                answer = client.post(
                    "/rest/kilde/v1/bulk/composition",
                    content=b"\n".join(lines),
                    headers={"Content-Type": "application/x-ndjson"},
                ).raise_for_status()
                stored += answer.json()["stored"]
        spent = time.perf_counter() - begun
        figures = f"{stored / spent:.0f} | | | {_cpu(before, cost_of(self._pid), stored)}"
        return f"| {self._workers} | bulk, {len(lines)} lines at once | {figures} | {_TARGETS['bulk']} |"

    def _memory(self, word: str) -> str:
        cost = cost_of(self._pid)
        figures = f"server {cost.server_bytes / 2**20:.0f} MiB, mongod {cost.mongod_bytes / 2**20:.0f} MiB"
        return f"| {self._workers} | memory, {word}: {figures} | | | | | | |"


def _cpu(before: Cost, after: Cost, requests: int) -> str:
    """Return the CPU time of server and mongod for one request in milliseconds."""
    server = (after.server_seconds - before.server_seconds) / requests * 1e3
    mongod = (after.mongod_seconds - before.mongod_seconds) / requests * 1e3
    return f"{server:.2f} | {mongod:.2f}"


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.commits", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each rate is measured")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16], help="how many ask at once")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="processes of the server")
    options = parser.parse_args()
    print("| workers | what | a second | p50 ms | p95 ms | server CPU ms | mongod CPU ms | target |")
    print("|---|---|---|---|---|---|---|---|")
    for workers in options.workers:
        with started(workers) as (url, pid):
            for row in Run(url, pid, workers=workers, seconds=options.seconds).rows(options.clients):
                print(row)
                sys.stdout.flush()
    print()
    print(about_machine(workers=None))


if __name__ == "__main__":
    main()
