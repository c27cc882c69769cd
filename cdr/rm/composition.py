"""Compositions and their context (RM, composition).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.archetyped import Locatable, Pathable
from cdr.rm.entries import AnyContentItem
from cdr.rm.generic import AnyPartyIdentified, AnyPartyProxy, Participation
from cdr.rm.quantity import DvDateTime
from cdr.rm.structures import AnyItemStructure
from cdr.rm.text import CodePhrase, DvCodedText


class EventContext(Pathable, tag="EVENT_CONTEXT"):
    """EVENT_CONTEXT: when, where, in which kind of service and with whom an encounter took place."""

    start_time: DvDateTime = REQUIRED
    end_time: DvDateTime | None = None
    location: str | None = None
    setting: DvCodedText = REQUIRED
    other_context: AnyItemStructure | None = None
    health_care_facility: AnyPartyIdentified | None = None
    participations: list[Participation] | None = None


class Composition(Locatable, tag="COMPOSITION"):
    """COMPOSITION: one committed document of an EHR: a note, a report, a list; the unit of versioning."""

    language: CodePhrase = REQUIRED
    territory: CodePhrase = REQUIRED
    category: DvCodedText = REQUIRED
    context: EventContext | None = None
    composer: AnyPartyProxy = REQUIRED
    content: list[AnyContentItem] | None = None
