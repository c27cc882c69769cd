"""Administration: physical deletion of EHRs, replacing and removing templates. The role table says who may."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.media import Media, sent

router = APIRouter(tags=["ADMIN"])


@router.get("/status")
async def admin_status(request: Request) -> Response:
    """Say that the administration interface is on."""
    return json_answer({"status": "active"})


@router.delete("/ehr/all", status_code=204)
async def purge_ehrs(request: Request) -> Response:
    """Delete EHRs physically: those that `ehr_id` names (it may be repeated), or all."""
    ids = [one for given in request.query_params.getlist("ehr_id") for one in given.split(",") if one]
    await run(request, Work.COMMIT, services_of(request).admin.purge_ehrs, caller_of(request), ids)
    return Response(status_code=204)


@router.delete("/ehr/{ehr_id}", status_code=204)
async def purge_ehr(request: Request, ehr_id: str) -> Response:
    """Delete an EHR physically with all that belongs to it."""
    await run(request, Work.COMMIT, services_of(request).admin.purge_ehr, caller_of(request), ehr_id)
    return Response(status_code=204)


@router.put("/template/{template_id:path}")
async def replace_template(request: Request, template_id: str) -> Response:
    """Replace a template by a new version; refused with every breaking change when data uses it."""
    sent(request, (Media.XML,))
    source = await body_of(request)
    service = services_of(request).template
    record = await run(request, Work.COMMIT, service.replace, caller_of(request), template_id, source=source)
    return Response(record.source, media_type=Media.XML)


@router.delete("/template/all")
async def remove_templates(request: Request) -> Response:
    """Remove all templates that no data uses."""
    removed = await run(request, Work.COMMIT, services_of(request).template.remove_all, caller_of(request))
    return json_answer({"deleted": removed})


@router.delete("/template/{template_id:path}")
async def remove_template(request: Request, template_id: str) -> Response:
    """Remove a template that no data uses."""
    await run(request, Work.COMMIT, services_of(request).template.remove, caller_of(request), template_id)
    return Response(status_code=200)
