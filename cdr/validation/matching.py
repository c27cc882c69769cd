"""Which constraint a member of a container, or the value of an attribute, is meant to satisfy.

Members are found by archetype id or at-code, then by the name where siblings share the id, then by type; specialised
archetypes stand for their parents; slots take what fits them. What is left over is unknown to the template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdr.am.constraints import ArchetypeSlot
from cdr.am.slots import may_fill
from cdr.rm import RmObject
from cdr.validation.program import AttributeProgram, NodeProgram, is_same_or_specialised
from cdr.validation.report import Finding

UNKNOWN_NODE = Finding("TPL_UNKNOWN_NODE", "a node that the template has at this place")
UNFIT_FOR_SLOT = Finding("TPL_SLOT", "an archetype that the slot allows at this place")


def candidates(attribute: AttributeProgram, obj: RmObject) -> Sequence[NodeProgram]:
    """Return the constraints that an object may be meant for, the likeliest first; () if the template has none."""
    node_id: str | None = getattr(obj, "archetype_node_id", None)
    if not node_id:
        return _of_type(attribute.anonymous or attribute.children, obj)
    found = attribute.by_id.get(node_id) or _specialised(attribute, node_id)
    if not found:
        return _of_type(attribute.anonymous, obj)
    return found if len(found) == 1 else _named(found, obj)


def _of_type(programs: Sequence[NodeProgram], obj: RmObject) -> Sequence[NodeProgram]:
    """Return the constraints on the object's class; all of them if there is none, so that one can be reported."""
    rm_class = type(obj)
    fitting = [program for program in programs if rm_class in program.classes]
    if len(fitting) > 1:
        # An interval by the type of its bounds, and a class before its ancestors.
        fitting = [program for program in fitting if _has_parameter(program, obj)] or fitting
        fitting.sort(key=lambda program: len(program.classes))
    return fitting or programs


def _has_parameter(program: NodeProgram, obj: RmObject) -> bool:
    if program.parameter is None:
        return True
    bounds = [bound for bound in (getattr(obj, "lower", None), getattr(obj, "upper", None)) if bound is not None]
    return all(type(bound) in program.parameter for bound in bounds)


def _specialised(attribute: AttributeProgram, node_id: str) -> tuple[NodeProgram, ...]:
    """Return the constraints on a parent of an archetype, or of a specialised at-code."""
    if node_id.startswith("at"):
        general = node_id.rpartition(".")[0]
        while general:
            if general in attribute.by_id:
                return attribute.by_id[general]
            general = general.rpartition(".")[0]
        return ()
    return tuple(
        program
        for declared, programs in attribute.by_id.items()
        if is_same_or_specialised(node_id, declared=declared)
        for program in programs
    )


def _named(programs: Sequence[NodeProgram], obj: RmObject) -> Sequence[NodeProgram]:
    """Return those whose name rule the object meets, else those without a rule, else all."""
    met = [program for program in programs if program.name_rule is not None and program.name_rule.is_met(obj)]
    return met or [program for program in programs if program.name_rule is None] or programs


def slot_of(attribute: AttributeProgram, obj: RmObject, *, counts: Mapping[int, int]) -> NodeProgram | None:
    """Return the slot that an archetype root may fill, one that still has room if there is one; None for no slot."""
    node_id: str | None = getattr(obj, "archetype_node_id", None)
    if not node_id or not attribute.slots:
        return None
    fitting: NodeProgram | None = None
    for program in attribute.slots:
        slot = program.node
        if isinstance(slot, ArchetypeSlot) and type(obj) in program.classes and may_fill(slot, node_id):
            if not is_used_up(program, counts):
                return program
            fitting = fitting or program
    return fitting


def with_room(meant: Sequence[NodeProgram], counts: Mapping[int, int]) -> Sequence[NodeProgram]:
    """Return the alternatives with those that are used up last."""
    if len(meant) == 1 or not counts:
        return meant
    return sorted(meant, key=lambda program: is_used_up(program, counts))


def is_used_up(program: NodeProgram, counts: Mapping[int, int]) -> bool:
    """Tell whether a constraint is met as often as it may be; `counts` is by the identity of programs."""
    upper = program.node.occurrences.upper
    return upper is not None and counts.get(id(program), 0) >= upper
