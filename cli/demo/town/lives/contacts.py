"""Contacts: notes, measurements, procedures and summaries of the systems that met the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from cli.demo.residents import TODAY
from cli.demo.town.lives import codes
from cli.demo.town.lives.diary import Diary
from cli.demo.town.lives.person import Person
from cli.demo.town.statements import (
    Absence,
    Coded,
    Diagnosis,
    Document,
    Entry,
    Exclusion,
    Note,
    Pressure,
    Procedure,
    Pulse,
    Reason,
    Recommendation,
    State,
    Synopsis,
    Text,
)

_VISITS = (
    "Morgenstell gjennomført. {given} er i godt humør og spiser frokost selv. Medisiner gitt fra dosett.",
    "Skiftet på såret, ingen tegn til infeksjon. {given} sier hun/han har mindre vondt. Nytt skift torsdag.",
    "Ikke møtt ved avtalt besøk. Ringte pårørende ({relative}), var hos frisøren. Nytt besøk i kveld.",
    "Hjelp til dusj. Huden tørr på leggene, smurt. Ny rullator virker fint. Drikker lite, minnet om væske.",
    "Virker mer forvirret enn i går. Temp 37,9. Urinprøve tatt, fastlege kontaktet. Tilsyn i natt.",
)
_EMERGENCY = (
    "Kommer med ambulanse etter fall hjemme. Ingen bevissthetstap. Våken og klar. Smerter høyre side.",
    "Ringt 116117 kl. 22: tung pust siden ettermiddag. SpO2 91 %. Bedring etter inhalasjon, hjem med avtale.",
    "Brystsmerter i ro i 20 min. EKG uten ferske forandringer. Legges inn til observasjon.",
)
_MORNING = Coded("A45", "Råd/veiledning/kostråd", codes.ICPC_2)
_PROCEDURES: tuple[tuple[Text, tuple[str, ...], str | None], ...] = (
    (
        Coded("S56", "Bandasje/kompresjon/tamponade, hud", codes.ICPC_2),
        ("Kronisk leggsår", "Ødem"),
        "Såret rent, mindre.",
    ),
    (Coded("A44", "Forebyggende vaksinasjon/medisinering", codes.ICPC_2), ("Influensa",), None),
    ("Skifte av permanent kateter", ("Urinretensjon",), "Uten problemer, klar urin."),
    ("Fjerning av sting", (), "Såret er grodd."),
    (Coded("K42", "Elektrisk registrering, hjerte/kar", codes.ICPC_2), (), "Sinusrytme."),
)


def doctors_notes(person: Person, diary: Diary) -> None:
    """Write the GP's notes about what is wrong, and what was noted about somebody else."""
    choice = diary.choice
    for one in person.illnesses:
        for text in one.condition.notes:
            day = one.onset + timedelta(days=1) if one.resolved else diary.day(choice.randint(20, 380))
            time = diary.moment(day)
            reason: Coded | str = one.condition.icpc if choice.random() < 0.9 else one.condition.icpc.text
            entries: list[Entry] = [
                Reason(clinical=(reason,), administrative=choice.choice((None, "Kontroll", "Øyeblikkelig hjelp"))),
                Note(time=time, text=text),
            ]
            if one.resolved:
                entries.append(
                    Diagnosis(
                        name=one.condition.icpc,
                        onset=one.onset.isoformat(),
                        certainty=codes.PROBABLE,
                        active=codes.ACTIVE,
                    )
                )
            document = diary.document("journalnotat", "fastlege", *entries, start=time)
            if choice.random() < 0.5:
                document = replace(document, end=_later(time, minutes=20))
            key = diary.add(document)
            if choice.random() < 0.1:
                corrected = [Note(time=time, text=f"{text} Rettelse: gjaldt venstre side."), *entries[2:]]
                diary.amend(key, replace(document, entries=(entries[0], *corrected)))
    if choice.random() < 0.12:
        _about_somebody_else(person, diary)


def visits(person: Person, diary: Diary) -> None:
    """Write the notes of those who come to the person, a few deleted since they belonged to somebody else."""
    choice = diary.choice
    if person.need < 0.4:
        return
    source = "sykehjem" if person.moved_in else "hjemmetjeneste"
    for _ in range(choice.randint(2, 5)):
        time = diary.moment(diary.day(choice.randint(1, 90)), first=7, last=22)
        text = choice.choice(_VISITS).format(given=person.given, relative=person.relative)
        entries: list[Entry] = [Note(time=time, text=text)]
        if choice.random() < 0.15:
            entries.append(
                Note(time=diary.moment(datetime.fromisoformat(time).date()), text="Tillegg: nøkkelen henger inne.")
            )
        document = diary.document("journalnotat", source, *entries, start=time)
        drawn = choice.random()
        key = diary.add(document, state=State.DRAFT if drawn < 0.06 else State.COMPLETE)
        if 0.06 <= drawn < 0.12:
            diary.amend(key, None, state=State.DELETED)


def emergencies(person: Person, diary: Diary) -> None:
    """Write what the emergency clinic wrote, at night too."""
    for _ in range(diary.choice.choice((0, 0, 1, 1, 2))):
        time = diary.moment(diary.day(diary.choice.randint(5, 500)), first=0, last=23)
        reasons = (Coded("A80", "Skade INA", codes.ICPC_2), Coded("R02", "Kortpustethet/dyspné", codes.ICPC_2))
        clinical = diary.choice.sample(reasons, k=diary.choice.randint(1, 2))
        document = diary.document(
            "journalnotat",
            "legevakt",
            Reason(clinical=tuple(clinical)),
            Note(time=time, text=diary.choice.choice(_EMERGENCY)),
            start=time,
        )
        diary.add(replace(document, end=_later(time, minutes=diary.choice.randint(15, 180))))


def measurements(person: Person, diary: Diary) -> None:
    """Write pressures and pulses; a cuff that failed leaves a value out."""
    choice, resident = diary.choice, person.resident
    source = "sykehjem" if person.moved_in else "hjemmetjeneste" if person.need >= 0.4 else "fastlege"
    for days in choice.sample(range(1, 900), k=resident.contacts):
        time = diary.moment(diary.day(days), first=7, last=20)
        systolic = round(min(240.0, max(75.0, choice.gauss(resident.systolic, 11))))
        diastolic = round(min(systolic - 15.0, max(40.0, choice.gauss(resident.diastolic, 7))))
        is_failed = choice.random() < 0.03
        entries: list[Entry] = [
            Pressure(
                time=time,
                systolic=systolic,
                diastolic=None if is_failed else diastolic,
                comment="Apparatet viste feil på undertrykket" if is_failed else None,
            )
        ]
        if choice.random() < 0.8:
            is_uneven = person.has("K78") and choice.random() < 0.8
            rate = round(min(180.0, max(38.0, choice.gauss(resident.pulse + (12 if is_uneven else 0), 7))))
            entries.append(Pulse(time=time, rate=rate, rhythm=codes.IRREGULAR if is_uneven else codes.REGULAR))
        document = diary.document("vitale_malinger", source, *entries, start=time)
        key = diary.add(document)
        if choice.random() < 0.02:
            typed = Pressure(time=time, systolic=systolic - 10, diastolic=min(diastolic, systolic - 20))
            diary.amend(key, replace(document, entries=(typed, *entries[1:])))


def procedures(person: Person, diary: Diary) -> None:
    """Write what was done."""
    choice = diary.choice
    source = "sykehjem" if person.moved_in else "hjemmetjeneste" if person.need >= 0.4 else "fastlege"
    for name, indications, outcome in choice.sample(_PROCEDURES, k=choice.randint(0, 3)):
        time = diary.moment(diary.day(choice.randint(3, 700)))
        procedure = Procedure(
            name=name,
            time=time,
            step=codes.PROCEDURE_DONE,
            state=codes.IS_ACTIVE,
            started=time if choice.random() < 0.5 else time[:10],
            ended=_later(time, minutes=25) if choice.random() < 0.5 else None,
            indications=indications,
            outcome=outcome,
        )
        diary.add(diary.document("prosedyre", source, procedure, start=time))


def summaries(person: Person, diary: Diary) -> None:
    """Write the GP's summary, and the one that goes along when somebody moves into a nursing home."""
    choice = diary.choice
    lasting = [one for one in person.illnesses if one.resolved is None]
    named = ", ".join(one.condition.icpc.text.lower() for one in lasting) or "ingen kjente kroniske sykdommer"
    if choice.random() < 0.5:
        time = diary.moment(diary.day(choice.randint(30, 600)))
        entries: list[Entry] = [Synopsis(text=f"{person.age} år, {named}. Følges av fastlegen.")]
        entries += [
            Diagnosis(name=one.condition.icpc, onset=one.onset_text, active=codes.ACTIVE) for one in lasting[:2]
        ]
        if not lasting:
            entries.append(Exclusion(about_what="problems", statement="Ingen kjente helseproblemer"))
        entries.append(Absence(statement="Ingen opplysninger om overfølsomhet", reason="Ikke spurt"))
        diary.add(diary.document("klinisk_oppsummering", "fastlege", *entries, start=time))
    if person.moved_in is not None:
        time = diary.moment(person.moved_in, first=10, last=13)
        diary.add(_transfer(person, diary, time, named))


def _transfer(person: Person, diary: Diary, time: str, named: str) -> Document:
    """Return what home care tells the nursing home."""
    return diary.document(
        "overgang_sammendrag",
        "hjemmetjeneste",
        Reason(clinical=("Klarer seg ikke lenger hjemme",), administrative="Innflytting på langtidsplass"),
        Synopsis(text=f"{person.given}, {person.age} år, med {named}. Bodd alene. Pårørende: {person.relative}."),
        Recommendation(topic="Ernæring", text="Veies hver uke, mellommåltid om kvelden."),
        Recommendation(text="Fallforebygging: sengealarm om natten."),
        start=time,
    )


def _about_somebody_else(person: Person, diary: Diary) -> None:
    """Write a note of a contact that also holds a diagnosis of the next of kin."""
    choice = diary.choice
    time = diary.moment(diary.day(choice.randint(20, 300)))
    kin = (f"{person.relative} {person.family}", choice.choice((codes.DAUGHTER, codes.SON, codes.SPOUSE)))
    diary.add(
        diary.document(
            "journalnotat",
            "fastlege",
            Reason(clinical=(_MORNING,)),
            Note(time=time, text=f"{person.relative} følger i dag, forteller selv om nylig påvist brystkreft."),
            Diagnosis(
                name=Coded("X76", "Ondartet svulst bryst (kvinne)", codes.ICPC_2),
                onset=str(TODAY.year),
                active=codes.ACTIVE,
                about=kin,
            ),
            start=time,
        )
    )


def _later(time: str, *, minutes: int) -> str:
    return (datetime.fromisoformat(time) + timedelta(minutes=minutes)).isoformat()
