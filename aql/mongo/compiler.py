"""`compile_plan`: a plan with what the caller may see, as the filters that find its candidates.

Shape of a filter, for a query on one EHR: `{"e": b"...", "k": "COMPOSITION", "a": 17}`. What the caller may not see is
part of every filter, so that no candidate outside it is ever read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aql.access import AccessFilter
from aql.mongo.contains import NEVER, Filter, Never, archetype_filter
from aql.mongo.layout import EHR, KEY, KIND, OBJECT, TEMPLATE, DocumentLayout
from aql.mongo.predicates import leaf_filter
from aql.plan import (
    AllTerms,
    AnyTerms,
    EhrTerm,
    EitherPlace,
    Need,
    NodeTerm,
    Plan,
    Source,
    SourceTerm,
    Term,
    Versions,
    VersionTerm,
)

_FEW_EHRS = 3


class Collection(StrEnum):
    """Where candidates are found; the store knows the collections behind the names."""

    CURRENT = "current"
    DRAFT = "draft"
    SUPERSEDED = "superseded"
    HEAD = "head"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Find:
    """One filter on one collection. With `is_undrafted` objects that have a newer draft are left out."""

    collection: Collection
    filter: Filter
    is_undrafted: bool = False


@dataclass(frozen=True, slots=True)
class SourceQuery:
    """How the candidates of a source are found; no finds: there are none.

    `need` is tested on the archetypes of each candidate that the filters find, where they leave it out.
    """

    number: int
    finds: tuple[Find, ...]
    needs_content: bool
    needs_version: bool
    need: Need | None = None


@dataclass(frozen=True, slots=True)
class EhrQuery:
    """Which EHRs are looked at: `filter` is on their documents; `ids` those that the query names, None for all.

    `required` is a source without whose objects no EHR gives a row, None when there is no such source.
    """

    filter: Filter
    ids: frozenset[str] | None
    parts: frozenset[str]
    needs_record: bool
    required: int | None


@dataclass(frozen=True, slots=True)
class Program:
    """What the runner executes for a plan. `part_filter` is for objects that paths reach through an EHR."""

    plan: Plan
    ehrs: EhrQuery
    sources: tuple[SourceQuery, ...]
    part_filter: Filter


def compile_plan(plan: Plan, layout: DocumentLayout, *, access: AccessFilter) -> Program:
    """Return the filters of a plan for a caller."""
    bare = frozenset(_bare_versions(plan.term))
    sources = tuple(_source(source, plan, layout, access, is_bare=source.number in bare) for source in plan.sources)
    ids = plan.ehrs.ids
    if access.ehrs is not None:
        ids = access.ehrs if ids is None else ids & access.ehrs
    if ids is not None:
        ids -= access.hidden_ehrs
    ehrs = EhrQuery(
        filter=_ehr_filter(KEY, ids, layout, access),
        ids=ids,
        parts=plan.ehrs.parts,
        needs_record=plan.ehrs.needs_record,
        required=_required(plan.term),
    )
    return Program(plan, ehrs, sources, _part_filter(layout, access))


def _source(source: Source, plan: Plan, layout: DocumentLayout, access: AccessFilter, *, is_bare: bool) -> SourceQuery:
    """Return how a source is found. A bare VERSION can be a deleted one, which no index document stands for."""
    if is_bare and source.versions is not Versions.CURRENT:
        collection = Collection.HEAD if source.versions is Versions.LATEST else Collection.VERSION
        found = _base_filter(source, plan, layout, access, key=KEY if collection is Collection.HEAD else OBJECT)
        if access.hidden_templates:
            found = {"$and": [found, {TEMPLATE: {"$nin": sorted(access.hidden_templates)}}]}
        finds: tuple[Find, ...] = (Find(collection, found),)
    else:
        indexed = _indexed_filter(source, plan, layout, access)
        if isinstance(indexed, Never):
            finds = ()
        elif source.versions is Versions.CURRENT:
            finds = (Find(Collection.CURRENT, indexed),)
        elif source.versions is Versions.LATEST:
            finds = (Find(Collection.CURRENT, indexed, is_undrafted=True), Find(Collection.DRAFT, indexed))
        else:
            finds = tuple(
                Find(collection, indexed)
                for collection in (Collection.SUPERSEDED, Collection.CURRENT, Collection.DRAFT)
            )
    is_later = _is_tested_later(plan) or _leaf(source, layout) is not None
    need = source.needs if is_later and not is_bare else None
    return SourceQuery(source.number, finds, source.needs_content, source.needs_version, need)


def _base_filter(source: Source, plan: Plan, layout: DocumentLayout, access: AccessFilter, *, key: str) -> Filter:
    """Return the filter on EHR, kind and object, which documents of all collections have."""
    found: Filter = {}
    if source.kinds != ("PARTY",):
        found |= _ehr_filter(EHR, plan.ehrs.ids, layout, access)
    found[KIND] = source.kinds[0] if len(source.kinds) == 1 else {"$in": list(source.kinds)}
    objects: Filter = {}
    if source.object_ids is not None:
        wanted = sorted(source.object_ids - access.hidden_objects)
        objects["$in"] = [layout.stored_id(each) for each in wanted]
    elif access.hidden_objects:
        objects["$nin"] = [layout.stored_id(each) for each in sorted(access.hidden_objects)]
    if objects:
        found[key] = objects
    return found


def _indexed_filter(source: Source, plan: Plan, layout: DocumentLayout, access: AccessFilter) -> Filter | Never:
    """Return the filter on index documents: the base, archetypes and templates."""
    parts = [_base_filter(source, plan, layout, access, key=OBJECT)]
    leaf = _leaf(source, layout)
    if leaf is not None:
        parts.append(leaf)
    elif source.needs is not None and not _is_tested_later(plan):
        need = archetype_filter(source.needs, layout)
        if isinstance(need, Never):
            return NEVER
        parts.append(need)
    templates: Filter = {}
    if source.template_ids is not None:
        numbers = [layout.template_number(each) for each in sorted(source.template_ids)]
        known = [number for number in numbers if number is not None]
        if not known:
            return NEVER
        templates["$in"] = known
    if access.hidden_templates:
        hidden = [layout.template_number(each) for each in sorted(access.hidden_templates)]
        templates["$nin"] = [number for number in hidden if number is not None]
    if templates:
        parts.append({TEMPLATE: templates})
    return _merged(parts)


def _leaf(source: Source, layout: DocumentLayout) -> Filter | None:
    """Return the filter by value; archetypes are then tested later, so that the database has one index to choose."""
    return leaf_filter(source.leaves, layout) if source.leaves else None


def _is_tested_later(plan: Plan) -> bool:
    """Tell whether archetypes are tested on what was found: few objects cost less than asking for numbers."""
    return plan.ehrs.ids is not None and len(plan.ehrs.ids) <= _FEW_EHRS


def _ehr_filter(field: str, ids: frozenset[str] | None, layout: DocumentLayout, access: AccessFilter) -> Filter:
    """Return the filter on an EHR id: those asked for, as far as the caller may see them."""
    allowed = ids
    if access.ehrs is not None:
        allowed = access.ehrs if allowed is None else allowed & access.ehrs
    if allowed is not None:
        stored = [layout.stored_id(each) for each in sorted(allowed - access.hidden_ehrs)]
        return {field: stored[0] if len(stored) == 1 else {"$in": stored}}
    if access.hidden_ehrs:
        return {field: {"$nin": [layout.stored_id(each) for each in sorted(access.hidden_ehrs)]}}
    return {}


def _part_filter(layout: DocumentLayout, access: AccessFilter) -> Filter:
    """Return what the caller may see of objects that are reached through an EHR that the caller may see."""
    found: Filter = {}
    if access.hidden_objects:
        found[OBJECT] = {"$nin": [layout.stored_id(each) for each in sorted(access.hidden_objects)]}
    if access.hidden_templates:
        hidden = [layout.template_number(each) for each in sorted(access.hidden_templates)]
        found[TEMPLATE] = {"$nin": [number for number in hidden if number is not None]}
    return found


def _merged(parts: list[Filter]) -> Filter:
    """Join filters; those that speak of different fields become one."""
    merged: Filter = {}
    rest: list[Filter] = []
    for part in parts:
        if part.keys() & merged.keys():
            rest.append(part)
        else:
            merged |= part
    return {"$and": [merged, *rest]} if rest else merged


def _bare_versions(term: Term | None) -> list[int]:
    """Return the sources of VERSION class expressions that need not contain anything."""
    match term:
        case SourceTerm(source=number, term=VersionTerm(contained=contained, is_excluded=is_excluded)):
            return [number] if contained is None or is_excluded else []
        case None:
            return []
    return [number for each in _children(term) for number in _bare_versions(each)]


def _required(term: Term) -> int | None:
    """Return a source without which an EHR gives no row: the only one, or one of those joined with AND."""
    match term:
        case EhrTerm(contained=contained, is_excluded=False) if contained is not None:
            return _required(contained)
        case SourceTerm(source=number):
            return number
        case AllTerms(terms=terms):
            return next((found for each in terms if (found := _required(each)) is not None), None)
    return None


def _children(term: Term) -> tuple[Term | None, ...]:
    match term:
        case NodeTerm(contained=contained) | VersionTerm(contained=contained) | EhrTerm(contained=contained):
            return (contained,)
        case SourceTerm(term=inner):
            return (inner,)
        case AllTerms(terms=terms) | AnyTerms(terms=terms) | EitherPlace(places=terms):
            return terms
