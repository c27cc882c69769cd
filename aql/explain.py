"""A plan as indented text, for people who want to know why a query is fast or slow.

Values of the query are shown as they stand in it; nothing is read from the data. The form is not meant to be parsed.
"""

from __future__ import annotations

from collections.abc import Iterator

from aql.mongo.compiler import Program
from aql.path import predicate_text
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
    Slot,
    Source,
    SourceTerm,
    Step,
    Term,
    VersionTerm,
)


def explain(plan: Plan, *, program: Program | None = None) -> str:
    """Return the plan as indented text; with a program also the filters that find the candidates."""
    return "\n".join(_lines(plan, program)) + "\n"


def _lines(plan: Plan, program: Program | None) -> Iterator[str]:
    yield f"rows are built {plan.mode.value}"
    if plan.ehrs.ids is not None:
        yield f"EHRs: {_count(len(plan.ehrs.ids), 'given id')}"
    if plan.ehrs.parts:
        yield f"with every EHR: {', '.join(sorted(plan.ehrs.parts))}"
    for source in plan.sources:
        yield from _source(source)
    yield "match"
    yield from _term(plan.term, "  ")
    for tree in plan.paths:
        slot = plan.slots[tree.slot]
        yield f"paths of {slot.label}"
        for step in tree.root.steps:
            yield from _step(step, "  ")
    if plan.condition is not None:
        yield "where the condition is true"
    if plan.query.is_aggregating:
        yield "aggregate to one row"
    if plan.query.is_distinct:
        yield "distinct"
    if plan.checked.order:
        yield f"sort by {_count(len(plan.checked.order), 'key')}, then by object and position"
    if plan.limit is not None or plan.offset:
        early = ", stopping as soon as it is filled" if plan.can_stop_early else ""
        yield f"page: offset {plan.offset}, limit {'none' if plan.limit is None else plan.limit}{early}"
    if program is not None:
        for found in program.sources:
            if not found.finds:
                yield f"source {found.number}: no data of these archetypes, so nothing is read"
            for find in found.finds:
                fields = ", ".join(sorted(find.filter)) or "nothing"
                yield f"source {found.number}: read {find.collection.value} by {fields}"


def _source(source: Source) -> Iterator[str]:
    yield f"source {source.number}: {' or '.join(source.kinds)}, versions: {source.versions.value}"
    if source.object_ids is not None:
        yield f"  objects: {_count(len(source.object_ids), 'given id')}"
    if source.template_ids is not None:
        yield f"  templates: {', '.join(sorted(source.template_ids))}"
    if source.needs is not None:
        yield f"  containing {_need(source.needs)}"
    for leaf in source.leaves:
        yield f"  by value, if that is selective: {leaf.archetype_id}{leaf.path} {leaf.operator}"
    if not source.needs_content:
        yield "  content is not read"
    if source.needs_version:
        yield "  with the version's metadata"


def _need(need: Need) -> str:
    match need:
        case HasArchetype(archetype_id=archetype_id):
            return archetype_id
        case HasNone(archetype_id=archetype_id):
            return f"no {archetype_id}"
        case HasAll(needs=needs):
            return " and ".join(_inner(each) for each in needs)
        case HasAny(needs=needs):
            return " or ".join(_inner(each) for each in needs)


def _inner(need: Need) -> str:
    return f"({_need(need)})" if isinstance(need, HasAll | HasAny) else _need(need)


def _term(term: Term | None, indent: str) -> Iterator[str]:
    match term:
        case NodeTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            yield from _class(_label(slot), contained, indent, is_excluded=is_excluded)
        case VersionTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            yield from _class(_label(slot), contained, indent, is_excluded=is_excluded)
        case EhrTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            yield from _class(_label(slot), contained, indent, is_excluded=is_excluded)
        case SourceTerm(source=number, term=inner, is_linked=is_linked):
            yield f"{indent}each object of source {number}{' that the folder refers to' if is_linked else ''}"
            yield from _term(inner, indent + "  ")
        case AllTerms(terms=terms):
            yield f"{indent}all of"
            for each in terms:
                yield from _term(each, indent + "  ")
        case AnyTerms(terms=terms):
            yield f"{indent}any of"
            for each in terms:
                yield from _term(each, indent + "  ")
        case EitherPlace(places=places):
            yield f"{indent}in either place"
            for each in places:
                yield from _term(each, indent + "  ")


def _class(label: str, contained: Term | None, indent: str, *, is_excluded: bool) -> Iterator[str]:
    yield indent + label
    if is_excluded:
        yield f"{indent}  without"
        yield from _term(contained, indent + "    ")
    else:
        yield from _term(contained, indent + "  ")


def _label(slot: Slot) -> str:
    return slot.label if slot.predicate is None else f"{slot.label}[{predicate_text(slot.predicate)}]"


def _step(step: Step, indent: str) -> Iterator[str]:
    attribute = step.attribute or "(itself)"
    predicate = "" if step.predicate is None else f"[{predicate_text(step.predicate)}]"
    marks = []
    if step.is_counted:
        marks.append("a row for each")
    if step.columns:
        marks.append(f"value {step.columns[0]}")
    yield f"{indent}{attribute}{predicate}{'  -- ' + ', '.join(marks) if marks else ''}"
    for below in step.steps:
        yield from _step(below, indent + "  ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
