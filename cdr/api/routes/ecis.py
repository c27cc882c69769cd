"""The interface that came before ITS-REST, for clients that still call it: templates and compositions, nothing else.

Off unless the settings say otherwise. FLAT is its default format; a composition is asked for by its uid alone, and the
EHR is looked up. A change needs to name the version that it builds on, in the address or in If-Match.
"""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response

from cdr.api.answers import content, deleted, json_answer
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.headers import address_below, committal, etag, if_match
from cdr.api.media import FORMATS, Media, accepted, sent
from cdr.errors import BadParameter, Deleted, NotFound
from cdr.formats.flat.example import Detail, Kind
from cdr.services.representation import Body, encode_composition
from cdr.services.template_example import template_example
from cdr.versioning.committal import time_text
from cdr.versioning.model import VersionRecord
from cdr.versioning.uid import is_object_id, is_version_uid

PREFIX = "/rest/ecis/v1"
router = APIRouter(tags=["ECIS"])
# In the order of preference of this interface.
_CONTENT = (Media.FLAT, Media.STRUCTURED, Media.JSON, Media.XML)


@router.get("/template")
async def list_ecis_templates(request: Request) -> Response:
    """List the templates."""
    records = await run(request, Work.READ, services_of(request).template.list, caller_of(request))
    listed = [{"templateId": one.template_id, "createdOn": time_text(one.time_created)} for one in records]
    return json_answer({"templates": listed})


@router.get("/template/{template_id:path}/example")
async def read_ecis_example(request: Request, template_id: str) -> Response:
    """Give example data for a template."""
    media = _wanted(request)
    context, caller = services_of(request).context, caller_of(request)

    def make() -> bytes:
        wanted = FORMATS[media]
        return template_example(context, caller, template_id, kind=Kind.INPUT, detail=Detail.MEDIUM, wanted=wanted)

    return content(request, await run(request, Work.READ, make), _plain(media))


@router.get("/template/{template_id:path}")
async def read_ecis_template(request: Request, template_id: str) -> Response:
    """Read a template as a web template."""
    caller, service = caller_of(request), services_of(request).template

    def make() -> bytes:
        return service.web_template(service.read(caller, template_id))

    found = await run(request, Work.READ, make)
    return json_answer(
        {"webTemplate": msgspec.Raw(found), "meta": {"href": _address(request, "template", template_id)}}
    )


@router.post("/composition", status_code=201)
async def create_ecis_composition(request: Request) -> Response:
    """Store a new composition in the EHR that the parameter `ehrId` names."""
    said, body = committal(request), await _body(request)
    service, ehr_id = services_of(request).composition, _ehr_id(request)
    record = await run(request, Work.COMMIT, service.create, caller_of(request), ehr_id, body=body, said=said)
    return _done(request, record, "CREATE", status=201)


@router.get("/composition/{uid}")
async def read_ecis_composition(request: Request, uid: str) -> Response:
    """Read a composition by its uid; 204 when it is deleted."""
    media = _wanted(request)
    services, caller = services_of(request), caller_of(request)

    def read() -> tuple[VersionRecord, bytes]:
        found = _record(request, uid)
        record = services.composition.read(caller, found.ehr_id or "", uid_based_id=uid)
        return record, encode_composition(services.context, record, FORMATS[media])

    try:
        record, body = await run(request, Work.READ, read)
    except Deleted as gone:
        return Response(status_code=204, headers={"ETag": etag(request, gone.version_uid)})
    answer = {
        "meta": {"href": _address(request, "composition", record.uid)},
        "format": FORMATS[media].name,
        "templateId": record.template_id,
        "ehrId": record.ehr_id,
        "compositionUid": record.uid,
        "composition": body.decode() if media is Media.XML else msgspec.Raw(body),
    }
    return json_answer(answer)


@router.put("/composition/{uid}")
async def update_ecis_composition(request: Request, uid: str) -> Response:
    """Store the next version of a composition; the uid in the address, or If-Match, names the version before."""
    said, preceding, body = committal(request), if_match(request), await _body(request)
    preceding = preceding or (uid if is_version_uid(uid) else None)
    service, caller = services_of(request).composition, caller_of(request)

    def change() -> VersionRecord:
        ehr_id = _record(request, uid).ehr_id or ""
        return service.update(caller, ehr_id, object_id=uid, preceding_uid=preceding, body=body, said=said)

    return _done(request, await run(request, Work.COMMIT, change), "UPDATE", status=200)


@router.delete("/composition/{uid}", status_code=204)
async def delete_ecis_composition(request: Request, uid: str) -> Response:
    """Delete a composition logically; the uid names the newest version."""
    said = committal(request)
    service, caller = services_of(request).composition, caller_of(request)

    def delete() -> VersionRecord:
        return service.delete(caller, _record(request, uid).ehr_id or "", preceding_uid=uid, said=said)

    return deleted(request, await run(request, Work.COMMIT, delete))


async def _body(request: Request) -> Body:
    """Return the body; JSON without a `format` is FLAT here. Errors: `NotAcceptable` for a format that there is not."""
    _wanted(request)
    kind = sent(request, _CONTENT)
    if kind is Media.JSON and not request.query_params.get("format"):
        kind = Media.FLAT
    template_id = request.query_params.get("templateId") or request.query_params.get("template_id")
    return Body(content=await body_of(request), format=FORMATS[kind], template_id=template_id)


def _wanted(request: Request) -> Media:
    """Return what a composition is to be written in: by `format`, else FLAT, since answers here are JSON around it."""
    return accepted(request, _CONTENT) if request.query_params.get("format") else Media.FLAT


def _plain(media: Media) -> Media:
    return Media.XML if media is Media.XML else Media.JSON


def _ehr_id(request: Request) -> str:
    ehr_id = request.query_params.get("ehrId", "")
    if not ehr_id:
        raise BadParameter("the parameter ehrId is needed", code="EHR_ID")
    return ehr_id.lower() if is_object_id(ehr_id) else ehr_id


def _record(request: Request, uid: str) -> VersionRecord:
    """Return the version that an uid names, or the newest; the EHR that it belongs to stands in it."""
    context = services_of(request).context
    access = context.access(caller_of(request))
    if is_version_uid(uid):
        found = context.versions.version(uid, access=access)
    else:
        found = context.versions.latest(uid, access=access) if is_object_id(uid) else None
    if found is None:
        raise NotFound("no composition has this uid", code="COMPOSITION_UNKNOWN")
    return found


def _done(request: Request, record: VersionRecord, action: str, *, status: int) -> Response:
    address = _address(request, "composition", record.uid)
    answer = json_answer({"action": action, "compositionUid": record.uid, "meta": {"href": address}}, status=status)
    answer.headers["ETag"] = etag(request, record.uid)
    answer.headers["Location"] = address
    return answer


def _address(request: Request, *segments: str) -> str:
    return address_below(request, PREFIX, *segments)
