"""I1.1: a decision to grant a service is an event with the patient, the service and what was decided."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.categories.town import KILDE, Town, ask, coded, example, post, source_of, walk
from tests.support.http import BASE, Json, as_bytes, status, upload

FNR = "13031399990"
GRANTED = "at0011"


def element(document: Json, archetype: str, code: str) -> Json:
    """Return the value of an element in an archetype of a composition."""
    root = next(node for node in walk(document) if node.get("archetype_node_id", "").endswith(archetype))
    found: Json = next(node for node in walk(root) if node.get("archetype_node_id") == code)["value"]
    return found


def running(document: Json) -> Json:
    """Return a decision whose services have begun."""
    for node in walk(document):
        if node.get("archetype_node_id") == "at0040" and node["_type"] == "ELEMENT":
            node["value"] = coded("Pågående", "at0043", "local")
    return document


@pytest.fixture
def decided(client: httpx.Client) -> dict[str, Any]:
    """A resident's decision, sent in by the allocation office: the document, its EHR and its contribution."""
    for name in ("tjenestevedtak", "tjenestehendelse"):
        upload(client, source_of(name))
    for kind in ("query",):
        for item in client.get(f"{KILDE}/content", params={"kind": kind}).json()["content"]:
            client.post(f"{KILDE}/content/{kind}/{item['name']}")
    created = client.post(f"{BASE}/ehr", content=as_bytes(status(FNR)), headers={"content-type": "application/json"})
    ehr_id = created.headers["location"].rsplit("/", 1)[1]
    document = running(example("tjenestevedtak"))
    answer = post(client, ehr_id, document, prefer="return=representation")
    assert answer.status_code == 201, answer.text
    uid = answer.json()["uid"]["value"]
    return {"document": document, "ehr_id": ehr_id, "uid": uid}


def test_i1_1_a_decision_is_one_event_with_patient_service_and_content(
    client: httpx.Client, decided: dict[str, Any]
) -> None:
    [listed] = client.get(f"{KILDE}/ehr/{decided['ehr_id']}/category/tjenester_ytelser_hjelpemidler").json()[
        "compositions"
    ]
    assert listed["uid"] == decided["uid"]
    patient = client.get(f"{BASE}/ehr/{decided['ehr_id']}/ehr_status").json()["subject"]
    assert patient["external_ref"]["id"]["value"] == FNR
    path = f"{BASE}/ehr/{decided['ehr_id']}"
    versioned = client.get(f"{path}/versioned_composition/{decided['uid'].split('::')[0]}/version").json()
    contribution = client.get(f"{path}/contribution/{versioned['contribution']['id']['value']}").json()
    assert [one["id"]["value"] for one in contribution["versions"]] == [decided["uid"]]
    assert contribution["audit"]["change_type"]["value"] == "creation"
    for code in ("at0002", "at0021"):
        stored = element(versioned["data"], "municipal_service_decision.v0", code)
        assert stored == {**stored, **element(decided["document"], "municipal_service_decision.v0", code)}


def test_i1_1_the_decision_is_answered_by_the_overview_of_services(
    client: httpx.Client, decided: dict[str, Any]
) -> None:
    answer = client.post(
        f"{BASE}/query/no.kommune::tjenesteoversikt", json={"query_parameters": {"ehr_id": decided["ehr_id"]}}
    ).json()
    names = [column["name"] for column in answer["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in answer["rows"]]
    document = decided["document"]
    assert rows
    row = rows[0]
    assert row["decision_id"] == element(document, "municipal_service_decision.v0", "at0002")["id"]
    assert row["service_code"] is not None
    assert row["composition_uid"] == decided["uid"]


def test_i1_1_what_happens_to_the_service_afterwards_names_the_decision(
    client: httpx.Client, decided: dict[str, Any]
) -> None:
    event = example("tjenestehendelse")
    assert post(client, decided["ehr_id"], event).status_code == 201
    period = {"from": "1900-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
    answer = client.post(
        f"{BASE}/query/no.kommune::tjenestehendelser",
        json={"query_parameters": {"ehr_id": decided["ehr_id"], **period}},
    ).json()
    names = [column["name"] for column in answer["columns"]]
    [row, *_] = [dict(zip(names, each, strict=True)) for each in answer["rows"]]
    assert row["decision_id"] == element(event, "ACTION.service.v1", "at0016")["id"]
    assert row["state_code"] in ("245", "530", "532")


def test_a_decision_without_its_identifier_creates_no_event(client: httpx.Client, decided: dict[str, Any]) -> None:
    broken = example("tjenestevedtak")
    entry = next(node for node in walk(broken) if node.get("archetype_node_id", "").endswith("decision.v0"))
    items = entry["data"]["items"]
    entry["data"]["items"] = [item for item in items if item["archetype_node_id"] != "at0002"]
    assert post(client, decided["ehr_id"], broken).status_code == 422
    assert ask(client, "SELECT COUNT(*) FROM EHR e CONTAINS COMPOSITION c") == [[1]]


def test_the_shipped_example_grants_something(town: Town) -> None:
    outcome = element(example("tjenestevedtak"), "municipal_service_decision.v0", "at0010")
    assert outcome["defining_code"]["code_string"] == GRANTED
