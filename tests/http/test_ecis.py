"""The interface before ITS-REST, as the clients that still call it do: off by default, FLAT unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from cdr.store.tenant import TenantStore
from tests.support.http import BASE, TEMPLATE_ID, Json, client_over, composition, template_source, uid_in, upload

ECIS = "/rest/ecis/v1"


@pytest.fixture
def ecis(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A server that has the older interface, and the template for vital signs."""
    with client_over(tenant_store, has_ecis=True) as client:
        upload(client, template_source())
        yield client


@pytest.fixture
def ehr(ecis: httpx.Client) -> str:
    """The id of a new EHR."""
    return uid_in(ecis.post(f"{BASE}/ehr"))


def example(ecis: httpx.Client) -> Json:
    """Return example data in FLAT, as the server gives it."""
    answer = ecis.get(f"{ECIS}/template/{TEMPLATE_ID}/example?format=FLAT")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    found: Json = answer.json()
    return found


def test_it_is_off_unless_turned_on(shared_client: httpx.Client) -> None:
    assert shared_client.get(f"{ECIS}/template").status_code == 404


def test_a_loader_of_flat_data_works_from_template_to_composition(ecis: httpx.Client, ehr: str) -> None:
    listed = ecis.get(f"{ECIS}/template/").json()["templates"]
    assert [one["templateId"] for one in listed] == [TEMPLATE_ID]
    assert ecis.get(f"{ECIS}/template/{TEMPLATE_ID}").json()["webTemplate"]["templateId"] == TEMPLATE_ID
    data = example(ecis)
    where = {"ehrId": ehr, "templateId": TEMPLATE_ID, "format": "FLAT"}
    made = ecis.post(f"{ECIS}/composition/", params=where, json=data)
    assert made.status_code == 201, made.text
    uid = made.json()["compositionUid"]
    assert made.json()["action"] == "CREATE"
    assert made.headers["location"].endswith(f"{ECIS}/composition/{uid}")
    read = ecis.get(f"{ECIS}/composition/{uid}?format=JSON").json()
    assert read["composition"]["uid"]["value"] == uid
    assert (read["ehrId"], read["templateId"], read["format"]) == (ehr, TEMPLATE_ID, "JSON")
    flat = ecis.get(f"{ECIS}/composition/{uid.split('::')[0]}").json()
    assert flat["format"] == "FLAT"
    again = ecis.post(f"{ECIS}/composition", params={"ehrId": ehr, "templateId": TEMPLATE_ID}, json=flat["composition"])
    assert again.status_code == 201, again.text
    assert ecis.get(f"{ECIS}/composition/{uid}?format=XML").json()["composition"].startswith("<?xml")


def test_a_change_names_the_version_before_it(ecis: httpx.Client, ehr: str) -> None:
    data, where = example(ecis), {"ehrId": ehr, "templateId": TEMPLATE_ID}
    uid = ecis.post(f"{ECIS}/composition", params=where, json=data).json()["compositionUid"]
    address = f"{ECIS}/composition/{uid}"
    changed = ecis.put(address, params={"templateId": TEMPLATE_ID}, json=data)
    assert (changed.status_code, changed.json()["action"]) == (200, "UPDATE")
    assert changed.json()["compositionUid"].endswith("::2")
    assert ecis.put(address, params={"templateId": TEMPLATE_ID}, json=data).status_code == 409
    plain = f"{ECIS}/composition/{uid.split('::')[0]}"
    assert ecis.put(plain, params={"templateId": TEMPLATE_ID}, json=data).status_code == 400
    assert ecis.delete(address).status_code == 409
    assert ecis.delete(f"{ECIS}/composition/{changed.json()['compositionUid']}").status_code == 204
    assert ecis.get(plain).status_code == 204


def test_a_format_that_there_is_not_is_named_and_nothing_is_stored(ecis: httpx.Client, ehr: str) -> None:
    where = {"ehrId": ehr, "templateId": TEMPLATE_ID, "format": "FLATT"}
    answer = ecis.post(f"{ECIS}/composition", params=where, json=example(ecis))
    assert (answer.status_code, answer.json()["code"]) == (406, "NOT_ACCEPTABLE")
    assert "FLAT, STRUCTURED" in answer.json()["message"]


def test_what_cannot_be_done_is_said_in_the_one_shape(ecis: httpx.Client, ehr: str) -> None:
    refused = [
        (400, ecis.post(f"{ECIS}/composition", params={"templateId": TEMPLATE_ID}, json={})),
        (404, ecis.post(f"{ECIS}/composition", params={"ehrId": TEMPLATE_ID, "format": "JSON"}, json=composition())),
        (404, ecis.get(f"{ECIS}/composition/{ehr}")),
        (404, ecis.get(f"{ECIS}/composition/no uid")),
        (404, ecis.get(f"{ECIS}/template/none")),
        (422, ecis.post(f"{ECIS}/composition", params={"ehrId": ehr, "templateId": "none"}, json={"a/b": 1})),
    ]
    for status, answer in refused:
        assert answer.status_code == status, answer.text
        assert set(answer.json()) == {"message", "code", "error", "errors"}


def test_the_other_uid_of_a_status_is_no_composition(ecis: httpx.Client, ehr: str) -> None:
    status = ecis.get(f"{BASE}/ehr/{ehr}/ehr_status").json()["uid"]["value"]
    assert ecis.get(f"{ECIS}/composition/{status}").status_code == 404
    assert ecis.delete(f"{ECIS}/composition/{status}").status_code == 404
