"""Bad input of every kind: a 4xx in the one shape, nothing stored, and the server alive."""

from __future__ import annotations

import base64
import json
import random
import socket
from collections.abc import Iterator

import httpx
import pytest

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, Json, as_bytes, client_over, composition, services_over, serving, status

JSON = {"content-type": "application/json"}
XML = {"content-type": "application/xml"}
CANARY = "Kanarifugl-31415926"


@pytest.fixture
def place(shared_client: httpx.Client, new_ehr: str) -> Iterator[str]:
    """The address of an EHR's compositions; at the end nothing must be stored there and the server must answer."""
    yield f"{BASE}/ehr/{new_ehr}/composition"
    rows = shared_client.get(
        f"{BASE}/query/aql",
        params={"q": f"SELECT c/uid/value FROM EHR e[ehr_id/value='{new_ehr}'] CONTAINS COMPOSITION c"},
    ).json()["rows"]
    assert rows == []
    assert shared_client.get("/health/ready").status_code == 200


def refused(answer: httpx.Response, *expected: int) -> Json:
    """Check that an answer is an error in the one shape, and return its body."""
    assert answer.status_code in expected, answer.text
    body: Json = answer.json()
    assert set(body) == {"message", "code", "error", "errors"}
    for error in body["errors"]:
        assert set(error) >= {"code", "path", "node", "label", "expected", "message"}
    assert "Traceback" not in answer.text
    assert CANARY not in answer.text
    return body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{",
        b"[]",
        b"17",
        b'"text"',
        b"{}",
        b"{}{}",
        b"nonsense",
        b"\x00",
        b"\xff\xfe\xfd",
        b"\xef\xbb\xbf{}",
        b'{"_type":"COMPOSITION","_type":"COMPOSITION"}',
        b'{"_type":"EHR_STATUS"}',
        b'{"_type":"NOTHING"}',
        b'{"_type":17}',
        b'{"_type":"COMPOSITION","name":{"_type":"DV_TEXT","value":"\\ud800"}}',
        b'{"$where":"sleep(1000)"}',
        b'{"a.b":1,"":2}',
        b'{"_type":"COMPOSITION","name":NaN}',
    ],
)
def test_a_body_that_is_no_composition_is_refused(shared_client: httpx.Client, place: str, body: bytes) -> None:
    refused(shared_client.post(place, content=body, headers=JSON), 400, 422)


@pytest.mark.parametrize("depth", [300, 2_000, 100_000])
@pytest.mark.parametrize("unit", [(b'{"a":', b"}"), (b"[", b"]"), (b'{"items":[', b"]}")])
def test_nesting_beyond_the_limit_is_refused(
    shared_client: httpx.Client, place: str, depth: int, unit: tuple[bytes, bytes]
) -> None:
    opening, closing = unit
    body = b'{"_type":"COMPOSITION","content":' + opening * depth + b"1" + closing * depth + b"}"
    refused(shared_client.post(place, content=body, headers=JSON), 400, 413)


def nested_clusters(depth: int) -> bytes:
    """Return a composition with clusters inside clusters: legal JSON and legal RM, however deep."""
    document = composition()
    document["content"][0]["data"]["events"][0]["data"]["items"] = ["INNER"]
    opening = b'{"_type":"CLUSTER","name":{"value":"x"},"archetype_node_id":"at0003","items":['
    inner = b'{"_type":"ELEMENT","name":{"value":"x"},"archetype_node_id":"at0004"}'
    return as_bytes(document).replace(b'"INNER"', opening * depth + inner + b"]}" * depth)


def test_deeply_nested_rm_objects_are_refused_and_do_not_hurt(shared_client: httpx.Client, place: str) -> None:
    refused(shared_client.post(place, content=nested_clusters(2_000), headers=JSON), 400, 413, 422)
    refused(shared_client.post(place, content=nested_clusters(90), headers=JSON), 400, 413, 422)


@pytest.mark.parametrize(
    "number",
    [
        "1e400",
        "NaN",
        "Infinity",
        "-Infinity",
        "9223372036854775808",
        "12345678901234567890123",
        "0.1234567890123456789012345",
        "--1",
        "1.",
        "0x10",
    ],
)
def test_a_number_that_would_not_round_trip_is_refused(shared_client: httpx.Client, place: str, number: str) -> None:
    body = as_bytes(composition())
    text = body.decode()
    start = text.index('"magnitude": ') + len('"magnitude": ')
    end = min(text.index(",", start), text.index("}", start))
    refused(shared_client.post(place, content=(text[:start] + number + text[end:]).encode(), headers=JSON), 400, 422)


@pytest.mark.parametrize(
    "change",
    [
        {"language": "nb"},
        {"language": []},
        {"category": {"value": 17}},
        {"content": {}},
        {"content": [17]},
        {"content": [{"_type": "DV_TEXT", "value": CANARY}]},
        {"name": {"_type": "DV_TEXT", "value": [CANARY]}},
        {"context": {"_type": "EVENT_CONTEXT", "start_time": {"value": f"31.01.2024 {CANARY}"}}},
        {"surprise": CANARY},
        {"archetype_details": None},
        {"uid": {"_type": "GENERIC_ID", "value": CANARY, "scheme": "x"}},
    ],
)
def test_wrong_types_are_refused_without_repeating_what_was_sent(
    shared_client: httpx.Client, place: str, change: Json
) -> None:
    refused(shared_client.post(place, json=composition(**change)), 400, 422)


def test_every_violation_is_listed(shared_client: httpx.Client, place: str) -> None:
    faulty = composition()
    for name in ("language", "territory", "composer", "category"):
        del faulty[name]
    body = refused(shared_client.post(place, json=faulty), 422)
    paths = {error["path"] for error in body["errors"]}
    assert {"/language", "/territory", "/composer", "/category"} <= paths


@pytest.fixture
def small(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server that reads at most 20 kB."""
    with client_over(tenant_store, max_body_bytes=20_000, max_bulk_bytes=50_000) as client:
        yield client


def test_a_body_above_the_limit_answers_413(small: httpx.Client) -> None:
    big = b'{"_type":"EHR_STATUS","x":"' + b"y" * 30_000 + b'"}'

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(big), 1000):
            yield big[at : at + 1000]

    refused(small.post(f"{BASE}/ehr", content=big, headers=JSON), 413)
    refused(small.post(f"{BASE}/ehr", content=b"".join(pieces()), headers={**JSON, "content-length": "0"}), 400, 413)
    address = f"{BASE}/definition/template/adl1.4"
    refused(small.post(address, content=big, headers=XML), 413)
    line = json.dumps({"ehr_id": "x", "composition": {"a": "b" * 40_000}}) + "\n"
    bulk = "/rest/kilde/v1/bulk/composition"
    refused(small.post(bulk, content=(line * 3).encode(), headers={"content-type": "application/x-ndjson"}), 413)


def test_twenty_megabytes_answer_413_by_default(shared_client: httpx.Client, place: str) -> None:
    body = b'{"_type":"COMPOSITION","x":"' + b"y" * (21 * 1024 * 1024) + b'"}'
    refused(shared_client.post(place, content=body, headers=JSON), 413)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><composition xmlns="http://schemas.openehr.org/v1"><name><value>&x;</value></name></composition>',
        b'<!DOCTYPE c [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]><composition>&c;</composition>',
        b'<?xml version="1.0"?><!DOCTYPE c SYSTEM "http://127.0.0.1:1/x.dtd"><composition/>',
        b"<composition>" + b"<content>" * 5_000 + b"</content>" * 5_000 + b"</composition>",
        b"<composition",
        b"",
        b"<a" + b"".join(b" a%d='1'" % at for at in range(50_000)) + b"/>",
        b"{}",
    ],
)
def test_hostile_or_broken_xml_is_refused(shared_client: httpx.Client, place: str, body: bytes) -> None:
    answer = shared_client.post(place, content=body, headers=XML)
    refused(answer, 400, 413, 422)
    assert "root:" not in answer.text


@pytest.mark.parametrize("media_type", ["application/openehr.wt.flat+json", "application/openehr.wt.structured+json"])
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"{}", b'{"x/y":1}', b'{"ctx/language":[]}', b'{"":{}}', b"[" * 3000]
)
def test_broken_flat_and_structured_bodies_are_refused(
    shared_client: httpx.Client, place: str, media_type: str, body: bytes
) -> None:
    headers = {"content-type": media_type, "openehr-template-id": "no.kommune.vitale_malinger.v1"}
    refused(shared_client.post(place, content=body, headers=headers), 400, 422)
    refused(shared_client.post(place, content=body, headers={"content-type": media_type}), 400, 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"openehr-audit-details": "nonsense"},
        {"openehr-audit-details": 'change_type.code_string="1"'},
        {"openehr-version": 'lifecycle_state.code_string="1"'},
        {"openehr-version": 'lifecycle_state.code_string="523"'},
        {"openehr-audit-details": 'change_type.code_string="251"'},
    ],
)
def test_committal_headers_that_do_not_fit_are_refused(
    shared_client: httpx.Client, place: str, headers: dict[str, str]
) -> None:
    refused(shared_client.post(place, json=composition(), headers=headers), 400, 422)


def test_an_unexpected_error_answers_500_with_a_log_id_and_nothing_else(
    tenant_store: TenantStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(tenant_store.versions, "ehr", break_down)
    with client_over(tenant_store) as client:
        answer = client.get(f"{BASE}/ehr/5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11")
    body = refused(answer, 500)
    log = capsys.readouterr().out
    log_id = body["message"].rsplit(" ", 1)[1]
    assert log_id in log
    assert "RuntimeError" in log
    assert CANARY not in log
    assert "5b1d3cbd" not in log


def test_the_access_log_line_names_the_template_of_the_route_and_no_id(
    shared_client: httpx.Client, new_ehr: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shared_client.get(f"{BASE}/ehr/{new_ehr}/ehr_status", headers={"x-request-id": "r-1"})
    shared_client.post(f"{BASE}/ehr", json=status(CANARY, surprise=CANARY))
    log = capsys.readouterr().out
    assert "/ehr/{ehr_id}/ehr_status" in log
    assert "r-1" in log
    assert new_ehr not in log
    assert CANARY not in log


def test_a_body_that_comes_too_slowly_answers_408(tenant_store: TenantStore) -> None:
    app = create_app(services_over(tenant_store), ApiSettings(body_timeout=0.3))
    with serving(app) as address, socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))) as slow:
        slow.sendall(b"POST /rest/openehr/v1/ehr HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        slow.settimeout(10)
        answer = slow.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408 "), answer
        assert httpx.get(f"{address}/health/live").status_code == 200


def test_a_composition_of_eighteen_megabytes_is_stored_and_read_back(shared_client: httpx.Client, new_ehr: str) -> None:
    content = base64.b64encode(random.Random(1).randbytes(18 * 1024 * 1024 * 3 // 4)).decode()
    system = {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "source"}
    original = {"_type": "DV_PARSABLE", "value": content, "formalism": "text/plain"}
    audit = {"_type": "FEEDER_AUDIT", "originating_system_audit": system, "original_content": original}
    answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", json=composition(feeder_audit=audit))
    assert answer.status_code == 201
    assert shared_client.get(answer.headers["location"]).json()["feeder_audit"]["original_content"]["value"] == content
