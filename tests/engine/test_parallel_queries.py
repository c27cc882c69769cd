"""Fifty queries over everyone at once: each is answered or refused, and health checks, reads and commits go on."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.command import serving

QUERIES = 50
HEAVY = (
    "SELECT AVG(o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude) FROM EHR e "
    "CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.blood_pressure.v2]",
    "SELECT e/ehr_id/value, c, o/data FROM EHR e CONTAINS COMPOSITION c CONTAINS OBSERVATION o "
    "ORDER BY o/data/events/time/value DESC LIMIT 2147483647",
    "SELECT COUNT(DISTINCT o/data/events/data/items/value) FROM EHR e CONTAINS OBSERVATION o WHERE "
    + " OR ".join(f"o/name/value LIKE '*a*a*{number}*'" for number in range(200)),
)
ANSWERS = {200, 408, 422, 503}


class Probe(threading.Thread):
    """Sends one kind of request after the other until it is told to stop; `took` holds seconds."""

    def __init__(self, url: str, *, method: str, path: str) -> None:
        super().__init__()
        self._url, self._method, self._path = url, method, path
        self.took: list[float] = []
        self.statuses: set[int] = set()
        self.stopped = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=60) as http:
            while not self.stopped.wait(0.05):
                began = time.perf_counter()
                self.statuses.add(http.request(self._method, self._path).status_code)
                self.took.append(time.perf_counter() - began)


@pytest.mark.torture
def test_fifty_heavy_queries_starve_nobody() -> None:
    with serving(command="demo") as server, httpx.Client(base_url=server.url, timeout=600) as http:
        ehr_id = http.post("/rest/openehr/v1/ehr").headers["location"].rsplit("/", 1)[1]
        health = Probe(server.url, method="GET", path="/health/live")
        read = Probe(server.url, method="GET", path=f"/rest/openehr/v1/ehr/{ehr_id}")
        write = Probe(server.url, method="POST", path="/rest/openehr/v1/ehr")
        probes = (health, read, write)
        for probe in probes:
            probe.start()

        def ask(number: int) -> int:
            return http.post("/rest/openehr/v1/query/aql", json={"q": HEAVY[number % len(HEAVY)]}).status_code

        try:
            with ThreadPoolExecutor(QUERIES) as pool:
                answers = list(pool.map(ask, range(QUERIES)))
        finally:
            for probe in probes:
                probe.stopped.set()
            for probe in probes:
                probe.join()
        assert set(answers) <= ANSWERS
        assert (health.statuses, read.statuses, write.statuses) == ({200}, {200}, {201})
        figures = {name: statistics.quantiles(probe.took, n=20)[-1] for name, probe in zip("hrw", probes, strict=True)}
        assert figures["h"] < 0.1, figures
        assert max(figures["r"], figures["w"]) < 1, figures
