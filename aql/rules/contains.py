"""Archetypes that an object must hold: CONTAINS as a condition on the archetype ids of the whole object.

Where a class is and what it is nested in is verified on the object itself; this only leaves out objects that cannot
match. NOT CONTAINS leaves objects out only where it names a bare archetype directly under the root of the object.
"""

from __future__ import annotations

from dataclasses import replace

from aql.path import NodeId, NodeTest, Predicate
from aql.plan import (
    AllTerms,
    AnyTerms,
    EhrTerm,
    EitherPlace,
    HasAll,
    HasAny,
    HasArchetype,
    HasNone,
    Need,
    NodeTerm,
    Plan,
    SourceTerm,
    Term,
    VersionTerm,
)
from aql.rules.conjuncts import tests

_ROOTS = ("COMPOSITION", "EHR_STATUS")


def require_archetypes(plan: Plan) -> Plan:
    """Return the plan with the archetypes that each source needs."""
    needs: dict[int, Need] = {}
    _collect(plan.term, needs)
    sources = tuple(
        replace(source, needs=needs[source.number]) if source.number in needs else source for source in plan.sources
    )
    return replace(plan, sources=sources)


def _collect(term: Term | None, needs: dict[int, Need]) -> None:
    match term:
        case SourceTerm(source=number, term=inner):
            need = _need(inner, is_root=True)
            if need is not None:
                needs[number] = need
            _collect(inner.contained, needs)
        case EhrTerm(contained=contained) | NodeTerm(contained=contained) | VersionTerm(contained=contained):
            _collect(contained, needs)
        case AllTerms(terms=terms) | AnyTerms(terms=terms) | EitherPlace(places=terms):
            for each in terms:
                _collect(each, needs)


def _need(term: Term | None, *, is_root: bool) -> Need | None:
    """Return what an object needs for the term to match in it; None: nothing that can be told."""
    match term:
        case NodeTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            found = archetype_of(slot.predicate)
            own = None if found is None else HasArchetype(found)
            if is_excluded:
                # Only the root has all of the object below it: further down, another node may hold what is excluded.
                return _all([own, _excluded(contained) if is_root and slot.rm_type in _ROOTS else None])
            return _all([own, _need(contained, is_root=False)])
        case VersionTerm(contained=contained, is_excluded=False):
            return _need(contained, is_root=True)
        case AllTerms(terms=terms):
            return _all([_need(each, is_root=is_root) for each in terms])
        case AnyTerms(terms=terms):
            each_need = [_need(each, is_root=is_root) for each in terms]
            return None if None in each_need else HasAny(tuple(need for need in each_need if need is not None))
    # Another source, or one place of several: nothing about this object.
    return None


def _excluded(term: Term | None) -> Need | None:
    """Return what NOT CONTAINS demands of the object, where archetype ids alone decide it."""
    if not isinstance(term, NodeTerm) or term.contained is not None:
        return None
    predicate = term.slot.predicate
    if not isinstance(predicate, NodeTest) or predicate.name is not None:
        return None
    found = archetype_of(predicate)
    is_of_class = found is not None and f"-{term.slot.rm_type}." in found
    return HasNone(found) if found is not None and is_of_class else None


def _all(needs: list[Need | None]) -> Need | None:
    known = tuple(need for need in needs if need is not None)
    if len(known) < 2:
        return known[0] if known else None
    return HasAll(known)


def archetype_of(predicate: Predicate | None) -> str | None:
    """Return the archetype id that a predicate demands."""
    for test in tests(predicate):
        if isinstance(test, NodeTest) and isinstance(test.node_id, NodeId) and test.node_id.is_archetype_id:
            return test.node_id.value
    return None
