"""Sections and entries (RM, composition.content and integration).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.archetyped import Locatable, Pathable
from cdr.rm.encapsulated import DvParsable
from cdr.rm.generic import AnyPartyProxy, Participation
from cdr.rm.history import History
from cdr.rm.identification import AnyObjectRef, LocatableRef
from cdr.rm.quantity import DvDateTime
from cdr.rm.structures import AnyItem, AnyItemStructure, ItemTree
from cdr.rm.text import AnyDvText, CodePhrase, DvCodedText


class ContentItem(Locatable):
    """CONTENT_ITEM (abstract)."""


class Section(ContentItem, tag="SECTION"):
    """SECTION."""

    items: list[AnyContentItem] | None = None


class Entry(ContentItem):
    """ENTRY (abstract)."""

    language: CodePhrase = REQUIRED
    encoding: CodePhrase = REQUIRED
    other_participations: list[Participation] | None = None
    workflow_id: AnyObjectRef | None = None
    subject: AnyPartyProxy = REQUIRED
    provider: AnyPartyProxy | None = None


class AdminEntry(Entry, tag="ADMIN_ENTRY"):
    """ADMIN_ENTRY."""

    data: AnyItemStructure = REQUIRED


class CareEntry(Entry):
    """CARE_ENTRY (abstract)."""

    protocol: AnyItemStructure | None = None
    guideline_id: AnyObjectRef | None = None


class Observation(CareEntry, tag="OBSERVATION"):
    """OBSERVATION."""

    data: History = REQUIRED
    state: History | None = None


class Evaluation(CareEntry, tag="EVALUATION"):
    """EVALUATION."""

    data: AnyItemStructure = REQUIRED


class Activity(Locatable, tag="ACTIVITY"):
    """ACTIVITY."""

    timing: DvParsable | None = None
    action_archetype_id: str = REQUIRED
    description: AnyItemStructure = REQUIRED


class Instruction(CareEntry, tag="INSTRUCTION"):
    """INSTRUCTION."""

    narrative: AnyDvText = REQUIRED
    expiry_time: DvDateTime | None = None
    wf_definition: DvParsable | None = None
    activities: list[Activity] | None = None


class IsmTransition(Pathable, tag="ISM_TRANSITION"):
    """ISM_TRANSITION."""

    current_state: DvCodedText = REQUIRED
    transition: DvCodedText | None = None
    careflow_step: DvCodedText | None = None
    reason: list[AnyDvText] | None = None


class InstructionDetails(Pathable, tag="INSTRUCTION_DETAILS"):
    """INSTRUCTION_DETAILS."""

    instruction_id: LocatableRef = REQUIRED
    activity_id: str = REQUIRED
    wf_details: AnyItemStructure | None = None


class Action(CareEntry, tag="ACTION"):
    """ACTION."""

    time: DvDateTime = REQUIRED
    ism_transition: IsmTransition = REQUIRED
    instruction_details: InstructionDetails | None = None
    description: AnyItemStructure = REQUIRED


class GenericEntry(ContentItem, tag="GENERIC_ENTRY"):
    """GENERIC_ENTRY: data in the shape of the source system.

    The class table says ITEM, the official JSON Schema ITEM_TREE, and both occur in data: both are accepted.
    """

    data: AnyItem | ItemTree = REQUIRED


AnyContentItem = AdminEntry | Action | Evaluation | Instruction | Observation | Section | GenericEntry
