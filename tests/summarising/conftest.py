"""A server that the tests of a file share, with one resident whom five sources write about."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pymongo import MongoClient

from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.support.http import client_over
from tests.support.lives import a_life
from tests.support.mongo import fresh_tenant_name
from tests.support.summaries import Resident, new_resident, with_templates


@pytest.fixture(scope="module")
def shared_store(mongo_client: MongoClient[Document]) -> Iterator[TenantStore]:
    """A store that the tests of a file share."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    yield store
    mongo_client.drop_database(store.database.name)


@pytest.fixture(scope="module")
def server(shared_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server with all templates."""
    with client_over(shared_store) as client:
        with_templates(client)
        yield client


@pytest.fixture(scope="module")
def resident(server: httpx.Client) -> Resident:
    """The resident whom five sources write about; tests only read."""
    found = new_resident(server)
    for composition in a_life():
        found.store(composition)
    return found


@pytest.fixture
def newcomer(server: httpx.Client) -> Resident:
    """A resident without records, for one test."""
    return new_resident(server)
