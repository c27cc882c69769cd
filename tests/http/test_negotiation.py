"""Media types: what is read, what is written, and how a client chooses."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from cdr.store.tenant import TenantStore
from tests.support.http import BASE, TEMPLATE_ID, Json, as_bytes, client_over, composition, uid_in

FLAT = "application/openehr.wt.flat+json"
STRUCTURED = "application/openehr.wt.structured+json"


@pytest.fixture
def place(shared_client: httpx.Client, new_ehr: str) -> str:
    """The address of the compositions of a new EHR."""
    return f"{BASE}/ehr/{new_ehr}/composition"


@pytest.fixture
def one(shared_client: httpx.Client, place: str) -> str:
    """The address of a stored composition."""
    return f"{place}/{uid_in(shared_client.post(place, json=composition()))}"


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/*",
        "text/html, application/json;q=0.9",
        "application/json;q=0.1, text/plain",
        "application/json, text/plain, */*",
        "",
    ],
)
def test_json_is_given_to_everybody_who_can_take_it(shared_client: httpx.Client, one: str, accept: str | None) -> None:
    headers = {} if accept is None else {"accept": accept}
    answer = shared_client.get(one, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "accept", ["text/html", "image/png", "application/json;q=0", "nonsense", "application/pdf, text/css"]
)
def test_an_accept_that_nothing_fits_answers_406(shared_client: httpx.Client, one: str, accept: str) -> None:
    answer = shared_client.get(one, headers={"accept": accept})
    assert answer.status_code == 406
    assert answer.json()["error"] == "Not Acceptable"


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("application/json;q=0.2, application/openehr.wt.flat+json;q=0.7", FLAT),
        ("application/openehr.wt.flat.schema+json", FLAT),
        ("application/openehr.wt.structured.schema+json", STRUCTURED),
        ("application/*;q=0.3, application/openehr.wt.structured+json", STRUCTURED),
        ("application/json;q=0, */*;q=0.1", "application/xml"),
    ],
)
def test_the_best_quality_wins(shared_client: httpx.Client, one: str, accept: str, given: str) -> None:
    answer = shared_client.get(one, headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(given)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("JSON", "application/json"),
        ("raw", "application/json"),
        ("FLAT", FLAT),
        ("structured", STRUCTURED),
        ("xml", "application/xml"),
    ],
)
def test_the_format_parameter_overrides_accept(shared_client: httpx.Client, one: str, name: str, given: str) -> None:
    answer = shared_client.get(one, params={"format": name}, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(given)


def test_an_unknown_format_parameter_answers_406_and_other_parameters_are_passed_over(
    shared_client: httpx.Client, one: str
) -> None:
    assert shared_client.get(one, params={"format": "PDF"}).status_code == 406
    assert shared_client.get(one, params={"colour": "red"}).status_code == 200


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "APPLICATION/json",
        "application/json;charset=UTF-8",
        "application/json ; charset=utf-8",
        None,
    ],
)
def test_json_bodies_are_read_however_the_type_is_spelt(
    shared_client: httpx.Client, place: str, media_type: str | None
) -> None:
    headers = {} if media_type is None else {"content-type": media_type}
    assert shared_client.post(place, content=as_bytes(composition()), headers=headers).status_code == 201


@pytest.mark.parametrize(
    "media_type", ["text/html", "application/pdf", "text/plain", "nonsense", "multipart/form-data"]
)
def test_a_body_of_another_type_answers_415(shared_client: httpx.Client, place: str, media_type: str) -> None:
    answer = shared_client.post(place, content=as_bytes(composition()), headers={"content-type": media_type})
    assert answer.status_code == 415
    assert answer.json()["error"] == "Unsupported Media Type"


def test_a_compressed_body_answers_415(shared_client: httpx.Client, place: str) -> None:
    answer = shared_client.post(
        place, content=b"\x1f\x8b", headers={"content-type": "application/json", "content-encoding": "gzip"}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("media_type", ["application/json", "application/xml", "nonsense", FLAT])
def test_the_type_of_an_absent_body_does_not_matter(shared_client: httpx.Client, one: str, media_type: str) -> None:
    assert shared_client.get(one, headers={"content-type": media_type}).status_code == 200
    assert shared_client.delete(one, headers={"content-type": media_type}).status_code == 204


@pytest.mark.parametrize("kind", [FLAT, STRUCTURED, "application/xml"])
def test_what_is_read_in_a_format_can_be_sent_in_it(
    shared_client: httpx.Client, place: str, one: str, kind: str
) -> None:
    read = shared_client.get(one, headers={"accept": kind})
    sent = shared_client.post(
        place,
        content=read.content,
        headers={"content-type": kind, "openehr-template-id": TEMPLATE_ID, "prefer": "return=representation"},
    )
    assert sent.status_code == 201, sent.text
    again = shared_client.get(sent.headers["location"]).json()
    first = shared_client.get(one).json()
    assert {**again, "uid": 0} == {**first, "uid": 0}


@pytest.mark.parametrize("way", ["header", "older header", "templateId", "template_id", "root"])
def test_the_template_of_flat_data_is_named_in_several_ways(
    shared_client: httpx.Client, place: str, one: str, way: str
) -> None:
    body = shared_client.get(one, headers={"accept": FLAT}).content
    headers, params = {"content-type": "application/openehr.wt.flat.schema+json"}, {}
    if way == "header":
        headers["openehr-template-id"] = TEMPLATE_ID
    elif way == "older header":
        headers["openEHR-TEMPLATE_ID"] = TEMPLATE_ID
    elif way != "root":
        params[way] = TEMPLATE_ID
    assert shared_client.post(place, content=body, headers=headers, params=params).status_code == 201


def test_format_flat_beside_json_says_that_the_json_is_flat(shared_client: httpx.Client, place: str, one: str) -> None:
    body = shared_client.get(one, headers={"accept": FLAT}).content
    answer = shared_client.post(
        f"{place}?format=FLAT&templateId={TEMPLATE_ID}", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 201


@pytest.fixture
def strong(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server that is set for older clients."""
    with client_over(tenant_store, etag="strong", default_preference="identifier") as client:
        yield client


def test_etags_are_strong_and_the_default_preference_another_when_set_so(strong: httpx.Client) -> None:
    answer = strong.post(f"{BASE}/ehr")
    ehr_id: Json = answer.json()["ehr_id"]
    assert answer.headers["etag"] == f'"{ehr_id}"'
