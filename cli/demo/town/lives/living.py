"""Habits, vaccines, family and the way somebody lives, and applications for services."""

from __future__ import annotations

from datetime import date

from cli.demo.residents import TODAY
from cli.demo.town.circumstances import (
    Education,
    FamilyHistory,
    Housing,
    Interpreter,
    Kin,
    LivingArrangement,
    Network,
    ServiceRequest,
    Tobacco,
    VaccineDose,
)
from cli.demo.town.lives.codes import ATC
from cli.demo.town.lives.diary import Diary
from cli.demo.town.lives.knowledge import DAY_CARE, HOUSEHOLD, LONG_STAY, MEN, NURSING, WOMEN
from cli.demo.town.lives.person import Person
from cli.demo.town.statements import Coded, Entry

_NEVER, _SMOKES, _SMOKED = (
    Coded("at0006", "Aldri røykt"),
    Coded("at0003", "Røyker"),
    Coded("at0005", "Tidligere røyker"),
)
_NEEDS_INTERPRETER = Coded("at0006", "Behov for tolk")
_INFLUENZA = Coded("J07BB02", "Influensavaksine", ATC)
_PNEUMOCOCCI = Coded("J07AL01", "Pneumokokkvaksine", ATC)
_B12 = Coded("B03BA03", "Hydroksokobalamin (vitamin B12)", ATC)
_FAMILY = (
    "Far døde av hjerteinfarkt 58 år gammel. Søster har diabetes.",
    "Mor fikk demens sent i 70-årene. Ellers ingen kjent arvelig sykdom.",
)
_LEVELS = ("Grunnskole", "Videregående skole", "Fagskole", "Universitet eller høyskole, inntil fire år")
_DWELLINGS = (
    ("Enebolig", "Eier"),
    ("Leilighet med heis", "Eier"),
    ("Leilighet uten heis", "Leier"),
    ("Omsorgsbolig", "Leier"),
)


def habits(person: Person, diary: Diary) -> None:
    """Write whether somebody smokes, what runs in the family, and vaccines, a copy of the national register."""
    choice = diary.choice
    if choice.random() < 0.6:
        start = diary.moment(diary.day(choice.randint(30, 1500)))
        entries: list[Entry] = [
            Tobacco(
                status=choice.choice((_NEVER, _SMOKES, _SMOKED)),
                updated=choice.choice((start[:10], start[:7], None)),
            )
        ]
        if choice.random() < 0.4:
            entries.append(FamilyHistory(summary=choice.choice(_FAMILY)))
        diary.add(diary.document("levevaner_familie", "fastlege", *entries, start=start))
    doses: list[Entry] = []
    for year in (TODAY.year - 2, TODAY.year - 1):
        if choice.random() < 0.55:
            given = diary.moment(date(year, 10, choice.randint(1, 28)))
            doses.append(VaccineDose(time=given, vaccine=_INFLUENZA))
    if choice.random() < 0.3:
        vaccine = choice.choice((_PNEUMOCOCCI, _B12, "Koronavaksine"))
        doses.append(VaccineDose(time=diary.moment(diary.day(choice.randint(40, 1200))), vaccine=vaccine))
    if doses:
        start = diary.moment(diary.day(choice.randint(1, 30)))
        diary.add(diary.document("levevaner_familie", "fastlege", *doses, start=start, copied_from="SYSVAK"))


def situation(person: Person, diary: Diary) -> None:
    """Write how somebody lives: what home care asked at the first visit, written anew when something changed."""
    choice = diary.choice
    if person.need < 0.3 and choice.random() < 0.6:
        return
    source = "hjemmetjeneste" if person.need >= 0.4 else "tildelingskontor"
    start = diary.moment(diary.day(choice.randint(60, 900)))
    is_alone = choice.random() < 0.6
    entries: list[Entry] = [
        Network(
            partnership=choice.choice(("Enke/enkemann", "Ugift")) if is_alone else choice.choice(("Gift", "Samboer")),
            description=choice.choice((None, "God kontakt med familien, naboen hjelper med snømåking.")),
            people=tuple(_kin(person, diary) for _ in range(choice.randint(0, 2))),
        ),
        LivingArrangement(
            arrangement="Bor alene" if is_alone else "Bor sammen med ektefelle eller samboer",
            household=1 if is_alone else 2,
            updated=choice.choice((start[:10], None)),
        ),
    ]
    if choice.random() < 0.7:
        entries.append(
            Housing(description=choice.choice((None, "Terskler og trapp opp til inngang.")), dwellings=_homes(diary))
        )
    if choice.random() < 0.5:
        entries.append(Education(level=choice.choice(_LEVELS), updated=choice.choice((start[:4], None))))
    if person.given in ("Fatima", "Yusuf") or choice.random() < 0.08:
        need = choice.choice((True, _NEEDS_INTERPRETER))
        entries.append(Interpreter(need=need, language=choice.choice(("Arabisk", "Polsk", "Tegnspråk"))))
    document = diary.document("livssituasjon", source, *entries, start=start)
    key = diary.add(document)
    if not is_alone and choice.random() < 0.2:
        later = diary.moment(diary.day(choice.randint(1, 50)))
        widowed = Network(partnership="Enke/enkemann", description="Mistet ektefellen i vår. Sønnen ringer daglig.")
        alone = LivingArrangement(arrangement="Bor alene", household=1, updated=later[:10])
        diary.amend(key, diary.document("livssituasjon", source, widowed, alone, *entries[2:], start=later))


def requests(person: Person, diary: Diary) -> None:
    """Write applications for services, as people or their relatives sent them."""
    choice = diary.choice
    wanted = [offer for offer in (HOUSEHOLD, NURSING, DAY_CARE, LONG_STAY) if person.need >= offer.need - 0.05]
    for offer in wanted:
        if choice.random() < 0.4:
            start = diary.moment(diary.day(choice.randint(3, 900)), first=7, last=22)
            diary.add(
                diary.document(
                    "tjenestesoknad",
                    "tildelingskontor",
                    ServiceRequest(
                        service=offer.kind.text,
                        kind=offer.kind if choice.random() < 0.9 else offer.kind.text,
                        id=f"S-{person.resident.number:04}-{len(diary.records) + 1:03}",
                        narrative=f"{person.given} søker om {offer.kind.text.lower()}.",
                        status=choice.choice(("Mottatt", "Under behandling", "Avgjort", None)),
                    ),
                    start=start,
                )
            )


def _kin(person: Person, diary: Diary) -> Kin:
    """Return somebody close, reachable on made-up numbers."""
    choice = diary.choice
    phones = tuple(
        f"000 {choice.randint(10, 99)} {choice.randint(100, 999)}" for _ in range(choice.choice((0, 1, 1, 2)))
    )
    return Kin(
        name=f"{choice.choice(WOMEN + MEN)} {person.family}",
        relations=choice.choice((("Datter",), ("Sønn",), ("Datter", "Nærmeste pårørende"), ("Nabo",))),
        phones=phones,
    )


def _homes(diary: Diary) -> tuple[tuple[str, str | None], ...]:
    """Return one dwelling, rarely with a second one."""
    kind, tenure = diary.choice.choice(_DWELLINGS)
    first = (kind, tenure if diary.choice.random() < 0.9 else None)
    return (first, ("Hytte", "Eier")) if diary.choice.random() < 0.1 else (first,)
