"""A checked query in, a plan out.

    AQL text -> parse -> bind -> analyse -> plan -> aql.mongo.compiler (filters) and aql.evaluate (rows)

Source: AQL 1.1.0, Query structure; the meaning of rows is in docs/aql.md.
"""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from aql.ast import Direction, SelectQuery
from aql.catalog import RmCatalog
from aql.checked import CheckedQuery
from aql.plan import (
    AllTerms,
    AnyTerms,
    EhrScope,
    EhrTerm,
    EitherPlace,
    Mode,
    NodeTerm,
    Plan,
    Slot,
    SlotPaths,
    Source,
    SourceTerm,
    Term,
    Versions,
    VersionTerm,
)
from aql.plan_paths import build_paths
from aql.plan_sources import build_sources
from aql.reach import Reach
from aql.rules import apply_rules

EHR_PARTS = frozenset({"ehr_status", "ehr_access", "directory", "folders", "compositions", "contributions"})
"""Attributes of EHR that lead to other objects."""

_EHR_ID = ("ehr_id", "value")


_reaches: WeakKeyDictionary[RmCatalog, Reach] = WeakKeyDictionary()


def reach_of(catalog: RmCatalog) -> Reach:
    """Return the graph of a catalog, made once."""
    found = _reaches.get(catalog)
    if found is None:
        found = _reaches[catalog] = Reach(catalog)
    return found


def plan(checked: CheckedQuery, catalog: RmCatalog, *, with_rules: bool = True) -> Plan:
    """Return the plan of a query whose parameters are bound.

    Errors: AqlNotSupported, with the place, for what the engine does not answer.
    """
    query = checked.query
    reach = reach_of(catalog)
    found = build_sources(query.source, reach=reach, text=query.text)
    paths = build_paths(checked, found.slots, reach=reach)
    limit, offset = _page(query)
    made = Plan(
        checked=checked,
        term=found.term,
        slots=found.slots,
        sources=_with_versions(found.sources, found.term),
        mode=_mode(found.term),
        ehrs=_ehr_scope(found.slots, paths.slots),
        paths=paths.slots,
        width=paths.width,
        condition=query.condition,
        limit=limit,
        offset=offset,
        subject_columns=paths.subjects,
        columns=paths.columns,
        exists=paths.exists,
    )
    return apply_rules(made) if with_rules else made


def _page(query: SelectQuery) -> tuple[int | None, int]:
    """Return limit and offset; TOP n FORWARD is LIMIT n, BACKWARD takes the last rows and is handled at the end."""
    if query.top is not None:
        return (query.top.count if query.top.direction is Direction.FORWARD else -query.top.count), 0
    limit = query.limit if isinstance(query.limit, int) else None
    return limit, query.offset if isinstance(query.offset, int) else 0


def _mode(term: Term) -> Mode:
    """Return STREAM where every row comes from one object, else BY_EHR."""
    if isinstance(term, EhrTerm):
        if term.contained is None or term.is_excluded:
            return Mode.BY_EHR
        term = term.contained
    if isinstance(term, SourceTerm) and not _has_source(term.term.contained):
        return Mode.STREAM
    return Mode.BY_EHR


def _has_source(term: Term | None) -> bool:
    match term:
        case None:
            return False
        case SourceTerm():
            return True
        case NodeTerm(contained=contained) | VersionTerm(contained=contained) | EhrTerm(contained=contained):
            return _has_source(contained)
        case AllTerms(terms=terms) | AnyTerms(terms=terms) | EitherPlace(places=terms):
            return any(_has_source(each) for each in terms)


def _with_versions(sources: tuple[Source, ...], term: Term) -> tuple[Source, ...]:
    versioned = frozenset(_versioned(term))
    return tuple(
        replace(source, needs_version=source.number in versioned or source.versions is Versions.ALL)
        for source in sources
    )


def _versioned(term: Term | None) -> list[int]:
    match term:
        case SourceTerm(source=number, term=VersionTerm(contained=contained)):
            return [number, *_versioned(contained)]
        case SourceTerm(term=inner):
            return _versioned(inner.contained)
        case NodeTerm(contained=contained) | VersionTerm(contained=contained) | EhrTerm(contained=contained):
            return _versioned(contained)
        case AllTerms(terms=terms) | AnyTerms(terms=terms) | EitherPlace(places=terms):
            return [number for each in terms for number in _versioned(each)]
    return []


def _ehr_scope(slots: tuple[Slot, ...], paths: tuple[SlotPaths, ...]) -> EhrScope:
    ehr_slots = [slot for slot in slots if slot.rm_type == "EHR"]
    parts: set[str] = set()
    needs_record = any(slot.predicate is not None for slot in ehr_slots)
    for tree in paths:
        if any(slot.number == tree.slot for slot in ehr_slots):
            needs_record = needs_record or bool(tree.root.columns) or bool(tree.root.witnesses)
            for step in tree.root.steps:
                needs_record = needs_record or step.attribute != "ehr_id"
                if step.attribute in EHR_PARTS:
                    parts.add(step.attribute)
    if any(tree.root.columns or tree.root.witnesses for tree in paths if any(s.number == tree.slot for s in ehr_slots)):
        parts |= {"ehr_status", "directory"}
    return EhrScope(parts=frozenset(parts), needs_record=needs_record)
