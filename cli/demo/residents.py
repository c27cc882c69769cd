"""A municipality's synthetic residents: same seed, same people.

`residents` gives them one after another; `cli.demo.vitals` says what was measured on each.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cli.demo.identity import identity_number

SEED = 4601
# The last day of the demonstration: fixed, so that the same seed always gives the same records.
TODAY = date(2026, 6, 30)

_NAMESPACE = uuid.UUID("6f3a9c52-0f0e-5d0c-9b5e-4d1f6f2f4a10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One synthetic person who gets municipal services.

    `systolic`, `diastolic` (mm[Hg]) and `pulse` (/min) are what the person usually has; `contacts` is how many times
    somebody measured.
    """

    number: int
    ehr_id: str
    identity: str
    born: date
    is_female: bool
    lives_in_nursing_home: bool
    has_fibrillation: bool
    systolic: float
    diastolic: float
    pulse: float
    contacts: int


def residents(count: int, *, seed: int = SEED, contacts: int | None = None) -> Iterator[Resident]:
    """Yield `count` residents; each has `contacts` contacts, or 3 to 14 when that is None."""
    for number in range(1, count + 1):
        # A generator of one's own for each person: the first hundred are the same whatever the count.
        yield _resident(number, seed=seed, contacts=contacts)


def _resident(number: int, *, seed: int, contacts: int | None) -> Resident:
    """Return one resident: mostly old people, whose pressure and rhythm follow their age."""
    choice = random.Random(f"{seed}/{number}")
    age = min(102.0, max(19.0, choice.gauss(79, 12)))
    born = TODAY - timedelta(days=round(age * 365.25) + choice.randrange(365))
    is_female = choice.random() < 0.58
    systolic = choice.gauss(112 + 0.35 * age, 13)
    return Resident(
        number=number,
        ehr_id=str(uuid.uuid5(_NAMESPACE, f"{seed}/{number}")),
        identity=identity_number(born, is_female=is_female, choice=choice),
        born=born,
        is_female=is_female,
        lives_in_nursing_home=choice.random() < (age - 60) / 90,
        has_fibrillation=choice.random() < max(0.01, (age - 60) / 180),
        systolic=systolic,
        diastolic=systolic * choice.gauss(0.57, 0.03),
        pulse=choice.gauss(74, 9),
        contacts=contacts if contacts is not None else choice.randint(3, 14),
    )
