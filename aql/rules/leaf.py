"""Conditions on one value that choose candidates: `o/.../value/magnitude > 160` on a fully coded path of an entry.

Only what every row of the answer implies, and only where the index holds exactly what the path meets: plain numbers
against `value/magnitude`, codes against `value/defining_code/code_string`. `!=`, NULL, NOT EXISTS, texts, dates and
whole quantities never choose candidates. Which of the conditions is used is decided by counts when filters are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aql.ast import Comparison, IdentifiedPath, MatchesValues
from aql.path import AllTests, Literal, LiteralKind, NodeId, NodeTest, Operator, PathSegment
from aql.plan import LeafRange, Mode, Plan, Versions
from aql.rules.conjuncts import conjuncts, tests
from aql.rules.contains import archetype_of

_ENTRIES = frozenset({"OBSERVATION", "EVALUATION", "INSTRUCTION", "ACTION", "ADMIN_ENTRY"})
_NUMBER = ("value", "magnitude")
_CODE = ("value", "defining_code", "code_string")
_LONGEST_CODE = 100


def choose_leaves(plan: Plan) -> Plan:
    """Return the plan with the conditions that may choose candidates; none where an EHR or object is given."""
    source = plan.sources[0] if len(plan.sources) == 1 else None
    if source is None or plan.mode is not Mode.STREAM or plan.ehrs.ids is not None or source.object_ids is not None:
        return plan
    if source.versions is not Versions.CURRENT:
        return plan
    archetypes = {
        slot.variable.lower(): found
        for slot in plan.slots
        if slot.variable is not None
        and slot.rm_type in _ENTRIES
        and (found := archetype_of(slot.predicate)) is not None
    }
    leaves = tuple(_leaves(plan, archetypes))
    return replace(plan, sources=(replace(source, leaves=leaves),)) if leaves else plan


def _leaves(plan: Plan, archetypes: dict[str, str]) -> Iterator[LeafRange]:
    for term in conjuncts(plan.condition):
        values: tuple[Literal, ...]
        match term:
            case Comparison(left=IdentifiedPath() as path, operator=operator, right=Literal() as literal):
                values, sign = (literal,), operator.value
                if operator is Operator.NOT_EQUAL:
                    continue
            case MatchesValues(left=IdentifiedPath() as path, values=found) if all(
                isinstance(value, Literal) for value in found
            ):
                values, sign = tuple(value for value in found if isinstance(value, Literal)), "in"
            case _:
                continue
        archetype = archetypes.get(path.variable.lower())
        spelt = None if path.predicate is not None else _indexed_path(path.path.segments)
        if archetype is None or spelt is None:
            continue
        is_number = spelt.endswith("/value/magnitude")
        if all(_fits(value, sign, is_number=is_number) for value in values):
            plain = tuple(value.value for value in values if value.value is not None)
            yield LeafRange(archetype, spelt, sign, plain)


def _fits(literal: Literal, sign: str, *, is_number: bool) -> bool:
    if is_number:
        return literal.kind in (LiteralKind.INTEGER, LiteralKind.REAL)
    is_short = isinstance(literal.value, str) and 0 < len(literal.value) < _LONGEST_CODE
    return literal.kind is LiteralKind.STRING and is_short and sign in ("=", "in")


def _indexed_path(segments: tuple[PathSegment, ...]) -> str | None:
    """Return the path as the dictionary spells it: every node with its id, then the value."""
    attributes = tuple(segment.attribute for segment in segments)
    for tail in (_NUMBER, _CODE):
        nodes, values = segments[: -len(tail)], segments[-len(tail) :]
        if attributes[-len(tail) :] == tail and nodes and all(segment.predicate is None for segment in values):
            ids = [_node_id(segment) for segment in nodes]
            if all(found is not None for found in ids):
                steps = (f"/{segment.attribute}[{found}]" for segment, found in zip(nodes, ids, strict=True))
                return "".join(steps) + "/" + "/".join(tail)
    return None


def _node_id(segment: PathSegment) -> str | None:
    if segment.predicate is None or not isinstance(segment.predicate, NodeTest | AllTests):
        return None
    for test in tests(segment.predicate):
        # An archetype id also means its specialisations, which have paths of their own.
        if isinstance(test, NodeTest) and isinstance(test.node_id, NodeId) and not test.node_id.is_archetype_id:
            return test.node_id.value
    return None
