"""What the server says about itself, administration, and addresses in all their spellings."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest

from cdr.config import REDACTED, Settings, described
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, Json, client_over, composition, status, uid_in


@pytest.mark.parametrize("address", ["/rest/status", "/ehrbase/rest/status", "/rest/status/", "/ehrbase/rest/status/"])
def test_the_status_names_the_compatible_version(shared_client: httpx.Client, address: str) -> None:
    found = shared_client.get(address, headers={"accept": "application/json, application/xml;q=0.9"}).json()
    assert found["ehrbase_version"] == "2.31.0"
    assert found["solution"] == "Kilde"


def test_the_status_is_given_as_xml(shared_client: httpx.Client) -> None:
    answer = shared_client.get("/rest/status", headers={"accept": "application/xml"})
    assert answer.headers["content-type"].startswith("application/xml")
    assert "<ehrbase_version>2.31.0</ehrbase_version>" in answer.text


def test_health_says_up(shared_client: httpx.Client) -> None:
    for address in ("/health/live", "/health/ready", "/management/health"):
        answer = shared_client.get(address)
        assert (answer.status_code, answer.json()["status"]) == (200, "UP")


def test_metrics_are_by_route_template_and_hold_no_id(shared_client: httpx.Client, new_ehr: str) -> None:
    shared_client.get(f"{BASE}/ehr/{new_ehr}")
    text = shared_client.get("/management/prometheus").text
    assert 'route="/rest/openehr/v1/ehr/{ehr_id}"' in text
    assert new_ehr not in text
    assert "kilde_http_requests" in shared_client.get("/management/metrics").json()["names"]
    assert shared_client.get("/management/info").json()["build"]["name"] == "kilde"


@pytest.mark.parametrize("address", ["/", BASE, f"{BASE}/", f"/ehrbase{BASE}/"])
def test_options_describes_the_server(shared_client: httpx.Client, address: str) -> None:
    answer = shared_client.options(address)
    assert answer.status_code == 200
    assert answer.json()["restapi_specs_version"] == "1.1.0"
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("base", [BASE, f"/ehrbase{BASE}"])
@pytest.mark.parametrize("ending", ["", "/"])
def test_every_address_works_under_both_bases_and_with_a_trailing_slash(
    shared_client: httpx.Client, base: str, ending: str
) -> None:
    made = shared_client.post(f"{base}/ehr{ending}")
    assert made.status_code == 201
    assert made.headers["location"] == f"http://testserver{base}/ehr/{uid_in(made)}"
    read = shared_client.get(f"{base}/ehr/{uid_in(made)}{ending}")
    assert (read.status_code, read.history) == (200, [])


def test_location_honours_a_known_proxy(shared_client: httpx.Client) -> None:
    answer = shared_client.post(
        f"{BASE}/ehr",
        headers={
            "x-forwarded-proto": "https",
            "x-forwarded-host": "kilde.example.no",
            "x-forwarded-prefix": "/journal",
        },
    )
    assert answer.headers["location"].startswith(f"https://kilde.example.no/journal{BASE}/ehr/")


@pytest.mark.parametrize(
    ("method", "address", "expected"),
    [
        ("GET", "/nothing", 404),
        ("GET", f"{BASE}/nothing", 404),
        ("GET", f"{BASE}/demographic/person/1", 501),
        ("PUT", f"{BASE}/ehr/1/composition/2/tags", 501),
        ("GET", f"{BASE}/ehr/1/tags", 501),
        ("PATCH", f"{BASE}/ehr", 405),
        ("DELETE", f"{BASE}/ehr", 405),
        ("BREW", f"{BASE}/ehr", 501),
    ],
)
def test_unknown_routes_and_methods_answer_in_the_one_shape(
    shared_client: httpx.Client, method: str, address: str, expected: int
) -> None:
    answer = shared_client.request(method, address)
    assert answer.status_code == expected
    assert set(answer.json()) == {"message", "code", "error", "errors"}


def test_browsers_may_read_the_headers_they_need(shared_client: httpx.Client) -> None:
    answer = shared_client.get("/rest/status", headers={"origin": "http://localhost:3000"})
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    exposed = answer.headers["access-control-expose-headers"]
    assert "ETag" in exposed and "Location" in exposed
    preflight = shared_client.options(
        f"{BASE}/ehr",
        headers={
            "origin": "http://localhost:3000",
            "access-control-request-method": "PUT",
            "access-control-request-headers": "if-match, prefer",
        },
    )
    assert preflight.status_code == 200
    assert "PUT" in preflight.headers["access-control-allow-methods"]


def test_pages_from_elsewhere_may_not_call_unless_they_are_named(
    shared_client: httpx.Client, tenant_store: TenantStore
) -> None:
    headers = {"origin": "http://localhost.evil.example"}
    assert "access-control-allow-origin" not in shared_client.get("/rest/status", headers=headers).headers
    with client_over(tenant_store, cors_origins=("http://app.example",)) as client:
        answer = client.get("/rest/status", headers={"origin": "http://app.example"})
    assert answer.headers["access-control-allow-origin"] == "http://app.example"


def test_no_cache_keeps_an_answer(shared_client: httpx.Client, new_ehr: str) -> None:
    for address in (f"{BASE}/ehr/{new_ehr}", f"{BASE}/nothing"):
        headers = shared_client.get(address).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_request_id_is_taken_over_or_made(shared_client: httpx.Client) -> None:
    assert shared_client.get("/rest/status", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    odd = shared_client.get("/rest/status", headers={"x-request-id": "a b\tc"}).headers["x-request-id"]
    assert uuid.UUID(odd)


def test_a_purged_ehr_leaves_nothing(client: httpx.Client, stored: Json) -> None:
    subject = str(uuid.uuid4())
    other = uid_in(client.post(f"{BASE}/ehr", json=status(subject)))
    assert client.delete(f"/rest/admin/ehr/{stored['ehr_id']}").status_code == 204
    for address in (f"{BASE}/ehr/{stored['ehr_id']}", f"{stored['path']}/{stored['uid']}"):
        assert client.get(address).status_code == 404
    assert client.delete(f"/ehrbase/rest/admin/ehr/{stored['ehr_id']}").status_code == 404
    assert client.get(f"{BASE}/ehr/{other}").status_code == 200
    assert client.delete(f"{BASE}/admin/ehr/{other}").status_code == 204
    assert client.post(f"{BASE}/ehr", json=status(subject)).status_code == 201


def test_several_or_all_ehrs_are_purged(client: httpx.Client) -> None:
    ids = [uid_in(client.post(f"{BASE}/ehr")) for _ in range(4)]
    unknown = client.delete(f"{BASE}/admin/ehr/all", params={"ehr_id": [ids[0], str(uuid.uuid4())]})
    assert unknown.status_code == 404
    assert client.delete(f"{BASE}/admin/ehr/all", params={"ehr_id": ids[:2]}).status_code == 204
    assert [client.get(f"{BASE}/ehr/{one}").status_code for one in ids] == [404, 404, 200, 200]
    assert client.delete(f"{BASE}/admin/ehr/all").status_code == 204
    assert client.get("/rest/kilde/v1/ehr").json()["ehr_ids"] == []


def test_ehrs_are_listed_a_page_at_a_time(client: httpx.Client) -> None:
    ids = sorted(uid_in(client.post(f"{BASE}/ehr")) for _ in range(5))
    first = client.get("/rest/kilde/v1/ehr", params={"limit": 3}).json()
    second = client.get("/rest/kilde/v1/ehr", params={"limit": 3, "after": first["next"]}).json()
    assert first["ehr_ids"] + second["ehr_ids"] == ids
    assert second["next"] is None
    for limit in ("0", "-1", "x", "10001", "٣"):
        assert client.get("/rest/kilde/v1/ehr", params={"limit": limit}).status_code == 400


def test_the_access_log_is_told_of_reads_writes_and_deletions(client: httpx.Client, stored: Json) -> None:
    client.get(f"{stored['path']}/{stored['uid']}")
    client.delete(f"{stored['path']}/{stored['uid']}")
    entries = client.get("/rest/kilde/v1/access-log", params={"ehr_id": stored["ehr_id"]}).json()["entries"]
    told = [(entry["action"], entry["resource"]) for entry in entries]
    assert told[:3] == [("delete", "COMPOSITION"), ("read", "COMPOSITION"), ("write", "COMPOSITION")]
    assert ("write", "EHR_STATUS") in told


def test_bulk_stores_the_valid_lines_and_reports_the_others(shared_client: httpx.Client, new_ehr: str) -> None:
    other = uid_in(shared_client.post(f"{BASE}/ehr"))
    faulty = composition()
    del faulty["composer"]
    lines = [
        {"ehr_id": new_ehr, "composition": composition()},
        {"ehr_id": other, "composition": composition()},
        {"ehr_id": new_ehr, "composition": faulty},
        {"ehr_id": str(uuid.uuid4()), "composition": composition()},
        {"ehr_id": new_ehr},
        {"ehr_id": new_ehr, "composition": composition()},
    ]
    body = "\n".join(json.dumps(line) for line in lines) + "\n\nnot json\n"
    answer = shared_client.post(
        "/rest/kilde/v1/bulk/composition", content=body, headers={"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["stored"], report["refused"], report["contributions"]) == (3, 5 - 1, 2)
    assert [version["line"] for version in report["versions"]] == [1, 2, 6]
    assert [error["line"] for error in report["errors"]] == [3, 4, 5, 8]
    for version in report["versions"]:
        ehr = other if version["line"] == 2 else new_ehr
        assert shared_client.get(f"{BASE}/ehr/{ehr}/composition/{version['uid']}").status_code == 200


def test_validation_alone_stores_nothing(client: httpx.Client, ehr_id: str, template: str) -> None:
    address = "/rest/kilde/v1/validate/composition"
    assert client.post(address, json=composition()).json()["valid"] is True
    faulty = composition()
    del faulty["composer"]
    answer = client.post(address, json=faulty)
    assert answer.status_code == 200
    assert answer.json()["valid"] is False
    assert any("composer" in error["path"] for error in answer.json()["errors"])
    assert client.post(address, json=faulty, params={"draft": "true"}).json()["valid"] is True
    assert client.post(address, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    log = client.get("/rest/kilde/v1/access-log").json()["entries"]
    assert not any(entry["resource"] == "COMPOSITION" and entry["action"] == "write" for entry in log)


def test_head_answers_like_get_without_the_body(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}"
    head, get = shared_client.head(address), shared_client.get(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-length"] == get.headers["content-length"]
    assert shared_client.head(f"{BASE}/ehr/{uuid.uuid4()}").status_code == 404


def test_a_refused_method_names_all_that_are_offered(shared_client: httpx.Client) -> None:
    answer = shared_client.patch(f"{BASE}/ehr/x/composition/y")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, PUT"


def test_the_settings_in_use_are_shown_without_secrets(tenant_store: TenantStore) -> None:
    shown = Settings(mongo_uri="mongodb://kilde:hemmelig@db/", terminology_token="hemmelig", port=8081).shown(
        redacted=True
    )
    with client_over(tenant_store, shown=shown) as client:
        answer = client.get("/management/env")
    (source,) = answer.json()["propertySources"]
    assert source["properties"]["port"] == {"value": 8081}
    assert set(source["properties"]) == {setting.name for setting in described()}
    assert source["properties"]["mongo_uri"] == {"value": REDACTED}
    assert "hemmelig" not in answer.text
