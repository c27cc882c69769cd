"""EHRs and their status over HTTP."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.support.http import BASE, SYSTEM_ID, Json, status, uid_in


def create(client: httpx.Client, body: Json | None = None) -> str:
    """Create an EHR and return its id."""
    answer = client.post(f"{BASE}/ehr", json=body) if body else client.post(f"{BASE}/ehr")
    assert answer.status_code == 201, answer.text
    return uid_in(answer)


@pytest.mark.parametrize("body", [b"", b"null", b" null\n"])
@pytest.mark.parametrize("media_type", [None, "application/json", "application/xml"])
def test_an_ehr_without_a_status_gets_the_default_one(
    shared_client: httpx.Client, body: bytes, media_type: str | None
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = shared_client.post(f"{BASE}/ehr", content=body, headers=headers)
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"{BASE}/ehr/{uid_in(answer)}")
    found = shared_client.get(f"{BASE}/ehr/{uid_in(answer)}/ehr_status").json()
    assert (found["is_queryable"], found["is_modifiable"]) == (True, True)
    assert found["subject"] == {"_type": "PARTY_SELF"}


def test_an_ehr_is_read_back_with_its_parts(shared_client: httpx.Client) -> None:
    ehr_id = create(shared_client)
    ehr = shared_client.get(f"{BASE}/ehr/{ehr_id}").json()
    assert ehr["ehr_id"]["value"] == ehr_id
    assert ehr["system_id"]["value"] == SYSTEM_ID
    assert ehr["ehr_status"]["type"] == "VERSIONED_EHR_STATUS"
    assert ehr["ehr_access"]["type"] == "VERSIONED_EHR_ACCESS"
    assert ehr["time_created"]["value"].endswith("Z")
    container = shared_client.get(f"{BASE}/ehr/{ehr_id}/versioned_ehr_status").json()
    assert container["uid"]["value"] == ehr["ehr_status"]["id"]["value"]


def test_representation_and_identifier_are_given_when_preferred(shared_client: httpx.Client) -> None:
    whole = shared_client.post(f"{BASE}/ehr", headers={"prefer": "return=representation"})
    short = shared_client.post(f"{BASE}/ehr", headers={"prefer": "return=identifier"})
    assert whole.json()["ehr_id"]["value"] == uid_in(whole)
    assert short.json() == {"uid": uid_in(short), "ehr_id": uid_in(short)}
    assert shared_client.post(f"{BASE}/ehr").content == b""


def test_an_ehr_can_be_given_its_id(shared_client: httpx.Client) -> None:
    ehr_id = str(uuid.uuid4())
    first = shared_client.put(f"{BASE}/ehr/{ehr_id}")
    second = shared_client.put(f"{BASE}/ehr/{ehr_id}")
    assert (first.status_code, second.status_code) == (201, 409)
    assert uid_in(first) == ehr_id
    assert first.headers["location"].endswith(ehr_id)


def test_a_uuid_in_capitals_is_the_same_ehr(shared_client: httpx.Client) -> None:
    ehr_id = str(uuid.uuid4())
    made = shared_client.put(f"{BASE}/ehr/{ehr_id.upper()}")
    assert uid_in(made) == ehr_id
    assert shared_client.put(f"{BASE}/ehr/{ehr_id}").status_code == 409
    for spelling in (ehr_id, ehr_id.upper()):
        assert shared_client.get(f"{BASE}/ehr/{spelling}/ehr_status").status_code == 200


@pytest.mark.parametrize(
    "ehr_id",
    [
        *("a b", "$ne", "..%2f..", "%00", "æ", "-", "x" * 600, "1234", "invalid", "null", "1.", "a..b", "1.2.a"),
        *("7d44b88c-4199-4bad-97dc-d78268e0139", "7d44b88c41994bad97dcd78268e01398"),
        "7d44b88c-4199-4bad-97dc-d78268e0139g",
    ],
)
def test_an_ehr_id_that_is_none_is_refused(shared_client: httpx.Client, ehr_id: str) -> None:
    answer = shared_client.put(f"{BASE}/ehr/{ehr_id}")
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) == {"message", "code", "error", "errors"}


@pytest.mark.parametrize("ehr_id", ["2.16.578.1.12.{}", "no.test.n{}"])
def test_an_ehr_id_may_be_an_oid_or_a_domain(shared_client: httpx.Client, ehr_id: str) -> None:
    given = ehr_id.format(uuid.uuid4().int)
    assert shared_client.put(f"{BASE}/ehr/{given}").status_code == 201
    assert shared_client.get(f"{BASE}/ehr/{given}").json()["ehr_id"]["value"] == given


def test_an_ehr_is_found_by_its_subject(shared_client: httpx.Client) -> None:
    subject = str(uuid.uuid4())
    ehr_id = create(shared_client, status(subject))
    found = shared_client.get(f"{BASE}/ehr", params={"subject_id": subject, "subject_namespace": "residents"})
    assert found.json()["ehr_id"]["value"] == ehr_id
    other = shared_client.get(f"{BASE}/ehr", params={"subject_id": subject, "subject_namespace": "elsewhere"})
    assert other.status_code == 404
    assert shared_client.get(f"{BASE}/ehr").status_code == 400
    assert shared_client.get(f"{BASE}/ehr", params={"subject_id": subject}).status_code == 400


def test_operators_in_parameters_are_only_text(shared_client: httpx.Client) -> None:
    create(shared_client, status(str(uuid.uuid4())))
    answer = shared_client.get(f"{BASE}/ehr?subject_id[$gt]=&subject_namespace[$gt]=")
    assert answer.status_code == 400
    answer = shared_client.get(f"{BASE}/ehr", params={"subject_id": '{"$gt":""}', "subject_namespace": "residents"})
    assert answer.status_code == 404


def test_a_subject_has_one_ehr(shared_client: httpx.Client) -> None:
    subject = str(uuid.uuid4())
    create(shared_client, status(subject))
    answer = shared_client.post(f"{BASE}/ehr", json=status(subject))
    assert answer.status_code == 409
    assert subject not in answer.text


def test_a_subject_cannot_be_taken_over_by_a_status(shared_client: httpx.Client) -> None:
    subject = str(uuid.uuid4())
    create(shared_client, status(subject))
    other = create(shared_client)
    address = f"{BASE}/ehr/{other}/ehr_status"
    answer = shared_client.put(address, json=status(subject), headers={"if-match": uid_in(shared_client.get(address))})
    assert answer.status_code == 409
    assert shared_client.get(address).json()["uid"]["value"].endswith("::1")


@pytest.mark.parametrize(
    ("change", "expected", "where"),
    [
        ({"is_modifiable": None}, 422, "/is_modifiable"),
        ({"subject": None}, 422, "/subject"),
        ({"name": None}, 422, "/name"),
        ({"is_queryable": 17}, 400, "is_queryable"),
        ({"subject": []}, 400, "subject"),
        ({"surprise": 1}, 400, "surprise"),
        ({"_type": "COMPOSITION"}, 400, "_type"),
        ({"_type": "NONSENSE"}, 400, "_type"),
    ],
)
def test_a_faulty_status_is_refused_and_said_where(
    shared_client: httpx.Client, change: Json, expected: int, where: str
) -> None:
    answer = shared_client.post(f"{BASE}/ehr", json=status(**change))
    assert answer.status_code == expected, answer.text
    errors = answer.json()["errors"]
    assert errors
    assert any(where in error["path"] or where in error["expected"] for error in errors), errors


def test_the_status_is_versioned(shared_client: httpx.Client) -> None:
    ehr_id = create(shared_client)
    address = f"{BASE}/ehr/{ehr_id}/ehr_status"
    first = shared_client.get(address)
    put = shared_client.put(
        address,
        json=status(is_queryable=False),
        headers={"if-match": first.headers["etag"], "prefer": "return=representation"},
    )
    assert put.status_code == 200
    assert put.json()["uid"]["value"] == uid_in(put)
    assert uid_in(put).endswith("::2")
    assert shared_client.get(address).json()["is_queryable"] is False
    assert shared_client.get(f"{address}/{uid_in(first)}").content == first.content
    versioned = f"{BASE}/ehr/{ehr_id}/versioned_ehr_status"
    history = shared_client.get(f"{versioned}/revision_history").json()
    assert [item["version_id"]["value"] for item in history["items"]] == [uid_in(first), uid_in(put)]
    version = shared_client.get(f"{versioned}/version/{uid_in(first)}").json()
    assert version["_type"] == "ORIGINAL_VERSION"
    assert version["data"] == first.json()
    newest = shared_client.get(f"{versioned}/version")
    assert uid_in(newest) == newest.json()["uid"]["value"] == uid_in(put)
    then = version["commit_audit"]["time_committed"]["value"]
    assert uid_in(shared_client.get(address, params={"version_at_time": then})) == uid_in(first)


def test_a_status_without_or_with_a_stale_if_match_is_not_changed(shared_client: httpx.Client) -> None:
    ehr_id = create(shared_client)
    address = f"{BASE}/ehr/{ehr_id}/ehr_status"
    uid = uid_in(shared_client.get(address))
    assert shared_client.put(address, json=status()).status_code == 400
    assert shared_client.put(address, json=status(), headers={"if-match": "nonsense"}).status_code == 400
    assert shared_client.put(address, json=status(), headers={"if-match": uid}).status_code == 204
    stale = shared_client.put(address, json=status(), headers={"if-match": uid})
    assert stale.status_code == 412
    assert uid_in(stale).endswith("::2")
    assert stale.headers["location"].endswith(f"/ehr/{ehr_id}/ehr_status/{uid_in(stale)}")


def test_a_locked_ehr_can_be_opened_again(shared_client: httpx.Client) -> None:
    ehr_id = create(shared_client, status(is_modifiable=False))
    address = f"{BASE}/ehr/{ehr_id}/ehr_status"
    opened = shared_client.put(address, json=status(), headers={"if-match": uid_in(shared_client.get(address))})
    assert opened.status_code == 204


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/ehr_status",
        "/ehr_status/5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11::x::1",
        "/versioned_ehr_status",
        "/versioned_ehr_status/revision_history",
        "/versioned_ehr_status/version",
        "/versioned_ehr_status/version/5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11::x::1",
        "/directory",
        "/contribution/5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11",
    ],
)
@pytest.mark.parametrize("ehr_id", [str(uuid.UUID(int=5)), "no-ehr", "%24where"])
def test_reads_below_an_unknown_ehr_answer_404(shared_client: httpx.Client, ehr_id: str, address: str) -> None:
    answer = shared_client.get(f"{BASE}/ehr/{ehr_id}{address}")
    assert answer.status_code == 404
    assert answer.json()["error"] == "Not Found"
