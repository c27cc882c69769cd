"""One plan for the same question about many EHRs: `EHR e[ehr_id/value = $ehr]` is planned once and filled in later.

A repository is mostly asked about one patient at a time, and to plan a query costs more than to find its answer.
"""

from __future__ import annotations

import re
from dataclasses import replace

from aql.ast import ClassExpression, SelectQuery, descendants
from aql.path import Literal, LiteralKind, Operator, Parameter, PathTest, Predicate
from aql.plan import EhrTerm, Plan

STAND_IN = "00000000-0000-0000-0000-000000000000"
"""The id that plans are made with."""

_EHR_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{1,100}\Z")


def ehr_parameter(query: SelectQuery) -> str | None:
    """Return the name of the parameter that is the id of the only EHR of FROM and nothing else, None without one."""
    parameters = [node for node in descendants(query) if isinstance(node, Parameter)]
    found = [
        node.predicate.operand.name
        for node in descendants(query.source)
        if isinstance(node, ClassExpression)
        and node.rm_type == "EHR"
        and isinstance(node.predicate, PathTest)
        and node.predicate.path.attributes == ("ehr_id", "value")
        and node.predicate.operator is Operator.EQUAL
        and isinstance(node.predicate.operand, Parameter)
    ]
    if len(found) != 1 or sum(1 for parameter in parameters if parameter.name == found[0]) != 1:
        return None
    return found[0]


def is_ehr_id(value: object) -> bool:
    """Tell whether a value of the parameter is an id that can be filled in: text that is not a number's."""
    return isinstance(value, str) and "-" in value[1:] and _EHR_ID.match(value) is not None


def with_ehr(plan: Plan, ehr_id: str) -> Plan | None:
    """Return a plan that was made for `STAND_IN` for an EHR; None where it looks into EHRs in another way."""
    term = plan.term
    if not isinstance(term, EhrTerm) or plan.ehrs.ids != frozenset((STAND_IN,)):
        return None
    predicate = _filled(term.slot.predicate, ehr_id)
    if predicate is None:
        return None
    slot = replace(term.slot, predicate=predicate)
    slots = tuple(slot if each.number == slot.number else each for each in plan.slots)
    ehrs = replace(plan.ehrs, ids=frozenset((ehr_id,)))
    return replace(plan, term=replace(term, slot=slot), slots=slots, ehrs=ehrs)


def _filled(predicate: Predicate | None, ehr_id: str) -> Predicate | None:
    match predicate:
        case PathTest(operand=Literal(value=value)) if value == STAND_IN:
            return replace(predicate, operand=Literal(ehr_id, LiteralKind.STRING))
    return None
