"""Queries on what no system of the municipality sends yet: their answers are empty, and have to be."""

from __future__ import annotations

from collections.abc import Iterator

from cli.demo.town.answers.asking import Parameters, Question, Row
from cli.demo.town.statements import Life


def _nothing(life: Life, parameters: Parameters) -> Iterator[Row]:
    return iter(())


QUESTIONS = {
    "S5": Question(
        columns=("service", "service_code", "request_status", "request_id", "received"),
        rows=_nothing,
        newest_by="received",
    ),
    "K2c": Question(columns=("measured", "rate"), rows=_nothing, newest_by="measured", limit=20),
    "K2d": Question(columns=("measured", "temperature", "unit"), rows=_nothing, newest_by="measured", limit=20),
    "K2e": Question(columns=("measured", "spo2"), rows=_nothing, newest_by="measured", limit=20),
    "K2f": Question(columns=("measured", "weight", "unit"), rows=_nothing, newest_by="measured", limit=20),
    "K2g": Question(columns=("measured", "total", "risk"), rows=_nothing, newest_by="measured", limit=20),
    "K2h": Question(
        columns=("measured", "test", "status", "analyte", "analyte_code", "result", "conclusion"),
        rows=_nothing,
        parameters=("ehr_id", "from"),
        newest_by="measured",
        limit=200,
    ),
    "K2i": Question(columns=("measured", "total"), rows=_nothing, newest_by="measured", limit=10),
    "K2j": Question(columns=("assessed", "variable", "variable_code", "score"), rows=_nothing, newest_by="assessed"),
    "K3": Question(
        columns=(
            "document_time",
            "document_id",
            "status",
            "title",
            "document_type",
            "type_code",
            "content",
            "author",
            "facility",
        ),
        rows=_nothing,
        newest_by="document_time",
    ),
    "K4e": Question(columns=("status", "updated"), rows=_nothing),
    "K4f": Question(columns=("vaccine", "code", "given", "facility"), rows=_nothing, newest_by="given"),
    "K5a": Question(columns=("partnership", "description", "name", "relation", "phone"), rows=_nothing),
    "K5b": Question(columns=("living_arrangement", "household_size", "updated"), rows=_nothing),
    "K5c": Question(columns=("description", "residential_setting", "tenure"), rows=_nothing),
    "K5d": Question(columns=("interpreter", "language"), rows=_nothing),
    "K5e": Question(columns=("highest_level", "updated"), rows=_nothing),
}
