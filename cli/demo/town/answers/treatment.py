"""What the queries on procedures, medication and contacts find."""

from __future__ import annotations

from collections.abc import Iterator

from cli.demo.town.answers.asking import (
    Parameters,
    Question,
    Row,
    code_of,
    entries,
    is_within,
    system_of,
    text_of,
    uid_of,
)
from cli.demo.town.keys import TITLES
from cli.demo.town.statements import Life, MedicationUse, Order, Procedure, Reason

_PERIOD = ("ehr_id", "from", "to")


def _procedures(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, Procedure):
        if is_within(one.time, parameters):
            for indication in one.indications or (None,):
                yield {
                    "procedure": text_of(one.name),
                    "code": code_of(one.name),
                    "code_system": system_of(one.name),
                    "event_time": one.time,
                    "state": one.state.text,
                    "step": one.step.text,
                    "started": one.started,
                    "ended": one.ended,
                    "indication": text_of(indication),
                    "outcome": one.outcome,
                    "composer": document.composer,
                    "facility": document.facility,
                }


def _orders(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, Order):
        if is_within(document.start, parameters):
            yield {
                "medication": text_of(one.medication),
                "code": code_of(one.medication),
                "directions": one.directions,
                "indication": one.indication,
                "start_time": one.start,
                "stop_time": one.stop,
                "narrative": one.narrative,
                "recorded": document.start,
                "composer": document.composer,
            }


def _history(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, MedicationUse):
        yield {
            "medication": text_of(one.medication),
            "code": code_of(one.medication),
            "start_time": one.start,
            "stop_time": one.stop,
            "stop_reason": one.stop_reason,
            "updated": one.updated,
        }


def _contacts(life: Life, parameters: Parameters) -> Iterator[Row]:
    for key, document, one in entries(life, Reason, "journalnotat"):
        if is_within(document.start, parameters):
            for reason in one.clinical or (None,):
                yield {
                    "start_time": document.start,
                    "end_time": document.end,
                    "title": TITLES[document.template],
                    "reason": text_of(reason),
                    "reason_code": code_of(reason),
                    "composer": document.composer,
                    "facility": document.facility,
                    "composition_uid": uid_of(life, key),
                }


QUESTIONS = {
    "D2": Question(
        columns=(
            "procedure",
            "code",
            "code_system",
            "event_time",
            "state",
            "step",
            "started",
            "ended",
            "indication",
            "outcome",
            "composer",
            "facility",
        ),
        rows=_procedures,
        parameters=_PERIOD,
        newest_by="event_time",
    ),
    "D3": Question(
        columns=(
            "medication",
            "code",
            "directions",
            "indication",
            "start_time",
            "stop_time",
            "narrative",
            "recorded",
            "composer",
        ),
        rows=_orders,
        parameters=_PERIOD,
        newest_by="recorded",
    ),
    "D4": Question(
        columns=("medication", "code", "start_time", "stop_time", "stop_reason", "updated"),
        rows=_history,
        newest_by="start_time",
    ),
    "D5": Question(
        columns=("start_time", "end_time", "title", "reason", "reason_code", "composer", "facility", "composition_uid"),
        rows=_contacts,
        parameters=_PERIOD,
        newest_by="start_time",
    ),
}
