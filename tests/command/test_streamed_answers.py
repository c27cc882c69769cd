"""Streamed answers of a real server: they begin before they end, and clients that go away leave nothing behind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.command import Server, serving
from tests.support.http import composition, template_source

BASE = "/rest/openehr/v1"
COMPOSITIONS = 60
SIZE = 300_000
ASKED = {"q": "SELECT c, c/uid/value FROM EHR e CONTAINS COMPOSITION c"}
NDJSON = {"accept": "application/x-ndjson"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with compositions of about 20 MB in all, room for three streams, and little time for queries."""
    with (
        serving(KILDE_QUERY_STREAMS="3", KILDE_QUERY_SECONDS="1") as running,
        httpx.Client(base_url=running.url, timeout=120) as http,
    ):
        headers = {"content-type": "application/xml"}
        assert http.post(f"{BASE}/definition/template/adl1.4", content=template_source(), headers=headers).is_success
        ehr_id = http.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
        original = {"_type": "DV_PARSABLE", "value": "x" * SIZE, "formalism": "text/plain"}
        audit = {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "lab"}
        feeder = {"_type": "FEEDER_AUDIT", "originating_system_audit": audit, "original_content": original}
        line = json.dumps({"ehr_id": ehr_id, "composition": composition(feeder_audit=feeder)})
        made = http.post(
            "/rest/kilde/v1/bulk/composition",
            content="\n".join([line] * COMPOSITIONS),
            headers={"content-type": "application/x-ndjson"},
        )
        assert made.json()["stored"] == COMPOSITIONS, made.text[:500]
        yield running


def test_the_first_rows_come_before_the_last_are_read(server: Server) -> None:
    with httpx.Client(base_url=server.url, timeout=120) as http:
        begun = time.monotonic()
        with http.stream("POST", f"{BASE}/query/aql", json=ASKED, headers=NDJSON) as answer:
            assert "content-length" not in answer.headers
            lines = answer.iter_lines()
            assert json.loads(next(lines))["columns"][1]["name"] == "#1"
            next(lines)
            first = time.monotonic() - begun
            rest = list(lines)
            whole = time.monotonic() - begun
    assert json.loads(rest[-1]) == {"rows": COMPOSITIONS}
    assert len(rest) == COMPOSITIONS
    assert first < whole


def test_clients_that_go_away_leave_room_for_others(server: Server) -> None:
    for _ in range(10):
        with (
            httpx.Client(base_url=server.url, timeout=120) as http,
            http.stream("POST", f"{BASE}/query/aql", json=ASKED, headers=NDJSON) as answer,
        ):
            assert answer.status_code == 200, "the streams before have ended"
            next(answer.iter_bytes())
        _wait_for_room(server)


def test_streams_that_nobody_reads_keep_others_out_and_reads_going(server: Server) -> None:
    clients = [httpx.Client(base_url=server.url, timeout=120) for _ in range(3)]
    try:
        for client in clients:
            asked = client.build_request("POST", f"{BASE}/query/aql", json=ASKED, headers=NDJSON)
            assert client.send(asked, stream=True).status_code == 200
        with httpx.Client(base_url=server.url, timeout=20) as http:
            refused = http.post(f"{BASE}/query/aql", json=ASKED, headers=NDJSON)
            assert (refused.status_code, refused.json()["code"]) == (503, "STREAMS")
            count = http.post(f"{BASE}/query/aql", json={"q": "SELECT COUNT(*) FROM COMPOSITION c"})
            assert count.json()["rows"] == [[COMPOSITIONS]]
    finally:
        for client in clients:
            client.close()
    _wait_for_room(server)


def test_a_query_over_the_time_of_the_settings_is_408(server: Server) -> None:
    # One EHR with 216,000 combinations, and none of them is a row.
    terms = " OR ".join(f"CONCAT(a/name/value, b/name/value, c/name/value) = '{number}'" for number in range(100))
    text = f"SELECT a/name FROM EHR e CONTAINS (COMPOSITION a AND COMPOSITION b AND COMPOSITION c) WHERE {terms}"
    with httpx.Client(base_url=server.url, timeout=120) as http:
        begun = time.monotonic()
        answer = http.post(f"{BASE}/query/aql", json={"q": text})
        assert (answer.status_code, answer.json()["code"]) == (408, "TIMED_OUT"), answer.text[:300]
        assert time.monotonic() - begun < 20


def _wait_for_room(server: Server) -> None:
    """Wait until a stream can be opened: the server notices that a client has gone when it writes."""
    with httpx.Client(base_url=server.url, timeout=120) as http:
        for _ in range(200):
            asked = {"q": "SELECT e/ehr_id/value FROM EHR e"}
            if http.post(f"{BASE}/query/aql", json=asked, headers=NDJSON).status_code == 200:
                return
            time.sleep(0.05)
    pytest.fail("a stream that nobody reads any more is still open")
