"""Contradictions between statements of one group, and between groups: found by value, never decided by time.

Each rule gives flags with all sides; a statement that agrees with every side, or says nothing, is on none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from cdr.reconcile.model import Flag, FlagCode, Kind, Statement, Status
from cdr.reconcile.moments import are_compatible, days, overlap, period
from cdr.reconcile.same import words

Members = Sequence[Statement]
States = Mapping[str, Status]

_IN_FORCE = frozenset((Status.ACTIVE, Status.SUSPENDED))
_HELD = frozenset((Status.ACTIVE, Status.SUSPENDED, Status.RESOLVED, Status.COMPLETED, Status.UNKNOWN, Status.PLANNED))
# What "none known" speaks against: what a source holds to be so now, or does not say to be over.
_PRESENT = frozenset((Status.ACTIVE, Status.SUSPENDED, Status.UNKNOWN))
_ABOUT: Mapping[str, Kind] = {
    "diagnosis": Kind.DIAGNOSIS,
    "allergy": Kind.ALLERGY,
    "medication": Kind.MEDICATION,
    "procedure": Kind.PROCEDURE,
}


def within(group: Members, *, kind: Kind, states: States) -> list[Flag]:
    """Return the contradictions between the statements of one group."""
    found: list[Flag] = []
    if kind is Kind.SERVICE:
        found += _services(group, states)
    elif kind in (Kind.DIAGNOSIS, Kind.ALLERGY, Kind.MEDICATION, Kind.PRECAUTION):
        found += _opposed(FlagCode.ACTIVE_AND_RESOLVED, group, states, {Status.ACTIVE}, {Status.RESOLVED})
        found += _opposed(FlagCode.HELD_AND_REFUTED, group, states, _HELD, {Status.REFUTED})
    if kind is Kind.PROCEDURE:
        found += _opposed(FlagCode.DONE_AND_NOT_DONE, group, states, {Status.COMPLETED}, {Status.CANCELLED})
    if kind is Kind.DIAGNOSIS:
        found += _dates(FlagCode.DIFFERENT_ONSET, [(one.id, one.onset) for one in group])
    if kind in (Kind.DIAGNOSIS, Kind.MEDICATION):
        ended = [(one.id, one.end) for one in group if one.status is Status.RESOLVED]
        found += _dates(FlagCode.DIFFERENT_END, ended)
    if kind is Kind.MEDICATION:
        in_force = [one for one in group if states[one.id] in _IN_FORCE]
        found += _values(FlagCode.DIFFERENT_AMOUNT, in_force, lambda one: words(one.amount))
    if kind is Kind.ALLERGY:
        held = [one for one in group if one.status is not Status.REFUTED and one.criticality in ("high", "low")]
        found += _values(FlagCode.DIFFERENT_CRITICALITY, held, lambda one: one.criticality)
    if kind is Kind.DIRECTIVE:
        in_force = [one for one in group if states[one.id] in _PRESENT]
        found += _values(FlagCode.DIFFERENT_DECISION, in_force, lambda one: one.value or words(one.text))
    return found


def between(groups: Sequence[Members], *, states: States) -> list[Flag]:
    """Return the contradictions between groups: what is present against "none known", one side against the other."""
    return _none_known(groups, states)


def sides(clusters: Iterable[Members]) -> list[Flag]:
    """Return what sources place on different sides of the body though it happened, or began, at the same time."""
    found: list[Flag] = []
    for cluster in clusters:
        sided = [one for one in cluster if one.side]
        pairs = [
            (one, other)
            for one, other in combinations(sided, 2)
            if one.side is not other.side
            and one.origin.system != other.origin.system
            and days(one.time or one.onset)
            and days(other.time or other.onset)
            and are_compatible(one.time or one.onset, other.time or other.onset)
        ]
        if pairs:
            members = {one.id: one for pair in pairs for one in pair}
            found += _values(FlagCode.DIFFERENT_SIDE, [members[id_] for id_ in sorted(members)], lambda one: one.side)
    return found


def _services(group: Members, states: States) -> list[Flag]:
    services = [one for one in group if one.kind is Kind.SERVICE]
    found: list[Flag] = []
    by_decision: dict[str, list[Statement]] = defaultdict(list)
    for one in services:
        by_decision[one.decision or one.id].append(one)
    for members in by_decision.values():
        by_service: dict[str, list[Statement]] = defaultdict(list)
        for one in members:
            by_service[one.service or one.id].append(one)
        for same in by_service.values():
            found += _opposed(FlagCode.ACTIVE_AND_RESOLVED, same, states, {Status.ACTIVE}, {Status.RESOLVED})
            found += _opposed(FlagCode.ACTIVE_AND_SUSPENDED, same, states, {Status.ACTIVE}, {Status.SUSPENDED})
            found += _dates(FlagCode.DIFFERENT_ONSET, [(one.id, one.onset) for one in same])
            found += _values(FlagCode.DIFFERENT_AMOUNT, same, lambda one: words(one.amount))
    replaced = {decision for one in services for decision in one.replaces}
    in_force = [one for one in services if states[one.id] in _IN_FORCE and one.decision not in replaced]
    rival = [
        one
        for one in in_force
        if any(other.decision != one.decision and _at_the_same_time(one, other) for other in in_force)
    ]
    return found + _values(FlagCode.TWO_ACTIVE_DECISIONS, rival, lambda one: one.decision or one.id)


def _at_the_same_time(one: Statement, other: Statement) -> bool:
    left, right = period(one.onset, one.end), period(other.onset, other.end)
    return left is None or right is None or overlap(left, right)


def _none_known(groups: Sequence[Members], states: States) -> list[Flag]:
    found: list[Flag] = []
    for about, kind in _ABOUT.items():
        none = [one.id for group in groups for one in group if one.kind is Kind.EXCLUSION and one.about == about]
        present = [one.id for group in groups for one in group if one.kind is kind and states[one.id] in _PRESENT]
        if none and present:
            found.append(Flag(FlagCode.PRESENT_AND_NONE_KNOWN, (tuple(sorted(present)), tuple(sorted(none)))))
    return found


def _opposed(
    code: FlagCode, group: Members, states: States, one_side: Iterable[Status], other_side: Iterable[Status]
) -> list[Flag]:
    first, second = frozenset(one_side), frozenset(other_side)
    left = tuple(one.id for one in group if states[one.id] in first)
    right = tuple(one.id for one in group if states[one.id] in second)
    return [Flag(code, (left, right))] if left and right else []


def _values(code: FlagCode, members: Members, value: Callable[[Statement], str]) -> list[Flag]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in members:
        if said := value(one):
            found[said].append(one.id)
    return [Flag(code, tuple(tuple(ids) for ids in found.values()))] if len(found) > 1 else []


def _dates(code: FlagCode, dated: Sequence[tuple[str, str]]) -> list[Flag]:
    """Return a flag where two dates cannot mean the same; what fits all of them is on no side."""
    known = [(id_, date) for id_, date in dated if days(date)]
    opposed = {
        id_
        for (id_, date), (other_id, other) in combinations(known, 2)
        if not are_compatible(date, other)
        for id_ in (id_, other_id)
    }
    found: list[list[tuple[str, str]]] = []
    for id_, date in sorted(known, key=lambda each: (days(each[1]), each[0])):
        if id_ not in opposed:
            continue
        for side in found:
            if all(are_compatible(date, other) for _, other in side):
                side.append((id_, date))
                break
        else:
            found.append([(id_, date)])
    return [Flag(code, tuple(tuple(sorted(id_ for id_, _ in side)) for side in found))] if len(found) > 1 else []
