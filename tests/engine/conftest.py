"""A server over an empty store, with its query service, for tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.identity import AccessFilter, Caller
from cdr.rm.catalog import CATALOG
from cdr.services.context import Context
from cdr.services.kernel import Services, build_services
from cdr.services.query import QueryService
from cdr.store.query_stream import RowStreams
from cdr.store.runner import QueryRunner
from cdr.store.tenant import TenantStore
from cdr.terminology.local import bundled_terminology
from tests.support.http import client_of, services_over


@dataclass
class Site:
    """A whole server: its store, its services and a client. `access` is what every caller may see."""

    store: TenantStore
    context: Context
    services: Services
    client: httpx.Client
    access: list[AccessFilter]

    @property
    def query(self) -> QueryService:
        """Return the query service."""
        service: QueryService = self.services.query
        return service


CALLER = Caller(tenant="engine", person="tester", role="admin")


def site_over(store: TenantStore, *, system_id: str) -> Iterator[Site]:
    """Give a server over a store."""
    access = [AccessFilter.everything()]
    context = replace(services_over(store).context, system_id=system_id, policy=lambda caller: access[0])
    runner = QueryRunner(store.database, blobs=store.versions.blobs, catalog=CATALOG)
    source = RowStreams(store.database, blobs=store.versions.blobs, catalog=CATALOG)
    query = QueryService(context, runner, terminology=bundled_terminology(), row_source=source)
    services = build_services(context, query=query)
    with client_of(create_app(services, ApiSettings())) as client:
        yield Site(store, context, services, client, access)


@pytest.fixture
def site(tenant_store: TenantStore) -> Iterator[Site]:
    """A server over an empty store."""
    yield from site_over(tenant_store, system_id="engine.kilde")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that writes golden files anew: `pytest tests/engine/test_golden.py --update-golden`."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files of the engine anew")
