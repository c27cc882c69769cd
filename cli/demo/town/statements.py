"""What systems state about a resident: entries, the documents that hold them, and the versions of a document.

Values only; nothing here knows a format or the database. `cli.demo.town.keys` writes entries as FLAT, and
`cli.demo.town.answers` reads the same entries to say what queries must find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cli.demo.residents import Resident

E = TypeVar("E", bound="Entry")


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its text; `system` is empty for a code of the archetype itself."""

    code: str
    text: str
    system: str = ""


# A text may be coded or not: several sources never send codes.
Text = Coded | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """An identifier that a source gave out."""

    id: str
    issuer: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `about` is (name, relationship) when it concerns somebody else; `origin` the source's id of it."""

    about: tuple[str, Coded] | None = None
    origin: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis(Entry):
    """A problem or diagnosis; dates may be partial (`2019`, `2019-04`)."""

    name: Text
    onset: str | None = None
    recognised: str | None = None
    resolved: str | None = None
    certainty: Coded | None = None
    active: Coded | None = None
    current: Coded | None = None
    comment: str | None = None
    review: Coded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Entry):
    """What resident and service want to reach."""

    name: str
    proposed: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportNeed(Entry):
    """The help that somebody needs with an activity."""

    activity: str
    assistance: Coded | None = None
    physical: Coded | None = None
    persons: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion(Entry):
    """A statement that there is nothing known of a kind; `about_what` is one of the keys of `EXCLUDED`."""

    about_what: str
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence(Entry):
    """A statement that information is missing."""

    statement: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(Entry):
    """A step of a procedure."""

    name: Text
    time: str
    step: Coded
    state: Coded
    started: str | None = None
    ended: str | None = None
    indications: tuple[Text, ...] = ()
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Entry):
    """A medication that somebody ordered."""

    medication: Text
    narrative: str
    directions: str | None = None
    indication: str | None = None
    start: str | None = None
    stop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationUse(Entry):
    """What is known of the use of a medication over time."""

    medication: Text
    start: str | None = None
    stop: str | None = None
    stop_reason: str | None = None
    updated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure(Entry):
    """A blood pressure in mm[Hg]; a value that is None could not be measured."""

    time: str
    systolic: int | None
    diastolic: int | None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse(Entry):
    """A pulse, /min."""

    time: str
    rate: int
    rhythm: Coded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Entry):
    """A note in free text."""

    time: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Entry):
    """Why there was a contact."""

    clinical: tuple[Text, ...] = ()
    administrative: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Synopsis(Entry):
    """A summary in free text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation(Entry):
    """What the writer advises."""

    text: str
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy(Entry):
    """The risk of a reaction; every manifestation is one of the same event."""

    substance: Text
    verification: Coded
    active: Coded | None = None
    criticality: Coded | None = None
    kind: Coded | None = None
    manifestations: tuple[Text, ...] = ()
    updated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Precaution(Entry):
    """Something to keep in mind with every treatment."""

    condition: Text
    status: Coded | None = None
    category: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraindication(Entry):
    """A treatment that is not to be given."""

    intervention: Text
    status: Coded | None = None
    criticality: Coded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentLimit(Entry):
    """A decision to limit treatment."""

    resuscitation: str
    intent: Coded | None = None
    description: str | None = None
    review_due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A municipal service as a decision grants it; `amount` is (magnitude, UCUM unit)."""

    id: str
    kind: Coded
    status: Coded
    unit: str
    amount: tuple[float, str] | None = None
    amount_text: str | None = None
    start: str | None = None
    end: str | None = None
    paused_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Entry):
    """A decision of the allocation office."""

    id: str
    case: str
    kind: Coded
    outcome: Coded
    decided: str
    applied: str | None = None
    valid_from: str | None = None
    review: str | None = None
    legal_bases: tuple[str, ...] = ()
    reasons: str | None = None
    services: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent(Entry):
    """Something that happened to a service."""

    time: str
    name: str
    decision_id: str
    service: Service
    step: Coded
    state: Coded
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Entry):
    """An assistive device."""

    name: str
    kind: str
    status: Coded
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationData(Entry):
    """What an application keeps for itself; `payload` is JSON."""

    application: Identifier
    key: str
    schema: str
    schema_version: str
    payload: str
    purpose: str
    retain_until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What becomes one composition; times are ISO 8601 with offset."""

    template: str
    source: str
    composer: str
    start: str
    entries: tuple[Entry, ...]
    facility: str | None = None
    end: str | None = None
    copied_from: str | None = None

    def of(self, kind: type[E]) -> Iterator[E]:
        """Yield the entries of a kind, in order."""
        return (entry for entry in self.entries if isinstance(entry, kind))


class State(StrEnum):
    """What a version is: complete, a draft, or the end of the document."""

    COMPLETE = "complete"
    DRAFT = "incomplete"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a record; a deleted one holds nothing."""

    state: State
    document: Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A document with its versions, oldest first; `key` is the source's id of it, unique in the municipality."""

    key: str
    versions: tuple[Version, ...]

    @property
    def shown(self) -> Document | None:
        """Return what queries see: the newest complete version, nothing after a deletion."""
        if self.versions[-1].state is State.DELETED:
            return None
        return next((one.document for one in reversed(self.versions) if one.state is State.COMPLETE), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A resident and all that was recorded."""

    resident: Resident
    records: tuple[Record, ...]

    def shown(self) -> Iterator[tuple[str, Document]]:
        """Yield key and document of every record that queries see."""
        for record in self.records:
            document = record.shown
            if document is not None:
                yield record.key, document
