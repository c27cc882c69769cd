"""Statuses of the specification that no other test meets: what is absent, cannot be read or came too late."""

from __future__ import annotations

import httpx
import pytest

from tests.support.http import BASE, TEMPLATE_ID, Json, composition, folder, status, uid_in

NOBODY = f"{BASE}/ehr/00000000-0000-4000-8000-00000000dead"
VERSION = "00000000-0000-4000-8000-00000000beef::test.kilde::1"


@pytest.mark.parametrize("address", ["ehr_status", "versioned_ehr_status/version", "directory"])
def test_a_time_that_is_none_answers_400(shared_client: httpx.Client, new_ehr: str, address: str) -> None:
    answer = shared_client.get(f"{BASE}/ehr/{new_ehr}/{address}", params={"version_at_time": "yesterday"})
    assert answer.status_code == 400


def test_a_status_of_an_unknown_ehr_answers_404(shared_client: httpx.Client) -> None:
    answer = shared_client.put(f"{NOBODY}/ehr_status", json=status(), headers={"if-match": VERSION})
    assert answer.status_code == 404


def test_a_faulty_status_is_no_new_version(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/ehr_status"
    headers = {"if-match": uid_in(shared_client.get(address))}
    assert shared_client.put(address, content=b"{", headers=headers).status_code == 400
    assert shared_client.put(address, json={"_type": "EHR_STATUS"}, headers=headers).status_code == 422
    assert uid_in(shared_client.get(address)).endswith("::1")


def test_a_faulty_change_of_a_composition_answers_422(client: httpx.Client, stored: Json) -> None:
    body = composition()
    del body["composer"]
    answer = client.put(f"{stored['path']}/{stored['object_id']}", json=body, headers={"if-match": stored["uid"]})
    assert answer.status_code == 422
    assert client.get(f"{stored['path']}/{stored['object_id']}").json()["uid"]["value"] == stored["uid"]


def test_a_deletion_of_an_unknown_composition_answers_404(shared_client: httpx.Client, new_ehr: str) -> None:
    assert shared_client.delete(f"{BASE}/ehr/{new_ehr}/composition/{VERSION}").status_code == 404
    assert shared_client.delete(f"{NOBODY}/composition/{VERSION}").status_code == 404


def test_a_directory_that_cannot_be_read_answers_400(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    assert shared_client.post(address, content=b"[").status_code == 400
    made = uid_in(shared_client.post(address, json=folder()))
    assert shared_client.put(address, content=b"[", headers={"if-match": made}).status_code == 400
    assert shared_client.put(address, json=folder()).status_code == 400


def test_a_directory_of_an_unknown_ehr_answers_404(shared_client: httpx.Client, new_ehr: str) -> None:
    assert shared_client.post(f"{NOBODY}/directory", json=folder()).status_code == 404
    assert shared_client.get(f"{NOBODY}/directory/{VERSION}").status_code == 404
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/directory/{VERSION}").status_code == 404


def test_a_change_of_a_directory_answers_200_with_its_representation(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    made = uid_in(shared_client.post(address, json=folder()))
    headers = {"if-match": made, "prefer": "return=representation"}
    changed = shared_client.put(address, json=folder("new"), headers=headers)
    assert (changed.status_code, changed.json()["name"]["value"]) == (200, "new")
    assert changed.headers["location"].endswith(f"/directory/{uid_in(changed)}")
    late = shared_client.put(address, json=folder("late"), headers=headers)
    assert (late.status_code, uid_in(late)) == (412, uid_in(changed))
    assert late.headers["location"] == changed.headers["location"]


def test_an_address_that_holds_what_no_id_can_answers_400(shared_client: httpx.Client) -> None:
    for address in (f"definition/template/adl1.4/{TEMPLATE_ID}%00", "definition/query/a%00b"):
        assert shared_client.get(f"{BASE}/{address}").status_code == 400


def test_a_template_in_another_media_type_answers_406(shared_client: httpx.Client) -> None:
    for headers in ({"accept": "text/html"}, {"accept": "application/pdf;q=1, image/*"}):
        answer = shared_client.get(f"{BASE}/definition/template/adl1.4/{TEMPLATE_ID}", headers=headers)
        assert answer.status_code == 406


def test_an_unknown_stored_query_answers_404(shared_client: httpx.Client) -> None:
    for address in ("definition/query/no.such::query/1.0.0", "query/no.such::query", "query/no.such::query/1.0.0"):
        assert shared_client.get(f"{BASE}/{address}").status_code == 404
    for address in ("query/no.such::query", "query/no.such::query/1.0.0"):
        assert shared_client.post(f"{BASE}/{address}", json={}).status_code == 404


def test_a_stored_query_is_stored_once_and_run_in_both_ways(shared_client: httpx.Client) -> None:
    name, text = f"{BASE}/definition/query/org.once::all", "SELECT e/ehr_id/value FROM EHR e LIMIT 1"
    headers = {"content-type": "text/plain"}
    made = shared_client.put(f"{name}/1.0.0", content=text, headers=headers)
    assert made.status_code == 200
    assert made.headers["location"].endswith("/definition/query/org.once::all/1.0.0")
    assert shared_client.put(f"{name}/1.0.0", content=text, headers=headers).status_code == 409
    assert shared_client.put(f"{name}/1.1.0", content="SELECT", headers=headers).status_code == 400
    assert shared_client.put(name, content="SELECT", headers=headers).status_code == 400
    unnumbered = shared_client.put(name, content=text, headers=headers)
    assert unnumbered.status_code == 200
    assert "/definition/query/org.once::all/" in unnumbered.headers["location"]
    assert shared_client.get(f"{name}/1.0.0").json()["q"] == text
    assert "org.once::all" in {one["name"] for one in shared_client.get(name).json()}
    for address in ("query/org.once::all", "query/org.once::all/1.0.0"):
        found = [shared_client.get(f"{BASE}/{address}"), shared_client.post(f"{BASE}/{address}", json={})]
        assert [(one.status_code, "etag" in one.headers) for one in found] == [(200, True), (200, True)]
        assert shared_client.get(f"{BASE}/{address}?fetch=x").status_code == 400
        assert shared_client.post(f"{BASE}/{address}", content=b"[").status_code == 400


def test_a_query_answers_200_with_an_etag_or_400(shared_client: httpx.Client) -> None:
    body = {"q": "SELECT e/ehr_id/value FROM EHR e LIMIT 1"}
    asked = [
        shared_client.get(f"{BASE}/query/aql", params=body),
        shared_client.post(f"{BASE}/query/aql", json=body),
    ]
    assert [(answer.status_code, "etag" in answer.headers) for answer in asked] == [(200, True), (200, True)]
    assert shared_client.get(f"{BASE}/query/aql").status_code == 400
    assert shared_client.post(f"{BASE}/query/aql", json={}).status_code == 400


def test_an_ehr_that_is_not_there_comes_before_what_is_wrong_with_a_body(shared_client: httpx.Client) -> None:
    for body in (b"{", b'{"_type":"COMPOSITION"}'):
        assert shared_client.post(f"{NOBODY}/composition", content=body).status_code == 404
        assert shared_client.post(f"{BASE}/ehr/no id/composition", content=body).status_code == 404
    locked = uid_in(shared_client.post(f"{BASE}/ehr", json=status(is_modifiable=False)))
    answer = shared_client.post(f"{BASE}/ehr/{locked}/composition", content=b"{")
    assert (answer.status_code, answer.json()["code"]) == (409, "EHR_LOCKED")


def test_a_repeated_request_gets_its_answer_after_the_ehr_was_locked(shared_client: httpx.Client, new_ehr: str) -> None:
    address, headers = f"{BASE}/ehr/{new_ehr}", {"idempotency-key": "before the lock"}
    made = shared_client.post(f"{address}/composition", json=composition(), headers=headers)
    match = {"if-match": uid_in(shared_client.get(f"{address}/ehr_status"))}
    assert (
        shared_client.put(f"{address}/ehr_status", json=status(is_modifiable=False), headers=match).status_code == 204
    )
    again = shared_client.post(f"{address}/composition", json=composition(), headers=headers)
    assert (again.status_code, uid_in(again)) == (201, uid_in(made))
    other = shared_client.post(f"{address}/composition", json=composition())
    assert (other.status_code, other.json()["code"]) == (409, "EHR_LOCKED")
