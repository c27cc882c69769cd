"""Needs of a source as a filter on the archetype numbers of a document.

    CONTAINS A AND B   a: {$all: [..]}        where each has one number, else $and of $in
    CONTAINS A OR B    a: {$in: [..]}
    NOT CONTAINS A     a: {$nin: [..]}

`NEVER` stands for a need that no stored document meets: an archetype without data.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeAlias

from aql.archetypes import conforms
from aql.mongo.layout import ARCHETYPES, DocumentLayout
from aql.plan import HasAll, HasAny, HasArchetype, HasNone, Need

# Filters hold any BSON value.
Filter: TypeAlias = dict[str, Any]


class Never:
    """The filter that nothing passes."""


NEVER = Never()


def archetype_filter(need: Need, layout: DocumentLayout) -> Filter | Never:
    """Return the filter of a need."""
    match need:
        case HasArchetype(archetype_id=archetype_id):
            return _any_of(layout.archetype_numbers(archetype_id))
        case HasNone(archetype_id=archetype_id):
            numbers = layout.archetype_numbers(archetype_id)
            return {ARCHETYPES: {"$nin": sorted(numbers)}} if numbers else {}
        case HasAll(needs=needs):
            return _all([archetype_filter(each, layout) for each in needs])
        case HasAny(needs=needs):
            return _any([archetype_filter(each, layout) for each in needs])


def meets(need: Need, archetypes: Collection[str]) -> bool:
    """Tell whether an object that holds these archetypes meets a need."""
    match need:
        case HasArchetype(archetype_id=archetype_id):
            return any(conforms(found, archetype_id) for found in archetypes)
        case HasNone(archetype_id=archetype_id):
            return not any(conforms(found, archetype_id) for found in archetypes)
        case HasAll(needs=needs):
            return all(meets(each, archetypes) for each in needs)
        case HasAny(needs=needs):
            return any(meets(each, archetypes) for each in needs)


def _any_of(numbers: frozenset[int]) -> Filter | Never:
    if not numbers:
        return NEVER
    if len(numbers) == 1:
        return {ARCHETYPES: next(iter(numbers))}
    return {ARCHETYPES: {"$in": sorted(numbers)}}


def _all(filters: list[Filter | Never]) -> Filter | Never:
    single: set[int] = set()
    others: list[Filter] = []
    for each in filters:
        if isinstance(each, Never):
            return NEVER
        number = each.get(ARCHETYPES)
        if isinstance(number, int):
            single.add(number)
        elif each and each not in others:
            others.append(each)
    if single:
        others.insert(0, {ARCHETYPES: next(iter(single)) if len(single) == 1 else {"$all": sorted(single)}})
    if not others:
        return {}
    return others[0] if len(others) == 1 else {"$and": others}


def _any(filters: list[Filter | Never]) -> Filter | Never:
    possible = [each for each in filters if not isinstance(each, Never)]
    if not possible:
        return NEVER
    if any(not each for each in possible):
        return {}
    numbers: set[int] = set()
    others: list[Filter] = []
    for each in possible:
        wanted = each.get(ARCHETYPES) if len(each) == 1 else None
        if isinstance(wanted, int):
            numbers.add(wanted)
        elif isinstance(wanted, dict) and set(wanted) == {"$in"}:
            numbers.update(wanted["$in"])
        else:
            others.append(each)
    merged = _any_of(frozenset(numbers)) if numbers else None
    if merged is not None and not isinstance(merged, Never):
        others.insert(0, merged)
    return others[0] if len(others) == 1 else {"$or": others}
