"""Entries of received compositions name their source, where the queries that come with Kilde read it."""

from __future__ import annotations

import pytest

from cdr import resources
from tests.receiving.conftest import Kilde
from tests.receiving.messages import ANNA, FNR, Json, allergy, as_bytes, bundle, condition, decision, decisions
from tests.support.http import BASE

TEMPLATE = "no.kommune.diagnosehistorikk.v1"
FLAT = "application/openehr.wt.flat+json"
KEYS = {
    "ctx/language": "nb",
    "ctx/territory": "NO",
    "ctx/composer_name": "Kari Nordmann",
    "diagnosehistorikk/context/rapport_id": "H-1",
    "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn": "Diabetes",
}
SAID = {"kilde_subject": f"{FNR}|{ANNA}", "kilde_item_id": "H-1", "openehr_template_id": TEMPLATE}
PERIOD = {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}


def sources_of_diagnoses(kilde: Kilde) -> list[object]:
    """Return what query D1, as it comes with Kilde and over HTTP, says is the source of each diagnosis."""
    text = (resources.folder("templates") / "queries" / "diagnoser.aql").read_text(encoding="utf-8")
    address = f"{BASE}/definition/query/no.kommune::diagnoser/1.0.0"
    stored = kilde.http.put(address, content=text, headers={"content-type": "text/plain"})
    assert stored.status_code == 200, stored.text
    said = {"query_parameters": {"ehr_id": kilde.anna, **PERIOD}}
    answer = kilde.http.post(f"{BASE}/query/no.kommune::diagnoser", json=said)
    assert answer.status_code == 200, answer.text
    column = [one["name"] for one in answer.json()["columns"]].index("source_system")
    return sorted(row[column] for row in answer.json()["rows"])


def test_the_query_for_diagnoses_names_the_source_of_a_fhir_message(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition("c1"), condition("c2")))
    assert sources_of_diagnoses(kilde) == ["fastlege", "fastlege"]


def test_the_query_for_diagnoses_names_the_source_of_openehr_content(kilde: Kilde) -> None:
    sent = kilde.send("hjemmetjeneste", as_bytes(KEYS), media=FLAT, **SAID)
    assert sent.json()["counts"] == {"stored": 1}
    assert sources_of_diagnoses(kilde) == ["hjemmetjeneste"]


def test_a_diagnosis_that_says_where_it_came_from_keeps_that(kilde: Kilde) -> None:
    one = condition("c1")
    one["meta"]["source"] = "urn:oid:1.2.3.4"
    kilde.send("fastlege", bundle(one))
    assert sources_of_diagnoses(kilde) == ["urn:oid:1.2.3.4"]


@pytest.mark.parametrize(
    ("source", "message", "ids"),
    [("legevakt", bundle(allergy()), ["a1"]), ("tildelingskontor", decisions(decision()), ["V-1", "24/101", "T-1"])],
    ids=["FHIR", "CSV"],
)
def test_an_only_entry_names_its_source_and_its_ids(
    kilde: Kilde, source: str, message: Json | bytes, ids: list[str]
) -> None:
    (item,) = kilde.send(source, message).json()["items"]
    (entry,) = kilde.composition(kilde.anna, item["version_uid"])["content"]
    audit = entry["feeder_audit"]
    assert audit["originating_system_audit"]["system_id"] == source
    assert [one["id"] for one in audit["originating_system_item_ids"]] == ids


def test_several_entries_do_not_share_the_ids_of_their_composition(kilde: Kilde) -> None:
    # With the same ids, and the same words, two entries would be taken for copies of one.
    keys = {**KEYS, "diagnosehistorikk/problem_diagnose:1/problem_diagnosenavn": "Diabetes"}
    (item,) = kilde.send("hjemmetjeneste", as_bytes(keys), media=FLAT, **SAID).json()["items"]
    entries = kilde.composition(kilde.anna, item["version_uid"])["content"]
    audits = [entry["feeder_audit"] for entry in entries]
    assert [audit["originating_system_audit"]["system_id"] for audit in audits] == ["hjemmetjeneste"] * 2
    assert not any("originating_system_item_ids" in audit for audit in audits)
