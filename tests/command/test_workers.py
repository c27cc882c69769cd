"""Several workers answer as one: what one has stored, all others know at once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from cli.demo.residents import residents
from cli.demo.vitals import TEMPLATE_ID, compositions
from tests.command.conftest import TEMPLATE
from tests.support.command import Server, serving

BASE = "/rest/openehr/v1"
# Enough new connections for both of two workers to be met, and more than once.
ASKED = 12


@pytest.fixture(scope="module")
def two() -> Iterator[Server]:
    """A server with two workers."""
    with serving("--workers", "2") as server:
        yield server


def _fresh(server: Server) -> httpx.Client:
    """Return a client with a connection of its own, so that any worker may get it."""
    return httpx.Client(base_url=server.url + BASE, timeout=30)


def test_a_template_uploaded_to_one_worker_is_known_to_all(two: Server) -> None:
    with _fresh(two) as client:
        sent = client.post(
            "/definition/template/adl1.4", content=TEMPLATE.read_bytes(), headers={"Content-Type": "application/xml"}
        )
        assert sent.status_code == 201, sent.text
    for _ in range(ASKED):
        with _fresh(two) as client:
            listed = client.get("/definition/template/adl1.4").json()
            assert [each["template_id"] for each in listed] == [TEMPLATE_ID]


def test_what_each_worker_commits_is_found_by_queries_of_all(two: Server) -> None:
    count = 0
    for resident in residents(ASKED, seed=3, contacts=2):
        for composition in compositions(resident):
            # Each commit through a connection of its own: the first to reach a worker has paths that are new to it.
            with _fresh(two) as client:
                client.put(f"/ehr/{resident.ehr_id}")
                stored = client.post(f"/ehr/{resident.ehr_id}/composition", content=json.dumps(composition))
                assert stored.status_code == 201, stored.text
                count += sum("pulse" in entry["archetype_node_id"] for entry in composition["content"])
    question = {
        "q": "SELECT p/data[at0002]/events[at0003]/data[at0001]/items[at0004]/value/magnitude AS rate "
        "FROM EHR e CONTAINS OBSERVATION p[openEHR-EHR-OBSERVATION.pulse.v2]"
    }
    answers = []
    for _ in range(ASKED):
        with _fresh(two) as client:
            rows = client.post("/query/aql", json=question).json()["rows"]
            assert all(isinstance(row[0], (int, float)) for row in rows)
            answers.append(len(rows))
    assert answers == [count] * ASKED
