"""All recorded write requests over HTTP: the class of status that was recorded, but for the known deviations.

What a request needs is made first: a template, an EHR, the version that it builds on. Ids in recorded bodies are
placeholders and are put right.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from cdr.store.client import Document
from tests.http.servers import Servers, servers_over
from tests.support.corpus import shared, shared_folder
from tests.support.http import BASE, Json, status, uid_in
from tests.support.recorded import body as recorded_body

HERE = Path(__file__).parent
DEVIATIONS: dict[str, dict[str, Any]] = json.loads((HERE.parent / "validating" / "status_deviations.json").read_bytes())
# The id in the path is judged over HTTP, as it was recorded.
OURS = {
    case: ours
    for reason, group in DEVIATIONS.items()
    if reason != "ehr id of the path"
    for case, ours in group["cases"].items()
}
UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def _cases() -> list[Json]:
    folder = shared_folder()
    if folder is None:
        return []
    found: list[Json] = json.loads((folder / "data" / "recorded" / "status_cases.json").read_bytes())
    return found


CASES = _cases()


@pytest.fixture(scope="module")
def servers(mongo_client: MongoClient[Document]) -> Iterator[Servers]:
    """Servers, each with the templates that can live together."""
    with servers_over(mongo_client) as found:
        yield found


def test_all_recorded_requests_are_there() -> None:
    shared("data")
    assert len(CASES) == 230
    assert set(OURS) <= {case["id"] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['test'][:60]}" for case in CASES])
def test_a_recorded_request_gets_its_class_of_status(servers: Servers, case: Json) -> None:
    folder = shared()
    content = recorded_body(folder, case["body"]) if case["body"] else b""
    template = recorded_body(folder, case["opt"]) if case["opt"] else None
    client = servers.having(template)
    answer = send(client, case, content)
    assert answer.status_code < 500, answer.text
    if answer.status_code == 201 and "/composition" not in case["path"] and "contribution" not in case["path"]:
        client.delete(f"/rest/admin/ehr/{uid_in(answer)}")
    expected: int = case["expected_status"]
    ours = OURS.get(case["id"], "accepted" if expected < 300 else str(expected))
    if ours == "accepted":
        assert answer.status_code in (200, 201, 204), answer.text
    elif ours in ("404", "409"):
        assert answer.status_code == int(ours), answer.text
    else:
        assert answer.status_code in (400, 422), answer.text


def send(client: httpx.Client, case: Json, content: bytes) -> httpx.Response:
    """Make what the request needs and send it."""
    headers = {"content-type": case["content_type"]} if case["content_type"] else {}
    if case["template_id"]:
        headers["openehr-template-id"] = case["template_id"]
    path, _, query = case["path"].partition("?")
    if path == "/ehr":
        return _send_ehr(client, case, content, headers)
    ehr_id = (
        UNKNOWN if case["expected_status"] == 404 else _new_ehr(client, is_modifiable=case["expected_status"] != 409)
    )
    if path == "/contribution":
        return _send_contribution(client, ehr_id, content, headers)
    address = f"{BASE}/ehr/{ehr_id}/composition"
    if case["method"] == "PUT":
        made = client.post(address, content=content, headers=headers)
        assert made.status_code == 201, made.text
        headers["if-match"] = uid_in(made)
        own = re.sub(rb"<uid\b.*?</uid>", b"", content, count=1, flags=re.DOTALL)
        return client.put(f"{address}/{uid_in(made).split('::')[0]}", content=own, headers=headers)
    return client.post(f"{address}?{query}" if query else address, content=content, headers=headers)


def _send_ehr(client: httpx.Client, case: Json, content: bytes, headers: dict[str, str]) -> httpx.Response:
    address = f"{BASE}/ehr"
    if case["method"] == "PUT":
        address += "/not%20an%20id" if "invalid ehr_id" in case["test"] else f"/{uuid.uuid4()}"
    if case["expected_status"] == 409:
        assert client.request(case["method"], address, content=content, headers=headers).status_code == 201
    return client.request(case["method"], address, content=content, headers=headers)


def _send_contribution(client: httpx.Client, ehr_id: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
    """Send a contribution; what its versions build on is made first, of the same data."""
    address = f"{BASE}/ehr/{ehr_id}/contribution"
    document = json.loads(content)
    for version in document["versions"]:
        if "preceding_version_uid" in version:
            first = {key: value for key, value in version.items() if key != "preceding_version_uid"}
            coded = {
                "value": "creation",
                "defining_code": {"terminology_id": {"value": "openehr"}, "code_string": "249"},
            }
            first["commit_audit"] = {**first["commit_audit"], "change_type": coded}
            made = client.post(
                address, json={**document, "versions": [first]}, headers={**headers, "prefer": "return=representation"}
            )
            assert made.status_code == 201, made.text
            version["preceding_version_uid"]["value"] = made.json()["versions"][0]["id"]["value"]
    return client.post(address, json=document, headers=headers)


def _new_ehr(client: httpx.Client, *, is_modifiable: bool) -> str:
    return uid_in(client.post(f"{BASE}/ehr", json=status(is_modifiable=is_modifiable)))
