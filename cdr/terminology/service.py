"""What Kilde asks of a terminology service, and the values it answers with.

Systems are named as in data (`SNOMED-CT`, `http://snomed.info/sct`), value sets by their URI, possibly in the openEHR
form `terminology://...`. A service never raises because it is down: it answers `UNKNOWN`, and the caller's policy
decides. Source: FHIR R4, Terminology Module, https://hl7.org/fhir/R4/terminology-service.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Answer(StrEnum):
    """A yes, a no, or no answer: the service is down, or does not know the value set or system."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Equivalence(StrEnum):
    """How a target of a map relates to its source (FHIR ConceptMapEquivalence, in short)."""

    EQUAL = "equal"
    WIDER = "wider"
    NARROWER = "narrower"
    INEXACT = "inexact"


@dataclass(frozen=True, slots=True)
class Term:
    """A code of a system with what it is called in the language that was asked for."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """One target of a code in another system."""

    target: Term
    equivalence: Equivalence


class TerminologyService(Protocol):
    """A source of knowledge about codes."""

    def validate(self, value_set: str, *, system: str, code: str) -> Answer:
        """Tell whether a code is a member of a value set."""

    def is_member(self, uri: str, terminology: str, code: str) -> bool | None:
        """Tell the same in the form that the validator asks for: None where it is unknown."""

    def expand(
        self, value_set: str, *, search: str = "", language: str = "en", limit: int = 100
    ) -> tuple[Term, ...] | None:
        """Return the members of a value set whose display matches a search text; None if it is not known."""

    def lookup(self, system: str, code: str, *, language: str = "en") -> Term | None:
        """Return a code with its display; None if it is not known."""

    def subsumes(self, system: str, *, ancestor: str, descendant: str) -> Answer:
        """Tell whether the first code includes the second, or is the same."""

    def map(self, system: str, code: str, *, target: str) -> tuple[Mapping, ...]:
        """Return the codes of a target system that a code maps to, none if there is no map."""
