"""Fixtures that every test folder may use: a real mongod, a client, and an empty store for each test.

The store is imported inside the fixtures, so that test runs without a database do not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pymongo import MongoClient

    from cdr.store.client import Document
    from cdr.store.tenant import TenantStore


@pytest.fixture(scope="session")
def mongo_uri() -> Iterator[str]:
    """The URI of the test run's one embedded mongod."""
    from tests.support.mongo import embedded_mongo

    with embedded_mongo() as mongo:
        yield mongo.uri


@pytest.fixture(scope="session")
def mongo_client(mongo_uri: str) -> Iterator[MongoClient[Document]]:
    """A client of the test run's mongod."""
    from cdr.store.client import connect

    client = connect(mongo_uri)
    yield client
    client.close()


@pytest.fixture
def tenant_name(mongo_client: MongoClient[Document]) -> Iterator[str]:
    """The name of a tenant that has no data; emptied after the test."""
    from tests.support.mongo import give_back, take_tenant

    tenant = take_tenant()
    yield tenant
    give_back(mongo_client, tenant)


@pytest.fixture
def tenant_store(mongo_client: MongoClient[Document], tenant_name: str) -> TenantStore:
    """An empty store with its indexes."""
    from cdr.store.tenant import TenantStore

    store = TenantStore(mongo_client, tenant_name)
    store.ensure_indexes()
    return store
