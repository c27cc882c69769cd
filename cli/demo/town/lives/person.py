"""Who somebody is: a name, what is wrong with the person since when, how much help that takes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from cli.demo.residents import TODAY, Resident
from cli.demo.town.lives.knowledge import CONDITIONS, FAMILIES, MEN, WOMEN, Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Illness:
    """A condition of a person; `resolved` is None while it lasts."""

    condition: Condition
    onset: date
    resolved: date | None
    onset_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A resident with a name and a story; `need` of help goes from 0 to 1."""

    resident: Resident
    given: str
    family: str
    relative: str
    age: int
    need: float
    illnesses: tuple[Illness, ...]
    moved_in: date | None

    def has(self, code: str) -> bool:
        """Tell whether the person has a condition now, by its ICPC-2 code."""
        return any(one.condition.icpc.code == code and one.resolved is None for one in self.illnesses)


def person_of(resident: Resident, choice: random.Random) -> Person:
    """Return the person behind a resident."""
    age = (TODAY - resident.born).days // 365
    illnesses = tuple(
        _illness(condition, resident, choice)
        for condition in CONDITIONS
        if choice.random() < _likelihood(condition, resident, age)
    )
    burden = sum(1 for one in illnesses if one.resolved is None)
    need = min(1.0, max(0.0, (age - 55) / 70 + 0.06 * burden + choice.gauss(0, 0.12)))
    is_in_home = resident.lives_in_nursing_home
    return Person(
        resident=resident,
        given=choice.choice(WOMEN if resident.is_female else MEN),
        family=choice.choice(FAMILIES),
        relative=choice.choice(WOMEN + MEN),
        age=age,
        need=max(0.85, need) if is_in_home else min(0.84, need),
        illnesses=illnesses,
        moved_in=TODAY - timedelta(days=choice.randint(90, 600)) if is_in_home else None,
    )


def _likelihood(condition: Condition, resident: Resident, age: int) -> float:
    """Return how likely a condition is: it follows age, dementia also the place, fibrillation what is known."""
    code = condition.icpc.code
    if code == "K78":
        return 1.0 if resident.has_fibrillation else 0.0
    likely = condition.likely * min(1.5, max(0.15, age / 80))
    return min(0.9, likely * 2.5) if code == "P70" and resident.lives_in_nursing_home else likely


def _illness(condition: Condition, resident: Resident, choice: random.Random) -> Illness:
    """Return when it began and ended; long ago is remembered less exactly."""
    if condition.days:
        onset = TODAY - timedelta(days=choice.randint(20, 1000))
        end = onset + timedelta(days=round(condition.days * choice.uniform(0.6, 1.5)))
        resolved = end if end < TODAY else None
    else:
        lived = (TODAY - resident.born).days
        onset = TODAY - timedelta(days=choice.randint(60, max(61, min(9000, lived // 3))))
        resolved = None
    years = (TODAY - onset).days / 365
    text = onset.isoformat()
    if years > 8:
        text = text[:4]
    elif years > 3:
        text = text[:7]
    return Illness(condition=condition, onset=onset, resolved=resolved, onset_text=text)
