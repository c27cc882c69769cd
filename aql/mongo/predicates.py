"""At most one condition on a leaf as a filter on `m.$**`: with two, the database may pick the bad one.

The most selective is taken, by the counts and bounds of the path dictionary; where nothing is known to be selective
the filter on archetypes is better, and no leaf is used.
"""

from __future__ import annotations

from aql.mongo.contains import Filter
from aql.mongo.layout import DocumentLayout, LeafPlace
from aql.plan import LeafRange

_OPERATORS = {"=": "$eq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_SELECTIVE = 0.3
_EQUAL = 0.05
"""The share of a leaf's values that one value is taken to have."""


def leaf_filter(leaves: tuple[LeafRange, ...], layout: DocumentLayout) -> Filter | None:
    """Return the filter of the most selective condition, None where none is worth it."""
    best: tuple[float, Filter] | None = None
    for leaf in leaves:
        places = layout.leaf_places(leaf.archetype_id, leaf.path)
        wanted = "number" if leaf.path.endswith("/magnitude") else "text"
        if not places or any(place.scalar != wanted for place in places):
            continue
        shares = [_share(leaf, place) for place in places]
        if max(shares) > _SELECTIVE:
            continue
        expected = sum(share * max(1, place.count) for share, place in zip(shares, places, strict=True))
        if best is None or expected < best[0]:
            best = expected, _filter(leaf, places)
    return None if best is None else best[1]


def _filter(leaf: LeafRange, places: tuple[LeafPlace, ...]) -> Filter:
    test = {"$in": list(leaf.values)} if leaf.operator == "in" else {_OPERATORS[leaf.operator]: leaf.values[0]}
    clauses = [{f"m.{place.field}": test} for place in places]
    return clauses[0] if len(clauses) == 1 else {"$or": clauses}


def _share(leaf: LeafRange, place: LeafPlace) -> float:
    """Return about which share of the values meets the condition; 1 where that cannot be told."""
    if leaf.operator in ("=", "in"):
        return min(1.0, _EQUAL * len(leaf.values))
    value = leaf.values[0]
    if place.low is None or place.high is None or isinstance(value, str) or place.high <= place.low:
        return 1.0
    below = min(1.0, max(0.0, (value - place.low) / (place.high - place.low)))
    return below if leaf.operator in ("<", "<=") else 1.0 - below
