"""What the queries on diagnoses, needs, contributors and the timeline find."""

from __future__ import annotations

from collections.abc import Iterator

from cli.demo.town.answers.asking import (
    Parameters,
    Question,
    Row,
    code_of,
    committed,
    entries,
    instant,
    is_within,
    system_of,
    text_of,
    uid_of,
)
from cli.demo.town.keys import TITLES
from cli.demo.town.lives.codes import ACTIVE
from cli.demo.town.statements import Diagnosis, Goal, Life, Order, Procedure, SupportNeed

_PERIOD = ("ehr_id", "from", "to")


def _diagnoses(life: Life, parameters: Parameters) -> Iterator[Row]:
    for key, document, one in entries(life, Diagnosis):
        if is_within(document.start, parameters):
            yield {
                "diagnosis": text_of(one.name),
                "code": code_of(one.name),
                "code_system": system_of(one.name),
                "onset": one.onset,
                "recognised": one.recognised,
                "resolved": one.resolved,
                "certainty": text_of(one.certainty),
                "active": text_of(one.active),
                "current_past": text_of(one.current),
                "review_outcome": text_of(one.review),
                "recorded": document.start,
                "composer": document.composer,
                "facility": document.facility,
                "source_system": document.source if one.origin else None,
                "composition_uid": uid_of(life, key),
            }


def _overlapping(life: Life, parameters: Parameters) -> Iterator[Row]:
    begin, end = instant(parameters["from"]), instant(parameters["to"])
    for key, document, one in entries(life, Diagnosis):
        if one.onset is None or instant(one.onset) > end:
            continue
        if one.active == ACTIVE or (one.resolved is not None and instant(one.resolved) >= begin):
            yield {
                "diagnosis": text_of(one.name),
                "code": code_of(one.name),
                "onset": one.onset,
                "resolved": one.resolved,
                "active_code": code_of(one.active),
                "composer": document.composer,
                "composition_uid": uid_of(life, key),
            }


def _timeline(life: Life, parameters: Parameters) -> Iterator[Row]:
    """Diagnoses, procedures and orders of one document combine; a kind that is missing is null."""
    for _, document in life.shown():
        if not is_within(document.start, parameters):
            continue
        diagnoses = [text_of(one.name) for one in document.of(Diagnosis)]
        procedures = [text_of(one.name) for one in document.of(Procedure)]
        orders = [text_of(one.medication) for one in document.of(Order)]
        if not (diagnoses or procedures or orders):
            continue
        for diagnosis in diagnoses or [None]:
            for procedure in procedures or [None]:
                for medication in orders or [None]:
                    yield {
                        "recorded": document.start,
                        "title": TITLES[document.template],
                        "composer": document.composer,
                        "diagnosis": diagnosis,
                        "procedure": procedure,
                        "medication": medication,
                    }


def _contributors(life: Life, parameters: Parameters) -> Iterator[Row]:
    for composer, facility in dict.fromkeys((one.composer, one.facility) for _, one in life.shown()):
        yield {"composer": composer, "facility": facility}


def _changes(life: Life, parameters: Parameters) -> Iterator[Row]:
    for key, document in life.shown():
        if document.template == "problemliste":
            yield {"composition_uid": uid_of(life, key), "committed": committed(life, key)}


def _support(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, SupportNeed):
        yield {
            "activity": one.activity,
            "assistance": text_of(one.assistance),
            "physical_assistance": text_of(one.physical),
            "persons": one.persons,
        }


def _goals(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Goal):
        yield {"goal": one.name, "proposed_date": one.proposed, "outcome": one.outcome}


QUESTIONS = {
    "D1": Question(
        columns=(
            "diagnosis",
            "code",
            "code_system",
            "onset",
            "recognised",
            "resolved",
            "certainty",
            "active",
            "current_past",
            "review_outcome",
            "recorded",
            "composer",
            "facility",
            "source_system",
            "composition_uid",
        ),
        rows=_diagnoses,
        parameters=_PERIOD,
        newest_by="recorded",
    ),
    "D1b": Question(
        columns=("diagnosis", "code", "onset", "resolved", "active_code", "composer", "composition_uid"),
        rows=_overlapping,
        parameters=_PERIOD,
        newest_by="onset",
    ),
    "D6": Question(
        columns=("recorded", "title", "composer", "diagnosis", "procedure", "medication"),
        rows=_timeline,
        parameters=_PERIOD,
        newest_by="recorded",
    ),
    "D7": Question(columns=("composer", "facility"), rows=_contributors),
    "D8": Question(columns=("composition_uid", "committed"), rows=_changes),
    "K8b": Question(columns=("activity", "assistance", "physical_assistance", "persons"), rows=_support),
    "K8c": Question(columns=("goal", "proposed_date", "outcome"), rows=_goals),
}
