"""EHRs: create, find and read."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.api.answers import rm_object, written
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.headers import committal
from cdr.api.media import CANONICAL, FORMATS, Media, accepted, sent
from cdr.errors import BadParameter
from cdr.services.history import ehr_object
from cdr.services.representation import Body, encode_object
from cdr.versioning.model import EhrRecord

router = APIRouter(tags=["EHR"])


@router.post("/ehr", status_code=201)
async def create_ehr(request: Request) -> Response:
    """Create an EHR with a new id; the body is its EHR_STATUS, or absent."""
    return await _create(request, None)


@router.put("/ehr/{ehr_id}", status_code=201)
async def create_ehr_with_id(request: Request, ehr_id: str) -> Response:
    """Create an EHR with the given id; the body is its EHR_STATUS, or absent."""
    return await _create(request, ehr_id)


@router.get("/ehr")
async def find_ehr(request: Request, subject_id: str = "", subject_namespace: str = "") -> Response:
    """Find the EHR of a subject."""
    media = accepted(request, CANONICAL)
    if not subject_id or not subject_namespace:
        raise BadParameter("both subject_id and subject_namespace are needed", code="SUBJECT")
    service = services_of(request).ehr
    record = await run(
        request, Work.READ, service.find, caller_of(request), subject_id=subject_id, namespace=subject_namespace
    )
    return _answer(request, record, media)


@router.get("/ehr/{ehr_id}")
async def read_ehr(request: Request, ehr_id: str) -> Response:
    """Read an EHR."""
    media = accepted(request, CANONICAL)
    record = await run(request, Work.READ, services_of(request).ehr.read, caller_of(request), ehr_id)
    return _answer(request, record, media)


async def _create(request: Request, ehr_id: str | None) -> Response:
    media = accepted(request, CANONICAL)
    said = committal(request)
    content = await body_of(request)
    # Some clients send the JSON of an absent status.
    body = (
        None if content.strip() in (b"", b"null") else Body(content=content, format=FORMATS[sent(request, CANONICAL)])
    )
    service = services_of(request).ehr
    record = await run(request, Work.COMMIT, service.create, caller_of(request), body=body, ehr_id=ehr_id, said=said)
    return written(
        request,
        uid=record.ehr_id,
        time=record.time_created,
        segments=("ehr", record.ehr_id),
        is_new=True,
        media=media,
        represent=lambda: encode_object(ehr_object(record), FORMATS[media]),
        name="ehr_id",
    )


def _answer(request: Request, record: EhrRecord, media: Media) -> Response:
    return rm_object(request, ehr_object(record), media, uid=record.ehr_id, time=record.time_created)
