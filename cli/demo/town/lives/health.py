"""Diagnoses, medication and critical information: what doctors keep of a person, each system in its own way."""

from __future__ import annotations

from datetime import date, timedelta

from cli.demo.residents import TODAY
from cli.demo.town.lives import codes
from cli.demo.town.lives.diary import Diary
from cli.demo.town.lives.knowledge import Medicine
from cli.demo.town.lives.person import Illness, Person
from cli.demo.town.statements import (
    Absence,
    Allergy,
    Coded,
    Contraindication,
    Diagnosis,
    Entry,
    Exclusion,
    Goal,
    Identifier,
    MedicationUse,
    Order,
    Precaution,
    State,
    SupportNeed,
    Text,
    TreatmentLimit,
)

PENICILLIN = Coded("J01C", "Penicilliner", codes.ATC)
_REACTIONS = ("Utslett", "Hevelse i ansiktet", "Kløe", "Tung pust")
_OTHER_REACTIONS = (
    (Coded("M01A", "Ikke-steroide antiinflammatoriske midler", codes.ATC), codes.DRUG, "Magesmerter"),
    ("Nøtter", codes.FOOD, "Hevelse i munnen"),
    ("Plaster", codes.OTHER, "Eksem"),
)
_NOTHING = {
    "problems": "Ingen kjente helseproblemer",
    "allergies": "Ingen kjente overfølsomhetsreaksjoner",
    "medication": "Bruker ingen faste legemidler",
}


def problem_list(person: Person, diary: Diary) -> None:
    """Write the problem list of the GP: an older version, then the newest; ICPC-2, the acute things as past."""
    lasting = [one for one in person.illnesses if one.resolved is None]
    first = diary.day(diary.choice.randint(500, 900))
    known = [_diagnosis(one, diary, system="icpc") for one in lasting if one.onset < first]
    older = diary.document("problemliste", "fastlege", *(known or _no_problems(diary)), start=diary.moment(first))
    key = diary.add(older)
    newest = diary.day(diary.choice.randint(10, 300))
    entries: list[Entry] = [_diagnosis(one, diary, system="icpc") for one in person.illnesses if one.onset < newest]
    if len(entries) > len(known):
        start = diary.moment(newest)
        diary.amend(key, diary.document("problemliste", "fastlege", *entries, start=start))
    if diary.choice.random() < 0.08:
        start = diary.moment(diary.day(2))
        draft = diary.document("problemliste", "fastlege", *entries, _suspicion(diary), start=start)
        diary.amend(key, draft, state=State.DRAFT)


def needs(person: Person, diary: Diary) -> None:
    """Write what the home care service plans with the person: goals and the help with single activities."""
    if not person.need >= 0.4:
        return
    source = "sykehjem" if person.moved_in else "hjemmetjeneste"
    choice = diary.choice
    entries: list[Entry] = [
        Goal(
            name=choice.choice(("Bo trygt hjemme", "Gå til postkassen med rullator", "Spise tre måltider om dagen")),
            proposed=choice.choice(((TODAY + timedelta(days=90)).isoformat(), "2026-12", None)),
            outcome=choice.choice((None, "Delvis nådd")),
        )
    ]
    wanted = (
        ("Dusjing", codes.PHYSICAL, codes.MODERATE_HELP, 1),
        ("Forflytning fra seng til stol", codes.PHYSICAL, codes.TOTAL_HELP, 2),
        ("Huske å ta medisiner", codes.COGNITIVE, None, None),
        ("Måltider", codes.SUPERVISION, None, 1),
        ("Påkledning", codes.PHYSICAL, codes.LIGHT_TOUCH, 1),
    )
    for activity, assistance, physical, persons in choice.sample(wanted, k=1 + round(person.need * 3)):
        entries.append(SupportNeed(activity=activity, assistance=assistance, physical=physical, persons=persons))
    start = diary.moment(diary.day(choice.randint(5, 200)))
    diary.add(diary.document("problemliste", source, *entries, start=start))


def histories(person: Person, diary: Diary) -> None:
    """Write what other systems sent of the same diagnoses: ICD-10 beside ICPC-2, with their own ids and reviews."""
    if not person.illnesses:
        return
    choice = diary.choice
    senders = ["sykehjem"] if person.moved_in else ["legevakt"] if choice.random() < 0.45 else []
    if choice.random() < 0.4:
        senders.append("fastlege")
    for source in senders:
        start = diary.moment(diary.day(choice.randint(20, 420)))
        key = diary.next_key(source)
        chosen = [one for one in person.illnesses if choice.random() < 0.8] or list(person.illnesses[:1])
        entries: list[Entry] = [
            _diagnosis(
                one,
                diary,
                system="icpc" if source == "fastlege" else "icd",
                origin=Identifier(id=f"{key}-{number}", issuer=source, type="Diagnose"),
            )
            for number, one in enumerate(chosen, 1)
        ]
        diary.add(diary.document("diagnosehistorikk", source, *entries, start=start))


def medication(person: Person, diary: Diary) -> None:
    """Write the medication list, a copy of the national one, and one change of it."""
    choice = diary.choice
    medicines = [
        (medicine, one)
        for one in person.illnesses
        for medicine in one.condition.medicines
        if one.resolved is None and choice.random() < 0.85
    ]
    entries: list[Entry] = [_order(medicine, one.onset, diary) for medicine, one in medicines]
    over = [(medicine, one) for one in person.illnesses if one.resolved for medicine in one.condition.medicines]
    entries += [_use(medicine, one, diary) for medicine, one in over]
    if not medicines:
        entries.append(
            Exclusion(about_what="medication", statement=_NOTHING["medication"])
            if choice.random() < 0.6
            else Absence(statement="Ingen opplysninger om legemidler", reason="Listen er ikke samstemt")
        )
    start = diary.moment(diary.day(choice.randint(30, 400)))
    key = diary.add(diary.document("legemiddelliste", "fastlege", *entries, start=start, copied_from="e-resept"))
    if medicines and choice.random() < 0.25:
        start = diary.moment(diary.day(choice.randint(1, 28)))
        stopped = _use(medicines[0][0], medicines[0][1], diary, stop=start[:10])
        entries = [*entries[1:], stopped]
        diary.amend(key, diary.document("legemiddelliste", "fastlege", *entries, start=start, copied_from="e-resept"))


def critical_information(person: Person, diary: Diary) -> None:
    """Write allergies, precautions and limits; some people are allergic in one system and not in a newer one."""
    choice = diary.choice
    entries: list[Entry] = []
    is_allergic = choice.random() < 0.18
    day = diary.day(choice.randint(200, 1400))
    if is_allergic:
        entries.append(
            Allergy(
                substance=PENICILLIN,
                verification=choice.choice((codes.VERIFIED, codes.UNCONFIRMED)),
                active=codes.REACTION_ACTIVE,
                criticality=codes.RISK_HIGH,
                kind=codes.DRUG,
                manifestations=tuple(choice.sample(_REACTIONS, k=choice.randint(1, 2))),
                updated=choice.choice((day.isoformat(), day.isoformat()[:7], None)),
            )
        )
    if choice.random() < 0.2:
        substance, kind, manifestation = choice.choice(_OTHER_REACTIONS)
        entries.append(
            Allergy(
                substance=substance,
                verification=choice.choice((codes.VERIFIED, codes.UNCONFIRMED, codes.REFUTED)),
                active=choice.choice((codes.REACTION_ACTIVE, codes.REACTION_INACTIVE, None)),
                criticality=choice.choice((codes.RISK_LOW, codes.RISK_UNKNOWN, None)),
                kind=kind,
                manifestations=(manifestation,) if choice.random() < 0.7 else (),
            )
        )
    if person.has("K78"):
        entries.append(
            Precaution(
                condition="Bruker blodfortynnende",
                status=codes.PRECAUTION_ACTIVE,
                category="Blødningsrisiko",
                valid_to=choice.choice((None, "2027", (TODAY + timedelta(days=200)).isoformat())),
            )
        )
        entries.append(
            Contraindication(
                intervention="Intramuskulær injeksjon",
                status=choice.choice((codes.CONTRA_LIKELY, codes.CONTRA_CONFIRMED)),
                criticality=choice.choice((codes.CONTRA_LOW, codes.CONTRA_HIGH)),
            )
        )
    if person.has("K77") or person.has("R95"):
        entries.append(
            Contraindication(
                intervention="Ikke-steroide antiinflammatoriske midler (NSAID)",
                status=codes.CONTRA_CONFIRMED,
                criticality=choice.choice((codes.CONTRA_HIGH, None)),
            )
        )
    if choice.random() < 0.15:
        entries.append(
            Precaution(
                condition="Bærer av MRSA",
                status=choice.choice((codes.PRECAUTION_ACTIVE, codes.PRECAUTION_OVER)),
                category=choice.choice(("Smitte", None)),
            )
        )
    if not entries:
        entries.append(Exclusion(about_what="allergies", statement=_NOTHING["allergies"]))
    # Some of it the doctor took over from the national summary care record.
    copied = "Kjernejournal" if choice.random() < 0.3 else None
    start = diary.moment(day)
    diary.add(diary.document("kritisk_informasjon", "fastlege", *entries, start=start, copied_from=copied))
    if is_allergic and choice.random() < 0.5:
        # The contradiction: somebody asked the person later and wrote down the opposite.
        source = "sykehjem" if person.moved_in else "legevakt"
        later = diary.moment(diary.day(choice.randint(3, 190)))
        denied = Exclusion(about_what="allergies", statement=_NOTHING["allergies"])
        diary.add(diary.document("kritisk_informasjon", source, denied, start=later))


def limits(person: Person, diary: Diary) -> None:
    """Write the limits of treatment that nursing homes decide on, twice for some."""
    if person.moved_in is None or diary.choice.random() < 0.3:
        return
    for days_after in sorted(diary.choice.sample(range(7, 80), k=diary.choice.randint(1, 2))):
        day = person.moved_in + timedelta(days=days_after)
        limit = TreatmentLimit(
            resuscitation=diary.choice.choice(("Ikke HLR", "Begrenset HLR", "Full HLR")),
            intent=diary.choice.choice((codes.PROLONGING, codes.TERMINAL, None)),
            description="Innleggelse i sykehus bare ved brudd. Drøftet med pasient og pårørende.",
            review_due=diary.choice.choice((None, (day + timedelta(days=365)).isoformat())),
        )
        diary.add(diary.document("kritisk_informasjon", "sykehjem", limit, start=diary.moment(day)))


def _no_problems(diary: Diary) -> list[Entry]:
    """Return what stands in an empty problem list."""
    if diary.choice.random() < 0.7:
        return [Exclusion(about_what="problems", statement=_NOTHING["problems"])]
    return [Absence(statement="Ingen opplysninger om diagnoser", reason="Ny i kommunen")]


def _suspicion(diary: Diary) -> Diagnosis:
    """Return a diagnosis that is still being thought about."""
    return Diagnosis(
        name="Mulig hudkreft på underarm",
        certainty=codes.SUSPECTED,
        active=codes.ACTIVE,
        recognised=diary.day(2).isoformat(),
    )


def _diagnosis(one: Illness, diary: Diary, *, system: str, origin: Identifier | None = None) -> Diagnosis:
    """Return what a system says of an illness: its own code, its own idea of when it began, not always everything."""
    choice = diary.choice
    coded = one.condition.icpc if system == "icpc" else one.condition.icd
    name: Text = coded if choice.random() < 0.95 else coded.text
    onset = one.onset_text
    if system == "icd" and choice.random() < 0.3:
        onset = onset[:4]
    return Diagnosis(
        name=name,
        onset=None if choice.random() < 0.12 else onset,
        recognised=(one.onset + timedelta(days=choice.randint(0, 20))).isoformat() if choice.random() < 0.3 else None,
        resolved=one.resolved.isoformat() if one.resolved else None,
        certainty=choice.choice((codes.CONFIRMED, codes.CONFIRMED, codes.PROBABLE, None)),
        active=codes.INACTIVE if one.resolved else codes.ACTIVE,
        current=choice.choice((codes.PAST if one.resolved else codes.CURRENT, None)),
        review=_review(choice.random()) if origin else None,
        origin=origin,
    )


def _review(drawn: float) -> Coded | None:
    """Return what became of an imported item: mostly nobody has looked at it yet."""
    for limit, outcome in ((0.5, codes.NOT_REVIEWED), (0.75, codes.REVIEWED), (0.85, codes.CORRECTED)):
        if drawn < limit:
            return outcome
    return codes.OUTDATED if drawn < 0.9 else None


def _order(medicine: Medicine, since: date, diary: Diary) -> Order:
    """Return an order; now and then without code or directions."""
    return Order(
        medication=medicine.coded if diary.choice.random() < 0.93 else medicine.name,
        narrative=f"{medicine.name}: {medicine.directions}",
        directions=medicine.directions if diary.choice.random() < 0.95 else None,
        indication=medicine.indication,
        start=since.isoformat() if diary.choice.random() < 0.9 else None,
    )


def _use(medicine: Medicine, one: Illness, diary: Diary, *, stop: str | None = None) -> MedicationUse:
    """Return the use of a medication that ended."""
    ended = stop or (one.resolved.isoformat() if one.resolved else None)
    return MedicationUse(
        medication=medicine.coded,
        start=one.onset.isoformat() if diary.choice.random() < 0.9 else one.onset.isoformat()[:7],
        stop=ended,
        stop_reason=diary.choice.choice(("Kur avsluttet", "Bivirkninger", None)),
        updated=ended,
    )
