"""What the server says about itself: status, health, metrics, options."""

from __future__ import annotations

from xml.sax.saxutils import escape

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from cdr.api.answers import json_answer
from cdr.api.deps import services_of, settings_of
from cdr.api.errors import RETRY_AFTER, error_response
from cdr.api.media import CANONICAL, Media, accepted
from cdr.api.metrics import Metrics
from cdr.api.openapi import described
from cdr.errors import StoreUnavailable
from cdr.identity import AccessFilter

router = APIRouter(tags=["SYSTEM"])
_READY_WITHIN = 3.0
_ENDPOINTS = ["/ehr", "/definition", "/query", "/admin"]


@router.get("/rest/status")
async def status(request: Request) -> Response:
    """Say which server this is, with the compatibility version that older clients look for."""
    settings = settings_of(request)
    facts = {
        "solution": "Kilde",
        "solution_version": settings.version,
        "openehr_rest_api_version": "1.1.0",
        "openehr_rm_version": "1.1.0",
        "ehrbase_version": settings.ehrbase_version,
        "system_id": services_of(request).context.system_id,
    }
    if accepted(request, CANONICAL) is Media.JSON:
        return json_answer(facts)
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in facts.items())
    return Response(f"<status>{inner}</status>", media_type=Media.XML)


@router.get("/rest/kilde/v1/openapi.json")
async def openapi(request: Request) -> Response:
    """Give the OpenAPI description of this server."""
    return json_answer(described(request.app))


@router.get("/health/live")
async def live(request: Request) -> Response:
    """Say that the process answers."""
    return json_answer({"status": "UP"})


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """Say whether requests can be served: the database answers."""
    if await _answers(request):
        return json_answer({"status": "UP"})
    return error_response(
        503, "the database does not answer", code="STORE_UNAVAILABLE", headers={"Retry-After": RETRY_AFTER}
    )


@router.get("/management/health")
async def health(request: Request) -> Response:
    """Say whether the process and its database answer."""
    up = await _answers(request)
    word = "UP" if up else "DOWN"
    return json_answer({"status": word, "components": {"db": {"status": word}}}, status=200 if up else 503)


@router.get("/management/info")
async def info(request: Request) -> Response:
    """Say which build this is."""
    settings = settings_of(request)
    return json_answer({"build": {"name": "kilde", "version": settings.version}})


@router.get("/management/env")
async def env(request: Request) -> Response:
    """Give the settings that the server runs with; secrets are hidden."""
    sources = [
        {"name": "kilde", "properties": {name: {"value": text} for name, text in settings_of(request).shown.items()}}
    ]
    return json_answer({"activeProfiles": [], "propertySources": sources})


@router.get("/management/metrics")
async def metrics(request: Request) -> Response:
    """List the names of the metrics."""
    measured: Metrics = request.app.state.metrics
    return json_answer({"names": measured.names()})


@router.get("/management/prometheus")
async def prometheus(request: Request) -> Response:
    """Give all metrics in the text format of Prometheus."""
    measured: Metrics = request.app.state.metrics
    return Response(measured.text(), media_type=CONTENT_TYPE_LATEST)


async def options(request: Request) -> Response:
    """Say what this server offers.

    Source: ITS-REST 1.1.0, System API.
    """
    settings = settings_of(request)
    answer = json_answer(
        {
            "solution": "Kilde",
            "solution_version": settings.version,
            "vendor": "Kilde",
            "restapi_specs_version": "1.1.0",
            "conformance_profile": "STANDARD",
            "endpoints": _ENDPOINTS,
        }
    )
    answer.headers["Allow"] = "GET, POST, PUT, DELETE, OPTIONS"
    return answer


async def _answers(request: Request) -> bool:
    """Tell whether the database answers soon; in a thread of its own, so that no limiter can hold it up."""
    versions = services_of(request).context.versions

    def look() -> bool:
        try:
            versions.ehr_ids(access=AccessFilter.everything(), limit=1)
        except StoreUnavailable:
            return False
        return True

    with anyio.move_on_after(_READY_WITHIN):
        return await anyio.to_thread.run_sync(look, limiter=anyio.CapacityLimiter(1), abandon_on_cancel=True)
    return False
