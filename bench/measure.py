"""What is measured: loading in bulk, single commits from one and four clients, queries about one EHR and about all.

Everything goes over HTTP, as any client would do it. Times are wall-clock times at the client.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx

from cdr import resources
from cli.demo.load import lines_of
from cli.demo.residents import SEED, Resident, residents
from cli.demo.status import ehr_status
from cli.demo.vitals import compositions

BASE = "/rest/openehr/v1"
PER_RESIDENT = 10
_LINES_AT_ONCE = 1000

_SYSTOLIC = "o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude"
_PRESSURE = "OBSERVATION o[openEHR-EHR-OBSERVATION.blood_pressure.v2]"
QUERIES = {
    "one EHR: times and systolic pressures": (
        f"SELECT c/context/start_time/value AS time, {_SYSTOLIC} AS systolic "
        f"FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c CONTAINS {_PRESSURE} "
        "ORDER BY c/context/start_time/value DESC"
    ),
    "one EHR: newest whole composition": (
        "SELECT c FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c ORDER BY c/context/start_time/value DESC LIMIT 1"
    ),
    "one EHR: highest systolic pressure": (
        f"SELECT MAX({_SYSTOLIC}) AS highest FROM EHR e[ehr_id/value=$ehr] CONTAINS {_PRESSURE}"
    ),
}
POPULATION = {
    "all EHRs: 20 highest above a limit": (
        f"SELECT e/ehr_id/value AS ehr, {_SYSTOLIC} AS systolic FROM EHR e CONTAINS {_PRESSURE} "
        f"WHERE {_SYSTOLIC} > 150 ORDER BY {_SYSTOLIC} DESC LIMIT 20"
    ),
    "all EHRs: number and mean": f"SELECT COUNT(*) AS n, AVG({_SYSTOLIC}) AS mean FROM EHR e CONTAINS {_PRESSURE}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: what was measured, the figures, and what they should be."""

    what: str
    figures: str
    target: str


class Bench:
    """One run against one server."""

    def __init__(self, url: str, *, compositions: int, seconds: float, queries: int) -> None:
        self._url = url
        self._residents = list(residents(max(1, compositions // PER_RESIDENT), contacts=PER_RESIDENT))
        self._seconds = seconds
        self._queries = queries

    def run(self, *, say: Callable[[str], None]) -> Iterator[Row]:
        """Yield the rows as they are measured."""
        with httpx.Client(base_url=self._url, timeout=300) as client:
            prepare(client)
            say("loading")
            yield self._load(client)
        for clients in (1, 4):
            say(f"committing, {clients} at a time")
            yield self._commit(clients)
        with httpx.Client(base_url=self._url, timeout=300) as client:
            for name, query in QUERIES.items():
                say(f"asking: {name}")
                yield self._ask(client, name, query, times=self._queries, target="p95 below 20 ms")
            for name, query in POPULATION.items():
                say(f"asking: {name}")
                yield self._ask(client, name, query, times=max(5, self._queries // 30), target="below 1 s")

    def _load(self, client: httpx.Client) -> Row:
        """Create the EHRs, then commit all compositions in bulk."""
        for resident in self._residents:
            _answer(client.put(f"{BASE}/ehr/{resident.ehr_id}", json=ehr_status(resident)))
        lines = (line for resident in self._residents for line in lines_of(resident, seed=SEED))
        stored, spent = 0, 0.0
        while batch := list(islice(lines, _LINES_AT_ONCE)):
            begun = time.perf_counter()
            answer = _answer(
                client.post(
                    "/rest/kilde/v1/bulk/composition",
                    content=b"\n".join(batch),
                    headers={"Content-Type": "application/x-ndjson"},
                )
            ).json()
            spent += time.perf_counter() - begun
            if answer["refused"]:
                raise SystemExit(f"the server refused {answer['refused']} lines")
            stored += answer["stored"]
        return Row(
            what=f"load in bulk, {stored} compositions",
            figures=f"{stored / spent:.0f} a second",
            target="1,000 a second",
        )

    def _commit(self, clients: int) -> Row:
        """Commit single compositions from several connections for a while."""
        bodies = [_bodies(resident) for resident in self._residents[: 20 * clients]]
        counts = [0] * clients
        times: list[float] = []
        stop = time.perf_counter() + self._seconds

        def work(number: int) -> None:
            own = bodies[number::clients]
            with httpx.Client(base_url=self._url, timeout=60) as client:
                while True:
                    for path, body in (each for group in own for each in group):
                        begun = time.perf_counter()
                        if begun > stop:
                            return
                        _answer(client.post(path, content=body, headers={"Content-Type": "application/json"}))
                        times.append(time.perf_counter() - begun)
                        counts[number] += 1

        begun = time.perf_counter()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = sum(counts) / (time.perf_counter() - begun)
        target = "200 a second" if clients == 1 else "350 a second"
        name = f"commits, {clients} client{'s' if clients > 1 else ''}"
        return Row(what=name, figures=f"{rate:.0f} a second; {_percentiles(times)}", target=target)

    def _ask(self, client: httpx.Client, name: str, query: str, *, times: int, target: str) -> Row:
        """Ask one query again and again, each time about another resident."""
        spent = []
        for number in range(times + 5):
            resident = self._residents[number * 7 % len(self._residents)]
            body = {"q": query, "query_parameters": {"ehr": resident.ehr_id} if "$ehr" in query else {}}
            begun = time.perf_counter()
            rows = _answer(client.post(f"{BASE}/query/aql", json=body)).json()["rows"]
            spent.append(time.perf_counter() - begun)
            if not rows:
                raise SystemExit(f"the query found nothing: {name}")
        # The first few fill caches.
        return Row(what=name, figures=_percentiles(spent[5:]), target=target)


def prepare(client: httpx.Client) -> None:
    """Upload the templates."""
    for path in resources.templates():
        answer = client.post(
            f"{BASE}/definition/template/adl1.4",
            content=Path(path).read_bytes(),
            headers={"Content-Type": "application/xml"},
        )
        if answer.status_code not in (200, 201, 204, 409):
            _answer(answer)


def _bodies(resident: Resident) -> list[tuple[str, bytes]]:
    """Return path and body of each commit for a resident, ready to be sent."""
    path = f"{BASE}/ehr/{resident.ehr_id}/composition"
    return [(path, json.dumps(each, ensure_ascii=False).encode()) for each in compositions(resident)]


def _percentiles(seconds: Sequence[float]) -> str:
    """Return the middle and the 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return f"p50 {ordered[len(ordered) // 2] * 1e3:.1f} ms, p95 {ordered[int(len(ordered) * 0.95)] * 1e3:.1f} ms"


def _answer(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is a success; end the run otherwise."""
    if not answer.is_success:
        raise SystemExit(f"the server answered {answer.status_code}: {answer.text[:500]}")
    return answer
