"""Putting the pieces together: settings in, a running repository out.

`database` owns the embedded mongod (or passes the address of another one on), `build` connects and makes the services
and the application. `kilde serve` calls both, its workers only `build`, tests and commands on the store either.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import FastAPI

from aql.values import ValueRules
from cdr import __version__
from cdr.api.app import create_app
from cdr.api.auth import Authenticator, BasicLogin, FixedCaller
from cdr.api.roles import Role
from cdr.api.settings import ApiSettings
from cdr.config import AuthMode, NationalCopies, SettingError, Settings
from cdr.formats.flat import DIALECTS
from cdr.identity import Caller
from cdr.ports import UserStore
from cdr.rm.catalog import CATALOG
from cdr.services.context import Context
from cdr.services.kernel import Services, build_services
from cdr.services.query import QueryService
from cdr.services.query_units import UcumUnits
from cdr.services.receive.kernel import build_receiving
from cdr.services.receive.recovery import Watch
from cdr.store.access_queue import QueuedAccessLog
from cdr.store.client import connect
from cdr.store.control import MongoUserStore
from cdr.store.embedded import EmbeddedMongo, running_uri
from cdr.store.query_gates import Gates
from cdr.store.query_stream import RowStreams
from cdr.store.runner import QueryRunner, RunLimits
from cdr.store.tenant import TenantStore
from cdr.terminology.fhir import FhirTerminology, WhenDown
from cdr.terminology.local import bundled_terminology
from cdr.terminology.service import TerminologyService
from cdr.terminology.transport import ServerSettings

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
    with EmbeddedMongo(settings.data_folder(), cache_gb=settings.cache_gb, mongod=settings.mongod) as mongo:
        _begin(settings, uri=mongo.uri)
        yield mongo.uri


def _begin(settings: Settings, *, uri: str) -> None:
    """End what an owner of the embedded database that died had taken for itself: nobody else can be at work now."""
    client = connect(uri)
    try:
        TenantStore(client, settings.tenant, zone=_zone(settings)).receipts.void_leases()
    finally:
        client.close()


def prepare(settings: Settings, *, uri: str) -> None:
    """Make what the database lacks, once, before several processes use it."""
    client = connect(uri)
    try:
        TenantStore(client, settings.tenant, zone=_zone(settings)).ensure_indexes()
        MongoUserStore(client).ensure_indexes()
    finally:
        client.close()


@contextmanager
def user_store(settings: Settings) -> Iterator[UserStore]:
    """Give the store of users, through the server that owns the data folder where one is running."""
    with tenant_store(settings) as store:
        users = MongoUserStore(store.client)
        users.ensure_indexes()
        yield users


@contextmanager
def tenant_store(settings: Settings) -> Iterator[TenantStore]:
    """Give the tenant's store, through the server that owns the data folder where one is running."""
    with _shared_database(settings) as uri:
        client = connect(uri)
        try:
            yield TenantStore(client, settings.tenant, zone=_zone(settings))
        finally:
            client.close()


@contextmanager
def _shared_database(settings: Settings) -> Iterator[str]:
    """Give the URI of the database, which another process of this user may own already."""
    running = None if settings.mongo_uri else running_uri(settings.data_folder())
    if running is not None:
        yield running
        return
    with database(settings) as uri:
        yield uri


@contextmanager
def build(settings: Settings, *, uri: str) -> Iterator[Running]:
    """Connect to the database and give everything that answers requests; the connections close after the block."""
    with closing(connect(uri)) as client, ExitStack() as stack:
        store = TenantStore(client, settings.tenant, zone=_zone(settings))
        store.ensure_indexes()
        accesses = QueuedAccessLog(store.access_log)
        stack.callback(accesses.close)
        terminology = _terminology(settings)
        context = _context(settings, store, terminology, accesses=accesses)
        receiving = build_receiving(context, store.receipts, folder=settings.mappings)
        services = build_services(context, query=_queries(settings, store, context, terminology), receiving=receiving)
        if settings.shipped_content:
            services.content.load_all(Caller(tenant=settings.tenant, person="kilde", role=Role.ADMIN))
        app = create_app(services, _api_settings(settings), authenticator=_authenticator(settings, store))
        _tune_garbage_collection()
        watch = Watch(receiving.messages)
        watch.start()
        try:
            yield Running(settings=settings, store=store, services=services, app=app)
        finally:
            watch.stop()


def _context(
    settings: Settings, store: TenantStore, terminology: TerminologyService, *, accesses: QueuedAccessLog
) -> Context:
    """Return what the services of the settings' tenant work with."""
    return Context(
        versions=store.versions,
        compositions=store.compositions,
        templates=store.templates,
        archetypes=store.archetypes,
        queries=store.queries,
        access_log=accesses,
        system_id=settings.system_id,
        terminology=terminology,
        flat_dialect=DIALECTS[settings.flat_dialect],
        registered_only=settings.registered_only,
        refuses_unmarked_copies=settings.national_copies is NationalCopies.REFUSE,
    )


def _zone(settings: Settings) -> ZoneInfo:
    """Return the tenant's time zone: the one of stored index values and of queries alike."""
    try:
        return ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingError("expected the name of a time zone for --time-zone (KILDE_TIME_ZONE)") from None


def _terminology(settings: Settings) -> TerminologyService:
    """Return what resolves value sets outside the templates."""
    if settings.terminology_url is None:
        return bundled_terminology()
    token = settings.terminology_token
    server = ServerSettings(
        base_url=settings.terminology_url,
        timeout=settings.terminology_seconds,
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    return FhirTerminology(server, when_down=WhenDown(settings.terminology_when_down))


def _queries(settings: Settings, store: TenantStore, context: Context, terminology: TerminologyService) -> QueryService:
    """Return the service that answers AQL."""
    zone = _zone(settings)
    limits = RunLimits(seconds=settings.query_seconds)
    gates = Gates(is_writing=store.versions.is_writing)
    blobs = store.versions.blobs
    runner = QueryRunner(store.database, blobs=blobs, catalog=CATALOG, limits=limits, gates=gates)
    seconds = settings.query_stream_seconds
    source = RowStreams(store.database, blobs=blobs, catalog=CATALOG, seconds=seconds, gates=gates)
    rules = ValueRules(zone=zone, units=UcumUnits())
    return QueryService(context, runner, zone=zone, rules=rules, terminology=terminology, row_source=source)


def _api_settings(settings: Settings) -> ApiSettings:
    """Return the settings of the HTTP interface."""
    return ApiSettings(
        auth=settings.auth,
        tenant=settings.tenant,
        base_path=settings.base_path.rstrip("/"),
        etag=settings.etag,
        query_list=settings.query_list,
        max_body_bytes=settings.max_body_mb * 1024 * 1024,
        max_bulk_bytes=settings.max_bulk_mb * 1024 * 1024,
        body_timeout=settings.body_seconds,
        commit_threads=settings.commit_threads,
        read_threads=settings.read_threads,
        query_threads=settings.query_threads,
        query_streams=settings.query_streams,
        cors_origins=settings.cors_origins,
        forwarded_hosts=settings.forwarded_hosts,
        has_admin=settings.admin,
        has_ecis=settings.ecis,
        shown=settings.shown(redacted=True),
        time_zone=settings.time_zone,
        version=__version__,
    )


def _authenticator(settings: Settings, store: TenantStore) -> Authenticator:
    """Return how callers say who they are; `SettingError` for a way that is not offered yet."""
    if settings.auth is AuthMode.NONE:
        return FixedCaller(settings.tenant)
    if settings.auth is AuthMode.BASIC:
        users = MongoUserStore(store.client)
        users.ensure_indexes()
        return BasicLogin(users, tenant=settings.tenant, realm=_api_settings(settings).realm)
    raise SettingError("expected none or basic for --auth (KILDE_AUTH): oidc is not offered yet")


def _tune_garbage_collection() -> None:
    """Keep the collector away from what lives as long as the process, and from bulk decoding."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
