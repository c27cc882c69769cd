"""openEHR content of a source: canonical JSON and XML, FLAT and STRUCTURED, with what the headers say beside it."""

from __future__ import annotations

import json

import pytest

from tests.receiving.conftest import Kilde
from tests.receiving.messages import ANNA, FNR, Json, as_bytes, bundle, condition
from tests.support.http import BASE

TEMPLATE = "no.kommune.diagnosehistorikk.v1"
FLAT = "application/openehr.wt.flat+json"
STRUCTURED = "application/openehr.wt.structured+json"


def keys(text: str = "Diabetes") -> Json:
    return {
        "ctx/language": "nb",
        "ctx/territory": "NO",
        "ctx/composer_name": "Kari Nordmann",
        "diagnosehistorikk/context/rapport_id": "H-1",
        "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn": text,
    }


def form(kilde: Kilde, media: str) -> bytes:
    """Return the content of `keys` in a format, as this server writes it."""
    sent = kilde.http.post(
        f"{BASE}/ehr/{kilde.ola}/composition",
        content=as_bytes(keys()),
        headers={"content-type": FLAT, "openehr-template-id": TEMPLATE, "prefer": "return=minimal"},
    )
    uid = sent.headers["etag"].removeprefix("W/").strip('"')
    return kilde.http.get(f"{BASE}/ehr/{kilde.ola}/composition/{uid}", headers={"accept": media}).content


@pytest.mark.parametrize("media", ["application/json", "application/xml", FLAT, STRUCTURED])
def test_each_format_is_received_with_a_feeder_audit_of_the_source(kilde: Kilde, media: str) -> None:
    body = form(kilde, media)
    said = {
        "kilde_subject": f"{FNR}|{ANNA}",
        "kilde_item_id": "H-1",
        "kilde_item_version": "7",
        "openehr_template_id": TEMPLATE,
    }
    sent = kilde.send("hjemmetjeneste", body, media=media, **said).json()
    (item,) = sent["items"]
    assert item["outcome"] == "stored", item["errors"]
    audit = kilde.composition(kilde.anna, item["version_uid"])["feeder_audit"]
    assert audit["originating_system_audit"]["system_id"] == "hjemmetjeneste"
    assert audit["originating_system_audit"]["version_id"] == "7"
    assert audit["originating_system_item_ids"][0]["id"] == "H-1"
    assert audit["original_content"]["size"] == len(body)
    again = kilde.send("hjemmetjeneste", body, media=media, kilde_message_id="other", **said).json()
    assert again["counts"] == {"unchanged": 1}


def test_equal_bytes_are_one_message_for_each_resident_and_state_that_the_headers_say(kilde: Kilde) -> None:
    body = as_bytes(keys())
    said = {"media": FLAT, "openehr_template_id": TEMPLATE, "kilde_item_id": "H-1"}
    first = kilde.send("hjemmetjeneste", body, **said, kilde_ehr_id=kilde.anna)
    other = kilde.send("hjemmetjeneste", body, **said | {"kilde_item_id": "H-2"}, kilde_ehr_id=kilde.ola)
    again = kilde.send("hjemmetjeneste", body, **said, kilde_ehr_id=kilde.anna)
    withdrawn = kilde.send("hjemmetjeneste", body, **said, kilde_ehr_id=kilde.anna, kilde_item_state="withdrawn")
    assert [answer.status_code for answer in (first, other, again, withdrawn)] == [201, 201, 200, 201]
    assert first.json()["receipt_id"] == again.json()["receipt_id"]
    assert [answer.json()["items"][0]["ehr_id"] for answer in (first, other)] == [kilde.anna, kilde.ola]
    assert [answer.json()["counts"] for answer in (other, withdrawn)] == [{"stored": 1}, {"withdrawn": 1}]


def test_a_message_id_is_not_taken_twice_for_two_residents(kilde: Kilde) -> None:
    said = {"media": FLAT, "openehr_template_id": TEMPLATE, "kilde_message_id": "m1"}
    assert kilde.send("hjemmetjeneste", as_bytes(keys()), **said, kilde_ehr_id=kilde.anna).status_code == 201
    other = kilde.send("hjemmetjeneste", as_bytes(keys()), **said, kilde_ehr_id=kilde.ola)
    assert (other.status_code, other.json()["code"]) == (409, "MESSAGE_ID_TAKEN")


def test_bytes_sent_under_a_wrong_media_type_can_be_sent_again_under_the_right_one(kilde: Kilde) -> None:
    said = {"openehr_template_id": TEMPLATE, "kilde_ehr_id": kilde.anna, "kilde_item_id": "H-1"}
    wrong = kilde.send("hjemmetjeneste", as_bytes(keys()), media="application/xml", **said)
    right = kilde.send("hjemmetjeneste", as_bytes(keys()), media=FLAT, **said)
    assert [answer.json()["counts"] for answer in (wrong, right)] == [{"quarantined": 1}, {"stored": 1}]


def test_versions_and_withdrawal_are_said_in_headers(kilde: Kilde) -> None:
    said = {"media": FLAT, "kilde_ehr_id": kilde.anna, "kilde_item_id": "H-1", "openehr_template_id": TEMPLATE}
    outcomes = []
    for text, version, state in (("A", "1", ""), ("C", "3", ""), ("B", "2", ""), ("C", "4", "withdrawn")):
        body = as_bytes(keys(text))
        answer = kilde.send(
            "hjemmetjeneste",
            body,
            kilde_item_version=version,
            kilde_item_state=state,
            kilde_message_id=f"m{version}",
            **said,
        )
        outcomes.append(answer.json()["items"][0]["outcome"])
    assert outcomes == ["stored", "updated", "superseded", "withdrawn"]


def test_nobody_speaks_for_another_system_and_a_national_source_stays_named(kilde: Kilde) -> None:
    document = json.loads(form(kilde, "application/json"))
    document["feeder_audit"] = {
        "_type": "FEEDER_AUDIT",
        "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "fastlege", "version_id": "2"},
        "originating_system_item_ids": [{"_type": "DV_IDENTIFIER", "id": "K-77", "type": "Condition"}],
        "feeder_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "Kjernejournal"},
    }
    sent = kilde.send("hjemmetjeneste", as_bytes(document), media="application/json", kilde_ehr_id=kilde.anna).json()
    (item,) = sent["items"]
    assert (item["outcome"], item["item_id"], item["item_version"]) == ("stored", "K-77", "2")
    audit = kilde.composition(kilde.anna, item["version_uid"])["feeder_audit"]
    assert audit["originating_system_audit"]["system_id"] == "hjemmetjeneste"
    assert audit["feeder_system_audit"]["system_id"] == "Kjernejournal"


def test_a_composition_without_a_resident_goes_to_quarantine(kilde: Kilde) -> None:
    sent = kilde.send("hjemmetjeneste", as_bytes(keys()), media=FLAT, openehr_template_id=TEMPLATE).json()
    assert [error["code"] for error in sent["items"][0]["errors"]] == ["RCV_RESIDENT"]


def test_a_source_without_openehr_templates_may_call_its_fhir_plain_json(kilde: Kilde) -> None:
    sent = kilde.send("fastlege", as_bytes(bundle(condition())), media="application/json")
    assert sent.json()["counts"] == {"stored": 1}
