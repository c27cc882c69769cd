"""Known EHRs, objects, versions and templates: `e/ehr_id/value = '...'` and the like choose what is fetched.

A condition in WHERE that names a variable is null for a row in which the variable is null, so it may restrict the
source of the variable even under OR. Conditions inside NOT CONTAINS restrict nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aql.plan import (
    AllTerms,
    AnyTerms,
    EhrTerm,
    EitherPlace,
    NodeTerm,
    Plan,
    Slot,
    Source,
    SourceTerm,
    Term,
    VersionTerm,
)
from aql.rules.conjuncts import demanded, demanded_by, is_plain

_EHR_ID = (("ehr_id", "value"), ("ehr_id",))
_UID = ("uid", "value")
_TEMPLATE = ("archetype_details", "template_id", "value")


def restrict_identities(plan: Plan) -> Plan:
    """Return the plan with what is known of ids in its EHR scope and sources."""
    ehr_ids = plan.ehrs.ids
    sources = list(plan.sources)
    by_variable = {slot.variable.lower(): slot for slot in plan.slots if slot.variable is not None}
    owners = {slot.number: source for slot, source in owned(plan.term)}
    for slot in plan.slots:
        if slot.rm_type == "EHR":
            for attributes, value in demanded_by(slot.predicate):
                if attributes == ("ehr_id", "value"):
                    ehr_ids = _narrow(ehr_ids, frozenset((value,)))
        elif slot.number in owners:
            for attributes, value in demanded_by(slot.predicate):
                if attributes == _UID:
                    sources[owners[slot.number]] = _with_uids(sources[owners[slot.number]], frozenset((value,)))
    for path, values in demanded(plan.condition):
        slot_ = by_variable.get(path.variable.lower())
        if slot_ is None:
            continue
        if slot_.rm_type == "EHR":
            if is_plain(path, "ehr_id", "value"):
                ehr_ids = _narrow(ehr_ids, values)
        elif slot_.number in owners:
            number = owners[slot_.number]
            if is_plain(path, *_UID):
                sources[number] = _with_uids(sources[number], values)
            elif is_plain(path, *_TEMPLATE) and slot_.rm_type == "COMPOSITION":
                source = sources[number]
                sources[number] = replace(source, template_ids=_narrow(source.template_ids, values))
    return replace(plan, ehrs=replace(plan.ehrs, ids=ehr_ids), sources=tuple(sources))


def owned(term: Term | None) -> Iterator[tuple[Slot, int]]:
    """Return the slots that are the root (or the version) of an object of a source, with the source's number."""
    match term:
        case SourceTerm(source=number, term=VersionTerm(slot=slot, contained=contained, is_excluded=is_excluded)):
            yield slot, number
            if (
                not is_excluded
                and isinstance(contained, NodeTerm)
                and contained.slot.rm_type in ("COMPOSITION", "EHR_STATUS")
            ):
                yield contained.slot, number
        case SourceTerm(source=number, term=NodeTerm(slot=slot, contained=contained, is_excluded=is_excluded)):
            if slot.rm_type in ("COMPOSITION", "EHR_STATUS"):
                yield slot, number
            if not is_excluded:
                yield from owned(contained)
        case EhrTerm(contained=contained, is_excluded=False) | NodeTerm(contained=contained, is_excluded=False):
            yield from owned(contained)
        case AllTerms(terms=terms) | AnyTerms(terms=terms):
            for each in terms:
                yield from owned(each)
        case EitherPlace():
            # A slot with two places has no one owner, and what is below it neither.
            return


def _with_uids(source: Source, values: frozenset[str]) -> Source:
    """Restrict by uid: the first part names the object, whatever system and version the text goes on with."""
    objects = frozenset(value.split("::", 1)[0] for value in values)
    if "" in objects:
        # Nothing is said of the object: `::system::1` means the first version of any.
        return source
    return replace(source, object_ids=_narrow(source.object_ids, objects))


def _narrow(known: frozenset[str] | None, values: frozenset[str]) -> frozenset[str]:
    return values if known is None else known & values
