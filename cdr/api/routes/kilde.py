"""Kilde's own resources: bulk commit, validation without commit, listing of EHRs, the access log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, caller_of, chunks_of, run, services_of, settings_of
from cdr.api.errors import issue_body, spelled
from cdr.api.media import Media, sent
from cdr.api.routes.composition import body_with_template
from cdr.errors import BadParameter, TooLarge
from cdr.services.bulk import BulkReport, RefusedLine

router = APIRouter(tags=["KILDE"])
_BATCH = 200


@router.post("/validate/composition")
async def validate_composition(request: Request, draft: str = "false") -> Response:
    """Say everything that would be wrong with a composition if it were committed; nothing is stored."""
    body = await body_with_template(request)
    service = services_of(request).composition
    is_draft = draft.lower() == "true"
    report = await run(request, Work.READ, service.validate, caller_of(request), body=body, is_draft=is_draft)
    issues = [issue_body(issue) for issue in report.issues]
    return json_answer({"valid": not any("severity" not in issue for issue in issues), "errors": issues})


@router.post("/bulk/composition")
async def bulk_compositions(request: Request) -> Response:
    """Store compositions sent as NDJSON, a line `{"ehr_id", "composition"}` each; report every refused line."""
    sent(request, (Media.NDJSON, Media.JSON))
    caller, service = caller_of(request), services_of(request).bulk
    stored: list[tuple[int, str]] = []
    contributions: list[str] = []
    refused: list[RefusedLine] = []
    line = 1
    async for lines in _batches(request):
        report: BulkReport = await run(request, Work.COMMIT, service.load, caller, lines=lines, first_line=line)
        stored.extend(report.stored)
        contributions.extend(report.contributions)
        refused.extend(report.refused)
        line += len(lines)
    body = {
        "stored": len(stored),
        "refused": len(refused),
        "contributions": len(contributions),
        "versions": [{"line": number, "uid": uid} for number, uid in stored],
        "errors": [_refused(one) for one in refused],
    }
    return json_answer(body)


@router.get("/ehr")
async def list_ehrs(request: Request, after: str = "", limit: str = "100") -> Response:
    """List EHR ids in order, a page at a time."""
    service = services_of(request).ehr
    size = page_size(request, limit)
    ids = await run(request, Work.READ, service.ids, caller_of(request), after=after or None, limit=size)
    return json_answer({"ehr_ids": ids, "next": ids[-1] if len(ids) == size else None})


@router.get("/access-log")
async def read_access_log(request: Request, ehr_id: str = "", limit: str = "100") -> Response:
    """List the newest accesses, to one EHR or to all."""
    log = services_of(request).context.access_log
    size = page_size(request, limit)
    entries = await run(request, Work.READ, lambda: list(log.entries(ehr_id=ehr_id or None, limit=size)))
    return Response(msgspec.json.encode({"entries": entries}, enc_hook=str), media_type=Media.JSON)


def page_size(request: Request, text: str) -> int:
    """Return the size of a page; `BadParameter` when it is no number within the limits."""
    most = settings_of(request).max_page
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 0 < int(text) <= most:
        raise BadParameter(f"limit is a number from 1 to {most}", code="LIMIT")
    return int(text)


async def _batches(request: Request) -> AsyncIterator[list[bytes]]:
    """Yield the lines of the body as they come in, a batch at a time; blank lines count."""
    settings = settings_of(request)
    rest, size = b"", 0
    lines: list[bytes] = []
    async for chunk in chunks_of(request):
        size += len(chunk)
        if size > settings.max_bulk_bytes or len(rest) > settings.max_body_bytes:
            raise TooLarge(f"at most {settings.max_bulk_bytes} bytes, {settings.max_body_bytes} a line, are accepted")
        *whole, rest = (rest + chunk).split(b"\n")
        lines.extend(whole)
        while len(lines) >= _BATCH:
            yield lines[:_BATCH]
            lines = lines[_BATCH:]
    if rest:
        lines.append(rest)
    if lines:
        yield lines


def _refused(one: RefusedLine) -> dict[str, object]:
    return {
        "line": one.line,
        "message": one.error.message,
        "code": spelled(one.error.code),
        "errors": [issue_body(issue) for issue in one.error.issues],
    }
