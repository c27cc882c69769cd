"""What the queries on allergies, precautions and limits find."""

from __future__ import annotations

from collections.abc import Iterator

from cli.demo.town.answers.asking import Parameters, Question, Row, code_of, entries, text_of
from cli.demo.town.statements import Allergy, Contraindication, Life, Precaution, TreatmentLimit


def _allergies(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Allergy):
        for manifestation in one.manifestations or (None,):
            yield {
                "substance": text_of(one.substance),
                "code": code_of(one.substance),
                "active": text_of(one.active),
                "verification": one.verification.text,
                "verification_code": one.verification.code,
                "criticality": text_of(one.criticality),
                "reaction_category": text_of(one.kind),
                "manifestation": text_of(manifestation),
                "updated": one.updated,
            }


def _limits(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, TreatmentLimit):
        yield {
            "cpr": one.resuscitation,
            "intent": text_of(one.intent),
            "description": one.description,
            "review_due": one.review_due,
            "recorded": document.start,
        }


def _precautions(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Precaution):
        yield {
            "condition": text_of(one.condition),
            "status": text_of(one.status),
            "category": one.category,
            "valid_to": one.valid_to,
        }


def _contraindications(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Contraindication):
        yield {
            "intervention": text_of(one.intervention),
            "status": text_of(one.status),
            "criticality": text_of(one.criticality),
        }


QUESTIONS = {
    "K4": Question(
        columns=(
            "substance",
            "code",
            "active",
            "verification",
            "verification_code",
            "criticality",
            "reaction_category",
            "manifestation",
            "updated",
        ),
        rows=_allergies,
    ),
    "K4b": Question(
        columns=("cpr", "intent", "description", "review_due", "recorded"),
        rows=_limits,
        newest_by="recorded",
        limit=1,
    ),
    "K4c": Question(columns=("condition", "status", "category", "valid_to"), rows=_precautions),
    "K4d": Question(columns=("intervention", "status", "criticality"), rows=_contraindications),
}
