"""Content that need not be read: objects of which only the existence or the metadata of the version counts."""

from __future__ import annotations

from dataclasses import replace

from aql.plan import NodeTerm, Plan, Source, SourceTerm, Step, Term, VersionTerm


def leave_out_content(plan: Plan) -> Plan:
    """Return the plan with sources whose objects are not read: bare VERSIONs with no path into `data`."""
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
