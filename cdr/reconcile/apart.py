"""Which statements of one cluster are about different things after all: other sides of the body, other episodes.

What has no side or no date goes with the only one there is; where there are several it stays by itself, and that is
told as `Fits`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from cdr.reconcile.model import Kind, Side, Statement, Status
from cdr.reconcile.moments import FIRST, LAST, days, overlap, period
from cdr.reconcile.same import Fits

_DATED = frozenset((Kind.DIAGNOSIS, Kind.MEDICATION, Kind.SERVICE, Kind.PROCEDURE))
_SIDED = frozenset((Kind.DIAGNOSIS, Kind.PROCEDURE, Kind.ITEM))

Members = tuple[Statement, ...]


@dataclass(slots=True)
class Parts:
    """What `take_apart` found."""

    groups: list[Members] = field(default_factory=list)
    open: list[Fits] = field(default_factory=list)


def take_apart(cluster: Members, *, kind: Kind) -> Parts:
    """Return the groups of a cluster."""
    parts = Parts([cluster])
    if kind is Kind.SERVICE:
        parts = _each(parts, _by_outcome)
    if kind in _SIDED:
        parts = _each(parts, _by_side)
    if kind in _DATED:
        parts = _each(parts, _by_episode)
    return parts


def _each(parts: Parts, split: Callable[[Members], Parts]) -> Parts:
    done = [split(members) for members in parts.groups]
    return Parts(
        [one for each in done for one in each.groups], parts.open + [one for each in done for one in each.open]
    )


def _by_outcome(members: Members) -> Parts:
    """Keep declined applications away from services that are given."""
    declined = tuple(one for one in members if one.status is Status.DECLINED)
    given = tuple(one for one in members if one.status is not Status.DECLINED)
    return Parts([part for part in (given, declined) if part])


def _by_side(members: Members) -> Parts:
    sides: dict[Side, list[Statement]] = defaultdict(list)
    for one in members:
        sides[one.side].append(one)
    unsaid = sides.pop(Side.NONE, [])
    if len(sides) < 2:
        return Parts([members])
    groups = [tuple(each) for each in sides.values()]
    if not unsaid:
        return Parts(groups)
    others = tuple(sorted(one.id for group in groups for one in group))
    return Parts([*groups, tuple(unsaid)], [Fits(tuple(one.id for one in unsaid), others)])


def _by_episode(members: Members) -> Parts:
    """Put together what shares a day, the shortest first; what would join two episodes stays by itself."""
    spans = {one.id: _span(one) for one in members}
    dated = sorted((one for one in members if spans[one.id]), key=lambda one: (_width(spans[one.id]), one.id))
    undated = tuple(one for one in members if not spans[one.id])
    episodes: list[list[Statement]] = []
    bridging: list[tuple[Statement, list[Statement]]] = []
    for one in dated:
        touched = [episode for episode in episodes if any(_touch(spans[one.id], spans[each.id]) for each in episode)]
        if not touched:
            episodes.append([one])
        elif len(touched) == 1:
            touched[0].append(one)
        else:
            bridging.append((one, [each for episode in touched for each in episode]))
    if undated and len(episodes) == 1:
        episodes[0].extend(undated)
        undated = ()
    groups = [tuple(sorted(episode, key=lambda one: one.id)) for episode in episodes]
    fits = [Fits((one.id,), tuple(sorted(each.id for each in others))) for one, others in bridging]
    groups.extend((one,) for one, _ in bridging)
    if undated:
        groups.append(undated)
        if episodes:
            fits.append(
                Fits(tuple(one.id for one in undated), tuple(sorted(one.id for each in episodes for one in each)))
            )
    return Parts(groups, fits)


def _span(statement: Statement) -> tuple[str, str] | None:
    """Return the days that a statement may be about: the moment of a procedure, else from onset to end."""
    if statement.kind is Kind.PROCEDURE:
        return days(statement.time) or period(statement.onset, statement.end)
    return period(statement.onset, statement.end)


def _width(span: tuple[str, str] | None) -> tuple[bool, int, str]:
    """Return how wide a span is, for sorting: open ones last."""
    if span is None or span[0] == FIRST or span[1] == LAST:
        return True, 0, span[0] if span else ""
    return False, _number(span[1]) - _number(span[0]), span[0]


def _number(day: str) -> int:
    year, month, rest = day.split("-")
    return int(year) * 372 + int(month) * 31 + int(rest)


def _touch(one: tuple[str, str] | None, other: tuple[str, str] | None) -> bool:
    return one is not None and other is not None and overlap(one, other)
