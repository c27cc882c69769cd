"""Archetypes (ADL 1.4): upload, list, read byte for byte, remove."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.ports import ArchetypeRecord

router = APIRouter(tags=["ARCHETYPE"])
_MOST = 5_000_000


@router.post("/archetype", status_code=201)
async def upload_archetype(request: Request) -> Response:
    """Store an archetype; the body is its ADL in UTF-8."""
    source = await body_of(request, limit=_MOST)
    service = services_of(request).archetype
    record = await run(request, Work.COMMIT, service.upload, caller_of(request), source=source)
    return json_answer(_row(record), status=201)


@router.get("/archetype")
async def list_archetypes(request: Request) -> Response:
    """List the archetypes by id."""
    records = await run(request, Work.READ, services_of(request).archetype.list, caller_of(request))
    return json_answer([_row(record) for record in records])


@router.get("/archetype/{archetype_id}")
async def read_archetype(request: Request, archetype_id: str) -> Response:
    """Read an archetype as it was uploaded."""
    record = await run(request, Work.READ, services_of(request).archetype.read, caller_of(request), archetype_id)
    return Response(record.source, media_type="text/plain; charset=utf-8")


@router.delete("/archetype/{archetype_id}", status_code=204)
async def remove_archetype(request: Request, archetype_id: str) -> Response:
    """Remove an archetype; templates that were compiled from it stay as they are."""
    await run(request, Work.COMMIT, services_of(request).archetype.remove, caller_of(request), archetype_id)
    return Response(status_code=204)


def _row(record: ArchetypeRecord) -> dict[str, object]:
    return {
        "archetype_id": record.archetype_id,
        "concept": record.concept,
        "languages": list(record.languages),
        "created_timestamp": record.time_created.isoformat(),
    }
