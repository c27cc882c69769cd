"""What every shipped query must answer about a synthetic municipality, computed from the lives and nothing else.

Shape of the whole: `{"S1": {"columns": [...], "newest_by": "start_date", "answers": [{"parameters": {...}, "rows":
[[...]]}]}}`. A cell `{"$uid": key, "version": n}` stands for the version uid that the server gave, `{"$committed": key,
"version": n}` for the time at which it stored that version. Rows are in the order of ORDER BY; those that are equal in
`newest_by` may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cli.demo.residents import TODAY
from cli.demo.town.answers import background, findings, living, measurements, problems, services, treatment
from cli.demo.town.answers.asking import Parameters, Question, newest_first
from cli.demo.town.statements import ApplicationData, Life

__all__ = ["QUESTIONS", "expected"]

QUESTIONS: dict[str, Question] = {
    **services.QUESTIONS,
    **problems.QUESTIONS,
    **treatment.QUESTIONS,
    **findings.QUESTIONS,
    **background.QUESTIONS,
    **living.QUESTIONS,
    **measurements.QUESTIONS,
}
# All of a life, and its last year; once as dates and once with the offset of the day.
_PERIODS = (
    {"from": "1900-01-01", "to": "2100-01-01"},
    {"from": "2025-07-01T00:00:00+02:00", "to": f"{TODAY.isoformat()}T12:00:00+02:00"},
)


def expected(town: Sequence[Life]) -> dict[str, Any]:
    """Return the answers of all queries, for every resident and set of parameters."""
    return {
        name: {
            "columns": list(question.columns),
            "newest_by": question.newest_by or None,
            "answers": list(_answers(question, town)),
        }
        for name, question in QUESTIONS.items()
    }


def _answers(question: Question, town: Sequence[Life]) -> Iterator[dict[str, Any]]:
    """Yield the answers of one query; one without an EHR speaks of all residents at once."""
    if "ehr_id" not in question.parameters:
        yield _answer(question, town, {})
        return
    for life in town:
        for parameters in _parameters(question, life):
            yield _answer(question, [life], parameters)


def _answer(question: Question, town: Sequence[Life], parameters: Parameters) -> dict[str, Any]:
    rows = [row for life in town for row in question.rows(life, parameters)]
    if question.newest_by:
        rows = newest_first(rows, question.newest_by)
    return {
        "parameters": parameters,
        "rows": [[row[column] for column in question.columns] for row in rows[: question.limit]],
    }


def _parameters(question: Question, life: Life) -> Iterator[Parameters]:
    """Yield the sets of parameters that a query is asked with about a life."""
    ehr = {"ehr_id": life.resident.ehr_id}
    if "application_id" in question.parameters:
        known = {entry.application.id for _, one in life.shown() for entry in one.of(ApplicationData)}
        for application in sorted(known | {"no.prove.ukjent"}):
            yield {**ehr, "application_id": application}
    elif "from" in question.parameters:
        for period in _PERIODS:
            yield {**ehr, **{name: value for name, value in period.items() if name in question.parameters}}
    else:
        yield ehr
