"""Example data and web templates over HTTP."""

from __future__ import annotations

import httpx
import pytest

from tests.support.http import BASE

FLAT = "application/openehr.wt.flat+json"
STRUCTURED = "application/openehr.wt.structured+json"


def _address(template: str, rest: str = "example") -> str:
    return f"{BASE}/definition/template/adl1.4/{template}/{rest}"


@pytest.mark.parametrize("media", ["application/json", "application/xml", FLAT, STRUCTURED])
@pytest.mark.parametrize("detail", ["required", "medium", "complete"])
def test_an_example_can_be_committed_as_it_is(
    client: httpx.Client, ehr_id: str, template: str, media: str, detail: str
) -> None:
    made = client.get(_address(template), params={"detail_level": detail}, headers={"accept": media})
    assert made.status_code == 200, made.text
    assert made.headers["content-type"].startswith(media)
    headers = {"content-type": media, "openehr-template-id": template}
    answer = client.post(f"{BASE}/ehr/{ehr_id}/composition", content=made.content, headers=headers)
    assert answer.status_code == 201, answer.text


def test_an_output_has_a_uid_and_an_input_has_none(client: httpx.Client, template: str) -> None:
    kinds = {kind: client.get(_address(template), params={"type": kind}).json() for kind in ("input", "output")}
    assert "uid" not in kinds["input"]
    assert "uid" in kinds["output"]


def test_a_flat_input_uses_the_context(client: httpx.Client, template: str) -> None:
    keys = client.get(_address(template), headers={"accept": FLAT}).json()
    assert keys["ctx/language"] == "nb"
    written = client.get(_address(template), params={"type": "output"}, headers={"accept": FLAT}).json()
    assert not [key for key in written if key.startswith("ctx/")]


@pytest.mark.parametrize("parameter", ["type", "detail_level"])
def test_an_unknown_choice_is_answered_400(client: httpx.Client, template: str, parameter: str) -> None:
    assert client.get(_address(template), params={parameter: "huge"}).status_code == 400


@pytest.mark.parametrize("rest", ["example", "webtemplate"])
def test_an_unknown_template_is_answered_404(client: httpx.Client, rest: str) -> None:
    assert client.get(_address("no.such.template", rest)).status_code == 404


def test_an_example_in_another_media_type_is_answered_406(client: httpx.Client, template: str) -> None:
    assert client.get(_address(template), headers={"accept": "text/csv"}).status_code == 406


def test_both_addresses_give_the_same_web_template(client: httpx.Client, template: str) -> None:
    media = {"accept": "application/openehr.wt+json"}
    own = client.get(_address(template, "webtemplate"), headers=media)
    assert own.content == client.get(f"{BASE}/definition/template/adl1.4/{template}", headers=media).content
    assert own.json()["tree"]["id"] == "vitale_målinger"


def test_an_unknown_flat_key_is_answered_400_with_the_nearest_one(
    client: httpx.Client, ehr_id: str, template: str
) -> None:
    keys = client.get(_address(template), headers={"accept": FLAT}).json()
    keys["vitale_målinger/blodtrykk:0/uspesifisert_hendelse:0/systolsk|magnitude"] = 4711
    headers = {"content-type": FLAT, "openehr-template-id": template}
    answer = client.post(f"{BASE}/ehr/{ehr_id}/composition", json=keys, headers=headers)
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert error["code"] == "FLAT_UNKNOWN_KEY"
    assert error["expected"].endswith("/systolisk")
    assert "4711" not in answer.text


def test_what_was_sent_as_flat_comes_back_as_flat(client: httpx.Client, ehr_id: str, template: str) -> None:
    keys = client.get(_address(template), params={"type": "output"}, headers={"accept": FLAT}).json()
    headers = {"content-type": FLAT, "accept": FLAT, "openehr-template-id": template, "prefer": "return=representation"}
    address = f"{BASE}/ehr/{ehr_id}/composition"
    sent = {key: value for key, value in keys.items() if not key.endswith("/_uid")}
    written = client.post(address, json=sent, headers=headers).json()
    uid = next(value for key, value in written.items() if key.endswith("/_uid"))
    read = client.get(f"{address}/{uid}", headers={"accept": FLAT}).json()
    assert {key: value for key, value in read.items() if not key.endswith("/_uid")} == sent
