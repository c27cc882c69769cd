"""What the queries on measurements, notes and summaries find."""

from __future__ import annotations

from collections.abc import Iterator

from cli.demo.town.answers.asking import Parameters, Question, Row, entries, is_within
from cli.demo.town.keys.problems import EXCLUDED
from cli.demo.town.statements import Exclusion, Life, Note, Pressure, Pulse, Recommendation, Synopsis


def _synopses(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, Synopsis):
        yield {"synopsis": one.text, "written": document.start, "composer": document.composer}


def _recommendations(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, Recommendation):
        yield {"topic": one.topic, "recommendation": one.text, "written": document.start}


def _exclusions(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, Exclusion):
        yield {"about": EXCLUDED[one.about_what], "statement": one.statement, "written": document.start}


def _pressures(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, Pressure):
        yield {
            "measured": one.time,
            "systolic": one.systolic,
            "diastolic": one.diastolic,
            "composer": document.composer,
        }


def _pulses(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Pulse):
        yield {"measured": one.time, "rate": one.rate}


def _notes(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, Note):
        if is_within(document.start, parameters):
            yield {"note_time": document.start, "note": one.text, "author": document.composer}


QUESTIONS = {
    "K1": Question(columns=("synopsis", "written", "composer"), rows=_synopses, newest_by="written", limit=5),
    "K1b": Question(
        columns=("topic", "recommendation", "written"), rows=_recommendations, newest_by="written", limit=20
    ),
    "K1c": Question(columns=("about", "statement", "written"), rows=_exclusions),
    "K2a": Question(
        columns=("measured", "systolic", "diastolic", "composer"), rows=_pressures, newest_by="measured", limit=20
    ),
    "K2b": Question(columns=("measured", "rate"), rows=_pulses, newest_by="measured", limit=20),
    "K3b": Question(
        columns=("note_time", "note", "author"), rows=_notes, parameters=("ehr_id", "from"), newest_by="note_time"
    ),
}
