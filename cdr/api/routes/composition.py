"""Compositions and the versions behind them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import content, deleted, rm_object, written
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.headers import at_time, committal, etag, header_text, if_match
from cdr.api.media import CANONICAL, CONTENT, FORMATS, accepted, sent
from cdr.errors import Deleted
from cdr.services.history import revision_history, versioned_object
from cdr.services.representation import Body, encode_composition, encode_version
from cdr.versioning.model import ObjectKind, VersionRecord

router = APIRouter(tags=["COMPOSITION"])
KIND = ObjectKind.COMPOSITION


@router.post("/ehr/{ehr_id}/composition", status_code=201)
async def create_composition(request: Request, ehr_id: str) -> Response:
    """Store a new composition; an Idempotency-Key makes it safe to send again."""
    accepted(request, CONTENT)
    said = committal(request)
    body = await body_with_template(request)
    service = services_of(request).composition
    key = request.headers.get("idempotency-key")
    record = await run(request, Work.COMMIT, service.create, caller_of(request), ehr_id, body=body, said=said, key=key)
    return await _written(request, record, is_new=True)


@router.get("/ehr/{ehr_id}/composition/{uid_based_id}")
async def read_composition(request: Request, ehr_id: str, uid_based_id: str, version_at_time: str = "") -> Response:
    """Read a version by its uid, or the newest by the id of the versioned composition; 204 when it is deleted."""
    media, at = accepted(request, CONTENT), at_time(request)
    services = services_of(request)

    def read() -> tuple[VersionRecord, bytes]:
        record = services.composition.read(caller_of(request), ehr_id, uid_based_id=uid_based_id, at=at)
        return record, encode_composition(services.context, record, FORMATS[media])

    try:
        record, body = await run(request, Work.READ, read)
    except Deleted as gone:
        return Response(status_code=204, headers={"ETag": etag(request, gone.version_uid)})
    return content(request, body, media, uid=record.uid, time=record.time_committed)


@router.put("/ehr/{ehr_id}/composition/{uid_based_id}")
async def update_composition(request: Request, ehr_id: str, uid_based_id: str) -> Response:
    """Store the next version of a composition; If-Match names the one before."""
    accepted(request, CONTENT)
    said, preceding = committal(request), if_match(request)
    body = await body_with_template(request)
    service = services_of(request).composition
    record = await run(
        request,
        Work.COMMIT,
        service.update,
        caller_of(request),
        ehr_id,
        object_id=uid_based_id,
        preceding_uid=preceding,
        body=body,
        said=said,
    )
    return await _written(request, record, is_new=False)


@router.delete("/ehr/{ehr_id}/composition/{uid_based_id}", status_code=204)
async def delete_composition(request: Request, ehr_id: str, uid_based_id: str) -> Response:
    """Delete a composition logically; the path names the version before."""
    said = committal(request)
    service = services_of(request).composition
    record = await run(
        request, Work.COMMIT, service.delete, caller_of(request), ehr_id, preceding_uid=uid_based_id, said=said
    )
    return deleted(request, record)


@router.get("/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}")
async def read_versioned_composition(request: Request, ehr_id: str, versioned_object_uid: str) -> Response:
    """Read the container of a composition's versions."""
    media = accepted(request, CANONICAL)
    service = services_of(request).history
    head = await run(
        request, Work.READ, service.container, caller_of(request), ehr_id, kind=KIND, object_id=versioned_object_uid
    )
    return rm_object(request, versioned_object(head), media, uid=head.object_id, time=head.time_created)


@router.get("/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}/revision_history")
async def read_composition_history(request: Request, ehr_id: str, versioned_object_uid: str) -> Response:
    """Read the audits of all versions of a composition."""
    media = accepted(request, CANONICAL)
    service = services_of(request).history
    versions = await run(
        request, Work.READ, service.revisions, caller_of(request), ehr_id, kind=KIND, object_id=versioned_object_uid
    )
    newest = versions[-1]
    return rm_object(request, revision_history(versions), media, uid=newest.uid, time=newest.time_committed)


@router.get("/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}/version")
async def read_composition_version_at(
    request: Request, ehr_id: str, versioned_object_uid: str, version_at_time: str = ""
) -> Response:
    """Read the newest version of a composition as a version, or the newest at a time."""
    return await _version(request, ehr_id, versioned_object_uid, None)


@router.get("/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}/version/{version_uid}")
async def read_composition_version(
    request: Request, ehr_id: str, versioned_object_uid: str, version_uid: str
) -> Response:
    """Read one version of a composition as a version."""
    return await _version(request, ehr_id, versioned_object_uid, version_uid)


async def body_with_template(request: Request) -> Body:
    """Return the body of a request that brings a composition, with the template that the request names beside it."""
    kind = sent(request, CONTENT)
    template_id = (
        header_text(request.headers.get("openehr-template-id") or request.headers.get("openehr-template_id") or "")
        or request.query_params.get("templateId")
        or request.query_params.get("template_id")
    )
    return Body(content=await body_of(request), format=FORMATS[kind], template_id=template_id)


async def _version(request: Request, ehr_id: str, object_id: str, version_uid: str | None) -> Response:
    media = accepted(request, CANONICAL)
    at = at_time(request) if version_uid is None else None
    service = services_of(request).history
    record = await run(
        request,
        Work.READ,
        service.version,
        caller_of(request),
        ehr_id,
        kind=KIND,
        object_id=object_id,
        version_uid=version_uid,
        at=at,
    )
    return content(request, encode_version(record, FORMATS[media]), media, uid=record.uid, time=record.time_committed)


async def _written(request: Request, record: VersionRecord, *, is_new: bool) -> Response:
    media = accepted(request, CONTENT)
    context = services_of(request).context
    return written(
        request,
        uid=record.uid,
        time=record.time_committed,
        segments=("ehr", record.ehr_id or "", "composition", record.uid),
        is_new=is_new,
        media=media,
        represent=lambda: encode_composition(context, record, FORMATS[media]),
    )
