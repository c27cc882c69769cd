"""The 45 queries are there by name, typed and by category, and every one of them answers over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cdr.categories.queries import shipped_queries
from tests.categories.town import KEYS, KILDE, Town
from tests.support.http import BASE, template_source, upload

QUERIES = shipped_queries()
VALUES = {"from": "1900-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "application_id": "anything"}


def parameters_of(query: Any, ehr_id: str) -> dict[str, str]:
    """Return a value for every parameter of a query."""
    return {name: ehr_id if name == "ehr_id" else VALUES[name] for name in query.parameters}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.key)
def test_a_shipped_query_answers_by_its_name_with_its_parameters(town: Town, query: Any) -> None:
    given = parameters_of(query, town.ehr_id)
    answer = town.client.post(f"{BASE}/query/{query.name}", json={"query_parameters": given})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["name"] == f"{query.name}/{query.version}"
    columns = [column["name"] for column in body["columns"]]
    assert columns and all(not name.startswith("#") for name in columns)
    assert all(len(row) == len(columns) for row in body["rows"])


@pytest.mark.parametrize(
    "query", [query for query in QUERIES if "ehr_id" in query.parameters], ids=lambda query: query.key
)
def test_a_shipped_query_answers_for_another_resident_with_nothing(town: Town, query: Any) -> None:
    other = town.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    params = parameters_of(query, other)
    rows = town.client.get(f"{BASE}/query/{query.name}/{query.version}", params=params).json()["rows"]
    assert rows == ([[0]] if query.key == "S4" else [])


@pytest.mark.parametrize("query", [query for query in QUERIES if query.parameters], ids=lambda query: query.key)
def test_a_shipped_query_says_which_parameter_is_missing(town: Town, query: Any) -> None:
    answer = town.client.post(f"{BASE}/query/{query.name}", json={})
    assert answer.status_code == 400
    assert next(iter(query.parameters)) in answer.text or "ehr_id" in answer.text


@pytest.mark.parametrize(
    ("name", "value", "is_taken"),
    [
        ("from", "2024-01-31", True),
        ("from", "2024-01-31T10:00:00+01:00", True),
        ("from", "yesterday", False),
        ("from", 20240131, False),
        ("to", "31.01.2024", False),
        ("ehr_id", "", False),
        ("ehr_id", 7, False),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_an_empty_answer(
    town: Town, name: str, value: Any, is_taken: bool
) -> None:
    given = {"ehr_id": town.ehr_id, "from": "1900-01-01", "to": "2100-01-01", name: value}
    answer = town.client.post(f"{BASE}/query/no.kommune::tjenestehistorikk", json={"query_parameters": given})
    assert answer.status_code == (200 if is_taken else 400)
    if not is_taken:
        assert (f"${name}" in answer.json()["message"], answer.json()["code"]) == (True, "QUERY_PARAMETER")
        assert value == "" or str(value) not in answer.text


def test_the_same_holds_in_the_address_of_a_get(town: Town) -> None:
    address = f"{BASE}/query/no.kommune::laboratoriesvar"
    good = town.client.get(address, params={"ehr_id": town.ehr_id, "from": "2020"})
    wrong = town.client.get(address, params={"ehr_id": town.ehr_id, "from": "soon"})
    assert (good.status_code, wrong.status_code) == (200, 400)


def test_types_of_other_tools_are_kept_and_not_checked(client: httpx.Client) -> None:
    body = {"q": "SELECT e/ehr_id/value FROM EHR e WHERE e/ehr_id/value = $id", "parameters": {"id": "STRING"}}
    client.put(f"{BASE}/definition/query/vendor::one", json=body)
    assert client.get(f"{BASE}/definition/query/vendor::one/1").json()["parameters"] == {"id": "STRING"}
    assert client.get(f"{BASE}/query/vendor::one", params={"id": "x"}).status_code == 200


def test_a_shipped_query_shows_version_purposes_types_and_category(town: Town) -> None:
    shown = town.client.get(f"{BASE}/definition/query/no.kommune::tjenestehistorikk/1").json()
    assert shown["version"] == "1.0.0"
    assert shown["parameters"] == {"ehr_id": "ehr_id", "from": "date_time", "to": "date_time"}
    assert shown["category"] == "tjenester_ytelser_hjelpemidler"
    assert set(shown["purposes"]) == {"nb", "en"}
    assert shown["purpose"] == shown["purposes"]["en"]


def test_the_queries_of_the_nine_categories_are_all_of_them(town: Town) -> None:
    found = [
        one["name"]
        for key in KEYS
        for one in town.client.get(f"{BASE}/definition/query", params={"category": key}).json()
    ]
    assert sorted(found) == sorted(query.name for query in QUERIES)


def test_a_list_can_be_of_a_name_and_a_category(town: Town) -> None:
    address = f"{BASE}/definition/query/no.kommune::t"
    found = town.client.get(address, params={"category": "undersokelser_malinger_funn"}).json()
    assert [one["name"] for one in found] == ["no.kommune::temperatur"]
    assert town.client.get(address, params={"category": "weather"}).status_code == 400


def test_a_query_is_not_stored_under_an_unknown_category(client: httpx.Client) -> None:
    body = {"q": "SELECT e FROM EHR e", "category": "weather"}
    answer = client.put(f"{BASE}/definition/query/vendor::one", json=body)
    assert answer.status_code == 400
    assert all(key in answer.json()["message"] for key in KEYS)


def test_shipped_queries_name_nothing_that_the_shipped_templates_lack(town: Town) -> None:
    for query in QUERIES:
        checked = town.client.post(f"{KILDE}/aql/check", json={"q": query.text})
        assert (query.key, checked.status_code, checked.json().get("notes")) == (query.key, 200, [])


def test_a_query_on_a_code_that_no_template_has_is_stored_with_a_note(client: httpx.Client) -> None:
    upload(client, template_source())
    body = {
        "q": "SELECT o/data[at0001]/events[at0006]/data[at0003]/items[at9999]/value/magnitude "
        "FROM EHR e CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.blood_pressure.v2]"
    }
    stored = client.put(f"{BASE}/definition/query/vendor::wrong", json=body).json()
    assert [note["code"] for note in stored["notes"]] == ["UNKNOWN_NODE"]
