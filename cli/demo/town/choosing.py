"""Choosing the resident that a demonstration shows: the one whose sources disagree most."""

from __future__ import annotations

from cli.demo.town.lives.codes import DRUG, ICD_10, ONGOING
from cli.demo.town.statements import Allergy, Coded, Decision, Diagnosis, Entry, Exclusion, Life


def worth_showing(life: Life) -> int:
    """Return how much there is to see: contradictions first, then running services."""
    shown = [entry for _, document in life.shown() for entry in document.entries]
    running = [
        service.kind
        for entry in shown
        if isinstance(entry, Decision)
        for service in entry.services
        if service.status == ONGOING
    ]
    return (
        10 * _is_allergy_denied(shown)
        + 10 * (len(set(running)) < len(running))
        + 5 * any(isinstance(entry, Diagnosis) and _system(entry) == ICD_10 for entry in shown)
        + len(running)
    )


def _is_allergy_denied(shown: list[Entry]) -> bool:
    """Tell whether somebody says allergic and somebody says not."""
    return any(isinstance(entry, Allergy) and entry.kind == DRUG for entry in shown) and any(
        isinstance(entry, Exclusion) and entry.about_what == "allergies" for entry in shown
    )


def _system(entry: Diagnosis) -> str:
    return entry.name.system if isinstance(entry.name, Coded) else ""
