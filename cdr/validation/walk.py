"""The one pass over an object: reference model, template and terminology together.

`constrained` follows the template; whatever it leaves free, and everything without a template, goes through `free`,
which applies the rules of the reference model only. Where several constraints may be meant, they are tried until one is
satisfied; each is another part of the template, so the cost stays within the size of template and data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from cdr.am.constraints import ArchetypeSlot, CArchetypeRoot
from cdr.am.slots import may_fill
from cdr.rm import DvInterval, Element, RmObject
from cdr.validation.matching import UNFIT_FOR_SLOT, UNKNOWN_NODE, candidates, slot_of, with_room
from cdr.validation.multiplicity import occurrences
from cdr.validation.program import AttributeProgram, NodeProgram
from cdr.validation.report import Finding, Located, Trail
from cdr.validation.rm_plan import ClassPlan, plan_of
from cdr.validation.value_sets import ValueSets

NO_COUNTS: Mapping[int, int] = MappingProxyType({})


class Walk:
    """The state of one validation: what has been found, and how to ask about value sets."""

    __slots__ = ("_plans", "found", "sets")

    def __init__(self, sets: ValueSets) -> None:
        self.found: list[Located] = []
        self.sets = sets
        self._plans: dict[type[RmObject], ClassPlan] = {}

    def free(self, obj: RmObject, trail: Trail) -> None:
        """Check an object and everything in it against the reference model."""
        stack: list[tuple[RmObject, Trail]] = [(obj, trail)]
        while stack:
            obj, trail = stack.pop()
            plan = self._rules(obj, trail)
            below: list[tuple[RmObject, Trail]] = []
            for name, value in zip(plan.child_names, plan.children(obj), strict=True):
                if value is None:
                    continue
                if type(value) is list:
                    below.extend((member, (trail, name, member, None)) for member in value)
                else:
                    below.append((value, (trail, name, value, None)))
            stack.extend(reversed(below))

    def _rules(self, obj: RmObject, trail: Trail) -> ClassPlan:
        """Apply the rules of the reference model to one object."""
        rm_class = type(obj)
        plan = self._plans.get(rm_class)
        if plan is None:
            plan = self._plans[rm_class] = plan_of(rm_class)
        required = plan.required(obj)
        if None in required:
            for name, value in zip(plan.required_names, required, strict=True):
                if value is None:
                    self.found.append(Located(plan.missing[name], trail))
        for holds, finding in plan.rules:
            if not holds(obj):
                self.found.append(Located(finding, trail))
        for verdict, findings in plan.codes:
            severity = verdict(obj)
            if severity is not None:
                self.found.append(Located(findings[severity], trail))
        return plan

    def constrained(self, obj: RmObject, program: NodeProgram, trail: Trail) -> None:
        """Check an object against its constraint, and everything in it."""
        rm_class = type(obj)
        if rm_class not in program.classes:
            self.found.append(Located(program.tolerated.get(rm_class, program.wrong_type), trail))
            self.free(obj, trail)
            return
        plan = self._rules(obj, trail)
        if program.check is not None:
            finding = program.check(obj, self.sets)
            if finding is not None:
                self.found.append(Located(finding, trail))
        for condition in program.conditions:
            finding = condition(obj)
            if finding is not None:
                self.found.append(Located(finding, trail))
        if program.name_rule is not None and not program.name_rule.is_met(obj):
            self.found.append(Located(program.name_rule.finding, trail))
        if program.parameter is not None and isinstance(obj, DvInterval):
            self._bounds(obj, program, trail)
        for name, attribute in program.steps(rm_class):
            value = getattr(obj, name)
            if attribute is None:
                if value is not None:
                    self._free_value(name, value, trail)
            elif value is None:
                self._absent(obj, attribute, plan, trail)
            else:
                self._present(attribute, value, trail)

    def _free_value(self, name: str, value: Any, trail: Trail) -> None:  # an object or a list of them
        if type(value) is list:
            for member in value:
                self.free(member, (trail, name, member, None))
        else:
            self.free(value, (trail, name, value, None))

    def _bounds(self, obj: DvInterval, program: NodeProgram, trail: Trail) -> None:
        for bound in (obj.lower, obj.upper):
            if bound is not None and program.parameter is not None and type(bound) not in program.parameter:
                self.found.append(Located(program.wrong_type, trail))
                return

    def _absent(self, obj: RmObject, attribute: AttributeProgram, plan: ClassPlan, trail: Trail) -> None:
        finding = attribute.rules.absent()
        if finding is None or attribute.name in plan.missing:
            return  # allowed, or reported by the reference model already
        if attribute.name == "value" and isinstance(obj, Element) and obj.null_flavour is not None:
            return
        self.found.append(Located(finding, trail))

    def _present(self, attribute: AttributeProgram, value: Any, trail: Trail) -> None:  # object, list or primitive
        finding = attribute.rules.present()
        if finding is not None:
            self.found.append(Located(finding, trail))
        if isinstance(value, list):
            if not value or isinstance(value[0], RmObject):
                self._members(attribute, value, trail)
        elif isinstance(value, RmObject):
            here: Trail = (trail, attribute.name, value, None)
            if not attribute.children:
                self.free(value, here)
                return
            self._match(attribute, value, here)
        elif attribute.primitives:
            self._primitive(attribute, value, trail)

    def _primitive(self, attribute: AttributeProgram, value: object, trail: Trail) -> None:
        first: Finding | None = None
        for check in attribute.primitives:
            finding = check(value) if check is not None else None
            if finding is None:
                return
            first = first or finding
        if first is not None:
            self.found.append(Located(replace(first, attribute=attribute.name), trail))

    def _best(self, meant: Sequence[NodeProgram], obj: RmObject, here: Trail) -> NodeProgram:
        """Check an object against the alternatives; the first it satisfies counts, else the one with least issues."""
        if len(meant) == 1:
            program = meant[0]
            self.constrained(obj, program, (here[0], here[1], obj, program.node))
            return program
        best, least = meant[0], self._verdict(meant[0], obj, here)
        for program in meant[1:]:
            if not least:
                break
            verdict = self._verdict(program, obj, here)
            if len(verdict) < len(least):
                best, least = program, verdict
        self.found.extend(least)
        return best

    def _verdict(self, program: NodeProgram, obj: RmObject, here: Trail) -> list[Located]:
        outer, self.found = self.found, []
        self.constrained(obj, program, (here[0], here[1], obj, program.node))
        verdict, self.found = self.found, outer
        return verdict

    def _members(self, attribute: AttributeProgram, members: Sequence[RmObject], trail: Trail) -> None:
        for finding in attribute.rules.members(members):
            self.found.append(Located(finding, trail))
        if not attribute.children:
            for member in members:
                self.free(member, (trail, attribute.name, member, None))
            return
        counts: dict[int, int] = {}
        for member in members:
            met = self._match(attribute, member, (trail, attribute.name, member, None), counts)
            if met is not None:
                counts[id(met)] = counts.get(id(met), 0) + 1
        for program in attribute.children:
            wrong = occurrences(program.node, counts.get(id(program), 0), attribute=attribute.name)
            if wrong is not None and not (wrong.is_missing and _is_filled(attribute, program, counts)):
                self.found.append(Located(wrong, trail, program.node))

    def _match(
        self, attribute: AttributeProgram, obj: RmObject, here: Trail, counts: Mapping[int, int] = NO_COUNTS
    ) -> NodeProgram | None:
        """Check an object against the constraint it is meant for, which is returned; None if there is none."""
        meant = candidates(attribute, obj)
        if meant and type(obj) in meant[0].classes:
            return self._best(with_room(meant, counts), obj, here)
        slot = slot_of(attribute, obj, counts=counts)
        if slot is None and meant:
            return self._best(meant, obj, here)
        if slot is None:
            is_root = bool(attribute.slots) and getattr(obj, "archetype_details", None) is not None
            self.found.append(Located(UNFIT_FOR_SLOT if is_root else UNKNOWN_NODE, here))
        self.free(obj, here)
        return slot


def _is_filled(attribute: AttributeProgram, program: NodeProgram, counts: Mapping[int, int]) -> bool:
    """Tell whether a slot that is still open is filled by archetypes that the template put beside it."""
    slot = program.node
    return isinstance(slot, ArchetypeSlot) and any(
        counts.get(id(other)) and isinstance(other.node, CArchetypeRoot) and may_fill(slot, other.node.archetype_id)
        for other in attribute.children
    )
