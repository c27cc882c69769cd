"""The constraint nodes of archetypes and operational templates: AOM 1.4 in the form that OPT 1.4 gives it.

The reader of operational templates and the reader of ADL build these trees; the validator, the web template, the
JSON Schema generator and the compiler walk them. Everything is immutable. Trees are compared by identity, since two
nodes with equal constraints are still two nodes.
Source: AM 1.4, AOM1.4 sections 4 and 5. Class names follow it without underscores (`C_DV_QUANTITY` is `CDvQuantity`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cdr.am.assertions import Assertion
from cdr.am.intervals import ANY_NUMBER, OPTIONAL, REQUIRED_ONCE, Cardinality, Interval, Multiplicity
from cdr.am.primitives import CPrimitive, CString
from cdr.am.terms import Code, Term
from cdr.rm import DvOrdinal, DvQuantity, DvScale

__all__ = [
    "ANY_NUMBER",
    "OPTIONAL",
    "REQUIRED_ONCE",
    "ArchetypeInternalRef",
    "ArchetypeSlot",
    "CArchetypeRoot",
    "CAttribute",
    "CCodePhrase",
    "CCodeReference",
    "CComplexObject",
    "CDvOrdinal",
    "CDvQuantity",
    "CDvScale",
    "CDvState",
    "CObject",
    "CPrimitiveObject",
    "Cardinality",
    "ConstraintRef",
    "Interval",
    "Multiplicity",
    "OrdinalItem",
    "QuantityItem",
    "ScaleItem",
    "State",
    "TermTable",
    "Transition",
    "walk",
]

# language -> code -> term
TermTable: TypeAlias = Mapping[str, Mapping[str, Term]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CAttribute:
    """The constraint on one attribute of an RM object.

    `children` are alternatives for a single attribute and members for a multiple one; no children means that anything
    the RM allows is allowed. `cardinality` is given for multiple attributes only.
    """

    name: str
    existence: Multiplicity = REQUIRED_ONCE
    is_multiple: bool = False
    cardinality: Cardinality | None = None
    children: tuple[CObject, ...] = ()
    match_negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CObject:
    """Any constraint on an object: its RM type, how often it may occur and its node id (`""` where it has none)."""

    rm_type: str
    occurrences: Multiplicity = REQUIRED_ONCE
    node_id: str = ""

    @property
    def archetype_node_id(self) -> str:
        """Return what `archetype_node_id` holds in data for this node: an at-code, an archetype id or `""`."""
        return self.node_id


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CComplexObject(CObject):
    """A constraint on an object with attributes; attributes that are not listed are free."""

    attributes: tuple[CAttribute, ...] = ()

    def attribute(self, name: str) -> CAttribute | None:
        """Return the constraint on an attribute, or None where it is free."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the texts to which the node's name is constrained, or () where any name goes."""
        attribute = self.attribute("name")
        if attribute is None:
            return ()
        found: list[str] = []
        for child in attribute.children:
            value = child.attribute("value") if isinstance(child, CComplexObject) else None
            for item in value.children if value else ():
                if isinstance(item, CPrimitiveObject) and isinstance(item.item, CString):
                    found.extend(item.item.values)
        return tuple(found)

    @property
    def name_codes(self) -> tuple[Code, ...]:
        """Return the codes to which the node's name is constrained, or () where it is not coded."""
        attribute = self.attribute("name")
        if attribute is None:
            return ()
        found: list[Code] = []
        for child in attribute.children:
            coded = child.attribute("defining_code") if isinstance(child, CComplexObject) else None
            for item in coded.children if coded else ():
                if isinstance(item, CCodePhrase):
                    found.extend(Code(item.terminology or "local", code) for code in item.codes)
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CArchetypeRoot(CComplexObject):
    """The root of an archetype inside a template (or the template itself), with the terms of its archetype.

    Shape: `term_definitions["nb"]["at0004"].text`; `term_bindings["SNOMED-CT"]["at0004"]` is the bound code;
    `constraint_bindings["SNOMED-CT"]["ac0001"]` is a URI. `slot_node_id` is the at-code of the slot that it fills.
    """

    archetype_id: str
    template_id: str = ""
    slot_node_id: str = ""
    term_definitions: TermTable = field(default_factory=dict)
    constraint_definitions: TermTable = field(default_factory=dict)
    term_bindings: Mapping[str, Mapping[str, Code]] = field(default_factory=dict)
    constraint_bindings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def archetype_node_id(self) -> str:
        """Return the archetype id: what `archetype_node_id` holds in data at an archetype root."""
        return self.archetype_id


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArchetypeSlot(CObject):
    """A place for other archetypes; `cdr.am.slots` decides whether an archetype id may fill it."""

    includes: tuple[Assertion, ...] = ()
    excludes: tuple[Assertion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArchetypeInternalRef(CObject):
    """The same constraint as the node at `target_path`, which is absolute within the archetype."""

    target_path: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConstraintRef(CObject):
    """A reference to a constraint in the ontology of the archetype: `reference` is an ac-code."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CPrimitiveObject(CObject):
    """A constraint on a primitive value; `item` None allows any value of the type."""

    item: CPrimitive | None = None


@dataclass(frozen=True, slots=True)
class QuantityItem:
    """One permitted unit (a UCUM string) with the range of magnitudes and of decimal places that go with it."""

    units: str
    magnitude: Interval[float] | None = None
    precision: Interval[int] | None = None
    units_system: str = ""
    units_display_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CDvQuantity(CObject):
    """A constraint on DV_QUANTITY; no items allows any units, of the property if that is given."""

    property: Code | None = None
    items: tuple[QuantityItem, ...] = ()
    assumed: DvQuantity | None = None


@dataclass(frozen=True, slots=True)
class OrdinalItem:
    """One step of an ordinal; `text` is the symbol's text where the source gives it."""

    value: int
    symbol: Code
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CDvOrdinal(CObject):
    """A constraint on DV_ORDINAL to the listed steps; none listed allows any."""

    items: tuple[OrdinalItem, ...] = ()
    assumed: DvOrdinal | None = None


@dataclass(frozen=True, slots=True)
class ScaleItem:
    """One step of a scale; `text` is the symbol's text where the source gives it."""

    value: float
    symbol: Code
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CDvScale(CObject):
    """A constraint on DV_SCALE to the listed steps; none listed allows any."""

    items: tuple[ScaleItem, ...] = ()
    assumed: DvScale | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CCodePhrase(CObject):
    """A constraint on CODE_PHRASE: the terminology (None for any) and the codes (none listed allows all of it)."""

    terminology: str | None = None
    codes: tuple[str, ...] = ()
    assumed: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CCodeReference(CCodePhrase):
    """A constraint on CODE_PHRASE to an external value set, for instance `terminology:SNOMED-CT?subset=pulse`."""

    reference_set_uri: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition of a state machine; `next_state` names the state it leads to."""

    event: str
    action: str = ""
    guard: str = ""
    next_state: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """One state of a state machine; without transitions it is terminal."""

    name: str
    transitions: tuple[Transition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CDvState(CObject):
    """A constraint on DV_STATE to the states of a machine."""

    states: tuple[State, ...] = ()


def walk(node: CObject) -> Iterator[CObject]:
    """Yield the node and everything below it, depth first, in the order of the source."""
    stack: list[CObject] = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, CComplexObject):
            for attribute in reversed(current.attributes):
                stack.extend(reversed(attribute.children))
