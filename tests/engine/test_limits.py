"""What bounds answers: memory of those in one piece, time, turns, and how many are streamed at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest
from fastapi import FastAPI

import aql.evaluate_columns
from aql.evaluate_stream import StreamedRows, Wanted
from cdr.errors import TimedOut
from cdr.rm.catalog import CATALOG
from cdr.services.query import Page
from cdr.services.query_stream import Asked, QueryStreams
from cdr.store import columns_answer
from cdr.store.query_gates import Gates
from cdr.store.query_stream import RowStreams
from tests.engine.conftest import CALLER, Site
from tests.engine.test_streaming import NAMES, filled, lines
from tests.support.http import BASE, AppTransport


@pytest.fixture
def ehrs(site: Site) -> list[str]:
    """The EHRs of a server with ten compositions."""
    return filled(site)


def _app(site: Site) -> FastAPI:
    transport = site.client._transport
    assert isinstance(transport, AppTransport)
    return transport._inner.app  # type: ignore[return-value]


def test_an_answer_too_large_for_one_piece_is_refused_with_the_advice_to_stream(
    site: Site, ehrs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aql.evaluate_columns, "MAX_BYTES", 4_000)
    text = "SELECT c FROM COMPOSITION c"
    answer = site.client.post(f"{BASE}/query/aql", json={"q": text})
    assert answer.status_code == 422, len(answer.content)
    assert answer.json()["code"] == "AQL_TOO_EXPENSIVE"
    assert "application/x-ndjson" in answer.json()["message"]
    assert len(lines(site, text)[1]) == 10
    sorted_answer = site.client.post(
        f"{BASE}/query/aql", json={"q": f"{text} ORDER BY c/name/value"}, headers={"accept": "text/csv"}
    )
    assert sorted_answer.status_code == 422
    assert "without ORDER BY" in sorted_answer.json()["message"]


def test_whole_objects_of_a_long_answer_are_read_some_at_a_time(
    site: Site, ehrs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "SELECT c, o/data/events, o/name/value FROM COMPOSITION c CONTAINS OBSERVATION o"
    wanted = lines(site, text)[1]
    for rows in (1, 3, 500):
        monkeypatch.setattr(columns_answer, "_REREAD_ROWS", rows)
        for _ in range(2):
            assert site.client.post(f"{BASE}/query/aql", json={"q": text}).json()["rows"] == wanted


def test_a_stream_over_its_time_says_so_in_its_last_line_and_can_go_on(site: Site, ehrs: list[str]) -> None:
    whole = lines(site, NAMES)[1]

    class Late(RowStreams):
        def rows(self, wanted: Wanted) -> Iterator[StreamedRows]:
            found = super().rows(replace(wanted, batch_rows=2))
            yield next(found)
            yield next(found)
            raise TimedOut("The query should be answered within its time limit.")

    state = _app(site).state
    late = replace(site.query, row_source=Late(site.store.database, blobs=site.store.versions.blobs, catalog=CATALOG))
    state.services = replace(site.services, query=late)
    _, rows, tail = lines(site, NAMES)
    assert rows == whole[:4]
    assert (tail["rows"], tail["error"]["code"]) == (4, "TimedOut")
    state.services = site.services
    assert lines(site, NAMES, cursor=tail["next"])[1] == whole[4:]


def test_a_stream_takes_its_turn_to_make_rows_and_none_while_they_are_read(site: Site, ehrs: list[str]) -> None:
    gates = Gates()
    source = RowStreams(site.store.database, blobs=site.store.versions.blobs, catalog=CATALOG, seconds=0.3, gates=gates)
    asked = Asked(text=NAMES, cursor="start", page=Page(fetch=2))
    with gates.heavy(monotonic() + 1), pytest.raises(TimedOut):
        QueryStreams(site.query, source).open(CALLER, asked)
    source.seconds = 60
    batches = QueryStreams(site.query, source).open(CALLER, asked).batches()
    next(batches)
    with gates.heavy(monotonic()):
        pass
    of_one = replace(asked, ehr_id=ehrs[0])
    with gates.heavy(monotonic() + 1):
        assert QueryStreams(site.query, source).open(CALLER, of_one).head.text == NAMES


def test_only_so_many_streams_are_open_at_once(site: Site, ehrs: list[str]) -> None:
    transport = site.client._transport
    assert isinstance(transport, AppTransport)
    in_loop, limiter = transport._portal.call, _app(site).state.threads.stream
    for number in range(int(limiter.total_tokens)):
        in_loop(limiter.acquire_on_behalf_of_nowait, number)
    answer = site.client.post(f"{BASE}/query/aql", json={"q": NAMES}, headers={"accept": "text/csv"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    in_loop(limiter.release_on_behalf_of, 0)
    assert site.client.post(f"{BASE}/query/aql", json={"q": NAMES}, headers={"accept": "text/csv"}).status_code == 200
    assert limiter.borrowed_tokens == limiter.total_tokens - 1
