"""Which statements speak of the same thing by what they name: codes, mappings, parts of codes, words.

In: statements of one kind. Out: clusters of them, and for each statement that fits several clusters, which. Wider and
narrower codes come together only where there is one way to do so; a wide code beside two narrower ones stays by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cdr.reconcile.concepts import Concepts, Key
from cdr.reconcile.model import Kind, Match, Statement

_BY_TOPIC = frozenset((Kind.EXCLUSION, Kind.ABSENCE, Kind.DIRECTIVE))


@dataclass(frozen=True, slots=True)
class Fits:
    """Statements that fit several others, and those others."""

    ids: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """What `cluster` found: each cluster in the order of ids, and what was left open."""

    clusters: tuple[tuple[Statement, ...], ...]
    open: tuple[Fits, ...] = ()


class _Union:
    """Sets that grow together."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, one: int) -> int:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first

    def sets(self, of: Iterable[int]) -> list[list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for one in of:
            found[self.find(one)].append(one)
        return [found[root] for root in sorted(found)]


def words(text: str) -> str:
    """Return text as it is compared: without case and surplus space."""
    return " ".join(text.casefold().split())


def cluster(statements: Sequence[Statement], *, concepts: Concepts, kind: Kind) -> Clusters:
    """Return the clusters of statements of one kind, which must be in the order of their ids."""
    if kind is Kind.ITEM:
        return Clusters(_copies_together(statements))
    if kind in _BY_TOPIC:
        topics: dict[str, list[Statement]] = defaultdict(list)
        for one in statements:
            topics[one.about].append(one)
        return Clusters(tuple(tuple(members) for members in topics.values()))
    keys = [_keys(one, concepts, kind) for one in statements]
    coded = [index for index, key in enumerate(keys) if key]
    union = _Union(len(statements))
    first: dict[Key, int] = {}
    for index in coded:
        for key in keys[index]:
            union.join(first.setdefault(key, index), index)
    sets = union.sets(coded)
    sets, unsure = _with_parts(sets, statements, concepts) if kind is not Kind.MEDICATION else (sets, [])
    sets, more = _with_words(sets, statements, [index for index, key in enumerate(keys) if not key])
    made = [tuple(statements[index] for index in sorted(members)) for members in sets]
    fits = tuple(
        Fits(
            tuple(statements[index].id for index in sorted(ids)),
            tuple(sorted(statements[index].id for index in others)),
        )
        for ids, others in [*unsure, *more]
    )
    return Clusters(tuple(sorted(made, key=lambda members: members[0].id)), fits)


def _copies_together(statements: Sequence[Statement]) -> tuple[tuple[Statement, ...], ...]:
    """Return each statement by itself, except where a source sent the same item with the same content twice."""
    found: dict[object, list[Statement]] = defaultdict(list)
    for one in statements:
        same = (one.origin.system, one.origin.items, one.text, one.when, one.amount) if one.origin.items else one.id
        found[same].append(one)
    return tuple(tuple(members) for members in found.values())


def _keys(statement: Statement, concepts: Concepts, kind: Kind) -> frozenset[Key]:
    own = concepts.keys(statement)
    if kind is Kind.MEDICATION:
        # A product and its substance are one medication.
        own |= {concepts.key(one.target) for one in statement.mappings if one.match is Match.WIDER}
    return own


def _with_parts(
    sets: list[list[int]], statements: Sequence[Statement], concepts: Concepts
) -> tuple[list[list[int]], list[tuple[list[int], list[int]]]]:
    """Join each set with the one set of narrower codes, where there is one; tell where there are several."""
    while True:
        meanings = [_Meaning.of([statements[index] for index in members], concepts) for members in sets]
        below = [
            {
                other
                for other in range(len(sets))
                if other != one
                and meanings[other].is_part_of(meanings[one], concepts)
                and not meanings[one].is_part_of(meanings[other], concepts)
            }
            for one in range(len(sets))
        ]
        direct = [{one for one in found if not any(one in below[other] for other in found)} for found in below]
        single = next((one for one, found in enumerate(direct) if len(found) == 1), None)
        if single is None:
            break
        (narrower,) = direct[single]
        joined = sorted(sets[single] + sets[narrower])
        sets = [members for index, members in enumerate(sets) if index not in (single, narrower)] + [joined]
        sets.sort()
    unsure = [
        (sets[one], [index for other in found for index in sets[other]]) for one, found in enumerate(direct) if found
    ]
    return sets, unsure


@dataclass(frozen=True, slots=True)
class _Meaning:
    """All that a set of statements means, and the wider and narrower codes that sources mapped it to."""

    own: frozenset[Key]
    wider: frozenset[Key]
    narrower: frozenset[Key]

    @classmethod
    def of(cls, statements: Sequence[Statement], concepts: Concepts) -> _Meaning:
        def mapped(match: Match) -> frozenset[Key]:
            return frozenset(
                concepts.key(one.target) for each in statements for one in each.mappings if one.match is match
            )

        own = frozenset[Key]().union(*(concepts.keys(one) for one in statements))
        return cls(own, mapped(Match.WIDER), mapped(Match.NARROWER))

    def is_part_of(self, other: _Meaning, concepts: Concepts) -> bool:
        if self.wider & other.own or other.narrower & self.own:
            return True
        return concepts.is_part(self.own, other.own)


def _with_words(
    sets: list[list[int]], statements: Sequence[Statement], uncoded: Sequence[int]
) -> tuple[list[list[int]], list[tuple[list[int], list[int]]]]:
    """Put what has no code with the only set that uses the same words; what fits several stays by itself."""
    by_words: dict[str, list[int]] = defaultdict(list)
    for index in uncoded:
        by_words[words(statements[index].text)].append(index)
    named: dict[str, list[int]] = defaultdict(list)
    for number, members in enumerate(sets):
        for word in sorted({words(statements[index].text) for index in members}):
            named[word].append(number)
    sets = [list(members) for members in sets]
    unsure: list[tuple[list[int], list[int]]] = []
    for word, members in by_words.items():
        fitting = named.get(word, [])
        if len(fitting) == 1 and word:
            sets[fitting[0]].extend(members)
            continue
        sets.append(members)
        if len(fitting) > 1:
            unsure.append((members, [index for number in fitting for index in sorted(sets[number])]))
    return sets, unsure
