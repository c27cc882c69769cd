"""How somebody lives, with whom, and what was sent along: entries beside those of `cli.demo.town.statements`."""

from __future__ import annotations

from dataclasses import dataclass

from cli.demo.town.statements import Coded, Entry, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Tobacco(Entry):
    """Whether somebody smokes."""

    status: Coded
    updated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyHistory(Entry):
    """Illness in the family, in free text."""

    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VaccineDose(Entry):
    """A dose that was given."""

    time: str
    vaccine: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Somebody close: relations and telephone numbers, each as many as there are."""

    name: str
    relations: tuple[str, ...]
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Entry):
    """Marital status and the people around somebody."""

    partnership: str | None = None
    description: str | None = None
    people: tuple[Kin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingArrangement(Entry):
    """With whom somebody lives."""

    arrangement: str
    household: int | None = None
    updated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Housing(Entry):
    """What somebody lives in: (kind of dwelling, tenure) for each dwelling."""

    description: str | None = None
    dwellings: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Education(Entry):
    """The highest level of education."""

    level: str
    updated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter(Entry):
    """Whether an interpreter is needed, as a yes or no, or as a code; for which language."""

    need: bool | Coded
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Entry):
    """A document as it is: at an address, or with its content in base64 of a media type."""

    title: str
    kind: Text
    address: str | None = None
    content: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest(Entry):
    """An application for a service."""

    service: str
    kind: Text
    id: str
    narrative: str
    status: str | None = None
