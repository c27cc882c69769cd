"""Clinicians' reviews beside what they judge: which statements they cover, and where they leave a question.

A review never removes or hides anything. It covers the versions that the clinician saw: a newer version of the same
thing, or another source's statement in the same group, is not covered, and that is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from cdr.reconcile.model import Flag, FlagCode, Outcome, Review, Statement

_JUDGEMENTS = frozenset((Outcome.CONFIRMED, Outcome.CORRECTED, Outcome.REJECTED, Outcome.OUTDATED))
_AGAINST = frozenset((Outcome.REJECTED, Outcome.OUTDATED))


def reviews_of(group: Sequence[Statement], reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Return the reviews of statements of a group, also of earlier versions of them, in the order of their time."""
    places = {one.place for one in group}
    found = {one.id: one for one in reviews if any(_place(id_) in places for id_ in one.of)}
    for statement in group:
        found |= {one.id: one for one in statement.reviews}
    return tuple(sorted(found.values(), key=lambda one: (one.time, one.id)))


def flags_of(group: Sequence[Statement], reviews: Sequence[Review]) -> list[Flag]:
    """Return what the reviews of a group leave open or contradict."""
    judging = [one for one in reviews if one.outcome in _JUDGEMENTS]
    found: list[Flag] = []
    covered: set[str] = set()
    stale: dict[str, list[str]] = {}
    for review in judging:
        ids = [one.id for one in group if one.id in review.of]
        covered.update(ids)
        if review.outcome is Outcome.REJECTED and ids:
            found.append(Flag(FlagCode.REJECTED_IN_REVIEW, (tuple(ids), (review.id,))))
        places = {_place(id_) for id_ in review.of}
        for one in group:
            if one.id not in review.of and one.place in places:
                stale.setdefault(one.id, []).append(review.id)
    for statement in group:
        of = [one for one in judging if statement.id in one.of]
        against = [one.id for one in of if one.outcome in _AGAINST]
        in_favour = [one.id for one in of if one.outcome is Outcome.CONFIRMED]
        flag = Flag(FlagCode.REVIEWS_DISAGREE, (tuple(in_favour), tuple(against)))
        if in_favour and against and flag not in found:
            found.append(flag)
    changed = [id_ for id_ in stale if id_ not in covered]
    if changed:
        by = sorted({review for id_ in changed for review in stale[id_]})
        found.append(Flag(FlagCode.CHANGED_AFTER_REVIEW, (tuple(changed), tuple(by))))
    apart = [one.id for one in judging if not one.is_within_item]
    rest = [one.id for one in group if one.id not in covered and one.id not in stale]
    if apart and rest:
        found.append(Flag(FlagCode.NOT_REVIEWED_YET, (tuple(rest), tuple(apart))))
    return found


def _place(id_: str) -> str:
    uid, slash, path = id_.partition("/")
    return uid.partition("::")[0] + slash + path
