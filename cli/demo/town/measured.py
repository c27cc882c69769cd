"""What is measured, tested and scored: entries beside those of `cli.demo.town.statements`."""

from __future__ import annotations

from dataclasses import dataclass

from cli.demo.town.statements import Coded, Entry, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Respiration(Entry):
    """How often somebody breathes, /min."""

    time: str
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature(Entry):
    """A body temperature in Cel, one decimal."""

    time: str
    degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Oximetry(Entry):
    """Oxygen in the blood, percent."""

    time: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight(Entry):
    """A weight in kg, one decimal."""

    time: str
    kilograms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyWarning(Entry):
    """A NEWS2 score, 0 to 20, with the risk that it stands for."""

    time: str
    total: int
    risk: Coded


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """One result of a laboratory test: (magnitude, UCUM unit), or a text."""

    name: Text
    result: tuple[float, str] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryTest(Entry):
    """A laboratory test with its analytes."""

    time: str
    name: Text
    status: Coded
    analytes: tuple[Analyte, ...]
    conclusion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Barthel(Entry):
    """The Barthel index, 0 to 20."""

    time: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceNeeds(Entry):
    """The need of help by IPLOS variable: (variable, score 1 to 5); the score is None where it is not relevant."""

    time: str
    scores: tuple[tuple[Coded, int | None], ...]
