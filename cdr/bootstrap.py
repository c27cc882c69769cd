"""Putting the pieces together: settings in, a running repository out.

`database` owns the embedded mongod (or passes the address of another one on), `build` connects and makes the services
and the application. `kilde serve` calls both, its workers only `build`, tests and commands on the store either.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.config import Settings
from cdr.services.context import Context
from cdr.services.kernel import Services, build_services
from cdr.store.client import connect
from cdr.store.embedded import EmbeddedMongo
from cdr.store.tenant import TenantStore

# Decoding makes many objects and no cycles: the default of 700 would walk them all the time.
_GC_THRESHOLDS = (50_000, 20, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A repository that is connected and ready to answer."""

    settings: Settings
    store: TenantStore
    services: Services
    app: FastAPI


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the URI of the database; an embedded one runs until the end of the block."""
    if settings.mongo_uri is not None:
        yield settings.mongo_uri
        return
    with EmbeddedMongo(settings.data_folder(), cache_gb=settings.cache_gb) as mongo:
        yield mongo.uri


def prepare(settings: Settings, *, uri: str) -> None:
    """Make what the database lacks, once, before several processes use it."""
    client = connect(uri)
    try:
        TenantStore(client, settings.tenant).ensure_indexes()
    finally:
        client.close()


@contextmanager
def build(settings: Settings, *, uri: str) -> Iterator[Running]:
    """Connect to the database and give everything that answers requests; the connections close after the block."""
    client = connect(uri)
    try:
        store = TenantStore(client, settings.tenant)
        store.ensure_indexes()
        services = build_services(_context(settings, store))
        app = create_app(services, _api_settings(settings))
        _tune_garbage_collection()
        yield Running(settings=settings, store=store, services=services, app=app)
    finally:
        client.close()


def _context(settings: Settings, store: TenantStore) -> Context:
    """Return what the services of the settings' tenant work with."""
    return Context(
        versions=store.versions,
        templates=store.templates,
        queries=store.queries,
        access_log=store.access_log,
        system_id=settings.system_id,
    )


def _api_settings(settings: Settings) -> ApiSettings:
    """Return the settings of the HTTP interface."""
    return ApiSettings(
        auth=settings.auth,
        tenant=settings.tenant,
        max_body_bytes=settings.max_body_mb * 1024 * 1024,
    )


def _tune_garbage_collection() -> None:
    """Keep the collector away from what lives as long as the process, and from bulk decoding."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
