"""What is said about a query that nobody runs: its features, its faults, and codes that no template has."""

from __future__ import annotations

from typing import Any

import pytest

from aql.features import FEATURES
from tests.engine.conftest import Site
from tests.support.http import BASE, template_source

KILDE = "/rest/kilde/v1/aql"
PRESSURE = "openEHR-EHR-OBSERVATION.blood_pressure.v2"
FROM = f"FROM OBSERVATION o[{PRESSURE}]"


@pytest.fixture
def told(site: Site) -> Any:
    """Give a function that returns what is said about a query, with one template on the server."""
    made = site.client.post(
        f"{BASE}/definition/template/adl1.4",
        content=template_source(),
        headers={"content-type": "application/xml"},
    )
    assert made.status_code == 201, made.text

    def notes(text: str) -> list[tuple[str, int, str]]:
        answer = site.client.post(f"{KILDE}/check", json={"q": text})
        assert answer.status_code == 200, answer.text
        return [(note["code"], note["column"], note["message"]) for note in answer.json()["notes"]]

    return notes


def test_the_features_are_listed_with_their_support(site: Site) -> None:
    listed = site.client.get(f"{KILDE}/features").json()
    assert (listed["language"], listed["release"]) == ("AQL", "1.1.0")
    assert [feature["key"] for feature in listed["features"]] == list(FEATURES)
    assert {feature["support"] for feature in listed["features"]} == {"yes", "no", "with a terminology service"}


def test_a_legal_query_tells_its_features_parameters_and_columns(site: Site) -> None:
    text = "SELECT c/name/value AS name, c FROM COMPOSITION c WHERE c/uid/value = $uid"
    assert site.client.post(f"{KILDE}/check", json={"q": text}).json() == {
        "features": ["path", "object_column", "comparison", "parameter"],
        "parameters": ["uid"],
        "columns": [{"name": "name", "types": ["String"]}, {"name": "#1", "types": ["COMPOSITION"]}],
        "notes": [],
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT", "AQL_SYNTAX"),
        ("SELECT x FROM COMPOSITION c", "AQL_ILLEGAL"),
        ("SELECT c/items[1] FROM CLUSTER c", "AQL_NOT_SUPPORTED"),
        (5, "AQL_BODY"),
    ],
)
def test_what_is_not_answered_is_refused_by_the_check_too(site: Site, text: object, code: str) -> None:
    answer = site.client.post(f"{KILDE}/check", json={"q": text})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_paths_of_a_template_need_no_remark(told: Any) -> None:
    assert told(f"SELECT o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude {FROM}") == []
    assert told(f"SELECT o/data/events/data/items[at0004] {FROM} WHERE EXISTS o/data[at0001]/events/time") == []
    assert told(f"SELECT c/content[{PRESSURE}]/data[at0001]/origin/value FROM COMPOSITION c") == []


def test_a_code_that_no_template_has_is_said_with_those_that_it_has(told: Any) -> None:
    ((code, column, message),) = told(f"SELECT o/data[at0001]/events[at0006]/data[at0003]/items[at0044]/value {FROM}")
    assert (code, column) == ("UNKNOWN_NODE", 57)
    assert message.startswith(f"No template has at0044 in items there, in {PRESSURE}. Did you mean at0004 (")


def test_a_code_at_the_wrong_place_is_said_once(told: Any) -> None:
    path = "o/data[at0003]/events[at0006]/data[at0003]/items[at0004]/value/magnitude"
    ((code, _, message),) = told(f"SELECT {path} {FROM} WHERE {path} > 140 ORDER BY {path}")
    assert code == "UNKNOWN_NODE"
    assert "Did you mean at0001" in message


def test_an_archetype_that_no_template_has_is_said_with_near_ones(told: Any) -> None:
    text = "SELECT o/data[at0001] FROM OBSERVATION o[openEHR-EHR-OBSERVATION.blood_presure.v2]"
    ((code, column, message),) = told(text)
    assert (code, column) == ("UNKNOWN_ARCHETYPE", text.index("[openEHR") + 2)
    assert message.endswith(f"Did you mean {PRESSURE}?")
    path = "SELECT c/content[openEHR-EHR-OBSERVATION.blood_presure.v2]/data[at0099] FROM COMPOSITION c"
    assert [code for code, *_ in told(path)] == ["UNKNOWN_ARCHETYPE"]


def test_a_server_without_templates_says_nothing_about_them(site: Site) -> None:
    text = f"SELECT o/data[at0099] {FROM}"
    assert site.client.post(f"{KILDE}/check", json={"q": text}).json()["notes"] == []


def test_storing_a_query_says_what_no_template_has_and_stores_it(site: Site, told: Any) -> None:
    def stored(name: str, text: str) -> Any:
        headers = {"content-type": "text/plain"}
        answer = site.client.put(f"{BASE}/definition/query/{name}/1.0.0", content=text, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    notes = stored("org.kilde::misspelt", f"SELECT o/data[at0011] {FROM}")["notes"]
    assert [note["code"] for note in notes] == ["UNKNOWN_NODE"]
    assert (notes[0]["line"], notes[0]["column"]) == (1, 15)
    assert "notes" not in stored("org.kilde::right", f"SELECT o/data[at0001] {FROM}")
    assert site.client.get(f"{BASE}/query/org.kilde::misspelt").json()["rows"] == []


def test_storing_a_query_asks_whether_another_name_was_meant(site: Site) -> None:
    for text, hint in (
        ("SELECT c/naem/value FROM COMPOSITION c", "Did you mean name?"),
        ("SELECT obz/name/value FROM OBSERVATION obs", "Did you mean obs?"),
        ("SELECT c FROM COMPOSITON c", "Did you mean COMPOSITION?"),
        ("SELECT LENGHT(c/name/value) FROM COMPOSITION c", "Did you mean LENGTH?"),
    ):
        answer = site.client.put(f"{BASE}/definition/query/x", content=text, headers={"content-type": "text/plain"})
        assert answer.status_code == 400
        assert hint in answer.json()["message"], answer.json()
