"""Bad messages: a clear reason, nothing stored, nothing of a patient in the answer or the log, others unaffected."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from pymongo import MongoClient

from cdr.receipts import Envelope
from cdr.services.receive.split import items_of
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.receiving.conftest import RECEIVE, Kilde, prepared
from tests.receiving.messages import (
    ANNA,
    COLUMNS,
    CSV,
    FHIR,
    Json,
    as_bytes,
    bundle,
    condition,
    decision,
    decisions,
    patient,
    without,
)
from tests.support.http import client_over
from tests.support.mongo import fresh_tenant_name

UNKNOWN = "03815010077"
WRONG_DIGITS = "01815010261"
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><composition>&a;</composition>'
HALF_A_PAIR = as_bytes(bundle(condition())).replace(b"Diabetes", rb"\ud800")
FLAT = "application/openehr.wt.flat+json"


@pytest.fixture(scope="module")
def kilde(mongo_client: MongoClient[Document]) -> Iterator[Kilde]:
    """One server for all bad messages: each leaves it as it was."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    with client_over(store) as client:
        yield prepared(client, store)
    mongo_client.drop_database(store.database.name)


def code(value: str) -> Json:
    return {"coding": [{"code": value}]}


# name -> source, media type, body, status, issue or error code
REFUSED: dict[str, tuple[str, str, bytes, int, str]] = {
    "a source that is not registered": ("nobody", FHIR, as_bytes(bundle(condition())), 404, "SOURCE_UNKNOWN"),
    "a media type that is not received": ("fastlege", "application/pdf", b"%PDF", 415, "MEDIA"),
    "JSON that is cut off": ("fastlege", FHIR, as_bytes(bundle(condition()))[:-20], 400, "FMT_SYNTAX"),
    "JSON in another encoding": ("fastlege", FHIR, '{"resourceType": "Bødel"}'.encode("latin-1"), 400, "FMT_SYNTAX"),
    "JSON that is no resource": ("fastlege", FHIR, b'{"a": 1}', 400, "RCV_FHIR"),
    "JSON with half a surrogate pair": ("fastlege", FHIR, HALF_A_PAIR, 400, "FMT_SYNTAX"),
    "JSON a thousand levels deep": ("fastlege", FHIR, b'{"a":' * 900 + b"1" + b"}" * 900, 400, "FMT_DEPTH"),
    "a Bundle whose entries are no array": (
        "fastlege",
        FHIR,
        b'{"resourceType": "Bundle", "entry": {"resource": 1}}',
        400,
        "RCV_FHIR",
    ),
    "CSV for a source without a mapping for it": ("fastlege", CSV, decisions(decision()), 400, "RCV_NO_MAPPING"),
    "CSV with a quote that is not closed": (
        "tildelingskontor",
        CSV,
        decisions(decision(beskrivelse='"uten slutt')),
        400,
        "RCV_QUOTING",
    ),
    "CSV with a quote inside of a field": (
        "tildelingskontor",
        CSV,
        decisions(decision(beskrivelse='midt "i')),
        400,
        "RCV_QUOTING",
    ),
    "CSV in UTF-16": ("tildelingskontor", CSV, decisions(decision()).decode().encode("utf-16"), 400, "RCV_ENCODING"),
    "CSV with control characters": ("tildelingskontor", CSV, decisions(decision()) + b"\x00\x01", 400, "RCV_ENCODING"),
    "CSV without a column": (
        "tildelingskontor",
        CSV,
        (COLUMNS.replace("fnr;", "") + "\n").encode(),
        400,
        "RCV_COLUMNS",
    ),
    "an empty CSV": ("tildelingskontor", CSV, b"", 400, "RCV_COLUMNS"),
}


def with_text(text: str) -> bytes:
    return as_bytes(bundle(condition(code={"text": text})))


# name -> source, media type, body, codes of the reasons
QUARANTINED: dict[str, tuple[str, str, bytes, set[str]]] = {
    "a resident without an EHR": (
        "fastlege",
        FHIR,
        as_bytes(bundle(condition(), number=UNKNOWN)),
        {"RCV_RESIDENT_UNKNOWN"},
    ),
    "an identity number with wrong digits": (
        "fastlege",
        FHIR,
        as_bytes(bundle(condition(), number=WRONG_DIGITS)),
        {"RCV_RESIDENT"},
    ),
    "no resident at all": ("fastlege", FHIR, as_bytes(without(condition(), "subject")), {"RCV_RESIDENT"}),
    "a resource without an id": (
        "fastlege",
        FHIR,
        as_bytes(bundle(without(condition(), "id"))),
        {"RCV_ITEM", "RCV_MISSING"},
    ),
    "a resource that no mapping takes": (
        "fastlege",
        FHIR,
        as_bytes(bundle({"resourceType": "Observation", "id": "o1"})),
        {"RCV_NO_MAPPING"},
    ),
    "an unknown clinical status": (
        "fastlege",
        FHIR,
        as_bytes(bundle(condition(clinicalStatus=code("odd")))),
        {"RCV_CODE"},
    ),
    "several faults at once": (
        "fastlege",
        FHIR,
        as_bytes(
            bundle(condition(clinicalStatus=code("odd"), onsetDateTime="i fjor", code="Diabetes"), number=UNKNOWN)
        ),
        {"RCV_CODE", "RCV_VALUE", "RCV_RESIDENT_UNKNOWN"},
    ),
    "a text where an object belongs": ("fastlege", FHIR, as_bytes(bundle(condition(note="notat"))), {"RCV_SHAPE"}),
    "a date that there is not": (
        "fastlege",
        FHIR,
        as_bytes(bundle(condition(recordedDate="2024-02-30"))),
        {"RCV_VALUE"},
    ),
    "a control character in a text": ("fastlege", FHIR, with_text("Hemmelig\x01"), {"FMT_CHARACTER"}),
    "a control character in an id": ("fastlege", FHIR, as_bytes(bundle(condition("c\x02"))), {"FMT_CHARACTER"}),
    "a control character in a version": (
        "fastlege",
        FHIR,
        as_bytes(bundle(condition(meta={"versionId": "1\x07"}))),
        {"RCV_VALUE"},
    ),
    "a character that is none": ("fastlege", FHIR, with_text("Hemmelig\uffff"), {"FMT_CHARACTER"}),
    "a control character in a FLAT key's value": (
        "hjemmetjeneste",
        FLAT,
        as_bytes({"diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn": "Hemmelig\x01"}),
        {"FMT_CHARACTER"},
    ),
    "an entry without a resource": ("fastlege", FHIR, b'{"resourceType": "Bundle", "entry": [{}]}', {"RCV_FHIR"}),
    "an unknown service type": ("tildelingskontor", CSV, decisions(decision(tjenestekode="999")), {"RCV_CODE"}),
    "more hours than a week has": ("tildelingskontor", CSV, decisions(decision(omfang="200")), {"RCV_VALUE"}),
    "rows of one decision about two residents": (
        "tildelingskontor",
        CSV,
        decisions(decision(ANNA), decision(UNKNOWN)),
        {"RCV_GROUP"},
    ),
    "a row with too few fields": ("tildelingskontor", CSV, decisions("1;2;3"), {"RCV_COLUMNS"}),
    "a template that the source may not send": (
        "hjemmetjeneste",
        FLAT,
        json.dumps({"prosedyre_og_tiltak/prosedyre:0/prosedyrenavn": "X"}).encode(),
        {"FLAT_UNKNOWN_KEY", "RCV_TEMPLATE", "TPL_UNNAMED"},
    ),
    "a misspelt key": (
        "hjemmetjeneste",
        FLAT,
        json.dumps({"diagnosehistorikk/problem_diagnose:0/problem_diagnosenamn": "X"}).encode(),
        {"FLAT_UNKNOWN_KEY"},
    ),
    "XML with a document type": ("hjemmetjeneste", "application/xml", DOCTYPE, {"FMT_DOCTYPE"}),
    "XML that is cut off": ("hjemmetjeneste", "application/xml", b"<composition>", {"FMT_SYNTAX"}),
    "a composition of another schema": ("hjemmetjeneste", "application/json", b'{"_type": "FOLDER"}', {"FMT_TYPE"}),
}


def stored(kilde: Kilde) -> int:
    """Return how many versions, contributions and EHRs there are."""
    return sum(kilde.store.database[name].count_documents({}) for name in ("version", "contribution", "ehr"))


@pytest.mark.parametrize("name", REFUSED)
def test_a_message_that_cannot_be_taken_apart_is_refused_and_leaves_nothing(kilde: Kilde, name: str) -> None:
    source, media, body, status, expected = REFUSED[name]
    before = stored(kilde), kilde.store.database["receipt"].count_documents({})
    answer = kilde.send(source, body, media=media)
    assert answer.status_code == status, answer.text
    codes = {answer.json()["code"], *(error["code"] for error in answer.json()["errors"])}
    assert expected in codes
    assert (stored(kilde), kilde.store.database["receipt"].count_documents({})) == before


@pytest.mark.parametrize("name", QUARANTINED)
def test_an_item_that_cannot_be_stored_is_quarantined_with_its_reasons(
    kilde: Kilde, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, media, body, expected = QUARANTINED[name]
    before = stored(kilde)
    answer = kilde.send(source, body, media=media, kilde_message_id=name, kilde_ehr_id=kilde.anna)
    assert answer.status_code == 201, answer.text
    assert stored(kilde) == before
    (item,) = answer.json()["items"]
    assert item["outcome"] == "quarantined"
    assert {error["code"] for error in item["errors"]} & expected
    assert {error["code"] for error in item["errors"]} <= expected | {"RCV_MISSING"}
    listed = kilde.http.get(f"{RECEIVE}/{source}/quarantine").json()["items"]
    assert item["errors"] in [one["errors"] for one in listed]
    said = answer.text + json.dumps(listed) + capsys.readouterr().out
    assert not any(secret in said for secret in (ANNA, UNKNOWN, WRONG_DIGITS, "i fjor", "passwd", "Hemmelig"))


def test_all_faults_of_an_item_are_said_at_once(kilde: Kilde) -> None:
    body = bundle(condition(clinicalStatus=code("odd"), onsetDateTime="i fjor"), key="many", number=UNKNOWN)
    (item,) = kilde.send("fastlege", body).json()["items"]
    assert {error["code"] for error in item["errors"]} == {"RCV_CODE", "RCV_VALUE", "RCV_RESIDENT_UNKNOWN"}


def test_a_bad_item_does_not_hold_up_the_others_of_its_message(kilde: Kilde) -> None:
    sent = kilde.send("fastlege", bundle(condition("good"), condition("bad", code={}), key="mixed"))
    assert sent.json()["counts"] == {"stored": 1, "quarantined": 1}


def test_a_body_that_is_too_large_is_refused_before_it_is_read(kilde: Kilde) -> None:
    with client_over(kilde.store, max_body_bytes=1_000_000) as small:
        body = as_bytes(bundle(condition(note=[{"text": "x" * 2_000_000}])))
        answer: httpx.Response = small.post(f"{RECEIVE}/fastlege", content=body, headers={"content-type": FHIR})
    assert answer.status_code == 413


def test_fifty_megabytes_of_csv_are_refused_or_received_whole_never_in_part(kilde: Kilde) -> None:
    body = decisions(decision(beskrivelse="x" * 50_000_000))
    before = stored(kilde)
    answer = kilde.send("tildelingskontor", body)
    assert answer.status_code == 413
    assert stored(kilde) == before


def test_a_resource_alone_names_its_resident_by_identifier(kilde: Kilde) -> None:
    alone = condition("alone", subject={"identifier": patient()["identifier"][0]})
    assert kilde.send("fastlege", alone).json()["counts"] == {"stored": 1}


def test_an_unknown_resident_gets_an_ehr_only_where_the_source_may_make_one(kilde: Kilde) -> None:
    before = kilde.store.database["ehr"].count_documents({})
    assert kilde.send("tildelingskontor", decisions(decision(UNKNOWN, vedtak_id="V-new"))).json()["counts"] == {
        "stored": 1
    }
    assert kilde.store.database["ehr"].count_documents({}) == before + 1


def test_a_message_of_more_items_than_a_server_takes_is_refused(kilde: Kilde, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdr.services.receive.split.MOST_ITEMS", 3)
    body = bundle(*(condition(f"many-{number}") for number in range(4)), key="too-many")
    assert kilde.send("fastlege", body).status_code == 413
    assert (
        kilde.send("fastlege", bundle(*(condition(f"few-{number}") for number in range(3)), key="few")).status_code
        == 201
    )


def test_ten_thousand_bad_entries_are_taken_apart_in_seconds() -> None:
    entries = [{"fullUrl": f"urn:x:{number}", "resource": {"resourceType": "Basic"}} for number in range(10_000)]
    begun = time.process_time()
    items = items_of(
        as_bytes({"resourceType": "Bundle", "entry": entries}),
        Envelope(media=FHIR),
        mappings=[],
        today=date(2024, 6, 1),
    )
    assert len([item.content() for item in items]) == 10_000
    assert time.process_time() - begun < 5
