"""Content that need not be read: objects of which only the existence or the metadata of the version counts."""

from __future__ import annotations

from dataclasses import replace

from aql.plan import (
    AllTerms,
    AnyTerms,
    EhrTerm,
    NodeTerm,
    Plan,
    Slot,
    Source,
    SourceTerm,
    Step,
    Term,
    VersionTerm,
)

_ROOTS = ("COMPOSITION", "EHR_STATUS")


def leave_out_content(plan: Plan) -> Plan:
    """Return the plan with sources whose objects are not read.

    Those are bare VERSIONs with no path into `data`, and bare compositions of which at most the uid is asked for.
    """
    for number, slot in _bare_roots(plan.term):
        root = next((tree.root for tree in plan.paths if tree.slot == slot.number), None)
        if root is None or _is_uid_only(root):
            sources = tuple(
                replace(source, needs_content=False) if source.number == number else source for source in plan.sources
            )
            plan = replace(plan, sources=sources)
    bare = dict(_bare(plan.term))
    if not bare:
        return plan
    trees = {tree.slot: tree.root for tree in plan.paths}
    sources = tuple(
        _without_content(source, bare[source.number], trees.get(bare[source.number].slot.number))
        if source.number in bare
        else source
        for source in plan.sources
    )
    return replace(plan, sources=sources)


def _bare_roots(term: Term | None) -> list[tuple[int, Slot]]:
    match term:
        case SourceTerm(source=number, term=NodeTerm(slot=slot, contained=None), is_linked=False) if (
            slot.rm_type in _ROOTS and slot.predicate is None
        ):
            return [(number, slot)]
        case AllTerms(terms=terms) | AnyTerms(terms=terms):
            return [found for each in terms for found in _bare_roots(each)]
        case EhrTerm(contained=contained):
            return _bare_roots(contained)
    return []


def _is_uid_only(root: Step) -> bool:
    is_untouched = not root.columns and not root.witnesses
    return is_untouched and all(step.attribute == "uid" and step.predicate is None for step in root.steps)


def _bare(term: Term) -> list[tuple[int, VersionTerm]]:
    match term:
        case SourceTerm(source=number, term=VersionTerm(contained=None) as inner):
            return [(number, inner)]
        case _ if hasattr(term, "terms"):
            return [found for each in term.terms for found in _bare(each)]
    contained = getattr(term, "contained", None)
    return [] if contained is None or isinstance(term, NodeTerm) else _bare(contained)


def _without_content(source: Source, term: VersionTerm, root: Step | None) -> Source:
    reads_data = term.slot.predicate is not None or (
        root is not None
        and (
            bool(root.columns)
            or bool(root.witnesses)
            or any(step.attribute in ("data", "item", "") for step in root.steps)
        )
    )
    return source if reads_data else replace(source, needs_content=False)
