"""Services and the events that follow their decisions.

An event that happened after the decision was recorded is the next step of the same service; one before it is not, and
then the two contradict each other if they differ. Events count in the order in which they happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdr.reconcile.model import Flag, FlagCode, Kind, Statement, Status
from cdr.reconcile.moments import instant
from cdr.reconcile.same import Fits

_OVER = frozenset((Status.RESOLVED, Status.CANCELLED))


@dataclass(frozen=True, slots=True)
class Placed:
    """Groups with their events, what was left open, and flags for events that belong to nothing."""

    groups: list[tuple[Statement, ...]]
    open: list[Fits]
    flags: list[Flag]


@dataclass(slots=True)
class Course:
    """What the events make of the services of one group: the state of each, and the flags."""

    states: dict[str, Status] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)


def place_events(groups: Sequence[tuple[Statement, ...]], events: Sequence[Statement]) -> Placed:
    """Put each event with the services that it names, by decision and service, else by service alone."""
    made = [list(group) for group in groups]
    open_: list[Fits] = []
    flags: list[Flag] = []
    orphans: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for event in events:
        found = _homes(made, event)
        if len(found) == 1:
            made[found[0]].append(event)
        elif found:
            orphans[event.id, ""].append(event)
            others = sorted(one.id for index in found for one in groups[index])
            open_.append(Fits((event.id,), tuple(others)))
        else:
            orphans[event.service or event.id, event.decision].append(event)
    for members in orphans.values():
        made.append(members)
        if not any(fits.ids == (members[0].id,) for fits in open_):
            flags.append(Flag(FlagCode.EVENT_WITHOUT_DECISION, (tuple(one.id for one in members), ())))
    return Placed([tuple(sorted(group, key=lambda one: one.id)) for group in made], open_, flags)


def _homes(groups: Sequence[Sequence[Statement]], event: Statement) -> list[int]:
    def fitting(*, by_decision: bool) -> list[int]:
        return [
            index
            for index, group in enumerate(groups)
            if any(
                one.kind is Kind.SERVICE
                and bool(event.service)
                and one.service == event.service
                and (not by_decision or (bool(event.decision) and one.decision == event.decision))
                for one in group
            )
        ]

    return fitting(by_decision=True) or fitting(by_decision=False)


def follow(group: Sequence[Statement]) -> Course:
    """Return what the events of a group say about its services."""
    course = Course({one.id: one.status for one in group})
    for service in group:
        if service.kind is not Kind.SERVICE:
            continue
        events = [one for one in group if _is_about(one, service)]
        if not events:
            continue
        last = max(instant(one.time) for one in events)
        latest = [one for one in events if instant(one.time) == last]
        if len({one.status for one in latest}) > 1:
            sides = _sides({one.id: one.status.value for one in latest})
            course.flags.append(Flag(FlagCode.EVENTS_DISAGREE, sides))
            continue
        state = latest[0].status
        if last >= instant(service.origin.updated or service.origin.recorded):
            course.states[service.id] = state
        elif state in _OVER and service.status is Status.ACTIVE:
            course.flags.append(Flag(FlagCode.ACTIVE_AND_RESOLVED, ((service.id,), tuple(one.id for one in latest))))
    return course


def _is_about(event: Statement, service: Statement) -> bool:
    if event.kind is not Kind.SERVICE_EVENT or not event.service or event.service != service.service:
        return False
    return not event.decision or not service.decision or event.decision == service.decision


def _sides(values: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    found: dict[str, list[str]] = defaultdict(list)
    for id_, value in values.items():
        found[value].append(id_)
    return tuple(tuple(ids) for ids in found.values())
