"""How counts change between two versions of a template: occurrences, existence and cardinality."""

from __future__ import annotations

from collections.abc import Iterator

from cdr.am.change import Change, Kind
from cdr.am.constraints import CObject
from cdr.am.intervals import Cardinality, Multiplicity


def occurrence_changes(was: CObject, now: CObject, path: str, *, label: str, is_multiple: bool) -> Iterator[Change]:
    """Compare how often a node may occur; among alternatives of a single attribute that means nothing."""
    if not is_multiple:
        return
    before, after = was.occurrences, now.occurrences
    texts = {"label": label, "before": str(before), "after": str(after)}
    if after.lower > before.lower:
        yield Change(Kind.MINIMUM_RAISED, path, **texts)
    elif after.lower < before.lower:
        yield Change(Kind.MINIMUM_LOWERED, path, **texts)
    if _exceeds(before.upper, after.upper):
        yield Change(Kind.MAXIMUM_LOWERED, path, **texts)
    elif _exceeds(after.upper, before.upper):
        yield Change(Kind.MAXIMUM_RAISED, path, **texts)


def _exceeds(left: int | None, right: int | None) -> bool:
    """Tell whether an upper bound lets more pass than another; None has no limit."""
    return right is not None and (left is None or left > right)


def existence_changes(before: Multiplicity, after: Multiplicity, path: str) -> Iterator[Change]:
    """Compare whether an attribute has to be, or may be, there."""
    texts = {"before": str(before), "after": str(after)}
    if after.upper == 0 and before.upper != 0:
        yield Change(Kind.PROHIBITED, path, **texts)
        return
    if before.upper == 0 and after.upper != 0:
        yield Change(Kind.ALLOWED, path, **texts)
    if after.lower > before.lower:
        yield Change(Kind.MADE_MANDATORY, path, **texts)
    elif after.lower < before.lower:
        yield Change(Kind.MADE_OPTIONAL, path, **texts)


def cardinality_changes(was: Cardinality | None, now: Cardinality | None, path: str) -> Iterator[Change]:
    """Compare how many members a container may have, and how they relate; None constrains nothing."""
    before = was or Cardinality(Multiplicity(0, None))
    after = now or Cardinality(Multiplicity(0, None), is_ordered=before.is_ordered)
    texts = {"before": str(before.interval), "after": str(after.interval)}
    if after.interval.lower > before.interval.lower or _exceeds(before.interval.upper, after.interval.upper):
        yield Change(Kind.CARDINALITY_NARROWED, path, **texts)
    if after.interval.lower < before.interval.lower or _exceeds(after.interval.upper, before.interval.upper):
        yield Change(Kind.CARDINALITY_WIDENED, path, **texts)
    if after.is_unique != before.is_unique:
        yield Change(Kind.MADE_UNIQUE if after.is_unique else Kind.MADE_NON_UNIQUE, path)
    if was is not None and now is not None and after.is_ordered != before.is_ordered:
        yield Change(Kind.ORDER_CHANGED, path)
