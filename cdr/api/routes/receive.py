"""Receiving: messages of sources in; receipts, traces, quarantine and reports for those who look after them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.errors import UnsupportedMedia
from cdr.api.routes.kilde import page_size
from cdr.errors import BadParameter, NotSupported
from cdr.receipts import Envelope, ItemTrace, QuarantinedItem, Receipt, SourceRecord
from cdr.services.receive.feeder import ADDRESS
from cdr.services.receive.kernel import Receiving
from cdr.services.receive.recovery import recover
from cdr.services.receive.service import Original
from cdr.services.receive.split import is_received

router = APIRouter(tags=["RECEIVE"])


@router.get("/receive")
async def list_sources(request: Request) -> Response:
    """List the registered sources that the caller may act for, and the mappings that there are."""
    receiving = _receiving(request)
    found = await run(request, Work.READ, receiving.sources.list, caller_of(request))
    return json_answer({"sources": [_source(one) for one in found], "mappings": receiving.sources.library.names()})


@router.get("/suppliers")
async def list_suppliers(request: Request) -> Response:
    """Say what each supplier shares and what it reads."""
    rows = await run(request, Work.READ, _receiving(request).quality.suppliers, caller_of(request))
    return json_answer({"suppliers": [dataclasses.asdict(row) for row in rows]})


@router.post("/receive-recovery")
async def recover_receipts(request: Request) -> Response:
    """Finish the receipts that were left open and that nobody works on."""
    service = _receiving(request).messages
    done = await run(request, Work.COMMIT, recover, service)
    return json_answer({"finished": done.finished, "failed": done.failed})


@router.put("/receive/{source}")
async def register_source(request: Request, source: str) -> Response:
    """Register a source, or change one."""
    service = _receiving(request).sources
    body = await body_of(request)
    found = await run(request, Work.COMMIT, service.register, caller_of(request), source, body=body)
    return json_answer(_source(found))


@router.get("/receive/{source}")
async def read_source(request: Request, source: str) -> Response:
    """Show a source."""
    service = _receiving(request).sources
    return json_answer(_source(await run(request, Work.READ, service.read, caller_of(request), source)))


@router.post("/receive/{source}")
async def receive_message(request: Request, source: str) -> Response:
    """Take a message; the answer is its receipt with what became of each item."""
    service = _receiving(request).messages
    envelope = _envelope(request)
    if not is_received(envelope.media):
        raise UnsupportedMedia("messages are FHIR R4 in JSON, CSV, or openEHR content", code="MEDIA")
    body = await body_of(request)
    receipt, traces, is_new = await run(
        request, Work.COMMIT, service.receive, caller_of(request), source, body=body, envelope=envelope
    )
    answer = json_answer(_receipt(receipt, traces), status=201 if is_new else 200)
    answer.headers["Location"] = f"{ADDRESS}/{source}/receipt/{receipt.receipt_id}"
    return answer


@router.get("/receive/{source}/receipt")
async def list_receipts(request: Request, source: str, before: str = "", limit: str = "100") -> Response:
    """List the receipts of a source, newest first."""
    service = _receiving(request).messages
    moment = _moment(before) if before else None
    size = page_size(request, limit)
    found = await run(request, Work.READ, service.receipts, caller_of(request), source, before=moment, limit=size)
    return json_answer({"receipts": [_receipt(one, None) for one in found]})


@router.get("/receive/{source}/receipt/{receipt_id}")
async def read_receipt(
    request: Request, source: str, receipt_id: str, after: str = "", limit: str = "1000"
) -> Response:
    """Show a receipt and the trace of each of its items, from receipt to storage."""
    service = _receiving(request).messages
    if after and not (after.isascii() and after.isdigit() and len(after) < 10):
        raise BadParameter("after is the number of an item", code="AFTER")
    size = page_size(request, limit)
    receipt, traces = await run(
        request,
        Work.READ,
        service.trace,
        caller_of(request),
        source,
        receipt_id=receipt_id,
        after=int(after) if after else -1,
        limit=size,
    )
    return json_answer(_receipt(receipt, traces))


@router.get("/receive/{source}/receipt/{receipt_id}/original")
async def read_original(request: Request, source: str, receipt_id: str) -> Response:
    """Give a message back, byte for byte as it was received."""
    service = _receiving(request).messages
    found = await run(request, Work.READ, service.original, caller_of(request), source, receipt_id=receipt_id)
    return _original(found)


@router.get("/ehr/{ehr_id}/composition/{uid_based_id}/original")
async def read_original_of_composition(request: Request, ehr_id: str, uid_based_id: str) -> Response:
    """Give the message back that a composition, or a version of it, was made from."""
    service = _receiving(request).messages
    caller = caller_of(request)
    found = await run(request, Work.READ, service.original_of, caller, ehr_id, uid_based_id=uid_based_id)
    return _original(found)


@router.get("/receive/{source}/quality")
async def read_quality(request: Request, source: str) -> Response:
    """Report how good what a source sends is: complete, coded, duplicate, refused."""
    service = _receiving(request).quality
    return json_answer(dataclasses.asdict(await run(request, Work.READ, service.report, caller_of(request), source)))


@router.get("/receive/{source}/quarantine")
async def list_quarantine(request: Request, source: str, after: str = "", limit: str = "100") -> Response:
    """List what a source sent and could not be stored, with all reasons, a page at a time."""
    service = _receiving(request).quarantine
    size = page_size(request, limit)
    found = await run(request, Work.READ, service.list, caller_of(request), source, after=after, limit=size)
    following = found[-1].quarantine_id if len(found) == size else None
    return json_answer({"items": [_quarantined(one) for one in found], "next": following})


@router.get("/receive/{source}/quarantine/{quarantine_id}")
async def read_quarantined(request: Request, source: str, quarantine_id: str) -> Response:
    """Give the content of an item of the quarantine, in the format it came in."""
    service = _receiving(request).quarantine
    found = await run(request, Work.READ, service.read, caller_of(request), source, quarantine_id=quarantine_id)
    return _original(Original(content=found.content, media=found.media))


@router.put("/receive/{source}/quarantine/{quarantine_id}")
async def correct_quarantined(request: Request, source: str, quarantine_id: str) -> Response:
    """Put corrected content in the place of an item's; a replay stores it."""
    service = _receiving(request).quarantine
    content = await body_of(request)
    found = await run(
        request,
        Work.COMMIT,
        service.correct,
        caller_of(request),
        source,
        quarantine_id=quarantine_id,
        content=content,
    )
    return json_answer(_quarantined(found))


@router.post("/receive/{source}/quarantine/{quarantine_id}/replay")
async def replay_quarantined(request: Request, source: str, quarantine_id: str) -> Response:
    """Try once more to store an item of the quarantine."""
    service = _receiving(request).quarantine
    trace = await run(request, Work.COMMIT, service.replay, caller_of(request), source, quarantine_id=quarantine_id)
    return json_answer(_trace(trace))


@router.post("/receive/{source}/replay")
async def replay_all(request: Request, source: str) -> Response:
    """Try once more to store everything in the quarantine of a source."""
    service = _receiving(request).quarantine
    traces = await run(request, Work.COMMIT, service.replay_all, caller_of(request), source)
    return json_answer({"items": [_trace(one) for one in traces]})


@router.delete("/receive/{source}/quarantine/{quarantine_id}")
async def discard_quarantined(request: Request, source: str, quarantine_id: str) -> Response:
    """Give an item of the quarantine up; its original stays with the receipt."""
    service = _receiving(request).quarantine
    trace = await run(request, Work.COMMIT, service.discard, caller_of(request), source, quarantine_id=quarantine_id)
    return json_answer(_trace(trace))


def _receiving(request: Request) -> Receiving:
    found = services_of(request).receiving
    if found is None:
        raise NotSupported("this server receives no messages", code="NO_RECEIVING")
    return found


def _envelope(request: Request) -> Envelope:
    """Return what the headers say beside the message; identity numbers go in headers, which are not logged."""
    headers = request.headers
    system, _, number = headers.get("kilde-subject", "").rpartition("|")
    state = headers.get("kilde-item-state", "").strip().lower()
    if state not in ("", "current", "withdrawn"):
        raise BadParameter("the header Kilde-Item-State is current or withdrawn", code="ITEM_STATE")
    return Envelope(
        media=headers.get("content-type", ""),
        message_id=headers.get("kilde-message-id", "").strip(),
        ehr_id=headers.get("kilde-ehr-id", "").strip(),
        subject_system=system.strip(),
        subject_id=number.strip(),
        item_id=headers.get("kilde-item-id", "").strip(),
        item_version=headers.get("kilde-item-version", "").strip(),
        is_withdrawn=state == "withdrawn",
        template_id=headers.get("openehr-template-id", "").strip().strip('"'),
    )


def _receipt(receipt: Receipt, traces: Sequence[ItemTrace] | None) -> dict[str, object]:
    found: dict[str, object] = {
        "receipt_id": receipt.receipt_id,
        "source": receipt.source,
        "message_id": receipt.message_id,
        "received": receipt.time_received,
        "state": "done" if receipt.is_done else "open",
        "size": receipt.size,
        "sha256": receipt.digest,
        "repeats": receipt.repeats,
        "counts": receipt.counts,
        "original": f"{ADDRESS}/{receipt.source}/receipt/{receipt.receipt_id}/original",
    }
    if traces is not None:
        found["items"] = [_trace(one) for one in traces]
    return found


def _trace(trace: ItemTrace) -> dict[str, object]:
    return {
        "number": trace.number,
        "place": trace.place,
        "outcome": trace.outcome,
        "steps": trace.steps,
        "time": trace.time,
        "item_id": trace.item_id,
        "item_version": trace.item_version,
        "mapping": trace.mapping,
        "template_id": trace.template_id,
        "ehr_id": trace.ehr_id,
        "version_uid": trace.version_uid,
        "lacking": trace.lacking,
        "errors": trace.reasons,
    }


def _quarantined(item: QuarantinedItem) -> dict[str, object]:
    return {
        "quarantine_id": item.quarantine_id,
        "receipt_id": item.receipt_id,
        "number": item.number,
        "place": item.place,
        "media_type": item.media,
        "received": item.time,
        "corrections": item.corrections,
        "errors": item.reasons,
    }


def _source(source: SourceRecord) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(source)
    return found


def _original(found: Original) -> Response:
    # What a vendor sent is never to be shown as a page of ours; `nosniff` is on every answer.
    headers = {"Content-Disposition": "attachment"}
    return Response(found.content, media_type=found.media, headers=headers)


def _moment(text: str) -> datetime:
    expected = "before is a date-time with an offset: 2024-01-31T12:00:00+01:00"
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise BadParameter(expected, code="BEFORE")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadParameter(expected, code="BEFORE") from error
