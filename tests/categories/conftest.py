"""Servers over a real store: an empty one, one that takes registered templates only, and one with all that is shipped."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from pymongo import MongoClient

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.services.kernel import build_services
from cdr.services.receive.kernel import build_receiving
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.categories.town import KILDE, Town, examples
from tests.support.http import BASE, as_bytes, client_of, client_over, query_service_over, services_over
from tests.support.mongo import fresh_tenant_name

Strict = Iterator[httpx.Client]


@contextmanager
def strict_client_over(store: TenantStore, *, refuses_unmarked_copies: bool = False) -> Strict:
    """Give a client of a server that takes content under registered templates only."""
    context = dataclasses.replace(
        services_over(store).context, registered_only=True, refuses_unmarked_copies=refuses_unmarked_copies
    )
    receiving = build_receiving(context, store.receipts)
    services = build_services(context, query=query_service_over(store, context), receiving=receiving)
    with client_of(create_app(services, ApiSettings())) as client:
        yield client


@pytest.fixture
def client(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server over an empty store, with the settings as they come."""
    with client_over(tenant_store) as client:
        yield client


@pytest.fixture
def strict(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server over the same store as `client` that takes registered templates only."""
    with strict_client_over(tenant_store) as client:
        yield client


@pytest.fixture
def ehr_id(client: httpx.Client) -> str:
    """The id of a new EHR."""
    answer = client.post(f"{BASE}/ehr")
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def town(mongo_client: MongoClient[Document]) -> Iterator[Town]:
    """A server with everything that is shipped, and one EHR that holds the full example of every template.

    All tests share it, so none of them commits compositions to it.
    """
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    with client_over(store) as client:
        for item in client.get(f"{KILDE}/content").json()["content"]:
            answer = client.post(f"{KILDE}/content/{item['kind']}/{item['name']}")
            assert answer.json()["outcome"] == "added", answer.text
        ehr_id = client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
        found = examples()
        for one in found:
            answer = client.post(
                f"{BASE}/ehr/{ehr_id}/composition",
                content=as_bytes(one),
                headers={"content-type": "application/json"},
            )
            assert answer.status_code == 201, (json.dumps(one["archetype_details"]), answer.text)
        yield Town(client=client, store=store, ehr_id=ehr_id, compositions=found)
    mongo_client.drop_database(store.database.name)
