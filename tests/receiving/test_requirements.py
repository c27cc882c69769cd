"""The requirements that receiving has to meet, one test each: what the programme asks for, shown over HTTP."""

from __future__ import annotations

import time

import pytest

from tests.receiving.conftest import RECEIVE, Kilde
from tests.receiving.messages import (
    ANNA,
    CSV,
    FHIR,
    OLA,
    allergy,
    as_bytes,
    bundle,
    condition,
    decision,
    decisions,
    medication,
    procedure,
)
from tests.support.http import BASE

DIAGNOSES = (
    "SELECT d/data[at0001]/items[at0002]/value/defining_code/code_string AS code, "
    "c/feeder_audit/originating_system_audit/system_id AS source "
    "FROM EHR e CONTAINS COMPOSITION c CONTAINS EVALUATION d[openEHR-EHR-EVALUATION.problem_diagnosis.v1] "
    "WHERE e/ehr_id/value = $ehr ORDER BY code"
)
SERVICES = (
    "SELECT s/items[at0001]/value/id AS service, s/items[at0002]/value/defining_code/code_string AS code, "
    "s/items[at0040]/value/defining_code/code_string AS status FROM EHR e CONTAINS COMPOSITION c "
    "CONTAINS CLUSTER s[openEHR-EHR-CLUSTER.municipal_service.v0] WHERE e/ehr_id/value = $ehr ORDER BY service"
)


def test_a_a_message_is_received_validated_stored_and_readable_within_five_seconds_with_a_receipt(kilde: Kilde) -> None:
    begun = time.monotonic()
    answer = kilde.send("fastlege", bundle(condition()))
    rows = kilde.query(DIAGNOSES, ehr=kilde.anna)
    assert time.monotonic() - begun < 5
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(answer.json()["receipt_id"])
    assert [item["outcome"] for item in answer.json()["items"]] == ["stored"]
    assert rows == [["T90", "fastlege"]]


def test_t1_granted_and_ongoing_services_are_sent_in_and_fetched_through_one_platform(kilde: Kilde) -> None:
    rows = (decision(), decision(tjeneste_id="T-2", tjenestekode="6", start_dato="01.01.2999"))
    assert kilde.send("tildelingskontor", decisions(*rows)).json()["counts"] == {"stored": 1}
    assert kilde.query(SERVICES, ehr=kilde.anna) == [["T-1", "1", "at0043"], ["T-2", "6", "at0042"]]


def test_t1b_an_end_user_solution_of_a_service_area_sends_patient_information(kilde: Kilde) -> None:
    answer = kilde.send("tildelingskontor", decisions(decision()))
    (item,) = answer.json()["items"]
    found = kilde.composition(kilde.anna, item["version_uid"])
    assert found["archetype_details"]["template_id"]["value"] == "no.kommune.tjenestevedtak.v1"
    assert found["context"]["health_care_facility"]["name"] == "Tildelingskontoret"


def test_t1c_two_solutions_in_two_service_areas_fetch_the_same_information(kilde: Kilde) -> None:
    kilde.send("tildelingskontor", decisions(decision()))
    clinic = kilde.query(SERVICES, ehr=kilde.anna)
    (uid,) = kilde.query(
        "SELECT c/uid/value FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr", ehr=kilde.anna
    )[0]
    as_flat = {"accept": "application/openehr.wt.flat+json"}
    home_care = kilde.http.get(f"{BASE}/ehr/{kilde.anna}/composition/{uid}", headers=as_flat).json()
    keys = {key.rsplit("/", 1)[1]: value for key, value in home_care.items()}
    assert [[keys["tjeneste-id|id"], keys["tjenestetype|code"], keys["status|code"]]] == clinic


def test_t2b_historical_data_is_received_in_different_formats_from_different_sources(kilde: Kilde) -> None:
    history = condition("old", onsetDateTime="1998", recordedDate="1998-04-02")
    assert kilde.send("fastlege", bundle(history, procedure())).json()["counts"] == {"stored": 2}
    assert kilde.send("tildelingskontor", decisions(decision(vedtak_dato="15.06.2011"))).json()["counts"] == {
        "stored": 1
    }
    assert kilde.send("legevakt", bundle(medication(), key="b2")).json()["counts"] == {"stored": 1}
    found = kilde.query(
        "SELECT c/feeder_audit/originating_system_audit/system_id AS source, c/context/start_time/value AS time "
        "FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr ORDER BY time",
        ehr=kilde.anna,
    )
    assert found == [
        ["fastlege", "1998-04-02"],
        ["tildelingskontor", "2011-06-15"],
        ["fastlege", "2022-11-02"],
        ["legevakt", "2024-03-01"],
    ]


def test_t2c_received_data_is_stored_in_a_format_that_is_queryable_by_path(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition(onsetDateTime="2019-05")))
    onset = "d/data[at0001]/items[at0077]/value/value"
    aql = f"SELECT {onset} AS onset FROM EHR e CONTAINS EVALUATION d WHERE e/ehr_id/value = $ehr"
    assert kilde.query(aql, ehr=kilde.anna) == [["2019-05"]]


def test_i1_2_events_are_accepted_without_any_manual_step(kilde: Kilde) -> None:
    for number in range(3):
        rows = decisions(decision(vedtak_id=f"V-{number}", tjeneste_id=f"T-{number}"))
        assert kilde.send("tildelingskontor", rows).json()["state"] == "done"
    assert len(kilde.query(SERVICES, ehr=kilde.anna)) == 3


@pytest.mark.parametrize(
    ("source", "message", "media"),
    [
        ("fastlege", as_bytes(bundle(condition())) + b"\n \n", FHIR),
        ("tildelingskontor", decisions(decision()).decode().encode("iso-8859-1"), CSV),
    ],
    ids=["fhir", "csv"],
)
def test_i1_3_formats_are_converted_and_the_original_stays_retrievable(
    kilde: Kilde, source: str, message: bytes, media: str
) -> None:
    answer = kilde.send(source, message, media=media).json()
    (item,) = answer["items"]
    by_receipt = kilde.http.get(answer["original"])
    found = kilde.composition(kilde.anna, item["version_uid"])
    by_audit = kilde.http.get(found["feeder_audit"]["original_content"]["uri"]["value"])
    object_id = item["version_uid"].split("::")[0]
    by_composition = kilde.http.get(f"/rest/kilde/v1/ehr/{kilde.anna}/composition/{object_id}/original")
    assert by_receipt.content == by_audit.content == by_composition.content == message
    assert by_receipt.headers["content-type"].partition(";")[0] == media


def test_l2_1_a_quality_report_lists_completeness_coding_share_duplicates_and_rejected_items(kilde: Kilde) -> None:
    coded = bundle(condition("c1"), condition("c2", code={"text": "Sukkersyke"}), key="b1")
    kilde.send("fastlege", coded)
    kilde.send("fastlege", coded)
    kilde.send("fastlege", bundle(condition("c1"), key="b2"))
    kilde.send("fastlege", bundle(condition("c3", clinicalStatus={"coding": [{"code": "odd"}]}), key="b3"))
    report = kilde.http.get(f"{RECEIVE}/fastlege/quality").json()
    assert report["messages"] == 3
    assert report["outcomes"] == {"stored": 2, "unchanged": 1, "quarantined": 1}
    assert (report["duplicates"], report["refused"]) == (2, 1)
    assert report["coded"] == 0.75
    assert 0.8 < report["complete"] < 1
    assert report["lacking"]["organisation"] == 4
    assert report["reasons"] == {"RCV_CODE": 1}


def test_l2_3_it_is_visible_per_supplier_what_it_shares_and_what_it_only_reads(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition()))
    uid = kilde.send("tildelingskontor", decisions(decision())).json()["items"][0]["version_uid"]
    kilde.composition(kilde.anna, uid)
    # Everybody is the same person on this server: it reads for both suppliers that name it.
    for source, supplier in (("fastlege", "Journal AS"), ("tildelingskontor", "Fagsystem AS")):
        changed = {**kilde.http.get(f"{RECEIVE}/{source}").json(), "users": ["anonymous"], "supplier": supplier}
        changed.pop("key")
        assert kilde.http.put(f"{RECEIVE}/{source}", json=changed).status_code == 200
    rows = {row["supplier"]: row for row in kilde.http.get("/rest/kilde/v1/suppliers").json()["suppliers"]}
    assert rows["Journal AS"]["shares"] == {"no.kommune.diagnosehistorikk.v1": 1}
    assert "no.kommune.tjenestevedtak.v1" in rows["Journal AS"]["only_reads"]
    assert rows["Fagsystem AS"]["shares"] == {"no.kommune.tjenestevedtak.v1": 1}
    assert "no.kommune.tjenestevedtak.v1" not in rows["Fagsystem AS"]["only_reads"]


def test_l2_5_every_step_from_receipt_to_storage_is_traceable_per_item(kilde: Kilde) -> None:
    sent = kilde.send("fastlege", bundle(condition("c1"), condition("c2", code={})))
    address = f"{RECEIVE}/fastlege/receipt/{sent.json()['receipt_id']}"
    stored, refused = kilde.http.get(address).json()["items"]
    assert stored["steps"] == ["received", "split", "mapped", "validated", "stored"]
    assert (stored["place"], stored["item_id"], stored["ehr_id"]) == ("entry[2]", "c1", kilde.anna)
    assert stored["mapping"] == "fhir_condition_bundle 1.0.0"
    assert kilde.composition(kilde.anna, stored["version_uid"])
    assert refused["steps"] == ["received", "split", "quarantined"]
    assert {error["code"] for error in refused["errors"]} == {"RCV_CODE"}


def test_g_the_same_fact_in_two_standards_is_stored_and_compiled_in_one_result(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition()))
    flat = {
        "ctx/language": "nb",
        "ctx/territory": "NO",
        "ctx/composer_name": "Kari Nordmann",
        "diagnosehistorikk/context/rapport_id": "H-1",
        "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn|code": "T90",
        "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn|value": "Diabetes type 2",
        "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn|terminology": "http://hl7.org/fhir/sid/icpc-2",
    }
    answer = kilde.send(
        "hjemmetjeneste",
        as_bytes(flat),
        media="application/openehr.wt.flat+json",
        kilde_ehr_id=kilde.anna,
        kilde_item_id="H-1",
        openehr_template_id="no.kommune.diagnosehistorikk.v1",
    )
    assert answer.json()["counts"] == {"stored": 1}, answer.text
    rows = kilde.query(DIAGNOSES, ehr=kilde.anna)
    assert sorted(rows) == [["T90", "fastlege"], ["T90", "hjemmetjeneste"]]
    # And back again: what came as FHIR goes out as FLAT and as canonical XML.
    (uid,) = next(
        row
        for row in kilde.query(
            "SELECT c/uid/value FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr", ehr=kilde.anna
        )
    )
    for form in ("application/openehr.wt.flat+json", "application/xml"):
        found = kilde.http.get(f"{BASE}/ehr/{kilde.anna}/composition/{uid}", headers={"accept": form})
        assert found.status_code == 200
        assert "T90" in found.text


def test_residents_are_told_apart_in_one_message(kilde: Kilde) -> None:
    kilde.send("tildelingskontor", decisions(decision(ANNA), decision(OLA, vedtak_id="V-2", tjeneste_id="T-9")))
    assert [row[0] for row in kilde.query(SERVICES, ehr=kilde.anna)] == ["T-1"]
    assert [row[0] for row in kilde.query(SERVICES, ehr=kilde.ola)] == ["T-9"]


def test_an_allergy_and_the_statement_of_none_are_both_kept(kilde: Kilde) -> None:
    none = {"coding": [{"system": "http://snomed.info/sct", "code": "716186003", "display": "No known allergy"}]}
    sent = kilde.send("legevakt", bundle(allergy("a1"), allergy("a2", code=none)))
    assert sent.json()["counts"] == {"stored": 2}
    found = kilde.query(
        "SELECT v/archetype_node_id AS archetype FROM EHR e CONTAINS EVALUATION v WHERE e/ehr_id/value = $ehr "
        "ORDER BY archetype",
        ehr=kilde.anna,
    )
    assert [row[0] for row in found] == [
        "openEHR-EHR-EVALUATION.adverse_reaction_risk.v2",
        "openEHR-EHR-EVALUATION.exclusion_global.v1",
    ]
