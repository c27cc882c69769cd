"""The values of reconciliation: statements and reviews that go in, groups and flags that come out.

A statement is what one source says about one thing in one stored entry. All dates are ISO 8601 text in the precision in
which the source wrote them ("2019", "2019-03", "2019-03-14", "2019-03-14T09:00:00+01:00"); empty means not said.
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a statement is about; it decides by which rules statements are grouped and compared."""

    DIAGNOSIS = "diagnosis"
    ALLERGY = "allergy"
    MEDICATION = "medication"
    PROCEDURE = "procedure"
    SERVICE = "service"
    SERVICE_EVENT = "service_event"
    PRECAUTION = "precaution"
    DIRECTIVE = "directive"
    EXCLUSION = "exclusion"
    ABSENCE = "absence"
    ITEM = "item"


class Status(StrEnum):
    """The state in which a source holds something to be."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    PLANNED = "planned"
    RESOLVED = "resolved"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


class Side(StrEnum):
    """The side of the body; NONE where the source does not say one."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    NONE = ""


class Match(StrEnum):
    """How a mapped code relates to the code that it was mapped from. Source: RM 1.1.0, data_types, TERM_MAPPING."""

    SAME = "="
    WIDER = ">"
    NARROWER = "<"
    UNKNOWN = "?"


class Outcome(StrEnum):
    """What a clinician's review said."""

    NOT_REVIEWED = "not_reviewed"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    OUTDATED = "outdated"


class FlagCode(StrEnum):
    """What does not go together, or is not certain."""

    ACTIVE_AND_RESOLVED = "active_and_resolved"
    ACTIVE_AND_SUSPENDED = "active_and_suspended"
    CHANGED_AFTER_REVIEW = "changed_after_review"
    DIFFERENT_AMOUNT = "different_amount"
    DIFFERENT_CRITICALITY = "different_criticality"
    DIFFERENT_DECISION = "different_decision"
    DIFFERENT_END = "different_end"
    DIFFERENT_ONSET = "different_onset"
    DIFFERENT_SIDE = "different_side"
    DONE_AND_NOT_DONE = "done_and_not_done"
    EVENT_WITHOUT_DECISION = "event_without_decision"
    EVENTS_DISAGREE = "events_disagree"
    FITS_SEVERAL = "fits_several"
    HELD_AND_REFUTED = "held_and_refuted"
    NOT_REVIEWED_YET = "not_reviewed_yet"
    PRESENT_AND_NONE_KNOWN = "present_and_none_known"
    REJECTED_IN_REVIEW = "rejected_in_review"
    REVIEWS_DISAGREE = "reviews_disagree"
    TWO_ACTIVE_DECISIONS = "two_active_decisions"

    @property
    def is_contradiction(self) -> bool:
        """Tell whether sources contradict each other, rather than something being open."""
        return self not in _NOTICES


_NOTICES = frozenset(
    (
        FlagCode.CHANGED_AFTER_REVIEW,
        FlagCode.EVENT_WITHOUT_DECISION,
        FlagCode.FITS_SEVERAL,
        FlagCode.NOT_REVIEWED_YET,
    )
)


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a code system; `system` is its URI, or an alias of it."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Another code for the same statement, and how it relates to the statement's own."""

    match: Match
    target: Code


@dataclass(frozen=True, slots=True)
class Detail:
    """One more thing that the source said; `label` names it in each language."""

    key: str
    text: str
    label: Table[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a statement comes from.

    `system` is the key of the source system, `composer` and `facility` are names; `recorded` is the time of the record,
    `committed` when it was stored here; `version_uid` names the version that holds it and `items` are the source's own
    identifiers of it. `national_source` is set where the record is a copy of a national one.
    """

    system: str = ""
    composer: str = ""
    facility: str = ""
    recorded: str = ""
    updated: str = ""
    committed: str = ""
    version_uid: str = ""
    template_id: str = ""
    items: tuple[str, ...] = ()
    national_source: str = ""

    @property
    def version(self) -> str:
        """Return the version's place in its history, as in its uid; empty without one."""
        return self.version_uid.rpartition("::")[2] if "::" in self.version_uid else ""

    @property
    def actor(self) -> str:
        """Return who said it, as a reader knows it: facility, else author, else system."""
        return self.facility or self.composer or self.system


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A clinician's judgement of statements. `of` are ids of statements, `id` is that of the version that holds it."""

    id: str
    of: tuple[str, ...]
    outcome: Outcome
    by: str = ""
    role: str = ""
    time: str = ""
    comment: str = ""
    is_within_item: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says about one thing.

    `id` is `<version uid>/<place in the composition>`, unique within what is reconciled. `about` is what an exclusion,
    an absence or a directive is about; `subject` names who it is about when that is not the resident. `amount` is a
    dose or an extent as it is read; `value` the coded answer of a directive. `service`, `decision` and `replaces` are
    identifiers of services and decisions; `time` is when an event or a procedure happened.
    """

    id: str
    kind: Kind
    text: str
    origin: Origin = Origin()
    codes: tuple[Code, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    status: Status = Status.UNKNOWN
    status_text: str = ""
    onset: str = ""
    end: str = ""
    time: str = ""
    side: Side = Side.NONE
    certainty: str = ""
    criticality: str = ""
    amount: str = ""
    value: str = ""
    service: str = ""
    decision: str = ""
    replaces: tuple[str, ...] = ()
    about: str = ""
    subject: str = ""
    is_draft: bool = False
    reviews: tuple[Review, ...] = ()
    details: tuple[Detail, ...] = ()
    entry: str = ""

    @property
    def place(self) -> str:
        """Return the id without the version: the same thing in all versions of its composition."""
        uid, slash, path = self.id.partition("/")
        return uid.partition("::")[0] + slash + path

    @property
    def when(self) -> str:
        """Return the time by which a reader places it: when it happened or began, else when it was recorded."""
        return self.time or self.onset or self.origin.recorded


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that does not go together: two or more sides, each the ids of statements or reviews."""

    code: FlagCode
    sides: tuple[tuple[str, ...], ...]

    @property
    def ids(self) -> frozenset[str]:
        """Return all ids of all sides."""
        return frozenset(one for side in self.sides for one in side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All that is said about one thing.

    `states` has the state of each statement after the events that follow it; `state` is what they agree on, None where
    they contradict each other. `copies` are statements that one source made twice. `flags` are those with a side here.
    """

    key: str
    kind: Kind
    title: str
    statements: tuple[Statement, ...]
    state: Status | None
    states: Table[str, Status]
    copies: tuple[tuple[str, ...], ...] = ()
    flags: tuple[Flag, ...] = ()
    reviews: tuple[Review, ...] = ()

    @property
    def is_contradicted(self) -> bool:
        """Tell whether a contradiction has a side here."""
        return any(flag.code.is_contradiction for flag in self.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The answer: groups, what was set aside by reason (`draft`, `other_subject`), and all flags."""

    groups: tuple[Group, ...]
    flags: tuple[Flag, ...]
    set_aside: Table[str, tuple[Statement, ...]]
