"""A checked query in, a plan out.

    AQL text -> parse -> bind -> analyse -> plan -> aql.mongo.compiler (filters) and aql.evaluate (rows)

Source: AQL 1.1.0, Query structure; the meaning of rows is in docs/aql.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

from aql.ast import Direction, SelectQuery
from aql.catalog import RmCatalog
from aql.checked import CheckedQuery
from aql.path import AllTests, AnyTest, NodeTest, ObjectPath, PathTest, PatternTest, Predicate
from aql.plan import (
    EHR_PARTS,
    AllTerms,
    AnyTerms,
    EhrScope,
    EhrTerm,
    EitherPlace,
    Mode,
    NodeTerm,
    Plan,
    Slot,
    Source,
    SourceTerm,
    Term,
    Versions,
    VersionTerm,
)
from aql.plan_paths import Paths, build_paths
from aql.plan_sources import build_sources
from aql.reach import Reach
from aql.rules import apply_rules

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
        ehrs=_ehr_scope(found.slots, paths),
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


def _ehr_scope(slots: tuple[Slot, ...], paths: Paths) -> EhrScope:
    """Return what is needed of EHRs: the attributes that paths and predicates begin with."""
    numbers = frozenset(slot.number for slot in slots if slot.rm_type == "EHR")
    variables = frozenset(slot.variable.lower() for slot in slots if slot.rm_type == "EHR" and slot.variable)
    begun: set[str] = set()
    is_whole = False
    for slot in slots:
        if slot.number in numbers:
            begun |= set(first_attributes(slot.predicate))
    for tree in paths.slots:
        if tree.slot in numbers:
            is_whole = is_whole or bool(tree.root.columns)
            for step in tree.root.steps:
                begun |= {step.attribute, *first_attributes(step.predicate)} if not step.attribute else {step.attribute}
                if not step.attribute:
                    begun |= {below.attribute for below in step.steps}
    for path in paths.exists:
        if path.variable in variables:
            begun |= {path.path.attributes[0]} if path.path.segments else set()
            begun |= set(first_attributes(path.predicate))
    parts = frozenset(begun & EHR_PARTS)
    return EhrScope(parts=parts, needs_record=is_whole or bool(begun - {"ehr_id", ""}))


def first_attributes(predicate: Predicate | None) -> Iterator[str]:
    """Return the attributes that the paths of a predicate begin with."""
    match predicate:
        case AllTests(terms=terms) | AnyTest(terms=terms):
            for term in terms:
                yield from first_attributes(term)
        case PathTest(path=path, operand=operand):
            yield from path.attributes[:1]
            if isinstance(operand, ObjectPath):
                yield from operand.attributes[:1]
        case PatternTest(path=path):
            yield from path.attributes[:1]
        case NodeTest():
            yield from ("archetype_node_id", "name")
        case _:
            return
