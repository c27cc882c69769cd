"""Who may send for a source and see what became of it; what the access log is told."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest
from argon2 import PasswordHasher
from pymongo import MongoClient

from cdr.api.app import create_app
from cdr.api.auth import BasicLogin
from cdr.api.settings import ApiSettings
from cdr.ports import UserRecord
from cdr.store.client import Document
from cdr.store.control import MongoUserStore
from cdr.store.tenant import TenantStore
from tests.receiving.conftest import RECEIVE, Kilde, prepared
from tests.receiving.messages import FHIR, as_bytes, bundle, condition
from tests.support.http import BASE, client_of, services_over
from tests.support.mongo import fresh_tenant_name

TENANT = "senders"
ROLES = {"ada": "admin", "nina": "user", "journal": "sender", "fagsystem": "sender"}


@pytest.fixture(scope="module")
def server(mongo_client: MongoClient[Document]) -> Iterator[tuple[httpx.Client, Kilde]]:
    """A server with a login and four accounts; their passwords are their names, twice."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    users = MongoUserStore(mongo_client)
    users.ensure_indexes()
    fast = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for name, role in ROLES.items():
        users.put(UserRecord(tenant=TENANT, name=name, password_hash=fast.hash(name * 2), role=role))
    app = create_app(services_over(store), ApiSettings(), authenticator=BasicLogin(users, tenant=TENANT, realm="Kilde"))
    with client_of(app) as client:
        client.headers.update(login("ada"))
        kilde = prepared(client, store)
        client.headers.pop("authorization")
        yield client, kilde
    mongo_client.drop_database(store.database.name)


def login(name: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{name * 2}".encode()).decode()}


def send(client: httpx.Client, who: str, source: str = "fastlege", *, key: str = "b1") -> httpx.Response:
    headers = {"content-type": FHIR, **login(who)}
    return client.post(f"{RECEIVE}/{source}", content=as_bytes(bundle(condition(), key=key)), headers=headers)


def test_a_sender_sends_for_the_sources_that_name_it_and_for_no_other(server: tuple[httpx.Client, Kilde]) -> None:
    client, _ = server
    assert send(client, "journal").status_code == 201
    for source in ("tildelingskontor", "legevakt"):
        refused = send(client, "journal", source)
        assert (refused.status_code, refused.json()["code"]) == (403, "SOURCE_FOREIGN")


def test_a_sender_sees_its_own_receipts_and_nothing_of_others(server: tuple[httpx.Client, Kilde]) -> None:
    client, _ = server
    receipt = send(client, "journal").json()
    address = f"{RECEIVE}/fastlege/receipt/{receipt['receipt_id']}"
    assert client.get(address, headers=login("journal")).status_code == 200
    for way in ("", "/original"):
        assert client.get(address + way, headers=login("fagsystem")).status_code == 403
    for resource in ("quality", "quarantine", "receipt"):
        assert client.get(f"{RECEIVE}/fastlege/{resource}", headers=login("fagsystem")).status_code == 403
    listed = client.get(RECEIVE, headers=login("fagsystem")).json()["sources"]
    assert [source["key"] for source in listed] == ["tildelingskontor"]


@pytest.mark.parametrize(
    "before", ["yesterday", "2024-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_receipts_are_listed_before_a_time_that_utc_can_hold(server: tuple[httpx.Client, Kilde], before: str) -> None:
    client, _ = server
    answer = client.get(f"{RECEIVE}/fastlege/receipt", headers=login("journal"), params={"before": before})
    assert (answer.status_code, answer.json()["code"]) == (400, "BEFORE")


def test_a_sender_reads_no_record_and_asks_no_query(server: tuple[httpx.Client, Kilde]) -> None:
    client, kilde = server
    for method, path in (
        ("GET", f"{BASE}/ehr/{kilde.anna}"),
        ("GET", f"{BASE}/query/aql?q=SELECT e FROM EHR e"),
        ("POST", f"{BASE}/ehr"),
        ("GET", "/rest/kilde/v1/suppliers"),
    ):
        assert client.request(method, path, headers=login("journal")).status_code == 403


def test_only_an_administrator_registers_sources_and_recovers(server: tuple[httpx.Client, Kilde]) -> None:
    client, _ = server
    body = {"title": "X", "supplier": "Y", "mappings": ["vedtak_csv"]}
    for who in ("journal", "nina"):
        assert client.put(f"{RECEIVE}/new", json=body, headers=login(who)).status_code == 403
        assert client.post("/rest/kilde/v1/receive-recovery", headers=login(who)).status_code == 403
    assert client.put(f"{RECEIVE}/new", json=body, headers=login("ada")).status_code == 200
    done = client.post("/rest/kilde/v1/receive-recovery", headers=login("ada")).json()
    assert done == {"finished": [], "failed": []}


def test_a_user_acts_for_sources_that_name_nobody(server: tuple[httpx.Client, Kilde]) -> None:
    client, _ = server
    assert client.get(f"{RECEIVE}/legevakt/quality", headers=login("nina")).status_code == 200
    assert client.get(f"{RECEIVE}/fastlege/quality", headers=login("nina")).status_code == 403


def test_without_a_login_nothing_is_received(server: tuple[httpx.Client, Kilde]) -> None:
    client, _ = server
    assert client.post(f"{RECEIVE}/fastlege", content=b"{}").status_code == 401


def test_the_access_log_names_whose_record_a_message_and_its_original_were_about(
    server: tuple[httpx.Client, Kilde],
) -> None:
    client, kilde = server
    receipt = send(client, "journal", key="logged").json()
    client.get(receipt["original"], headers=login("journal"))
    log = client.get(f"/rest/kilde/v1/access-log?ehr_id={kilde.anna}", headers=login("ada")).json()["entries"]
    told = {(entry["person"], entry["action"], entry["resource"]) for entry in log}
    assert {("journal", "write", "COMPOSITION"), ("journal", "read", "ORIGINAL")} <= told


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"title": "X"}, "$"),
        ({"title": "X", "supplier": "Y", "mappings": ["nope"]}, "$.mappings[0]"),
        ({"title": "X", "supplier": "Y", "templates": ["nope"]}, "$.templates[0]"),
        ({"title": "X", "supplier": "Y", "unknown_resident": "maybe"}, "$"),
        ({"title": "X", "supplier": "Y", "more": 1}, "$"),
        ({"title": " ", "supplier": "Y"}, "$.title"),
        ({"title": "X", "supplier": "Y" * 201}, "$.supplier"),
        ({"title": "X", "supplier": "Y", "author": "Z\u0000"}, "$.author"),
    ],
)
def test_a_source_that_cannot_work_is_not_registered(
    server: tuple[httpx.Client, Kilde], body: dict[str, object], path: str
) -> None:
    client, _ = server
    refused = client.put(f"{RECEIVE}/broken", json=body, headers=login("ada"))
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, path)
    assert client.get(f"{RECEIVE}/broken", headers=login("ada")).status_code == 404


def test_a_source_that_is_not_active_sends_nothing(server: tuple[httpx.Client, Kilde]) -> None:
    client, _ = server
    body = {"title": "X", "supplier": "Y", "mappings": ["fhir_condition_bundle"], "is_active": False}
    assert client.put(f"{RECEIVE}/resting", json=body, headers=login("ada")).status_code == 200
    assert send(client, "ada", "resting").json()["code"] == "SOURCE_INACTIVE"
