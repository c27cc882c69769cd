"""Contributions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import rm_object, written
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.media import CANONICAL, FORMATS, Media, accepted, sent
from cdr.services.committing import contribution_uid_of
from cdr.services.history import contribution_object
from cdr.services.representation import encode_object

router = APIRouter(tags=["CONTRIBUTION"])


@router.post("/ehr/{ehr_id}/contribution", status_code=201)
async def create_contribution(request: Request, ehr_id: str) -> Response:
    """Store versions of any kind, all or none; the contribution's uid or an Idempotency-Key makes it safe to repeat."""
    media = accepted(request, CANONICAL)
    sent(request, (Media.JSON,))
    body, caller = await body_of(request), caller_of(request)
    key = request.headers.get("idempotency-key")
    uid = contribution_uid_of(caller, ehr_id, key) if key else None
    service = services_of(request).contribution
    record = await run(request, Work.COMMIT, service.create, caller, ehr_id, content=body, contribution_uid=uid)
    return written(
        request,
        uid=record.uid,
        time=record.time_committed,
        segments=("ehr", ehr_id, "contribution", record.uid),
        is_new=True,
        media=media,
        represent=lambda: encode_object(contribution_object(record), FORMATS[media]),
    )


@router.get("/ehr/{ehr_id}/contribution/{contribution_uid}")
async def read_contribution(request: Request, ehr_id: str, contribution_uid: str) -> Response:
    """Read a contribution: its audit and the uids of its versions."""
    media = accepted(request, CANONICAL)
    service = services_of(request).contribution
    record = await run(request, Work.READ, service.read, caller_of(request), ehr_id, contribution_uid=contribution_uid)
    return rm_object(request, contribution_object(record), media, uid=record.uid, time=record.time_committed)
