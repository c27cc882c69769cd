"""From one version of a template to the next: what changes, what stored data says to it, and deprecation."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from cdr.am.change import worst
from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.media import Media, sent
from cdr.api.routes.kilde import page_size
from cdr.errors import BadParameter

router = APIRouter(tags=["TEMPLATE"])


@router.post("/template/diff")
async def compare_template(request: Request) -> Response:
    """Say what a new version of a template (in the body) changes against the one that is here; nothing is stored."""
    sent(request, (Media.XML,))
    service = services_of(request).rollout
    changes = await run(request, Work.READ, service.changes, caller_of(request), source=await body_of(request))
    rows = [
        {
            "change": change.kind.name.lower(),
            "path": change.path,
            "label": change.label,
            "before": change.before,
            "after": change.after,
            "data": change.data,
            "flat": change.flat,
            "queries": change.queries,
            "meaning": change.kind.meaning,
        }
        for change in changes
    ]
    verdict = {
        "data": worst([change.data for change in changes]),
        "flat": worst([change.flat for change in changes]),
        "queries": worst([change.queries for change in changes]),
    }
    return json_answer({"verdict": verdict, "changes": rows})


@router.post("/template/check")
async def check_template(request: Request, after: str = "", limit: str = "50", sample: str = "") -> Response:
    """Validate stored compositions against a new version of their template (in the body), a page of EHRs at a time."""
    sent(request, (Media.XML,))
    if sample and not (sample.isascii() and sample.isdigit() and len(sample) < 10):
        raise BadParameter("sample is a whole number", code="SAMPLE")
    service = services_of(request).rollout
    page = await run(
        request,
        Work.QUERY,
        service.check,
        caller_of(request),
        source=await body_of(request),
        after=after or None,
        limit=page_size(request, limit),
        sample=int(sample) if sample else None,
    )
    return json_answer(asdict(page))


@router.put("/template/{template_id:path}/deprecated")
async def deprecate_template(request: Request, template_id: str) -> Response:
    """Let a template take no new data; what is stored under it stays and can be corrected."""
    return await _deprecate(request, template_id, is_deprecated=True)


@router.delete("/template/{template_id:path}/deprecated")
async def restore_template(request: Request, template_id: str) -> Response:
    """Let a deprecated template take new data again."""
    return await _deprecate(request, template_id, is_deprecated=False)


async def _deprecate(request: Request, template_id: str, *, is_deprecated: bool) -> Response:
    service = services_of(request).rollout
    caller = caller_of(request)
    record = await run(request, Work.COMMIT, service.deprecate, caller, template_id, is_deprecated=is_deprecated)
    return json_answer({"template_id": record.template_id, "deprecated": record.is_deprecated})
