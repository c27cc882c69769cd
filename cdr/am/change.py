"""`Change`: one difference between two versions of a template, and the table of verdicts on every kind of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


class Verdict(StrEnum):
    """What a change means to somebody who used the old version."""

    COMPATIBLE = "compatible"
    ADDITIVE = "additive"
    BREAKING = "breaking"


_C, _A, _B = Verdict.COMPATIBLE, Verdict.ADDITIVE, Verdict.BREAKING


class Kind(Enum):
    """Every kind of change: its verdicts on stored data, FLAT clients and stored queries, and a sentence on it."""

    OPTIONAL_NODE_ADDED = (_A, _A, _C, "an optional node is new")
    MANDATORY_NODE_ADDED = (_B, _B, _C, "a mandatory node is new: stored data lacks it")
    NODE_REMOVED = (_B, _B, _B, "a node is gone: stored data may hold it")
    PROHIBITED_NODE_REMOVED = (_C, _C, _C, "a node that nothing could fill is gone")
    TYPE_ADDED = (_A, _B, _C, "a further data type is allowed: FLAT keys get a suffix where there was one type")
    TYPE_REMOVED = (_B, _B, _B, "a data type is no longer allowed")
    TYPE_CHANGED = (_B, _B, _B, "a node has another RM type")
    TYPE_WIDENED = (_A, _C, _C, "a node has a more general RM type")
    ARCHETYPE_CHANGED = (_B, _B, _B, "another archetype, or another version of it, is used")
    SLOT_ADDED = (_A, _C, _C, "a slot is new")
    SLOT_REMOVED = (_B, _C, _C, "a slot is gone: stored data may fill it")
    SLOT_WIDENED = (_A, _C, _C, "a slot admits more archetypes")
    SLOT_NARROWED = (_B, _C, _C, "a slot admits fewer or other archetypes")
    ATTRIBUTE_CONSTRAINED = (_B, _B, _C, "an attribute that was free is constrained")
    ATTRIBUTE_FREED = (_A, _A, _C, "an attribute is no longer constrained")
    VALUE_CONSTRAINED = (_B, _B, _C, "a value that was free is constrained")
    VALUE_FREED = (_A, _A, _C, "a value is no longer constrained")
    NAME_CONSTRAINED = (_B, _B, _C, "a name that was free is fixed")
    NAME_CHANGED = (_B, _B, _B, "a name is fixed to another text or code")
    NAME_WIDENED = (_A, _C, _C, "more names are allowed")
    NAME_FREED = (_A, _B, _C, "a name is no longer fixed")
    MINIMUM_RAISED = (_B, _B, _C, "more occurrences are needed")
    MINIMUM_LOWERED = (_A, _A, _C, "fewer occurrences are needed")
    MAXIMUM_LOWERED = (_B, _B, _C, "fewer occurrences are allowed")
    MAXIMUM_RAISED = (_A, _A, _C, "more occurrences are allowed")
    MADE_MANDATORY = (_B, _B, _C, "an attribute has become mandatory")
    MADE_OPTIONAL = (_A, _A, _C, "an attribute has become optional")
    PROHIBITED = (_B, _B, _B, "an attribute is no longer allowed")
    ALLOWED = (_A, _A, _C, "an attribute that was not allowed is now")
    CARDINALITY_NARROWED = (_B, _B, _C, "fewer members are allowed, or more are needed, in a container")
    CARDINALITY_WIDENED = (_A, _A, _C, "more members are allowed, or fewer are needed, in a container")
    MADE_UNIQUE = (_B, _B, _C, "members of a container have to differ")
    MADE_NON_UNIQUE = (_A, _A, _C, "members of a container may be equal")
    ORDER_CHANGED = (_C, _C, _C, "whether the order of members matters has changed")
    CODES_ADDED = (_A, _A, _C, "further codes are allowed")
    CODES_REMOVED = (_B, _B, _B, "codes are no longer allowed")
    TERMINOLOGY_CHANGED = (_B, _B, _B, "the codes come from another terminology")
    VALUE_SET_CHANGED = (_B, _B, _C, "another external value set is referred to")
    STEPS_ADDED = (_A, _A, _C, "an ordinal or a scale has further steps")
    STEPS_REMOVED = (_B, _B, _B, "steps of an ordinal or a scale are gone or mean something else")
    UNITS_ADDED = (_A, _A, _C, "further units are allowed")
    UNITS_REMOVED = (_B, _B, _B, "units are no longer allowed")
    PROPERTY_CHANGED = (_C, _C, _C, "the property of a quantity is named differently")
    RANGE_WIDENED = (_A, _A, _C, "a range of values is wider")
    RANGE_NARROWED = (_B, _B, _C, "a range of values is narrower")
    PRECISION_WIDENED = (_A, _A, _C, "more decimal places are allowed")
    PRECISION_NARROWED = (_B, _B, _C, "fewer decimal places are allowed")
    TEXTS_ADDED = (_A, _A, _C, "further texts or numbers are listed")
    TEXTS_REMOVED = (_B, _B, _C, "texts or numbers are no longer listed")
    LIST_OPENED = (_A, _A, _C, "a list has become a suggestion")
    LIST_CLOSED = (_B, _B, _C, "a list of suggestions has become binding")
    PATTERN_CHANGED = (_B, _B, _C, "a pattern is new or different")
    PATTERN_REMOVED = (_A, _A, _C, "a pattern is gone")
    BOOLEAN_NARROWED = (_B, _B, _C, "true or false is no longer allowed")
    BOOLEAN_WIDENED = (_A, _A, _C, "both true and false are allowed now")
    CONDITION_TIGHTENED = (_B, _B, _C, "a condition in an annotation is new or allows less")
    CONDITION_RELAXED = (_A, _A, _C, "a condition in an annotation is gone or allows more")
    STATES_CHANGED = (_B, _B, _C, "a state machine is different")
    ASSUMED_CHANGED = (_C, _C, _C, "an assumed value is different")
    LABEL_CHANGED = (_C, _C, _C, "a label is different")
    FLAT_ID_CHANGED = (_C, _B, _C, "a FLAT id is different, so keys that contain it are unknown")
    FLAT_ID_ADDED = (_C, _A, _C, "a FLAT id is new")
    LANGUAGE_ADDED = (_C, _C, _C, "a language is new")
    LANGUAGE_REMOVED = (_C, _C, _C, "a language is gone")
    ANNOTATION_CHANGED = (_C, _C, _C, "an annotation is different")
    DEFAULT_CHANGED = (_C, _C, _C, "a default value is different")

    def __init__(self, data: Verdict, flat: Verdict, queries: Verdict, meaning: str) -> None:
        self.data = data
        self.flat = flat
        self.queries = queries
        self.meaning = meaning


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `before` and `after` are what stood there, in short, where a few words can say it."""

    kind: Kind
    path: str
    label: str = ""
    before: str = ""
    after: str = ""

    @property
    def data(self) -> Verdict:
        """Return the verdict on stored data."""
        return self.kind.data

    @property
    def flat(self) -> Verdict:
        """Return the verdict on FLAT clients."""
        return self.kind.flat

    @property
    def queries(self) -> Verdict:
        """Return the verdict on stored queries."""
        return self.kind.queries


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the gravest of some verdicts; compatible when there are none."""
    return max(verdicts, key=list(Verdict).index, default=Verdict.COMPATIBLE)
