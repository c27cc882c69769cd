"""Planted identity numbers and texts, sent through every door of a server: none is in its log or its database's."""

from __future__ import annotations

import base64
import json
import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.command import Server, kilde, serving
from tests.support.http import BASE, TEMPLATE_ID, composition, status, template_source, uid_in
from tests.support.planted import CANARY, IDENTITY, leaks_in

JSON = {"content-type": "application/json"}
PLANTED = f"{CANARY} {IDENTITY}"


def requests(ehr_id: str, uid: str) -> list[tuple[str, str, dict[str, str], bytes]]:
    """Return method, address, headers and body of requests that hold planted texts somewhere."""
    good, bad = composition(), composition()
    good["composer"] = {"_type": "PARTY_IDENTIFIED", "name": PLANTED}
    bad["composer"] = {"_type": "PARTY_IDENTIFIED", "name": PLANTED, PLANTED: PLANTED}
    wrong = composition(language={"_type": "CODE_PHRASE", "code_string": PLANTED})
    bodies = [json.dumps(one).encode() for one in (good, bad, wrong, PLANTED, {PLANTED: 1})] + [PLANTED.encode()]
    where, other = f"{BASE}/ehr/{ehr_id}", f"{BASE}/ehr/{IDENTITY}"
    audit = {"openehr-audit-details": f'committer.name="{PLANTED}",description.value="{PLANTED}"'}
    contribution = {"versions": [{"data": good, "commit_audit": {"description": PLANTED}}], "audit": {"x": PLANTED}}
    line = json.dumps({"ehr_id": IDENTITY, "composition": good}).encode() + b"\n" + PLANTED.encode()
    query = f"SELECT c FROM EHR e CONTAINS COMPOSITION c WHERE c/name/value = '{PLANTED}'"
    match = {"if-match": uid}
    return [
        *(("POST", f"{where}/composition", {**JSON, **audit, "idempotency-key": PLANTED}, body) for body in bodies),
        *(("PUT", f"{where}/composition/{uid}", {**JSON, **match}, body) for body in bodies),
        *(("POST", f"{where}/contribution", JSON, body) for body in (*bodies, json.dumps(contribution).encode())),
        *(("POST", f"{where}/directory", JSON, body) for body in bodies),
        *(("POST", f"{BASE}/ehr", JSON, json.dumps(status(IDENTITY)).encode()) for _ in range(3)),
        ("POST", f"{where}/composition?templateId={CANARY}&format=FLAT", JSON, json.dumps({PLANTED: PLANTED}).encode()),
        ("POST", f"{where}/composition", {"content-type": "application/xml"}, f"<x>{PLANTED}</x>".encode()),
        ("PUT", f"{where}/composition/{uid}", {**JSON, "if-match": CANARY}, bodies[0]),
        ("GET", f"{BASE}/ehr?subject_id={IDENTITY}&subject_namespace={CANARY}", {}, b""),
        ("PUT", other, JSON, bodies[0]),
        ("GET", f"{other}/composition/{CANARY}", {"accept": CANARY, "prefer": CANARY}, b""),
        ("DELETE", f"{other}/composition/{CANARY}::{IDENTITY}::1", {}, b""),
        ("GET", f"{where}/directory?path={CANARY}/{IDENTITY}", {}, b""),
        ("GET", f"{where}/ehr_status?version_at_time={CANARY}", {}, b""),
        ("POST", f"{BASE}/query/aql", JSON, json.dumps({"q": query}).encode()),
        ("POST", f"{BASE}/query/aql", JSON, json.dumps({"q": f"SELECT {PLANTED}"}).encode()),
        ("POST", f"{BASE}/query/aql", JSON, json.dumps({"q": query, "query_parameters": {"x": PLANTED}}).encode()),
        ("GET", f"{BASE}/query/aql?q=SELECT%20e/ehr_id/value%20FROM%20EHR%20e%5Behr_id/value=%27{IDENTITY}%27%5D", {}, b""),
        ("PUT", f"{BASE}/definition/query/{CANARY}::x/1.0.0", {"content-type": "text/plain"}, query.encode()),
        ("POST", f"{BASE}/definition/template/adl1.4", {"content-type": "application/xml"}, f"<t>{PLANTED}</t>".encode()),
        ("GET", f"{BASE}/definition/template/adl1.4/{CANARY}", {}, b""),
        ("POST", "/rest/kilde/v1/bulk/composition", {"content-type": "application/x-ndjson"}, line),
        ("GET", f"/{CANARY}/{IDENTITY}", {"x-request-id": f"{PLANTED}\u00e5", "cookie": PLANTED}, b""),
        (CANARY.upper().replace("-", ""), f"{BASE}/ehr", {}, b""),
    ]  # fmt: skip


def send_all(server: Server) -> set[int]:
    """Send all requests; return the statuses."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        upload = {"content-type": "application/xml"}
        client.post(f"{BASE}/definition/template/adl1.4", content=template_source(), headers=upload)
        ehr_id = uid_in(client.post(f"{BASE}/ehr"))
        uid = uid_in(client.post(f"{BASE}/ehr/{ehr_id}/composition", json=composition()))
        return {
            client.request(
                method, address, headers={name: text.encode() for name, text in headers.items()}, content=body
            ).status_code
            for method, address, headers, body in requests(ehr_id, uid)
        }


def test_neither_log_holds_what_was_sent(tmp_path: Path) -> None:
    with serving("--log-level", "debug", data=tmp_path) as server:
        statuses = send_all(server)
        assert {200, 201, 204, 400, 404, 409, 422} <= statuses
        assert max(statuses) <= 501
        # A database that goes away makes both write about what was under way.
        mongod = next(one for one in psutil.Process(server.process.pid).children() if one.name() == "mongod")
        os.kill(mongod.pid, signal.SIGKILL)
        assert send_all_again(server) <= {400, 404, 422, 503}
        assert server.log.read_text().count('"route"') > 40
    log = tmp_path / "mongod.log"
    assert log.stat().st_size > 1000
    assert leaks_in(server.log, log) == []


def send_all_again(server: Server) -> set[int]:
    """Send some requests while the database is away or comes back."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        return {
            client.request(method, address, headers={**JSON}, content=body).status_code
            for method, address, _, body in requests(IDENTITY, CANARY)[:8]
        }


def test_a_refused_login_is_not_logged(tmp_path: Path) -> None:
    login = base64.b64encode(f"{CANARY}:{IDENTITY}".encode()).decode()
    with serving("--auth", "basic", data=tmp_path) as server, httpx.Client(base_url=server.url) as client:
        assert client.get(f"{BASE}/ehr/{IDENTITY}", headers={"authorization": f"Basic {login}"}).status_code == 401
    assert leaks_in(server.log, tmp_path / "mongod.log") == []


def test_a_command_that_fails_does_not_repeat_what_it_read(tmp_path: Path) -> None:
    broken = composition(composer={"_type": "PARTY_IDENTIFIED", "name": PLANTED, PLANTED: 1})
    path = tmp_path / "composition.json"
    path.write_text(json.dumps(broken))
    done = kilde("composition", "validate", str(path), "--template", TEMPLATE_ID)
    assert done.status == 1
    assert CANARY not in done.out + done.err


@pytest.mark.parametrize("text", [CANARY, f"fnr={IDENTITY};"])
def test_a_leak_would_be_found(tmp_path: Path, text: str) -> None:
    log = tmp_path / "log"
    log.write_text(f"first\nsome {text} thing\n{IDENTITY}0\n")
    assert leaks_in(log, tmp_path / "absent") == ["log, line 2"]
