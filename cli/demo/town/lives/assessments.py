"""Laboratory results, observations, scores of function and letters: what is measured, scored and sent along."""

from __future__ import annotations

import base64
from dataclasses import replace

from cli.demo.town.circumstances import File
from cli.demo.town.lives.diary import Diary
from cli.demo.town.lives.person import Person
from cli.demo.town.measured import (
    Analyte,
    AssistanceNeeds,
    Barthel,
    EarlyWarning,
    LaboratoryTest,
    Oximetry,
    Respiration,
    Temperature,
    Weight,
)
from cli.demo.town.statements import Coded, Entry, Pulse, State, Text

_NLK = "urn:oid:2.16.578.1.12.4.1.1.7280"
_VARIABLES = "urn:oid:2.16.578.1.12.4.1.1.9111"
_KINDS = "urn:oid:2.16.578.1.12.4.1.1.9602"
# Analytes with code, unit, usual value and how far it spreads.
_ANALYTES = (
    ("NPU28309", "Hemoglobin", "g/dL", 12.9, 1.4),
    ("NPU19748", "C-reaktivt protein (CRP)", "mg/L", 14.0, 9.0),
    ("NPU18016", "Kreatinin", "umol/L", 92.0, 22.0),
    ("NPU03230", "Kalium", "mmol/L", 4.2, 0.4),
    ("NPU03429", "Natrium", "mmol/L", 139.0, 3.0),
)
_FINAL, _PRELIMINARY = Coded("at0038", "Endelig"), Coded("at0120", "Foreløpig")
_FUNCTIONS = (
    ("5", "Bevege seg innendørs"),
    ("6", "Alminnelig husarbeid"),
    ("7", "Personlig hygiene"),
    ("8", "På- og avkledning"),
    ("9", "Lage mat"),
    ("11", "Toalett"),
    ("13", "Syn"),
    ("15", "Hukommelse"),
)
_RISKS = ((1, Coded("at0057", "Lav")), (4, Coded("at0058", "Lav-middels")), (6, Coded("at0059", "Middels")))
_RISK_HIGH = Coded("at0060", "Høy")
_LETTERS: tuple[tuple[Text, str, str], ...] = (
    (
        Coded("A03-2", "Epikrise", _KINDS),
        "Epikrise fra medisinsk avdeling",
        "Innlagt med {illness}. Bedring, hjem med tilsyn.",
    ),
    (
        Coded("I01-2", "Henvisninger", _KINDS),
        "Henvisning til fysioterapeut",
        "Ber om vurdering av gangfunksjon. {illness}.",
    ),
    ("Attest", "Legeerklæring om omsorgsbehov", "Bekrefter behov for tilsyn flere ganger daglig. {illness}."),
)


def laboratory(person: Person, diary: Diary) -> None:
    """Write results that came back to the doctor; a preliminary one is replaced by the final one."""
    choice = diary.choice
    source = "sykehjem" if person.moved_in else "fastlege"
    for _ in range(choice.randint(0, 3)):
        time = diary.moment(diary.day(choice.randint(2, 500)))
        analytes = [
            Analyte(name=Coded(code, name, _NLK), result=(round(max(0.5, choice.gauss(usual, spread)), 1), unit))
            for code, name, unit, usual, spread in choice.sample(_ANALYTES, k=choice.randint(2, 4))
        ]
        tests = [LaboratoryTest(time=time, name="Blodprøver", status=_FINAL, analytes=tuple(analytes))]
        if choice.random() < 0.3:
            culture = Analyte(name="Urin dyrkning", result=choice.choice(("Ingen vekst", "E. coli, rikelig vekst")))
            tests.append(
                LaboratoryTest(
                    time=time,
                    name="Mikrobiologi",
                    status=_FINAL,
                    analytes=(culture,),
                    conclusion=choice.choice((None, "Følsom for pivmecillinam")),
                )
            )
        document = diary.document("labsvar", source, *tests, start=time)
        if choice.random() < 0.12:
            early = replace(tests[0], status=_PRELIMINARY, analytes=tests[0].analytes[:1])
            key = diary.add(replace(document, entries=(early,)))
            diary.amend(key, document)
        else:
            diary.add(document)


def observations(person: Person, diary: Diary) -> None:
    """Write what is observed of somebody who is ill or lives in a nursing home."""
    choice = diary.choice
    source = "sykehjem" if person.moved_in else "legevakt"
    for _ in range(choice.randint(0, 4 if person.moved_in else 2)):
        time = diary.moment(diary.day(choice.randint(1, 400)), first=0, last=23)
        is_ill = choice.random() < 0.35
        entries: list[Entry] = [
            Respiration(time=time, rate=choice.randint(18, 28) if is_ill else choice.randint(12, 18)),
            Temperature(time=time, degrees=round(choice.gauss(38.4 if is_ill else 36.8, 0.4), 1)),
            Oximetry(time=time, percent=choice.randint(86, 94) if is_ill else choice.randint(94, 99)),
            Pulse(time=time, rate=choice.randint(88, 120) if is_ill else choice.randint(58, 88)),
        ]
        if choice.random() < 0.7:
            total = choice.randint(3, 9) if is_ill else choice.randint(0, 2)
            risk = next((risk for limit, risk in _RISKS if total <= limit), _RISK_HIGH)
            entries.append(EarlyWarning(time=time, total=total, risk=risk))
        diary.add(diary.document("vitale_malinger", source, *entries, start=time))


def weights(person: Person, diary: Diary) -> None:
    """Write weights of those who are looked after: month by month, mostly less."""
    choice = diary.choice
    if person.need < 0.35:
        return
    source = "sykehjem" if person.moved_in else "hjemmetjeneste"
    weight = choice.gauss(66 if person.resident.is_female else 78, 11)
    for number in range(choice.randint(1, 4)):
        time = diary.moment(diary.day(130 - 30 * number))
        weight = max(38.0, weight - choice.uniform(-0.4, 1.2))
        diary.add(diary.document("vitale_malinger", source, Weight(time=time, kilograms=round(weight, 1)), start=time))


def function(person: Person, diary: Diary) -> None:
    """Write how much help somebody needs, as scores; the allocation office scores before it decides."""
    choice = diary.choice
    if person.need < 0.3:
        return
    for days in sorted(choice.sample(range(10, 700), k=choice.randint(1, 2)), reverse=True):
        time = diary.moment(diary.day(days))
        scores = tuple(
            (Coded(code, name, _VARIABLES), None if choice.random() < 0.06 else _score(person.need, choice.random()))
            for code, name in choice.sample(_FUNCTIONS, k=choice.randint(4, 7))
        )
        entries: list[Entry] = [AssistanceNeeds(time=time, scores=scores)]
        if choice.random() < 0.5:
            entries.append(
                Barthel(time=time, total=max(0, min(20, round(20 - 15 * person.need + choice.gauss(0, 1.5)))))
            )
        diary.add(diary.document("funksjonskartlegging", "tildelingskontor", *entries, start=time))


def letters(person: Person, diary: Diary) -> None:
    """Write letters that were received or sent: at an address, or whole."""
    choice = diary.choice
    for kind, title, text in choice.sample(_LETTERS, k=choice.choice((0, 0, 1, 1, 2))):
        time = diary.moment(diary.day(choice.randint(5, 800)))
        illness = person.illnesses[0].condition.icd.text if person.illnesses else "Ingen kjent sykdom"
        key = diary.next_key("fastlege")
        if choice.random() < 0.5:
            file = File(title=title, kind=kind, address=f"https://example.com/dokument/{key}")
        else:
            content = base64.b64encode(text.format(illness=illness).encode()).decode()
            file = File(title=title, kind=kind, content=content, media_type="text/plain")
        document = diary.document("journaldokument", "fastlege", file, start=time)
        diary.add(document, state=State.DRAFT if choice.random() < 0.04 else State.COMPLETE)


def _score(need: float, drawn: float) -> int:
    """Return an IPLOS score from 1 to 5 around the need."""
    return max(1, min(5, round(1 + 4 * need + 2 * drawn - 1)))
