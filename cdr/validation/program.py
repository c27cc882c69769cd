"""What a template's constraint nodes become for checking: tables and closures, made when first needed.

`program_of(template)` is kept on the template. A node's attributes are prepared at the first visit, so a template of
which only a corner is used costs little, and internal references may be recursive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CAttribute,
    CCodePhrase,
    CComplexObject,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CDvState,
    CObject,
    ConstraintRef,
    CPrimitiveObject,
)
from cdr.am.rm_types import is_primitive_name, parameter_of, plain_type
from cdr.am.template import OperationalTemplate
from cdr.am.terms import Term
from cdr.issue import Severity
from cdr.rm import DvText, RmObject
from cdr.validation import coded, primitives, quantity
from cdr.validation.conditions import checks_of
from cdr.validation.multiplicity import MultiplicityRules
from cdr.validation.names import NameRule
from cdr.validation.report import Finding
from cdr.validation.rm_plan import classes_of, plan_of
from cdr.validation.value_sets import ValueSets

ObjectCheck: TypeAlias = Callable[[RmObject, ValueSets], Finding | None]
ValueCheck: TypeAlias = Callable[[object], Finding | None]

# Attributes that hold a regular expression themselves. Source: RM 1.1.0, composition, ACTIVITY.action_archetype_id.
_PATTERN_ATTRIBUTES = frozenset({("ACTIVITY", "action_archetype_id")})


class AttributeProgram:
    """A constrained attribute: its children by node id, its slots, and the rules on how many there may be."""

    __slots__ = ("anonymous", "by_id", "children", "is_multiple", "name", "primitives", "rules", "slots")

    def __init__(self, attribute: CAttribute, parent: str, template: OperationalTemplate) -> None:
        self.name = attribute.name
        self.is_multiple = attribute.is_multiple
        self.rules = MultiplicityRules(attribute, parent=parent)
        self.children = tuple(
            NodeProgram(child, template) for child in attribute.children if not isinstance(child, CPrimitiveObject)
        )
        # None in the tuple is an alternative that allows every value.
        is_pattern = (plain_type(parent), attribute.name) in _PATTERN_ATTRIBUTES
        self.primitives = tuple(
            primitives.check_of(child, is_pattern=is_pattern)
            for child in attribute.children
            if isinstance(child, CPrimitiveObject)
        )
        by_id: dict[str, list[NodeProgram]] = {}
        for child in self.children:
            if not isinstance(child.node, ArchetypeSlot):
                by_id.setdefault(child.node.archetype_node_id, []).append(child)
        self.anonymous = tuple(by_id.pop("", ()))
        self.by_id = {node_id: tuple(found) for node_id, found in by_id.items()}
        self.slots = tuple(child for child in self.children if isinstance(child.node, ArchetypeSlot))


class NodeProgram:
    """A constrained object: which classes it may have, the check of its own value, its attributes."""

    __slots__ = (
        "_attributes",
        "_steps",
        "_template",
        "check",
        "classes",
        "conditions",
        "name_rule",
        "node",
        "parameter",
        "tolerated",
        "wrong_type",
    )

    def __init__(self, node: CObject, template: OperationalTemplate) -> None:
        self.node = node
        self._template = template
        self._attributes: dict[str, AttributeProgram] | None = None
        self._steps: dict[type[RmObject], tuple[tuple[str, AttributeProgram | None], ...]] = {}
        rm_type = plain_type(node.rm_type)
        self.classes = frozenset[type[RmObject]]() if is_primitive_name(rm_type) else classes_of(rm_type)
        parameter = parameter_of(node.rm_type)
        self.parameter = classes_of(parameter) if parameter else None
        self.wrong_type = Finding("TPL_TYPE", f"an object of the type {node.rm_type}")
        # An address in words where the template has a DV_URI: nothing is lost by keeping it, so it is only said.
        self.tolerated: Mapping[type[RmObject], Finding] = (
            {DvText: replace(self.wrong_type, severity=Severity.WARNING)}
            if self.classes == classes_of("DV_URI")
            else {}
        )
        target = self._target()
        terms = template.archetype_root_of(node).term_definitions.get(template.language, {})
        rule = NameRule(target, terms=terms) if target is not None else None
        self.name_rule = rule or None
        self.check = _check_of(node, template, terms)
        self.conditions = checks_of(node, template)

    def _target(self) -> CComplexObject | None:
        """Return the node whose attributes count: its own, or those that an internal reference points at."""
        node: CObject | None = self.node
        if isinstance(node, ArchetypeInternalRef):
            node = self._template.target_of(node)
        return node if isinstance(node, CComplexObject) else None

    def steps(self, rm_class: type[RmObject]) -> tuple[tuple[str, AttributeProgram | None], ...]:
        """Return the attributes to look at in an object of a class, with their constraints: None where free."""
        steps = self._steps.get(rm_class)
        if steps is None:
            attributes = self.attributes()
            fields = set(rm_class.__struct_fields__)
            constrained = tuple(
                (name, attribute) for name, attribute in attributes.items() if name in fields and name != "name"
            )
            # An attribute that the class does not have is a function, or of another release of the RM.
            free = tuple((name, None) for name in plan_of(rm_class).child_names if name not in dict(constrained))
            order = {name: position for position, name in enumerate(rm_class.__struct_fields__)}
            if self.name_rule is None and "name" in attributes and "name" in fields:
                constrained += (("name", attributes["name"]),)
                free = tuple(step for step in free if step[0] != "name")
            steps = tuple(sorted((*constrained, *free), key=lambda step: order[step[0]]))
            self._steps[rm_class] = steps
        return steps

    def attributes(self) -> dict[str, AttributeProgram]:
        """Return the constrained attributes by name."""
        if self._attributes is None:
            target = self._target()
            self._attributes = {
                attribute.name: AttributeProgram(attribute, self.node.rm_type, self._template)
                for attribute in (target.attributes if target is not None else ())
            }
        return self._attributes


def program_of(template: OperationalTemplate) -> NodeProgram:
    """Return the program of the template's root; use it through `template.derived`."""
    return NodeProgram(template.root, template)


def _check_of(node: CObject, template: OperationalTemplate, terms: Mapping[str, Term]) -> ObjectCheck | None:
    """Return the check of the node's own value, or None where its type allows everything."""
    if isinstance(node, CCodePhrase):
        return coded.code_phrase(node, terms=terms)
    if isinstance(node, ConstraintRef):
        bindings = template.archetype_root_of(node).constraint_bindings.values()
        uris = (codes[node.reference] for codes in bindings if node.reference in codes)
        return coded.constraint_reference(node, uri=next(uris, None))
    check: Callable[[RmObject], Finding | None] | None = None
    if isinstance(node, CComplexObject) and node.rm_type == "DV_CODED_TEXT":
        check = coded.rubric(node, term_table=template.archetype_root_of(node).term_definitions)
    elif isinstance(node, CDvQuantity):
        check = quantity.quantity(node)
    elif isinstance(node, CDvOrdinal):
        check = quantity.ordinal(node)
    elif isinstance(node, CDvScale):
        check = quantity.scale(node)
    elif isinstance(node, CDvState):
        check = quantity.state(node)
    if check is None:
        return None
    alone = check
    return lambda obj, _: alone(obj)


@lru_cache(maxsize=65536)
def is_same_or_specialised(archetype_id: str, *, declared: str) -> bool:
    """Tell whether an archetype may stand where a template declares one: the same concept and major version.

    A specialisation carries its parent's concept in front: `problem-diagnosis` specialises `problem`.
    Source: AM 1.4, ADL1.4 section 10.2 (archetype identifiers).

    >>> is_same_or_specialised(
    ...     "openEHR-EHR-EVALUATION.problem-diagnosis.v1.0.2", declared="openEHR-EHR-EVALUATION.problem.v1"
    ... )
    True
    """
    found, wanted = archetype_id.split(".", 2), declared.split(".", 2)
    if len(found) < 3 or len(wanted) < 3 or found[0] != wanted[0]:
        return False
    if found[1] != wanted[1] and not found[1].startswith(wanted[1] + "-"):
        return False
    return found[2].split(".")[0] == wanted[2].split(".")[0]
