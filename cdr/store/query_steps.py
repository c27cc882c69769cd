"""What EXPLAIN tells of a run: its steps with counts and times, and the archetypes that a plan looks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aql.plan import HasAll, HasAny, HasArchetype, HasNone, Need


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run: `count` is what it worked on or gave; `milliseconds` of wall clock."""

    what: str
    count: int | None
    milliseconds: float

    def __str__(self) -> str:
        count = "" if self.count is None else f", {self.count}"
        return f"{self.what}{count}: {self.milliseconds:.2f} ms"


def archetypes_of(need: Need | None) -> Iterator[str]:
    """Yield the archetype ids that a need names."""
    match need:
        case HasArchetype(archetype_id=archetype_id) | HasNone(archetype_id=archetype_id):
            yield archetype_id
        case HasAll(needs=needs) | HasAny(needs=needs):
            for each in needs:
                yield from archetypes_of(each)
