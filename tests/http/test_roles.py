"""Who may use which route: the table, the login, and what happens without one."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pymongo import MongoClient

from cdr.api.app import create_app
from cdr.api.auth import BasicLogin
from cdr.api.roles import ROLES, Role, roles_for, routes_of
from cdr.api.settings import ApiSettings
from cdr.ports import UserRecord
from cdr.store.client import Document
from cdr.store.control import MongoUserStore
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, client_of, services_over
from tests.support.mongo import fresh_tenant_name
from tests.support.routes_page import ROUTES, routes_page

TENANT = "roles"


@pytest.fixture(scope="module")
def app(mongo_client: MongoClient[Document]) -> Iterator[FastAPI]:
    """An application with a login, a user and an administrator; their passwords are their names, twice."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    users = MongoUserStore(mongo_client)
    users.ensure_indexes()
    fast = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for name, role, is_active in (("nina", "user", True), ("ada", "admin", True), ("eks", "user", False)):
        record = UserRecord(tenant=TENANT, name=name, password_hash=fast.hash(name * 2), role=role, is_active=is_active)
        users.put(record)
    login = BasicLogin(users, tenant=TENANT, realm="Kilde")
    yield create_app(services_over(store), ApiSettings(has_ecis=True), authenticator=login)
    mongo_client.drop_database(store.database.name)


@pytest.fixture(scope="module")
def guarded(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of the application with a login."""
    with client_of(app) as client:
        yield client


def login(name: str, password: str | None = None) -> dict[str, str]:
    """Return the header of a login."""
    text = f"{name}:{name * 2 if password is None else password}"
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_every_route_has_a_role_and_every_role_a_route(app: FastAPI) -> None:
    routes = dict(routes_of(app, base_path=BASE))
    assert [name for name, roles in routes.items() if not roles] == []
    assert sorted(set(ROLES) - set(routes)) == []


def test_a_route_outside_the_table_is_open_to_nobody() -> None:
    assert roles_for("GET", f"{BASE}/brand-new", base_path=BASE) == frozenset()


def test_the_page_of_routes_is_what_the_table_says() -> None:
    assert ROUTES.read_text(encoding="utf-8") == routes_page(), "write it anew with `make docs`"


def test_every_route_is_closed_without_a_login_and_by_role(app: FastAPI, guarded: httpx.Client) -> None:
    for route in app.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            allowed = roles_for(method, route.path, base_path=BASE)
            address = re.sub(r"\{[^}]*\}", "x", route.path)
            bare = guarded.request(method, address)
            if Role.ANYBODY in allowed:
                assert bare.status_code == 200, route.path
                continue
            assert bare.status_code == 401, route.path
            assert bare.headers["www-authenticate"].startswith("Basic realm=")
            by_user = guarded.request(method, address, headers=login("nina")).status_code
            assert (by_user == 403) == (Role.USER not in allowed), route.path
            if address.endswith("/all"):
                continue
            assert guarded.request(method, address, headers=login("ada")).status_code not in (401, 403), route.path


@pytest.mark.parametrize(
    "headers",
    [
        login("nina", "wrong"),
        login("nobody"),
        login("eks"),
        login(""),
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + base64.b64encode(b"nina").decode()},
        {"authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
        {"authorization": "Bearer abc"},
        {"authorization": ""},
    ],
)
def test_a_login_that_does_not_hold_answers_401_and_says_no_more(
    guarded: httpx.Client, headers: dict[str, str]
) -> None:
    answer = guarded.get(f"{BASE}/definition/template/adl1.4", headers=headers)
    assert answer.status_code == 401
    assert set(answer.json()) == {"message", "code", "error", "errors"}
    assert "nina" not in answer.text


def test_a_changed_password_ends_the_old_one_at_once(
    mongo_client: MongoClient[Document], guarded: httpx.Client
) -> None:
    users = MongoUserStore(mongo_client)
    fast = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    users.put(UserRecord(tenant=TENANT, name="kari", password_hash=fast.hash("old"), role="user"))
    address = f"{BASE}/definition/template/adl1.4"
    assert guarded.get(address, headers=login("kari", "old")).status_code == 200
    users.put(UserRecord(tenant=TENANT, name="kari", password_hash=fast.hash("new"), role="user"))
    assert guarded.get(address, headers=login("kari", "old")).status_code == 401
    assert guarded.get(address, headers=login("kari", "new")).status_code == 200


def test_a_refusal_is_told_to_the_access_log(guarded: httpx.Client) -> None:
    ehr_id = "5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11"
    assert guarded.delete(f"/rest/admin/ehr/{ehr_id}", headers=login("nina")).status_code == 403
    log = guarded.get("/rest/kilde/v1/access-log", params={"ehr_id": ehr_id}, headers=login("ada")).json()["entries"]
    assert (log[0]["action"], log[0]["resource"]) == ("denied", "DELETE /rest/admin/ehr/{ehr_id}")
    assert guarded.get("/rest/kilde/v1/access-log", headers=login("nina")).status_code == 403


def test_the_caller_of_a_login_is_the_committer(guarded: httpx.Client) -> None:
    made = guarded.post(f"{BASE}/ehr", headers=login("nina"))
    version = guarded.get(made.headers["location"] + "/versioned_ehr_status/version", headers=login("nina")).json()
    assert version["commit_audit"]["committer"]["name"] == "nina"
