"""A client over an empty store, and what most tests start from: an EHR and a template."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pymongo import MongoClient

from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, Json, as_bytes, client_over, composition, template_source, upload
from tests.support.mongo import fresh_tenant_name


@pytest.fixture
def client(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server over an empty store, without login."""
    with client_over(tenant_store) as client:
        yield client


@pytest.fixture
def ehr_id(client: httpx.Client) -> str:
    """The id of a new EHR."""
    answer = client.post(f"{BASE}/ehr")
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


@pytest.fixture
def template(client: httpx.Client) -> str:
    """The id of the uploaded template for vital signs."""
    return upload(client, template_source())


@pytest.fixture
def stored(client: httpx.Client, ehr_id: str, template: str) -> Json:
    """A stored composition: its EHR, version uid, object id and address."""
    answer = client.post(
        f"{BASE}/ehr/{ehr_id}/composition",
        content=as_bytes(composition()),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 201, answer.text
    uid = answer.headers["etag"].removeprefix("W/").strip('"')
    return {"ehr_id": ehr_id, "uid": uid, "object_id": uid.split("::")[0], "path": f"{BASE}/ehr/{ehr_id}/composition"}


@pytest.fixture(scope="module")
def shared_client(mongo_client: MongoClient[Document]) -> Iterator[httpx.Client]:
    """A client of a server that all tests of a file share: for tests that do not look at what others stored."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    with client_over(store) as client:
        upload(client, template_source())
        yield client
    mongo_client.drop_database(store.database.name)


@pytest.fixture
def new_ehr(shared_client: httpx.Client) -> str:
    """The id of a new EHR in the shared server."""
    answer = shared_client.post(f"{BASE}/ehr")
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]
