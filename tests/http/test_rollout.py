"""A new version of a template over HTTP: compared, checked against stored data, put in place or refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from tests.support.http import BASE, Json, as_bytes, composition, template_source

KILDE = "/rest/kilde/v1"
XML = {"content-type": "application/xml"}


def _narrowed(source: bytes) -> bytes:
    """Return the template with a range of the systolic pressure that the stored value lies outside of."""
    changed = source.replace(b"<upper>300</upper>", b"<upper>60</upper>")
    assert changed != source
    return changed


def _commit(client: httpx.Client, ehr_id: str) -> httpx.Response:
    return client.post(
        f"{BASE}/ehr/{ehr_id}/composition",
        content=as_bytes(composition()),
        headers={"content-type": "application/json"},
    )


def _check(client: httpx.Client, source: bytes, **parameters: Any) -> Json:
    answer = client.post(f"{KILDE}/template/check", content=source, headers=XML, params=parameters)
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


def test_the_same_template_changes_nothing(client: httpx.Client, template: str) -> None:
    answer = client.post(f"{KILDE}/template/diff", content=template_source(), headers=XML)
    assert answer.json() == {
        "verdict": {"data": "compatible", "flat": "compatible", "queries": "compatible"},
        "changes": [],
    }


def test_a_narrowed_range_is_breaking(client: httpx.Client, template: str) -> None:
    answer = client.post(f"{KILDE}/template/diff", content=_narrowed(template_source()), headers=XML)
    assert answer.json()["verdict"] == {"data": "breaking", "flat": "breaking", "queries": "compatible"}
    assert {change["change"] for change in answer.json()["changes"]} == {"range_narrowed"}


def test_an_unknown_template_cannot_be_compared(client: httpx.Client) -> None:
    assert client.post(f"{KILDE}/template/diff", content=template_source(), headers=XML).status_code == 404


def test_stored_data_is_checked_without_being_changed(client: httpx.Client, stored: Json) -> None:
    before = client.get(f"{stored['path']}/{stored['uid']}").content
    fine = _check(client, template_source())
    assert (fine["checked"], fine["refused"], fine["next"]) == (1, 0, None)
    bad = _check(client, _narrowed(template_source()))
    assert (bad["checked"], bad["refused"], bad["invalid_before"]) == (1, 1, 0)
    assert bad["by_code"] == {"TPL_QUANTITY_RANGE": bad["by_code"]["TPL_QUANTITY_RANGE"]}
    assert client.get(f"{stored['path']}/{stored['uid']}").content == before


def test_the_check_pages_through_all_ehrs(client: httpx.Client, template: str) -> None:
    for _ in range(5):
        ehr = client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
        assert _commit(client, ehr).status_code == 201
    checked, after, pages = 0, "", 0
    while True:
        page = _check(client, template_source(), limit=2, **({"after": after} if after else {}))
        checked, pages = checked + page["checked"], pages + 1
        if page["next"] is None:
            break
        after = page["next"]
    assert (checked, pages) == (5, 3)
    assert _check(client, template_source(), sample=3)["checked"] == 3


def test_a_template_in_use_is_replaced_only_by_a_compatible_version(client: httpx.Client, stored: Json) -> None:
    template_id = composition()["archetype_details"]["template_id"]["value"]
    address = f"/rest/admin/template/{quote(template_id, safe='')}"
    refused = client.put(address, content=_narrowed(template_source()), headers=XML)
    assert refused.status_code in (409, 422)
    assert {error["code"] for error in refused.json()["errors"]} == {"TPL_BREAKING_CHANGE"}
    widened = template_source().replace(b"<upper>1000.0</upper>", b"<upper>2000.0</upper>")
    assert client.put(address, content=widened, headers=XML).status_code == 200
    read = client.get(
        f"{BASE}/definition/template/adl1.4/{quote(template_id, safe='')}", headers={"accept": "application/xml"}
    )
    assert read.content == widened
    assert client.get(f"{stored['path']}/{stored['uid']}").status_code == 200


def test_a_deprecated_template_takes_corrections_and_no_new_data(client: httpx.Client, stored: Json) -> None:
    template_id = composition()["archetype_details"]["template_id"]["value"]
    address = f"{KILDE}/template/{quote(template_id, safe='')}/deprecated"
    assert client.put(address).json() == {"template_id": template_id, "deprecated": True}
    refused = _commit(client, stored["ehr_id"])
    assert refused.status_code == 422
    assert [error["code"] for error in refused.json()["errors"]] == ["TPL_DEPRECATED"]
    corrected = client.put(
        f"{stored['path']}/{stored['object_id']}",
        content=as_bytes(composition()),
        headers={"content-type": "application/json", "if-match": stored["uid"]},
    )
    assert corrected.status_code in (200, 204), corrected.text
    assert client.delete(address).json()["deprecated"] is False
    assert _commit(client, stored["ehr_id"]).status_code == 201
