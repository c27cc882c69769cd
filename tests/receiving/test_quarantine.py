"""What is in quarantine can be looked at, corrected, replayed and given up; nothing is stored twice by it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from tests.receiving.conftest import RECEIVE, Kilde, new_ehr
from tests.receiving.messages import CSV, FHIR, Json, as_bytes, bundle, condition, decision, decisions
from tests.support.http import BASE

UNKNOWN = "03815010077"
QUARANTINE = f"{RECEIVE}/fastlege/quarantine"


def quarantined(kilde: Kilde, source: str = "fastlege") -> list[Json]:
    """Return the open items of a source's quarantine."""
    items: list[Json] = kilde.http.get(f"{RECEIVE}/{source}/quarantine").json()["items"]
    return items


def test_a_corrected_item_is_stored_by_a_replay_and_leaves_the_quarantine(kilde: Kilde) -> None:
    sent = kilde.send("fastlege", bundle(condition("c1", clinicalStatus={"coding": [{"code": "odd"}]}))).json()
    (item,) = quarantined(kilde)
    address = f"{QUARANTINE}/{item['quarantine_id']}"
    content = kilde.http.get(address)
    assert content.headers["content-type"].startswith(FHIR)
    assert content.headers["x-content-type-options"] == "nosniff"
    mended = content.text.replace('"odd"', '"active"')
    assert kilde.http.put(address, content=mended.encode()).json()["corrections"] == 1
    replayed = kilde.http.post(f"{address}/replay").json()
    assert (replayed["outcome"], replayed["ehr_id"]) == ("stored", kilde.anna)
    assert replayed["steps"] == ["received", "quarantined", "replayed", "split", "mapped", "validated", "stored"]
    assert quarantined(kilde) == []
    receipt = kilde.http.get(f"{RECEIVE}/fastlege/receipt/{sent['receipt_id']}").json()
    assert receipt["counts"] == {"stored": 1}
    assert kilde.http.get(receipt["original"]).content == as_bytes(
        bundle(condition("c1", clinicalStatus={"coding": [{"code": "odd"}]}))
    )


def test_an_item_about_an_unknown_resident_is_stored_once_the_resident_is_here(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition(), number=UNKNOWN))
    (item,) = quarantined(kilde)
    address = f"{QUARANTINE}/{item['quarantine_id']}/replay"
    assert kilde.http.post(address).json()["outcome"] == "quarantined"
    ehr_id = new_ehr(kilde.http, UNKNOWN)
    assert kilde.http.post(address).json()["ehr_id"] == ehr_id
    again = kilde.http.post(address)
    assert (again.status_code, again.json()["code"]) == (409, "QUARANTINE_CLOSED")


def test_everything_of_a_source_is_replayed_at_once(kilde: Kilde) -> None:
    for number in range(3):
        kilde.send("fastlege", bundle(condition(f"c{number}"), key=f"b{number}", number=UNKNOWN))
    new_ehr(kilde.http, UNKNOWN)
    found = kilde.http.post(f"{RECEIVE}/fastlege/replay").json()["items"]
    assert [item["outcome"] for item in found] == ["stored"] * 3
    assert quarantined(kilde) == []


def test_two_who_replay_everything_at_once_hinder_neither_the_other(kilde: Kilde) -> None:
    items = [condition(f"c{number}") for number in range(12)]
    assert kilde.send("fastlege", bundle(*items, number=UNKNOWN)).json()["counts"] == {"quarantined": 12}
    new_ehr(kilde.http, UNKNOWN)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: kilde.http.post(f"{RECEIVE}/fastlege/replay"), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert quarantined(kilde) == []
    assert {item["outcome"] for answer in answers for item in answer.json()["items"]} <= {"stored", "unchanged"}


def test_a_newer_version_that_came_meanwhile_wins_over_a_replayed_one(kilde: Kilde) -> None:
    old = condition("c1", changed="2024-03-01", clinicalStatus={"coding": [{"code": "odd"}]})
    kilde.send("fastlege", bundle(old, key="b1"))
    kilde.send("fastlege", bundle(condition("c1", changed="2024-03-02"), key="b2"))
    (item,) = quarantined(kilde)
    address = f"{QUARANTINE}/{item['quarantine_id']}"
    kilde.http.put(address, content=kilde.http.get(address).text.replace('"odd"', '"active"').encode())
    assert kilde.http.post(f"{address}/replay").json()["outcome"] == "superseded"


def test_rows_of_a_decision_are_corrected_as_csv(kilde: Kilde) -> None:
    rows = (decision(), decision(vedtak_id="V-2", tjenestekode="999", tjenestenavn='Noe; "annet"'))
    assert kilde.send("tildelingskontor", decisions(*rows).replace(b'Noe; "annet"', b'"Noe; ""annet"""')).json()[
        "counts"
    ] == {"stored": 1, "quarantined": 1}
    (item,) = quarantined(kilde, "tildelingskontor")
    address = f"{RECEIVE}/tildelingskontor/quarantine/{item['quarantine_id']}"
    content = kilde.http.get(address)
    assert content.headers["content-type"].startswith(CSV)
    kilde.http.put(address, content=content.content.replace(b";999;", b";6;"))
    replayed = kilde.http.post(f"{address}/replay").json()
    assert (replayed["outcome"], replayed["item_id"], replayed["number"]) == ("stored", "V-2", item["number"])


def test_a_correction_has_to_be_one_item_of_the_same_kind(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition("c1", code={})))
    (item,) = quarantined(kilde)
    address = f"{QUARANTINE}/{item['quarantine_id']}"
    for content in (b"{", as_bytes(bundle(condition("c1"), condition("c2")))):
        assert kilde.http.put(address, content=content).status_code == 200
        assert kilde.http.post(f"{address}/replay").status_code == 400
    assert len(quarantined(kilde)) == 1


def test_an_item_that_is_given_up_stays_with_its_receipt(kilde: Kilde) -> None:
    sent = kilde.send("fastlege", bundle(condition("c1", code={}))).json()
    (item,) = quarantined(kilde)
    assert kilde.http.delete(f"{QUARANTINE}/{item['quarantine_id']}").json()["outcome"] == "discarded"
    receipt = kilde.http.get(f"{RECEIVE}/fastlege/receipt/{sent['receipt_id']}").json()
    assert receipt["counts"] == {"discarded": 1}
    assert quarantined(kilde) == []


def test_the_quarantine_of_one_source_is_not_that_of_another(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition("c1", code={})))
    (item,) = quarantined(kilde)
    assert kilde.http.get(f"{RECEIVE}/legevakt/quarantine/{item['quarantine_id']}").status_code == 404
    assert quarantined(kilde, "legevakt") == []


def test_an_item_cannot_move_to_another_resident(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition("c1"), key="b1"))
    moved = condition("c1", changed="2024-03-05")
    sent = kilde.send("fastlege", bundle(moved, key="b2", number="02815010038")).json()
    assert [error["code"] for error in sent["items"][0]["errors"]] == ["RCV_OTHER_RESIDENT"]
    aql = "SELECT c/uid/value FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr"
    assert (len(kilde.query(aql, ehr=kilde.anna)), kilde.query(aql, ehr=kilde.ola)) == (1, [])


def test_a_template_that_is_not_here_keeps_its_items_in_quarantine_until_it_is(kilde: Kilde) -> None:
    address = f"{BASE}/admin/template/no.kommune.diagnosehistorikk.v1"
    source = kilde.http.get(f"{BASE}/definition/template/adl1.4/no.kommune.diagnosehistorikk.v1").content
    assert kilde.http.delete(address).status_code in (200, 204)
    sent = kilde.send("fastlege", bundle(condition())).json()
    assert [error["code"] for error in sent["items"][0]["errors"]] == ["TPL_UNKNOWN"]
    headers = {"content-type": "application/xml"}
    kilde.http.post(f"{BASE}/definition/template/adl1.4", content=source, headers=headers)
    found = kilde.http.post(f"{RECEIVE}/fastlege/replay").json()["items"]
    assert [item["outcome"] for item in found] == ["stored"]


def test_quarantined_content_holds_no_other_resident(kilde: Kilde) -> None:
    other = {"resourceType": "Patient", "id": "p2", "identifier": [{"value": "02815010038"}]}
    whole = bundle(condition("c1", code={}))
    whole["entry"].append({"resource": other})
    kilde.send("fastlege", whole)
    (item,) = quarantined(kilde)
    kept = json.loads(kilde.http.get(f"{QUARANTINE}/{item['quarantine_id']}").content)
    assert {entry["resource"]["id"] for entry in kept["entry"]} == {"c1", "p1", "dr1"}
