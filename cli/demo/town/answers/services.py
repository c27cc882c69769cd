"""What the queries on services, devices and application data find."""

from __future__ import annotations

from collections.abc import Iterator

from cli.demo.town.answers.asking import (
    Parameters,
    Question,
    Row,
    entries,
    instant,
    is_within,
    uid_of,
)
from cli.demo.town.lives.codes import GRANTED, NOT_STARTED, ONGOING, PARTLY, PAUSED
from cli.demo.town.statements import (
    ApplicationData,
    Decision,
    Device,
    Document,
    Life,
    Service,
    ServiceEvent,
)

_RUNNING = (NOT_STARTED, ONGOING, PAUSED)


def _granted(life: Life, parameters: Parameters) -> Iterator[Row]:
    for key, _, decision, service in _services(life):
        if decision.outcome in (GRANTED, PARTLY) and service.status in _RUNNING:
            yield {
                "decision_id": decision.id,
                "decision_date": decision.decided,
                "service_id": service.id,
                "service_type": service.kind.text,
                "service_code": service.kind.code,
                "amount": service.amount[0] if service.amount else None,
                "amount_unit": service.amount[1] if service.amount else None,
                "amount_text": service.amount_text,
                "start_date": service.start,
                "end_date": service.end,
                "status_code": service.status.code,
                "status": service.status.text,
                "unit": service.unit,
                "review_date": decision.review,
                "composition_uid": uid_of(life, key),
            }


def _overlapping(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, decision, service in _services(life):
        if service.start is None or instant(service.start) > instant(parameters["to"]):
            continue
        if service.status in _RUNNING or (service.end and instant(service.end) >= instant(parameters["from"])):
            # Each legal basis is a node of its own, and makes a row.
            for basis in decision.legal_bases or (None,):
                yield {
                    "service_id": service.id,
                    "service_type": service.kind.text,
                    "service_code": service.kind.code,
                    "start_date": service.start,
                    "end_date": service.end,
                    "status": service.status.text,
                    "outcome": decision.outcome.text,
                    "legal_basis": basis,
                    "case_worker": document.composer,
                }


def _events(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, event in entries(life, ServiceEvent, "tjenestehendelse"):
        if is_within(event.time, parameters):
            yield {
                "event_time": event.time,
                "step": event.step.text,
                "state": event.state.text,
                "state_code": event.state.code,
                "service_name": event.name,
                "service_id": event.service.id,
                "decision_id": event.decision_id,
                "reason": event.reason,
                "facility": document.facility,
            }


def _number_active(life: Life, parameters: Parameters) -> Iterator[Row]:
    yield {"active": len({service.id for *_, service in _services(life) if service.status == ONGOING})}


def _devices(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, device in entries(life, Device):
        yield {
            "device_type": device.kind,
            "status": device.status.text,
            "device_name": device.name,
            "start_date": device.start,
            "end_date": device.end,
        }


def _application_data(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, data in entries(life, ApplicationData):
        if data.application.id == parameters["application_id"]:
            yield {
                "data_key": data.key,
                "schema_version": data.schema_version,
                "payload": {"_type": "DV_PARSABLE", "value": data.payload, "formalism": "application/json"},
                "retain_until": data.retain_until,
            }


def _by_code(life: Life, parameters: Parameters) -> Iterator[Row]:
    for *_, service in _services(life):
        if service.status == ONGOING:
            yield {
                "service_code": service.kind.code,
                "amount": service.amount[0] if service.amount else None,
                "unit": service.amount[1] if service.amount else None,
            }


def _services(life: Life) -> Iterator[tuple[str, Document, Decision, Service]]:
    for key, document, decision in entries(life, Decision):
        for service in decision.services:
            yield key, document, decision, service


QUESTIONS = {
    "S1": Question(
        columns=(
            "decision_id",
            "decision_date",
            "service_id",
            "service_type",
            "service_code",
            "amount",
            "amount_unit",
            "amount_text",
            "start_date",
            "end_date",
            "status_code",
            "status",
            "unit",
            "review_date",
            "composition_uid",
        ),
        rows=_granted,
        newest_by="start_date",
    ),
    "S2": Question(
        columns=(
            "service_id",
            "service_type",
            "service_code",
            "start_date",
            "end_date",
            "status",
            "outcome",
            "legal_basis",
            "case_worker",
        ),
        rows=_overlapping,
        parameters=("ehr_id", "from", "to"),
        newest_by="start_date",
    ),
    "S3": Question(
        columns=(
            "event_time",
            "step",
            "state",
            "state_code",
            "service_name",
            "service_id",
            "decision_id",
            "reason",
            "facility",
        ),
        rows=_events,
        parameters=("ehr_id", "from", "to"),
        newest_by="event_time",
    ),
    "S4": Question(columns=("active",), rows=_number_active),
    "S6": Question(columns=("device_type", "status", "device_name", "start_date", "end_date"), rows=_devices),
    "K9": Question(
        columns=("data_key", "schema_version", "payload", "retain_until"),
        rows=_application_data,
        parameters=("application_id", "ehr_id"),
    ),
    "P1": Question(columns=("service_code", "amount", "unit"), rows=_by_code, parameters=()),
}
