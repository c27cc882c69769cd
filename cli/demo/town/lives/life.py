"""The whole life of a resident, from the seed: the same seed, the same life."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime

from cli.demo.residents import SEED, Resident, residents
from cli.demo.town.lives import assessments, care, contacts, health, living
from cli.demo.town.lives.diary import Diary
from cli.demo.town.lives.person import person_of
from cli.demo.town.statements import Life, Record

_CHAPTERS = (
    health.problem_list,
    health.histories,
    health.medication,
    health.critical_information,
    health.limits,
    health.needs,
    care.services,
    care.application_data,
    contacts.doctors_notes,
    contacts.visits,
    contacts.emergencies,
    contacts.measurements,
    contacts.procedures,
    contacts.summaries,
    living.habits,
    living.situation,
    living.requests,
    assessments.laboratory,
    assessments.observations,
    assessments.weights,
    assessments.function,
    assessments.letters,
)


def lives(count: int, *, seed: int = SEED) -> Iterator[Life]:
    """Yield the lives of `count` residents."""
    return (life_of(resident, seed=seed) for resident in residents(count, seed=seed))


def life_of(resident: Resident, *, seed: int = SEED) -> Life:
    """Return what was recorded about a resident."""
    person = person_of(resident, random.Random(f"{seed}/{resident.number}/person"))
    diary = Diary(resident=resident)
    for chapter in _CHAPTERS:
        # A generator for each chapter: what one draws does not change what the others draw.
        diary.choice = random.Random(f"{seed}/{resident.number}/{chapter.__name__}")
        chapter(person, diary)
    return Life(resident=resident, records=tuple(sorted(diary.records, key=_written)))


def _written(record: Record) -> datetime:
    """Return when the first version of a record was written."""
    first = record.versions[0].document
    assert first is not None
    return datetime.fromisoformat(first.start)
