"""The server's own OpenAPI description, and requests made up from it: never a 500, every answer one that
the description names, with the type that it names, and errors always in the one shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient

from cdr.api.app import create_app
from cdr.api.openapi import described
from cdr.api.settings import ApiSettings
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, client_of, composition, services_over, template_source, uid_in, upload
from tests.support.mongo import fresh_tenant_name


@pytest.fixture(scope="module")
def app(mongo_client: MongoClient[Document]) -> Iterator[FastAPI]:
    """An application over an empty store."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    yield create_app(services_over(store), ApiSettings(has_ecis=True))
    mongo_client.drop_database(store.database.name)


@pytest.fixture(scope="module")
def known(app: FastAPI) -> Iterator[tuple[httpx.Client, list[str]]]:
    """A client and ids that exist, so that made-up requests get past the first look."""
    with client_of(app) as client:
        template_id = upload(client, template_source())
        ehr_id = uid_in(client.post(f"{BASE}/ehr"))
        uid = uid_in(client.post(f"{BASE}/ehr/{ehr_id}/composition", json=composition()))
        yield client, [template_id, ehr_id, uid, uid.split("::")[0]]


def test_the_description_names_every_resource(known: tuple[httpx.Client, list[str]], app: FastAPI) -> None:
    client, _ = known
    given_ = client.get("/rest/kilde/v1/openapi.json").json()
    assert given_["openapi"].startswith("3.")
    assert f"{BASE}/ehr/{{ehr_id}}/composition/{{uid_based_id}}" in given_["paths"]
    schemathesis.openapi.from_dict(described(app))


def _operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the operations of the description: method, path and description."""
    return [
        (method, path, operation)
        for path, methods in described(app)["paths"].items()
        for method, operation in methods.items()
        if not path.endswith("/all")
    ]


def run(app: FastAPI, known: tuple[httpx.Client, list[str]], *, examples: int) -> None:
    """Send made-up requests for all operations of the description."""
    client, ids = known
    schema = schemathesis.openapi.from_dict(described(app))
    responses = {(path, method): operation["responses"] for method, path, operation in _operations(app)}
    cases = st.one_of(*(schema[path][method.upper()].as_strategy() for method, path, _ in _operations(app)))

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, known_id=st.sampled_from(["", *ids]))
    def check(case: Any, known_id: str) -> None:
        if known_id:
            for name in case.path_parameters or {}:
                if name.endswith("id"):
                    case.path_parameters[name] = known_id
        if case.method == "DELETE" and "/admin/" in case.path:
            return
        sent = case.as_transport_kwargs(base_url="http://testserver")
        names = ("method", "url", "params", "headers", "content", "data", "json")
        arguments = {name: sent[name] for name in names if sent.get(name) is not None}
        if isinstance(arguments.get("data"), (bytes, str)):
            arguments["content"] = arguments.pop("data")
        try:
            answer = client.request(**{**arguments, "headers": dict(arguments.get("headers") or {})})
        except (httpx.InvalidURL, UnicodeError):
            return
        assert answer.status_code < 500 or answer.status_code == 501, (case.method, case.path, answer.text)
        said = responses[case.path, case.method.lower()]
        assert str(answer.status_code) in said, (case.method, case.path, answer.status_code, answer.text)
        if answer.status_code < 300 and answer.content:
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind in said[str(answer.status_code)]["content"], (case.method, case.path, kind)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/json"
            assert set(answer.json()) == {"message", "code", "error", "errors"}

    check()


def test_made_up_requests_never_meet_an_unexpected_error(app: FastAPI, known: tuple[httpx.Client, list[str]]) -> None:
    run(app, known, examples=150)


@pytest.mark.torture
def test_thousands_of_made_up_requests_never_meet_an_unexpected_error(
    app: FastAPI, known: tuple[httpx.Client, list[str]]
) -> None:
    run(app, known, examples=5_000)
