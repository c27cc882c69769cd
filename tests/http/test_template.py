"""Templates and their administration over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from tests.support.http import BASE, TEMPLATE_ID, Json, composition, template_source, uid_in, upload

ADL14 = f"{BASE}/definition/template/adl1.4"
XML = {"content-type": "application/xml"}


def renamed(template_id: str) -> bytes:
    """Return the template for vital signs under another id."""
    escaped = template_id.replace("&", "&amp;").replace("<", "&lt;")
    return template_source().replace(TEMPLATE_ID.encode(), escaped.encode())


def test_an_upload_answers_201_and_gives_the_same_bytes_back(client: httpx.Client) -> None:
    answer = client.post(ADL14, content=template_source(), headers=XML)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["location"] == f"http://testserver{ADL14}/{TEMPLATE_ID}"
    assert uid_in(answer) == TEMPLATE_ID
    read = client.get(answer.headers["location"], headers={"accept": "application/xml"})
    assert read.content == template_source()
    assert read.headers["content-type"].startswith("application/xml")


def test_the_older_clients_way_of_uploading_works(client: httpx.Client) -> None:
    answer = client.post(
        f"/ehrbase{ADL14}/?format=xml",
        content=template_source(),
        headers={"content-type": "application/XML", "prefer": "return=representation"},
    )
    assert answer.status_code == 201, answer.text
    assert answer.content == template_source()
    assert answer.headers["location"] == f"http://testserver/ehrbase{ADL14}/{TEMPLATE_ID}"


def test_the_list_names_each_template(client: httpx.Client) -> None:
    assert client.get(ADL14).json() == []
    upload(client, template_source())
    (listed,) = client.get(f"{ADL14}/").json()
    assert set(listed) == {"template_id", "concept", "archetype_id", "created_timestamp"}
    assert listed["template_id"] == TEMPLATE_ID
    assert listed["archetype_id"] == "openEHR-EHR-COMPOSITION.encounter.v1"


@pytest.mark.parametrize("accept", ["application/json", "application/openehr.wt+json"])
def test_json_gives_the_web_template(shared_client: httpx.Client, accept: str) -> None:
    answer = shared_client.get(f"{ADL14}/{TEMPLATE_ID}", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == accept
    assert answer.json()["templateId"] == TEMPLATE_ID
    assert answer.json()["tree"]["rmType"] == "COMPOSITION"


def test_a_second_upload_answers_409_and_changes_nothing(shared_client: httpx.Client) -> None:
    before = shared_client.get(f"{ADL14}/{TEMPLATE_ID}").content
    changed = template_source().replace(b"</template>", b"<!-- other --></template>")
    assert shared_client.post(ADL14, content=changed, headers=XML).status_code == 409
    assert shared_client.get(f"{ADL14}/{TEMPLATE_ID}").content == before


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"<template/>",
        b'<?xml version="1.0"?><other xmlns="http://schemas.openehr.org/v1"/>',
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><template xmlns="http://schemas.openehr.org/v1">&e;</template>',
        b'<!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><template>&b;</template>',
        b"\xff\xfe\x00",
        b"<template>" + b"<a>" * 6000 + b"</a>" * 6000 + b"</template>",
    ],
)
def test_a_broken_template_answers_400_and_leaves_nothing(client: httpx.Client, source: bytes) -> None:
    answer = client.post(ADL14, content=source, headers=XML)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"message", "code", "error", "errors"}
    assert "root:" not in answer.text
    assert client.get(ADL14).json() == []


def test_a_truncated_template_answers_400(client: httpx.Client) -> None:
    answer = client.post(ADL14, content=template_source()[:5000], headers=XML)
    assert answer.status_code == 400
    assert client.get(ADL14).json() == []


def test_an_unknown_template_answers_404(shared_client: httpx.Client) -> None:
    assert shared_client.get(f"{ADL14}/none.such").status_code == 404
    assert shared_client.get(f"{ADL14}/none.such/example").status_code == 404


@pytest.mark.parametrize(
    "template_id",
    [
        "Vitale målinger æøå",
        "a/b",
        "../../etc/passwd",
        "😀 id",
        "x" * 400,
        "with & sign",
        "semi;colon?query#hash",
        "100%",
    ],
)
def test_an_odd_but_legal_id_round_trips_and_stays_an_id(client: httpx.Client, template_id: str) -> None:
    answer = client.post(ADL14, content=renamed(template_id), headers=XML)
    assert answer.status_code == 201, answer.text
    address = answer.headers["location"].removeprefix("http://testserver")
    assert client.get(f"{ADL14}/{quote(template_id, safe='')}").content == renamed(template_id)
    assert client.get(address).content == renamed(template_id)
    assert client.get(ADL14).json()[0]["template_id"] == template_id


@pytest.mark.parametrize("template_id", ["..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e", "%00", "x" * 5000, "/etc/passwd"])
def test_ids_that_look_like_paths_are_only_unknown(shared_client: httpx.Client, template_id: str) -> None:
    answer = shared_client.get(f"{ADL14}/{template_id}")
    assert answer.status_code in (400, 404, 414)
    assert "root:" not in answer.text


def test_adl2_is_said_not_to_be_offered(shared_client: httpx.Client) -> None:
    for answer in (
        shared_client.get(f"{BASE}/definition/template/adl2"),
        shared_client.post(f"{BASE}/definition/template/adl2", content=b"x", headers={"content-type": "text/plain"}),
        shared_client.get(f"{BASE}/definition/template/adl2/some/1.0.0"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (501, "ADL2")


def test_an_unused_template_is_replaced_and_removed(client: httpx.Client) -> None:
    upload(client, template_source())
    changed = template_source() + b"\n"
    replaced = client.put(f"/rest/admin/template/{TEMPLATE_ID}", content=changed, headers=XML)
    assert replaced.status_code == 200, replaced.text
    assert client.get(f"{ADL14}/{TEMPLATE_ID}").content == changed
    wrong = client.put("/rest/admin/template/other", content=changed, headers=XML)
    assert wrong.status_code == 404
    assert client.delete(f"/rest/admin/template/{TEMPLATE_ID}").status_code == 200
    assert client.get(f"{ADL14}/{TEMPLATE_ID}").status_code == 404
    assert client.delete(f"/rest/admin/template/{TEMPLATE_ID}").status_code == 404


def test_a_template_that_data_uses_stays(client: httpx.Client, stored: Json) -> None:
    address = f"{BASE}/admin/template/{TEMPLATE_ID}"
    assert client.delete(address).status_code == 409
    assert client.delete(f"{BASE}/admin/template/all").status_code == 409
    assert client.get(f"{ADL14}/{TEMPLATE_ID}").content == template_source()


def test_removing_all_templates_says_how_many(client: httpx.Client) -> None:
    upload(client, template_source())
    assert client.delete("/rest/admin/template/all").json() == {"deleted": 1}
    assert client.get(ADL14).json() == []


def test_a_composition_under_an_unknown_template_answers_422(client: httpx.Client, ehr_id: str) -> None:
    answer = client.post(f"{BASE}/ehr/{ehr_id}/composition", json=composition())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "TPL_UNKNOWN"


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/xml",
        "application/openehr.wt.flat+json",
        "application/openehr.wt.structured+json",
    ],
)
@pytest.mark.parametrize("detail", ["required", "medium", "complete"])
def test_the_example_of_a_template_can_be_committed(shared_client: httpx.Client, kind: str, detail: str) -> None:
    example = shared_client.get(
        f"{ADL14}/{TEMPLATE_ID}/example", params={"detail_level": detail}, headers={"accept": kind}
    )
    assert example.status_code == 200, example.text
    ehr_id = uid_in(shared_client.post(f"{BASE}/ehr"))
    headers = {"content-type": kind, "openehr-template-id": TEMPLATE_ID}
    answer = shared_client.post(f"{BASE}/ehr/{ehr_id}/composition", content=example.content, headers=headers)
    assert answer.status_code == 201, answer.text


def test_the_web_template_has_an_address_of_its_own(shared_client: httpx.Client) -> None:
    own = shared_client.get(f"{ADL14}/{TEMPLATE_ID}/webtemplate").json()
    assert own == shared_client.get(f"{ADL14}/{TEMPLATE_ID}", headers={"accept": "application/json"}).json()
