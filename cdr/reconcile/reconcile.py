"""`reconcile`: statements and reviews in, groups with their flags out.

    set aside drafts and what is about others -> by kind: same thing (`same`) -> apart (`apart`) -> events (`lifecycle`)
    -> contradictions within and between groups -> reviews

The answer does not depend on the order of what comes in. Every statement is in exactly one group, or set aside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from cdr.reconcile import contradictions
from cdr.reconcile.apart import take_apart
from cdr.reconcile.concepts import Concepts
from cdr.reconcile.lifecycle import follow, place_events
from cdr.reconcile.model import Flag, FlagCode, Group, Kind, Reconciled, Review, Statement, Status
from cdr.reconcile.moments import instant
from cdr.reconcile.reviews import flags_of, reviews_of
from cdr.reconcile.same import Fits, cluster

DRAFT = "draft"
OTHER_SUBJECT = "other_subject"
NO_CONCEPTS = Concepts()

# With one of these there is no state that the sources agree on.
_NO_STATE = frozenset(
    (
        FlagCode.ACTIVE_AND_RESOLVED,
        FlagCode.DIFFERENT_DECISION,
        FlagCode.DONE_AND_NOT_DONE,
        FlagCode.EVENTS_DISAGREE,
        FlagCode.HELD_AND_REFUTED,
    )
)

Members = tuple[Statement, ...]


def reconcile(
    statements: Iterable[Statement], *, concepts: Concepts = NO_CONCEPTS, reviews: Sequence[Review] = ()
) -> Reconciled:
    """Return the groups of statements, in the order of their smallest id, and every flag.

    Ids of statements must be unique. Errors: `ValueError` when they are not.
    """
    ordered = sorted(statements, key=lambda one: one.id)
    if len({one.id for one in ordered}) != len(ordered):
        raise ValueError("each statement has an id of its own")
    aside: dict[str, list[Statement]] = defaultdict(list)
    by_kind: dict[Kind, list[Statement]] = defaultdict(list)
    for one in ordered:
        if one.is_draft:
            aside[DRAFT].append(one)
        elif one.subject:
            aside[OTHER_SUBJECT].append(one)
        else:
            by_kind[one.kind].append(one)
    events = by_kind.pop(Kind.SERVICE_EVENT, [])
    if events:
        by_kind.setdefault(Kind.SERVICE, [])
    groups: list[tuple[Kind, Members]] = []
    flags: list[Flag] = []
    open_: list[Fits] = []
    for kind, members in by_kind.items():
        made = cluster(members, concepts=concepts, kind=kind)
        open_.extend(made.open)
        found: list[Members] = []
        for each in made.clusters:
            parts = take_apart(each, kind=kind)
            found.extend(parts.groups)
            open_.extend(parts.open)
        flags.extend(contradictions.sides(made.clusters))
        if kind is Kind.SERVICE:
            placed = place_events(found, events)
            found = placed.groups
            open_.extend(placed.open)
            flags.extend(placed.flags)
        groups.extend((kind, each) for each in found)
    flags.extend(Flag(FlagCode.FITS_SEVERAL, (one.ids, one.others)) for one in open_)
    return _answer(sorted(groups, key=lambda each: each[1][0].id), flags, reviews, aside)


def _answer(
    groups: Sequence[tuple[Kind, Members]],
    flags: list[Flag],
    reviews: Sequence[Review],
    aside: Mapping[str, Sequence[Statement]],
) -> Reconciled:
    states: dict[str, Status] = {}
    judged: list[tuple[Review, ...]] = []
    for kind, members in groups:
        course = follow(members)
        states |= course.states
        flags.extend(course.flags)
        flags.extend(contradictions.within(members, kind=kind, states=course.states))
        of = reviews_of(members, reviews)
        judged.append(of)
        flags.extend(flags_of(members, of))
    flags.extend(contradictions.between([members for _, members in groups], states=states))
    flags.sort(key=lambda flag: (flag.code, flag.sides))
    by_id: dict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        for id_ in flag.ids:
            by_id[id_].append(flag)
    made = tuple(
        _group(kind, members, states=states, flags=by_id, reviews=of)
        for (kind, members), of in zip(groups, judged, strict=True)
    )
    return Reconciled(groups=made, flags=tuple(flags), set_aside={why: tuple(those) for why, those in aside.items()})


def _group(
    kind: Kind,
    members: Members,
    *,
    states: Mapping[str, Status],
    flags: Mapping[str, Sequence[Flag]],
    reviews: tuple[Review, ...],
) -> Group:
    own = {one.id: states[one.id] for one in members}
    found = {flag: None for one in members for flag in flags.get(one.id, ())}
    judged = {one.id for one in reviews}
    found |= {flag: None for id_ in judged for flag in flags.get(id_, ()) if flag.ids <= judged}
    said = {state for one in members if (state := own[one.id]) and one.kind is not Kind.SERVICE_EVENT} or set(
        own.values()
    )
    said = said - {Status.UNKNOWN} or said
    is_agreed = len(said) == 1 and not any(flag.code in _NO_STATE for flag in found)
    return Group(
        key=key_of(members),
        kind=kind,
        title=_title(members, kind),
        statements=tuple(sorted(members, key=lambda one: instant(one.origin.recorded), reverse=True)),
        state=said.pop() if is_agreed else None,
        states=own,
        copies=_copies(members),
        flags=tuple(sorted(found, key=lambda flag: (flag.code, flag.sides))),
        reviews=reviews,
    )


def key_of(members: Sequence[Statement]) -> str:
    """Return a short name for a group that stays as long as its statements do, also in their newer versions."""
    places = "\n".join(sorted(one.place for one in members))
    return "g" + blake2b(places.encode(), digest_size=8).hexdigest()


def _title(members: Members, kind: Kind) -> str:
    """Return the words that most statements use, of the coded ones first; the shortest of them where it is even.

    A directive is what it says: its title has every answer that was given.
    """
    if kind is Kind.DIRECTIVE:
        return " / ".join(sorted({one.text for one in members}))
    coded = [one for one in members if one.codes and one.text] or [one for one in members if one.text] or list(members)
    counts: dict[str, int] = defaultdict(int)
    for one in coded:
        counts[one.text] += 1
    return min(counts, key=lambda text: (-counts[text], len(text), text)) if counts else ""


def _copies(members: Members) -> tuple[tuple[str, ...], ...]:
    """Return statements that one source made several times of the same item, with the same content."""
    found: dict[object, list[str]] = defaultdict(list)
    for one in members:
        if one.origin.items:
            said = (one.text, one.codes, one.status, one.onset, one.end, one.time, one.amount, one.value)
            found[one.origin.system, one.origin.items, said].append(one.id)
    return tuple(tuple(ids) for ids in found.values() if len(ids) > 1)
