"""A whole server for tests, without a socket: the application over a real store, and what to send it."""

from __future__ import annotations

import copy
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import uvicorn
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

from aql.values import ValueRules
from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.identity import SystemClock
from cdr.rm.catalog import CATALOG
from cdr.services.context import Context
from cdr.services.kernel import Services, build_services
from cdr.services.query import QueryService
from cdr.services.query_units import UcumUnits
from cdr.services.receive.kernel import build_receiving
from cdr.store.query_stream import RowStreams
from cdr.store.runner import QueryRunner
from cdr.store.tenant import TenantStore
from cli.demo.residents import residents
from cli.demo.vitals import compositions

BASE = "/rest/openehr/v1"
SYSTEM_ID = "test.kilde"
# JSON documents are built and looked into by hand in tests.
Json = dict[str, Any]


def services_over(store: TenantStore) -> Services:
    """Return the services over a store, with the real clock and random uids."""
    context = Context(
        versions=store.versions,
        compositions=store.compositions,
        templates=store.templates,
        archetypes=store.archetypes,
        queries=store.queries,
        access_log=store.access_log,
        system_id=SYSTEM_ID,
        clock=SystemClock(),
    )
    receiving = build_receiving(context, store.receipts)
    return build_services(context, query=query_service_over(store, context), receiving=receiving)


def query_service_over(store: TenantStore, context: Context) -> QueryService:
    """Return the service that answers AQL over a store."""
    runner = QueryRunner(store.database, blobs=store.versions.blobs, catalog=CATALOG)
    zone = ZoneInfo("Europe/Oslo")
    source = RowStreams(store.database, blobs=store.versions.blobs, catalog=CATALOG)
    rules = ValueRules(zone=zone, units=UcumUnits())
    return QueryService(context, runner, zone=zone, rules=rules, row_source=source)


class AppTransport(httpx.BaseTransport):
    """Sends requests straight into an ASGI application that runs in an event loop of its own; for many threads."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=("127.0.0.1", 50000))
        self._portal_context = start_blocking_portal()
        self._portal = self._portal_context.__enter__()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the application's whole answer."""
        return self._portal.call(self._answer, request)

    def close(self) -> None:
        """Stop the event loop."""
        self._portal_context.__exit__(None, None, None)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers.raw, content=body)


@contextmanager
def client_over(store: TenantStore, **settings: Any) -> Iterator[httpx.Client]:
    """Give a client of an application over a store; keyword arguments are settings of the interface."""
    with client_of(create_app(services_over(store), ApiSettings(**settings))) as client:
        yield client


@contextmanager
def client_of(app: FastAPI) -> Iterator[httpx.Client]:
    """Give a client of an application."""
    with httpx.Client(transport=AppTransport(app), base_url="http://testserver") as client:
        yield client


TEMPLATE_ID = "no.kommune.vitale_malinger.v1"
_TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "vitale_malinger.opt"
_RESIDENT = next(residents(1, seed=7, contacts=1))


def template_source() -> bytes:
    """Return the project's own template for vital signs as an operational template."""
    return _TEMPLATE.read_bytes()


def composition(**changes: Any) -> Json:
    """Return a valid composition under the template for vital signs, without a uid; keyword arguments replace parts."""
    document = copy.deepcopy(next(iter(compositions(_RESIDENT, seed=7))))
    document.pop("uid", None)
    return {**document, **changes}


def status(subject: str | None = None, /, **changes: Any) -> Json:
    """Return a valid EHR_STATUS, of a subject when one is given; keyword arguments replace parts."""
    party: Json = {"_type": "PARTY_SELF"}
    if subject is not None:
        reference = {"_type": "GENERIC_ID", "value": subject, "scheme": "test"}
        party["external_ref"] = {"_type": "PARTY_REF", "namespace": "residents", "type": "PERSON", "id": reference}
    return {
        "_type": "EHR_STATUS",
        "name": {"_type": "DV_TEXT", "value": "EHR Status"},
        "archetype_node_id": "openEHR-EHR-EHR_STATUS.generic.v1",
        "subject": party,
        "is_queryable": True,
        "is_modifiable": True,
        **changes,
    }


def folder(name: str = "root", *, folders: list[Json] | None = None) -> Json:
    """Return a valid FOLDER."""
    document: Json = {
        "_type": "FOLDER",
        "name": {"_type": "DV_TEXT", "value": name},
        "archetype_node_id": "openEHR-EHR-FOLDER.generic.v1",
    }
    return {**document, "folders": folders} if folders else document


def as_bytes(document: Json) -> bytes:
    """Return a JSON document as a body."""
    return json.dumps(document).encode()


def upload(client: httpx.Client, source: bytes) -> str:
    """Upload a template and return its id."""
    headers = {"content-type": "application/xml", "prefer": "return=identifier", "accept": "application/json"}
    answer = client.post(f"{BASE}/definition/template/adl1.4", content=source, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["template_id"])


def uid_in(answer: httpx.Response) -> str:
    """Return the id in an answer's ETag."""
    return answer.headers["etag"].removeprefix("W/").strip('"')


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Give the address of the application behind a real socket, in a thread of this process."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()
