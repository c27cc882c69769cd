"""The status of an EHR and its versions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import content, rm_object, written
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.headers import at_time, committal, if_match
from cdr.api.media import CANONICAL, FORMATS, accepted, sent
from cdr.services.history import revision_history, versioned_object
from cdr.services.representation import Body, encode, encode_version
from cdr.versioning.model import ObjectKind

router = APIRouter(tags=["EHR_STATUS"])
KIND = ObjectKind.EHR_STATUS


@router.get("/ehr/{ehr_id}/ehr_status")
async def read_ehr_status(request: Request, ehr_id: str, version_at_time: str = "") -> Response:
    """Read the newest status, or the newest at a time."""
    media = accepted(request, CANONICAL)
    service = services_of(request).ehr_status
    record = await run(request, Work.READ, service.read, caller_of(request), ehr_id, at=at_time(request))
    body = encode(record.content or b"", FORMATS[media])
    return content(request, body, media, uid=record.uid, time=record.time_committed)


@router.put("/ehr/{ehr_id}/ehr_status")
async def update_ehr_status(request: Request, ehr_id: str) -> Response:
    """Store the next version of the status; If-Match names the one before."""
    media, kind, said = accepted(request, CANONICAL), sent(request, CANONICAL), committal(request)
    preceding = if_match(request)
    body = Body(content=await body_of(request), format=FORMATS[kind])
    service = services_of(request).ehr_status
    record = await run(
        request, Work.COMMIT, service.update, caller_of(request), ehr_id, preceding_uid=preceding, body=body, said=said
    )
    return written(
        request,
        uid=record.uid,
        time=record.time_committed,
        segments=("ehr", ehr_id, "ehr_status", record.uid),
        is_new=False,
        media=media,
        represent=lambda: encode(record.content or b"", FORMATS[media]),
    )


@router.get("/ehr/{ehr_id}/ehr_status/{version_uid}")
async def read_ehr_status_version(request: Request, ehr_id: str, version_uid: str) -> Response:
    """Read one version of the status."""
    media = accepted(request, CANONICAL)
    service = services_of(request).ehr_status
    record = await run(request, Work.READ, service.read_version, caller_of(request), ehr_id, version_uid=version_uid)
    body = encode(record.content or b"", FORMATS[media])
    return content(request, body, media, uid=record.uid, time=record.time_committed)


@router.get("/ehr/{ehr_id}/versioned_ehr_status")
async def read_versioned_ehr_status(request: Request, ehr_id: str) -> Response:
    """Read the container of the status's versions."""
    media = accepted(request, CANONICAL)
    service = services_of(request).history
    head = await run(request, Work.READ, service.container, caller_of(request), ehr_id, kind=KIND)
    return rm_object(request, versioned_object(head), media, uid=head.object_id, time=head.time_created)


@router.get("/ehr/{ehr_id}/versioned_ehr_status/revision_history")
async def read_ehr_status_history(request: Request, ehr_id: str) -> Response:
    """Read the audits of all versions of the status."""
    media = accepted(request, CANONICAL)
    service = services_of(request).history
    versions = await run(request, Work.READ, service.revisions, caller_of(request), ehr_id, kind=KIND)
    newest = versions[-1]
    return rm_object(request, revision_history(versions), media, uid=newest.uid, time=newest.time_committed)


@router.get("/ehr/{ehr_id}/versioned_ehr_status/version")
async def read_ehr_status_version_at(request: Request, ehr_id: str, version_at_time: str = "") -> Response:
    """Read the newest version of the status as a version, or the newest at a time."""
    return await _version(request, ehr_id, None)


@router.get("/ehr/{ehr_id}/versioned_ehr_status/version/{version_uid}")
async def read_ehr_status_as_version(request: Request, ehr_id: str, version_uid: str) -> Response:
    """Read one version of the status as a version."""
    return await _version(request, ehr_id, version_uid)


async def _version(request: Request, ehr_id: str, version_uid: str | None) -> Response:
    media = accepted(request, CANONICAL)
    at = at_time(request) if version_uid is None else None
    service = services_of(request).history
    record = await run(
        request, Work.READ, service.version, caller_of(request), ehr_id, kind=KIND, version_uid=version_uid, at=at
    )
    return content(request, encode_version(record, FORMATS[media]), media, uid=record.uid, time=record.time_committed)
