"""The directory of an EHR."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import content, deleted, written
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.headers import at_time, committal, etag, if_match
from cdr.api.media import CANONICAL, FORMATS, accepted, sent
from cdr.errors import Deleted
from cdr.services.representation import Body, encode
from cdr.versioning.model import VersionRecord

router = APIRouter(tags=["DIRECTORY"])


@router.post("/ehr/{ehr_id}/directory", status_code=201)
async def create_directory(request: Request, ehr_id: str) -> Response:
    """Store the directory of an EHR that has none."""
    accepted(request, CANONICAL)
    said = committal(request)
    body = Body(format=FORMATS[sent(request, CANONICAL)], content=await body_of(request))
    service = services_of(request).directory
    record = await run(request, Work.COMMIT, service.create, caller_of(request), ehr_id, body=body, said=said)
    return _written(request, ehr_id, record, is_new=True)


@router.put("/ehr/{ehr_id}/directory")
async def update_directory(request: Request, ehr_id: str) -> Response:
    """Store the next version of the directory; If-Match names the one before."""
    accepted(request, CANONICAL)
    said, preceding = committal(request), if_match(request)
    body = Body(format=FORMATS[sent(request, CANONICAL)], content=await body_of(request))
    service = services_of(request).directory
    record = await run(
        request, Work.COMMIT, service.update, caller_of(request), ehr_id, preceding_uid=preceding, body=body, said=said
    )
    return _written(request, ehr_id, record, is_new=False)


@router.delete("/ehr/{ehr_id}/directory", status_code=204)
async def delete_directory(request: Request, ehr_id: str) -> Response:
    """Delete the directory logically; If-Match names the version before."""
    said, preceding = committal(request), if_match(request)
    service = services_of(request).directory
    record = await run(
        request, Work.COMMIT, service.delete, caller_of(request), ehr_id, preceding_uid=preceding, said=said
    )
    return deleted(request, record)


@router.get("/ehr/{ehr_id}/directory")
async def read_directory(request: Request, ehr_id: str, version_at_time: str = "", path: str = "") -> Response:
    """Read the newest directory, or the newest at a time, or one folder of it; 204 when it is deleted."""
    return await _read(request, ehr_id, None, path)


@router.get("/ehr/{ehr_id}/directory/{version_uid}")
async def read_directory_version(request: Request, ehr_id: str, version_uid: str, path: str = "") -> Response:
    """Read one version of the directory, or one folder of it."""
    return await _read(request, ehr_id, version_uid, path)


async def _read(request: Request, ehr_id: str, version_uid: str | None, path: str) -> Response:
    media = accepted(request, CANONICAL)
    at = at_time(request) if version_uid is None else None
    service = services_of(request).directory
    try:
        record = await run(
            request, Work.READ, service.read, caller_of(request), ehr_id, version_uid=version_uid, at=at, path=path
        )
    except Deleted as gone:
        return Response(status_code=204, headers={"ETag": etag(request, gone.version_uid)})
    body = encode(record.content or b"", FORMATS[media])
    return content(request, body, media, uid=record.uid, time=record.time_committed)


def _written(request: Request, ehr_id: str, record: VersionRecord, *, is_new: bool) -> Response:
    media = accepted(request, CANONICAL)
    return written(
        request,
        uid=record.uid,
        time=record.time_committed,
        segments=("ehr", ehr_id, "directory", record.uid),
        is_new=is_new,
        media=media,
        represent=lambda: encode(record.content or b"", FORMATS[media]),
    )
