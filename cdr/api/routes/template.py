"""Operational templates (ADL 1.4): upload, list, read as OPT or web template."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import content, json_answer, written
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.media import Media, accepted, sent
from cdr.errors import NotSupported
from cdr.ports import TemplateRecord
from cdr.versioning.committal import time_text

router = APIRouter(tags=["TEMPLATE"], prefix="/definition/template")
# JSON and the web template's own type mean the same here: clients ask for either.
_OFFERED = (Media.XML, Media.WEB_TEMPLATE, Media.JSON)


@router.post("/adl1.4", status_code=201)
async def upload_template(request: Request) -> Response:
    """Store an operational template; its id must be new."""
    media = accepted(request, _OFFERED)
    sent(request, (Media.XML,))
    source = await body_of(request)
    services = services_of(request)
    record = await run(request, Work.COMMIT, services.template.upload, caller_of(request), source=source)
    return written(
        request,
        uid=record.template_id,
        time=record.time_created,
        segments=("definition", "template", "adl1.4", record.template_id),
        is_new=True,
        media=media,
        represent=lambda: _rendered(request, record, media),
        name="template_id",
    )


@router.get("/adl1.4")
async def list_templates(request: Request) -> Response:
    """List the templates."""
    accepted(request, (Media.JSON,))
    records = await run(request, Work.READ, services_of(request).template.list, caller_of(request))
    return json_answer([_listed(record) for record in records])


@router.get("/adl1.4/{template_id:path}")
async def read_template(request: Request, template_id: str) -> Response:
    """Read a template: byte for byte as it was uploaded, or as a web template."""
    media = accepted(request, _OFFERED)
    caller, service = caller_of(request), services_of(request).template

    def read() -> tuple[TemplateRecord, bytes]:
        record = service.read(caller, template_id)
        return record, _rendered(request, record, media)

    record, body = await run(request, Work.READ, read)
    return content(request, body, media, uid=record.template_id, time=record.time_created)


@router.api_route("/adl2", methods=["GET", "POST"], status_code=501)
@router.api_route("/adl2/{rest:path}", methods=["GET"], status_code=501)
async def adl2_template(request: Request, rest: str = "") -> Response:
    """Say that ADL 2 templates are not offered."""
    raise NotSupported("ADL 2 templates are not offered; upload the operational template as ADL 1.4", code="ADL2")


def _listed(record: TemplateRecord) -> dict[str, str]:
    return {
        "template_id": record.template_id,
        "concept": record.concept,
        "archetype_id": record.root_archetype,
        "created_timestamp": time_text(record.time_created),
    }


def _rendered(request: Request, record: TemplateRecord, media: Media) -> bytes:
    if media is Media.XML:
        return record.source
    return services_of(request).template.web_template(record)
