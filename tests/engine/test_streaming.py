"""Answers in pieces: lines of JSON and CSV, pages behind a cursor, totals, and what is too large for one piece."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cdr.identity import AccessFilter
from cdr.services.query_result import ndjson_rows
from cdr.services.query_stream import Asked, QueryStreams
from cdr.store.query_stream import RowStreams
from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle
from tests.engine.conftest import CALLER, Site, site_over
from tests.engine.populations import next_version, store_composition
from tests.engine.test_access import _CLINICAL, _ENTRY, Records
from tests.language import small_records as small
from tests.support.http import BASE
from tests.support.mongo import fresh_tenant_name

NAMES = "SELECT c/name/value AS name, c/uid/value AS uid FROM EHR e CONTAINS COMPOSITION c"
QUERIES = (
    NAMES,
    "SELECT c FROM COMPOSITION c",
    "SELECT o/data/events/time/value, o/data FROM OBSERVATION o",
    "SELECT c/name/value FROM COMPOSITION c LIMIT 7 OFFSET 2",
    "SELECT c/name/value FROM COMPOSITION c LIMIT 3",
    "SELECT c/name/value AS n FROM COMPOSITION c ORDER BY n DESC",
    "SELECT DISTINCT c/category/value FROM COMPOSITION c",
    "SELECT TOP 4 BACKWARD c/name/value AS n FROM COMPOSITION c ORDER BY n",
    "SELECT COUNT(*), MAX(c/name/value) FROM COMPOSITION c",
    "SELECT e/ehr_id/value FROM EHR e NOT CONTAINS OBSERVATION o",
    "SELECT c/name/value, d/name/value FROM EHR e CONTAINS (COMPOSITION c AND COMPOSITION d)",
    "SELECT v/uid/value, v/lifecycle_state/value FROM VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c",
    "SELECT v/uid/value FROM VERSION v[LATEST_VERSION]",
    "SELECT e/compositions/name/value FROM EHR e",
    "SELECT c/name/value FROM COMPOSITION c[openEHR-EHR-COMPOSITION.absent.v1]",
)


def _composition(name: str, *, events: int = 2) -> dict[str, Any]:
    items = [small.event(small.element("at0004", small.quantity(60.0 + each))) for each in range(events)]
    entry = {**_ENTRY, "subject": {"_type": "PARTY_SELF"}, **small.observation("pulse.v1", *items)}
    return {**_CLINICAL, **small.composition(entry, name=name)}


@pytest.fixture(scope="module")
def read(mongo_client: Any) -> Iterator[Site]:
    """A server with records that no test changes."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    for made in site_over(store, system_id="engine.kilde"):
        filled(made)
        yield made
    mongo_client.drop_database(store.database.name)


@pytest.fixture
def ehrs(site: Site) -> list[str]:
    """The EHRs of a server whose records the test may change."""
    return filled(site)


def filled(site: Site) -> list[str]:
    """Make three EHRs with ten compositions, of which one has three versions and one a draft."""
    made = [site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1] for _ in range(3)]
    uids = [store_composition(site, made[number % 2], _composition(f"c{number}")) for number in range(10)]
    for _ in range(2):
        next_version(site, made[0], uids[0], _composition("c0"), lifecycle=Lifecycle.COMPLETE)
    next_version(site, made[1], uids[1], _composition("draft"), lifecycle=Lifecycle.INCOMPLETE)
    return made


def lines(site: Site, text: str, **body: Any) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    """Return head, rows and tail of an answer as lines of JSON."""
    answer = site.client.post(f"{BASE}/query/aql", json={"q": text, **body}, headers={"accept": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    head, *rows, tail = [json.loads(line) for line in answer.text.splitlines()]
    return head, rows, tail


def pages(site: Site, text: str, *, fetch: int, between: Any = None) -> list[list[Any]]:
    """Return the pages of a query behind cursors; `between` is called after each."""
    found = []
    cursor = "start"
    while cursor is not None:
        answer = site.client.post(f"{BASE}/query/aql", json={"q": text, "cursor": cursor, "fetch": fetch})
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["rows"])
        cursor = answer.json()["meta"].get("next")
        if between is not None:
            between()
    return found


# The rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", QUERIES)
def test_a_streamed_answer_has_the_rows_of_the_whole_one(read: Site, text: str) -> None:
    whole = read.client.post(f"{BASE}/query/aql", json={"q": text}).json()
    head, rows, tail = lines(read, text)
    assert rows == whole["rows"]
    assert head["columns"] == whole["columns"]
    assert head["q"] == text
    assert tail == {"rows": len(rows)}


def test_batches_end_where_an_object_ends_whatever_their_size(read: Site) -> None:
    text = "SELECT o/data/events/time/value, o/data/events/data/items/value/magnitude FROM OBSERVATION o"
    whole = read.client.post(f"{BASE}/query/aql", json={"q": text}).json()["rows"]
    for fetch in (1, 2, 3, 7, 100):
        found = pages(read, text, fetch=fetch)
        assert [row for page in found for row in page] == whole
        assert all(len(page) % 2 == 0 for page in found), "both events of an observation are on one page"


def test_csv_is_streamed_with_the_same_rows(read: Site) -> None:
    answer = read.client.post(f"{BASE}/query/aql", json={"q": NAMES}, headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    heading, *rows = [line.split(",") for line in answer.text.split("\r\n") if line]
    assert heading == ["name", "uid"]
    assert rows == read.client.post(f"{BASE}/query/aql", json={"q": NAMES}).json()["rows"]


def test_offset_and_fetch_cut_a_streamed_answer(read: Site) -> None:
    whole = lines(read, NAMES)[1]
    assert lines(read, NAMES, offset=3, fetch=4)[1:] == (whole[3:7], {"rows": 4})
    assert lines(read, f"{NAMES} LIMIT 5 OFFSET 2", offset=2, fetch=10)[1] == whole[4:7]
    assert lines(read, NAMES, fetch=0)[1:] == ([], {"rows": 0})


def test_a_stored_query_can_be_streamed(site: Site, ehrs: list[str]) -> None:
    site.client.put(f"{BASE}/definition/query/org::names/1.0.0", content=NAMES, headers={"content-type": "text/plain"})
    answer = site.client.get(f"{BASE}/query/org::names", headers={"accept": "application/x-ndjson"})
    head, *rows, _ = [json.loads(line) for line in answer.text.splitlines()]
    assert head["name"] == "org::names/1.0.0"
    assert len(rows) == 10


@pytest.mark.parametrize("media", ["application/x-ndjson", "text/csv"])
@pytest.mark.parametrize(
    ("text", "status"),
    [("SELECT", 400), ("SELECT x FROM COMPOSITION c", 400), ("SELECT c FROM COMPOSITION c WHERE c/name = $n", 400)],
)
def test_a_refusal_has_its_status_and_not_a_stream(read: Site, text: str, status: int, media: str) -> None:
    answer = read.client.post(f"{BASE}/query/aql", json={"q": text}, headers={"accept": media})
    assert answer.status_code == status
    assert answer.json()["code"].startswith("AQL_")


# Totals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (NAMES, 10),
        (f"{NAMES} LIMIT 2", 10),
        ("SELECT o/data/events/time/value FROM OBSERVATION o", 20),
        ("SELECT o/name/value FROM OBSERVATION o ORDER BY o/data/events/time", 20),
        ("SELECT LENGTH(o/data/events/time/value) FROM OBSERVATION o WHERE o/data/events/data/items/value > 60", 10),
        ("SELECT DISTINCT c/category/value FROM COMPOSITION c LIMIT 1", 1),
        ("SELECT TOP 2 c/name/value AS n FROM COMPOSITION c ORDER BY n", 10),
        ("SELECT COUNT(*) FROM COMPOSITION c", 1),
    ],
)
def test_the_total_counts_all_rows_whatever_the_page(read: Site, text: str, total: int) -> None:
    is_from_the_end = "TOP" in text
    page = {} if is_from_the_end else {"fetch": 1}
    answer = read.client.post(f"{BASE}/query/aql", json={"q": text, "total": True, **page}).json()
    assert answer["meta"]["total"] == total
    assert lines(read, text, total=True)[0]["meta"]["total"] == total
    assert "total" not in read.client.post(f"{BASE}/query/aql", json={"q": text}).json()["meta"]


# Cursors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [each for each in QUERIES if not {"ORDER", "DISTINCT", "LIMIT", "TOP"} & {*each.split()}]
)
@pytest.mark.parametrize("fetch", [1, 4])
def test_pages_together_are_the_answer(read: Site, text: str, fetch: int) -> None:
    if "COUNT" in text:
        return
    whole = read.client.post(f"{BASE}/query/aql", json={"q": text}).json()["rows"]
    found = pages(read, text, fetch=fetch)
    assert [row for page in found for row in page] == whole
    assert all(len(page) >= fetch for page in found[:-1])


def test_pages_meet_what_stays_exactly_once_while_others_write(site: Site, ehrs: list[str]) -> None:
    stays = {uid for _, uid in lines(site, NAMES)[1]}

    def write() -> None:
        store_composition(site, ehrs[2], _composition("new"))
        uid = next(iter(row[1] for row in lines(site, NAMES)[1] if row[0] == "new"))
        next_version(site, ehrs[2], uid, None, lifecycle=Lifecycle.DELETED)
        store_composition(site, ehrs[0], _composition("other"))

    met = Counter(uid for page in pages(site, NAMES, fetch=2, between=write) for _, uid in page)
    assert stays <= met.keys()
    assert set(met.values()) == {1}


def test_a_stream_goes_on_behind_a_cursor(read: Site) -> None:
    whole = lines(read, NAMES)[1]
    first = lines(read, NAMES, cursor="start", fetch=4)
    assert first[1] == whole[:4]
    assert first[2]["rows"] == 4
    rest = lines(read, NAMES, cursor=first[2]["next"])
    assert (rest[1], rest[2]) == (whole[4:], {"rows": 6})


@pytest.mark.parametrize(
    "cursor",
    ["x", "e30=", "eyJxIjogMSwgImEiOiAyfQ==", "ø", "bnVsbA==", "WzFd", "{}", "start=", "' OR 1", "W1tb" * 40_000],
    ids=lambda cursor: cursor[:24],
)
def test_a_cursor_that_is_none_is_refused(read: Site, cursor: str) -> None:
    answer = read.client.post(f"{BASE}/query/aql", json={"q": NAMES, "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "AQL_CURSOR"), answer.text


def test_a_page_behind_a_cursor_has_rows(read: Site) -> None:
    for media in ("application/json", "text/csv"):
        body = {"q": NAMES, "cursor": "start", "fetch": 0}
        answer = read.client.post(f"{BASE}/query/aql", json=body, headers={"accept": media})
        assert (answer.status_code, answer.json()["code"]) == (400, "AQL_CURSOR")


def test_a_cursor_goes_on_with_its_own_query_only(site: Site, ehrs: list[str]) -> None:
    cursor = lines(site, NAMES, cursor="start", fetch=1)[2]["next"]
    for body in ({"q": NAMES + " "}, {"q": NAMES, "ehr_id": ehrs[0]}, {"q": NAMES, "exclude_other_subjects": True}):
        assert site.client.post(f"{BASE}/query/aql", json={**body, "cursor": cursor}).status_code == 400


@pytest.mark.parametrize("end", ["ORDER BY c/name/value", "LIMIT 5", "LIMIT 5 OFFSET 1"])
def test_a_query_that_needs_all_rows_has_no_cursor(read: Site, end: str) -> None:
    answer = read.client.post(f"{BASE}/query/aql", json={"q": f"{NAMES} {end}", "cursor": "start"})
    assert (answer.status_code, answer.json()["code"]) == (400, "AQL_CURSOR")


# Who may see what ------------------------------------------------------------------------------------------------


def test_streams_and_pages_hide_what_the_caller_may_not_see(site: Site) -> None:
    records = Records(site)
    site.access[0] = AccessFilter(hidden_ehrs=frozenset({records.hidden}))
    for text in records.queries():
        whole = [list(row) for row in site.query.run(CALLER, text).rows]
        rows = lines(site, text)[1]
        assert len(rows) == len(whole), text
        assert records.hidden not in str(rows) and records.hidden_object not in str(rows), text
        if "ORDER" not in text and "COUNT" not in text and "MAX" not in text:
            assert records.hidden_object not in str(pages(site, text, fetch=1)), text


def test_the_access_log_is_told_of_a_stream_before_its_rows_are_seen(site: Site, ehrs: list[str]) -> None:
    streams = QueryStreams(
        site.query, RowStreams(site.store.database, blobs=site.store.versions.blobs, catalog=site.query.catalog)
    )
    asked = Asked(text=NAMES, cursor="start")
    stream = streams.open(CALLER, asked)
    before = len(list(site.store.access_log.entries(limit=100)))
    batches = stream.batches()
    next(batches)
    entries = list(site.store.access_log.entries(limit=100))
    assert len(entries) == before + 1
    assert (entries[0]["action"], sorted(entries[0]["ehr_ids"])) == ("query", sorted(ehrs[:2]))  # type: ignore[call-overload]
    batches.close()  # type: ignore[attr-defined]
    assert stream.tail["rows"] == 10


def test_a_stream_without_rows_is_in_the_access_log_too(site: Site, ehrs: list[str]) -> None:
    lines(site, "SELECT c FROM COMPOSITION c WHERE c/name/value = 'nobody'")
    entry = next(iter(site.store.access_log.entries(limit=1)))
    assert (entry["action"], entry["ehr_ids"]) == ("query", [])


def test_the_access_log_names_no_ehr_that_the_page_left_out(site: Site, ehrs: list[str]) -> None:
    whole = [row[0] for row in lines(site, "SELECT e/ehr_id/value FROM EHR e CONTAINS COMPOSITION c")[1]]
    lines(site, "SELECT c/name/value FROM EHR e CONTAINS COMPOSITION c", offset=2, fetch=1)
    assert next(iter(site.store.access_log.entries(limit=1)))["ehr_ids"] == [whole[2]]


def test_rows_about_another_subject_are_counted_at_the_end_or_left_out(site: Site, ehrs: list[str]) -> None:
    mother = {"_type": "PARTY_RELATED", "relationship": small.coded("mother", "10", "openehr")}
    entry = {**_ENTRY, **small.observation("pulse.v1", small.event()), "subject": mother}
    store_composition(site, ehrs[0], {**_CLINICAL, **small.composition(entry, name="of the mother")})
    text = "SELECT o/name/value FROM OBSERVATION o"
    assert lines(site, text)[2] == {"rows": 11, "other_subjects": {"returned": 1}}
    assert lines(site, text, exclude_other_subjects=True)[2] == {"rows": 10, "other_subjects": {"left_out": 1}}
    assert lines(site, f"{text} ORDER BY o/name/value", exclude_other_subjects=True)[2]["rows"] == 10


def test_memory_does_not_grow_with_a_streamed_answer(site: Site) -> None:
    ehr_id = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    items = [small.element("at0002", small.text(f"{number} " * 100)) for number in range(200)]
    large = {
        **_CLINICAL,
        **small.composition({**_ENTRY, "subject": {"_type": "PARTY_SELF"}, **small.evaluation("x.v1", *items)}),
    }
    for _ in range(150):
        store_composition(site, ehr_id, large)
    source = site.query.row_source
    assert source is not None
    stream = QueryStreams(site.query, source).open(CALLER, Asked(text="SELECT c FROM EHR e CONTAINS COMPOSITION c"))
    tracemalloc.start()
    try:
        size = sum(len(ndjson_rows(rows)) for rows in stream.batches())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 10_000_000
    assert peak < size / 2
