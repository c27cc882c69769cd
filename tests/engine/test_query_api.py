"""AQL over HTTP: what comes in by which door, what goes out, and what refusals say."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cdr.errors import TimedOut
from cdr.store.runner import QueryRunner, RunLimits
from tests.engine.conftest import Site
from tests.engine.populations import store_composition
from tests.engine.test_access import _CLINICAL
from tests.language import small_records as small
from tests.support.http import BASE

NAMES = "SELECT c/name/value AS name FROM EHR e CONTAINS COMPOSITION c ORDER BY name"


@pytest.fixture
def ehr_id(site: Site) -> str:
    """An EHR with three compositions: A, B and C."""
    made: str = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    for name in "CAB":
        document = {**_CLINICAL, **small.composition(name=name)}
        del document["content"]
        store_composition(site, made, document)
    return made


def post(site: Site, **body: Any) -> Any:
    return site.client.post(f"{BASE}/query/aql", json=body)


def test_the_answer_is_a_result_set(site: Site, ehr_id: str) -> None:
    answer = post(site, q=NAMES)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert body["q"] == NAMES
    assert body["columns"] == [{"name": "name", "path": "c/name/value"}]
    assert body["rows"] == [["A"], ["B"], ["C"]]
    assert body["meta"]["_type"] == "RESULTSET"
    assert body["meta"]["_executed_aql"] == NAMES
    assert body["meta"]["resultsize"] == 3
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', answer.headers["etag"])


def test_get_and_post_give_the_same_rows(site: Site, ehr_id: str) -> None:
    assert (
        site.client.get(f"{BASE}/query/aql", params={"q": NAMES}).json()["rows"] == post(site, q=NAMES).json()["rows"]
    )


def test_a_whole_composition_comes_back_as_it_was_stored(site: Site, ehr_id: str) -> None:
    rows = post(site, q="SELECT c, c/uid/value FROM COMPOSITION c").json()["rows"]
    assert len(rows) == 3
    for composition, uid in rows:
        stored = site.client.get(f"{BASE}/ehr/{ehr_id}/composition/{uid}")
        assert composition == stored.json()


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        ({"offset": 1}, ["B", "C"]),
        ({"fetch": 2}, ["A", "B"]),
        ({"offset": 2, "fetch": 5}, ["C"]),
        ({"offset": 3}, []),
        ({"fetch": 0}, []),
    ],
)
def test_offset_and_fetch_cut_the_answer(site: Site, ehr_id: str, page: dict[str, int], rows: list[str]) -> None:
    assert [row[0] for row in post(site, q=NAMES, **page).json()["rows"]] == rows
    got = site.client.get(f"{BASE}/query/aql", params={"q": NAMES, **page})
    assert [row[0] for row in got.json()["rows"]] == rows


@pytest.mark.parametrize("name", ["offset", "fetch"])
@pytest.mark.parametrize("value", ["9" * 20, "9" * 5000, "\u0661"])
def test_a_page_that_no_number_of_64_bits_says_is_refused(site: Site, name: str, value: str) -> None:
    answer = site.client.get(f"{BASE}/query/aql", params={"q": NAMES, name: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "AQL_PAGE")
    assert answer.json()["message"].startswith(f"{name} should be a whole number from 0 to ")


def test_parameters_nested_without_end_are_refused(site: Site) -> None:
    answer = site.client.get(f"{BASE}/query/aql", params={"q": NAMES, "query_parameters": "[" * 5_000})
    assert (answer.status_code, answer.json()["code"]) == (400, "AQL_PARAMETER")


@pytest.mark.parametrize("name", [".", "..", "org.x::.."])
def test_a_stored_query_has_a_name_that_an_address_can_hold(site: Site, name: str) -> None:
    address = f"{BASE}/definition/query/{name.replace('.', '%2e')}"
    answer = site.client.put(address, content=NAMES, headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (400, "QUERY_NAME")


def test_offset_and_fetch_cut_what_the_querys_own_limit_leaves(site: Site, ehr_id: str) -> None:
    asked = post(site, q=f"{NAMES} LIMIT 2 OFFSET 1", offset=1, fetch=5)
    assert asked.json()["rows"] == [["C"]]


def test_fetch_cannot_be_combined_with_top_backward(site: Site, ehr_id: str) -> None:
    assert post(site, q="SELECT TOP 1 BACKWARD c FROM COMPOSITION c", fetch=1).status_code == 400


@pytest.mark.parametrize("value", ["-1", "x", "1.5"])
def test_a_page_that_is_no_number_is_refused(site: Site, value: str) -> None:
    assert site.client.get(f"{BASE}/query/aql", params={"q": NAMES, "fetch": value}).status_code == 400


def test_parameters_may_be_nested_flattened_or_in_the_address(site: Site, ehr_id: str) -> None:
    text = "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value = $name"
    assert post(site, q=text, query_parameters={"name": "B"}).json()["rows"] == [["B"]]
    assert post(site, q=text, query_parameters={"$name": "B"}).json()["rows"] == [["B"]]
    assert post(site, q=text, name="B").json()["rows"] == [["B"]]
    for given in (
        {"name": "B"},
        {"$name": "B"},
        {"query_parameters": '{"name": "B"}'},
        {"query_parameters": '{"$name": "B"}'},
        {"query_parameters": "name=B"},
        {"query_parameters": "$name=B"},
    ):
        answer = site.client.get(f"{BASE}/query/aql", params={"q": text, **given})
        assert answer.json()["rows"] == [["B"]], given


def test_a_missing_parameter_is_named_with_its_place(site: Site) -> None:
    answer = post(site, q="SELECT c FROM COMPOSITION c\nWHERE c/name/value = $name")
    assert answer.status_code == 400
    assert answer.json()["code"] == "AQL_PARAMETER"
    assert "$name" in answer.json()["message"]
    assert answer.json()["errors"][0]["path"] == "line 2, column 22"


def test_ehr_id_restricts_a_query_to_one_ehr(site: Site, ehr_id: str) -> None:
    other = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    count = "SELECT COUNT(*) FROM EHR e CONTAINS COMPOSITION c"
    for given, rows in ((ehr_id, 3), (other, 0)):
        assert post(site, q=count, ehr_id=given).json()["rows"] == [[rows]]
        assert site.client.get(f"{BASE}/query/aql", params={"q": count, "ehr_id": given}).json()["rows"] == [[rows]]
        headers = {"openehr-ehr-id": given}
        assert site.client.get(f"{BASE}/query/aql", params={"q": count}, headers=headers).json()["rows"] == [[rows]]
        asked = "SELECT COUNT(*) FROM EHR e[ehr_id/value = $ehr_id] CONTAINS COMPOSITION c"
        assert post(site, q=asked, ehr_id=given).json()["rows"] == [[rows]]


def test_csv_has_a_header_line_and_objects_as_json(site: Site, ehr_id: str) -> None:
    text = "SELECT c/name/value AS name, c/category/defining_code AS code, c/context/location AS place FROM COMPOSITION c ORDER BY name"
    answer = site.client.post(f"{BASE}/query/aql", json={"q": text}, headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.split("\r\n")
    assert lines[0] == "name,code,place"
    assert lines[1].startswith('A,"{""_type"":""CODE_PHRASE""')
    assert lines[1].endswith(",")
    assert len(lines) == 5


def test_other_media_types_are_not_offered(site: Site) -> None:
    assert site.client.post(f"{BASE}/query/aql", json={"q": NAMES}, headers={"accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("SELECT c FROM\nCOMPOSITION c WHERE", "AQL_SYNTAX", "line 2"),
        ("SELECT x/name FROM COMPOSITION c", "AQL_ILLEGAL", "line 1, column 8"),
        ("SELECT c/nonsense FROM COMPOSITION c", "AQL_ILLEGAL", "line 1"),
        ("SELECT c FROM COMPOSITION c CONTAINS EHR e", "AQL_", "line 1"),
    ],
)
def test_a_query_that_is_not_answered_is_refused_with_its_place(site: Site, text: str, code: str, place: str) -> None:
    answer = post(site, q=text)
    assert answer.status_code == 400
    assert answer.json()["code"].startswith(code)
    assert answer.json()["errors"][0]["path"].startswith(place)


def test_a_refusal_says_what_is_wrong_in_one_sentence(site: Site) -> None:
    refused = post(site, q="SELECT c/name/value, COUNT(*) FROM COMPOSITION c").json()
    (issue,) = refused["errors"]
    assert issue["message"] == refused["message"]
    assert issue["message"].startswith("A column with a path cannot stand beside an aggregate function")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"q": 5}', b'{"q": "  "}', b'{"q": "SELECT", "query_parameters": []}']
)
def test_a_body_that_asks_nothing_is_refused(site: Site, body: bytes) -> None:
    answer = site.client.post(f"{BASE}/query/aql", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400


def test_a_query_over_its_time_limit_is_408(site: Site, ehr_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = site.query.runner
    assert isinstance(runner, QueryRunner)
    with pytest.raises(TimedOut):
        runner.run(
            site.query._plan(NAMES, {}, None),
            access=site.access[0],
            moment=site.query._moment(),
            limits=RunLimits(seconds=0.0),
        )
    monkeypatch.setattr(runner, "limits", RunLimits(seconds=0.0))
    answer = post(site, q=NAMES)
    assert answer.status_code == 408
    assert answer.json()["code"] == "TIMED_OUT"


def test_more_rows_than_allowed_are_refused(site: Site, ehr_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.query.runner, "limits", RunLimits(rows=2))
    answer = post(site, q=NAMES)
    assert answer.status_code == 422
    assert answer.json()["code"] == "AQL_TOO_EXPENSIVE"


def test_explain_shows_the_plan_and_runs_nothing(site: Site, ehr_id: str) -> None:
    before = len(list(site.store.access_log.entries(limit=100)))
    answer = post(site, q=NAMES, explain=True)
    assert answer.headers["content-type"].startswith("text/plain")
    assert "source 0: COMPOSITION" in answer.text
    assert len(list(site.store.access_log.entries(limit=100))) == before


# Stored queries --------------------------------------------------------------------------------------------------


def put(site: Site, path: str, text: str = NAMES, **headers: str) -> Any:
    headers = {"content-type": "text/plain", **headers}
    return site.client.put(f"{BASE}/definition/query/{path}", content=text, headers=headers)


def test_a_stored_query_runs_by_name_and_version(site: Site, ehr_id: str) -> None:
    stored = put(site, "org.kilde::names/1.2.3")
    assert stored.status_code == 200
    assert stored.headers["location"].endswith("/definition/query/org.kilde::names/1.2.3")
    for path in ("org.kilde::names", "org.kilde::names/1", "org.kilde::names/1.2", "org.kilde::names/1.2.3"):
        got = site.client.get(f"{BASE}/query/{path}")
        assert got.json()["rows"] == [["A"], ["B"], ["C"]], path
        assert got.json()["name"] == "org.kilde::names/1.2.3"
        assert site.client.post(f"{BASE}/query/{path}", json={"fetch": 1}).json()["rows"] == [["A"]]
    assert site.client.get(f"{BASE}/query/org.kilde::names/2").status_code == 404
    assert site.client.get(f"{BASE}/query/org.kilde::other").status_code == 404


def test_the_latest_version_with_the_prefix_is_taken(site: Site, ehr_id: str) -> None:
    for version in ("1.9.0", "1.10.0", "2.0.0"):
        put(site, f"v/{version}", f"SELECT '{version}' AS v FROM EHR e")
    assert site.client.get(f"{BASE}/query/v").json()["rows"] == [["2.0.0"]]
    assert site.client.get(f"{BASE}/query/v/1").json()["rows"] == [["1.10.0"]]
    assert site.client.get(f"{BASE}/query/v/1.9").json()["rows"] == [["1.9.0"]]


def test_a_query_stored_without_a_version_gets_the_next_one(site: Site) -> None:
    assert [put(site, "next").json()["version"] for _ in range(3)] == ["1.0.0", "1.1.0", "1.2.0"]


def test_a_version_is_stored_once(site: Site) -> None:
    assert put(site, "once/1.0.0").status_code == 200
    assert put(site, "once/1.0.0").status_code == 409


def test_stored_queries_are_listed_read_and_removed(site: Site) -> None:
    put(site, "org.a::one/1.0.0")
    body = json.dumps(
        {
            "q": "SELECT c FROM COMPOSITION c WHERE c/name/value = $name",
            "purpose": "care",
            "parameters": {"name": "String"},
        }
    )
    assert put(site, "org.a::two/1.0.0", body, **{"content-type": "application/json"}).status_code == 200
    put(site, "org.b::three/1.0.0")
    listed = site.client.get(f"{BASE}/definition/query/org.a").json()
    assert [entry["name"] for entry in listed] == ["org.a::one", "org.a::two"]
    assert {entry["type"] for entry in listed} == {"AQL"}
    assert len(site.client.get(f"{BASE}/definition/query").json()) == 3
    read = site.client.get(f"{BASE}/definition/query/org.a::two/1").json()
    assert read["q"].startswith("SELECT c")
    assert (read["purpose"], read["author"], read["parameters"]) == ("care", read["author"], {"name": "String"})
    assert site.client.delete(f"{BASE}/definition/query/org.a::two/1.0.0").status_code == 204
    assert site.client.get(f"{BASE}/definition/query/org.a::two/1.0.0").status_code == 404


@pytest.mark.parametrize("text", ["SELECT", "SELECT c/nonsense FROM COMPOSITION c", "SELECT x FROM COMPOSITION c", ""])
def test_a_query_that_cannot_run_is_not_stored(site: Site, text: str) -> None:
    assert put(site, "bad/1.0.0", text).status_code == 400
    assert site.client.get(f"{BASE}/definition/query/bad").json() == []


@pytest.mark.parametrize(
    "path", ["aql/1.0.0", "AQL", "a%20b/1.0.0", "n%C3%B8/1.0.0", "x/1.0.0.0", "x/v1", "%2e%2e%2f%2e%2e/1.0.0"]
)
def test_names_and_versions_that_are_none_are_refused(site: Site, path: str) -> None:
    assert put(site, path).status_code in (400, 404)
    assert site.client.get(f"{BASE}/definition/query").json() == []
