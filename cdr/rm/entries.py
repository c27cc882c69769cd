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
    """CONTENT_ITEM (abstract): a section or an entry."""


class Section(ContentItem, tag="SECTION"):
    """SECTION: a heading with sections and entries below it."""

    items: list[AnyContentItem] | None = None


class Entry(ContentItem):
    """ENTRY (abstract): one statement: in which language, about whom, given by whom."""

    language: CodePhrase = REQUIRED
    encoding: CodePhrase = REQUIRED
    other_participations: list[Participation] | None = None
    workflow_id: AnyObjectRef | None = None
    subject: AnyPartyProxy = REQUIRED
    provider: AnyPartyProxy | None = None


class AdminEntry(Entry, tag="ADMIN_ENTRY"):
    """ADMIN_ENTRY: an administrative statement, such as an admission."""

    data: AnyItemStructure = REQUIRED


class CareEntry(Entry):
    """CARE_ENTRY (abstract): a clinical statement, with how it was come by and after which guideline."""

    protocol: AnyItemStructure | None = None
    guideline_id: AnyObjectRef | None = None


class Observation(CareEntry, tag="OBSERVATION"):
    """OBSERVATION: what was seen or measured, as a history of events."""

    data: History = REQUIRED
    state: History | None = None


class Evaluation(CareEntry, tag="EVALUATION"):
    """EVALUATION: an opinion or summary: a diagnosis, a risk, a goal."""

    data: AnyItemStructure = REQUIRED


class Activity(Locatable, tag="ACTIVITY"):
    """ACTIVITY: one thing to be done by an instruction; `action_archetype_id` is a pattern of archetype ids."""

    timing: DvParsable | None = None
    action_archetype_id: str = REQUIRED
    description: AnyItemStructure = REQUIRED


class Instruction(CareEntry, tag="INSTRUCTION"):
    """INSTRUCTION: an order: what should be done, in words and as activities."""

    narrative: AnyDvText = REQUIRED
    expiry_time: DvDateTime | None = None
    wf_definition: DvParsable | None = None
    activities: list[Activity] | None = None


class IsmTransition(Pathable, tag="ISM_TRANSITION"):
    """ISM_TRANSITION: the step that an action took in the state machine of instructions."""

    current_state: DvCodedText = REQUIRED
    transition: DvCodedText | None = None
    careflow_step: DvCodedText | None = None
    reason: list[AnyDvText] | None = None


class InstructionDetails(Pathable, tag="INSTRUCTION_DETAILS"):
    """INSTRUCTION_DETAILS: which activity of which instruction an action carries out."""

    instruction_id: LocatableRef = REQUIRED
    activity_id: str = REQUIRED
    wf_details: AnyItemStructure | None = None


class Action(CareEntry, tag="ACTION"):
    """ACTION: what was done, at a point in time."""

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
