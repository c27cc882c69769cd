"""What the synthetic residents can have and get: names, conditions with their treatment, municipal services.

Codes are of ICPC-2, ICD-10, ATC and Volven 9151; how often something occurs is a plausible guess and no statistics.
"""

from __future__ import annotations

from dataclasses import dataclass

from cli.demo.town.lives.codes import ATC, ICD_10, ICPC_2, SERVICE_TYPES
from cli.demo.town.statements import Coded

WOMEN = ("Astrid", "Bjørg", "Gerd", "Inger", "Kari", "Liv", "Målfrid", "Randi", "Solveig", "Torill", "Åse", "Fatima")
MEN = ("Arne", "Bjarne", "Einar", "Harald", "Ivar", "Knut", "Leif", "Magne", "Odd", "Sverre", "Trygve", "Yusuf")
FAMILIES = ("Testvik", "Prøveli", "Eksempelmo", "Mønsterdal", "Testhaug", "Prøvestad", "Eksempelrud", "Mønsterås")


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """A medication as it is ordered: code, name with strength, directions, what it is for."""

    code: str
    name: str
    directions: str
    indication: str

    @property
    def coded(self) -> Coded:
        """Return the name with its ATC code."""
        return Coded(self.code, self.name, ATC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition: its names in both code systems, how likely at 80 years, what it is treated with and noted about.

    `days` is how long it lasts, 0 for life.
    """

    icpc: Coded
    icd: Coded
    likely: float
    days: int = 0
    medicines: tuple[Medicine, ...] = ()
    notes: tuple[str, ...] = ()


def _condition(
    icpc: tuple[str, str],
    icd: tuple[str, str],
    likely: float,
    *,
    days: int = 0,
    medicines: tuple[tuple[str, str, str, str], ...] = (),
    notes: tuple[str, ...] = (),
) -> Condition:
    return Condition(
        icpc=Coded(*icpc, ICPC_2),
        icd=Coded(*icd, ICD_10),
        likely=likely,
        days=days,
        medicines=tuple(
            Medicine(code=code, name=name, directions=directions, indication=indication)
            for code, name, directions, indication in medicines
        ),
        notes=notes,
    )


CONDITIONS = (
    _condition(
        ("K86", "Hypertensjon ukomplisert"),
        ("I10", "Essensiell (primær) hypertensjon"),
        0.55,
        medicines=(
            ("C08CA01", "Amlodipin 5 mg tablett", "1 tablett hver morgen", "Mot høyt blodtrykk"),
            ("C09AA02", "Enalapril 10 mg tablett", "1 tablett morgen og kveld", "Mot høyt blodtrykk"),
        ),
        notes=("Kontroll av blodtrykk. Måler hjemme, stort sett under 150 systolisk. Ingen svimmelhet.",),
    ),
    _condition(
        ("T90", "Diabetes type 2"),
        ("E11", "Diabetes mellitus type 2"),
        0.24,
        medicines=(("A10BA02", "Metformin 500 mg tablett", "1 tablett 2 ganger daglig til mat", "Mot sukkersyke"),),
        notes=("Årskontroll diabetes. Føtter uten sår, god puls. Kostråd gjentatt. Ny prøve om tre måneder.",),
    ),
    _condition(
        ("K78", "Atrieflimmer/-flutter"),
        ("I48", "Atrieflimmer og atrieflutter"),
        0.2,
        medicines=(
            ("B01AF02", "Apiksaban 5 mg tablett", "1 tablett morgen og kveld", "Forebygger blodpropp"),
            ("C07AB02", "Metoprolol depot 50 mg tablett", "1 tablett hver morgen", "Demper pulsen"),
        ),
        notes=("Kjent flimmer, pulsen uregelmessig, frekvens rundt 80. Ingen blødninger under blodfortynnende.",),
    ),
    _condition(
        ("K77", "Hjertesvikt"),
        ("I50", "Hjertesvikt"),
        0.15,
        medicines=(("C03CA01", "Furosemid 40 mg tablett", "1 tablett hver morgen", "Vanndrivende"),),
        notes=("Tyngre i pusten siste uke, ankelødem ++. Vekt opp 2 kg. Øker furosemid midlertidig, veies daglig.",),
    ),
    _condition(
        ("R95", "Kronisk obstruktiv lungesykdom"),
        ("J44", "Annen kronisk obstruktiv lungesykdom"),
        0.16,
        medicines=(
            ("R03BB04", "Tiotropium inhalasjon 18 mikrog", "1 inhalasjon daglig", "Mot kols"),
            ("R03AC02", "Salbutamol inhalasjon 0,1 mg", "1-2 inhalasjoner ved behov", "Mot tung pust"),
        ),
        notes=("Kols, hoster mer enn vanlig om morgenen. Inhalasjonsteknikk gjennomgått. Ikke feber.",),
    ),
    _condition(
        ("P70", "Demens"),
        ("F03", "Uspesifisert demens"),
        0.2,
        medicines=(("N06DA02", "Donepezil 10 mg tablett", "1 tablett hver kveld", "Mot hukommelsessvikt"),),
        notes=(
            "Pårørende forteller om økende glemsomhet, har satt på komfyren og gått ut. Trenger tettere oppfølging.",
        ),
    ),
    _condition(
        ("K90", "Hjerneslag"),
        ("I63", "Hjerneinfarkt"),
        0.12,
        medicines=(
            ("B01AC04", "Klopidogrel 75 mg tablett", "1 tablett daglig", "Forebygger blodpropp"),
            ("C10AA05", "Atorvastatin 40 mg tablett", "1 tablett hver kveld", "Mot høyt kolesterol"),
        ),
        notes=("Etter slag: restparese i venstre hånd, går med rullator. Trener to ganger i uken.",),
    ),
    _condition(
        ("L95", "Osteoporose"),
        ("M81", "Osteoporose uten patologisk brudd"),
        0.2,
        medicines=(("A12AX", "Kalsium/vitamin D3 500 mg/800 IE tyggetablett", "1 tablett daglig", "Mot beinskjørhet"),),
    ),
    _condition(("L89", "Hofteartrose"), ("M16", "Hofteleddsartrose"), 0.2),
    _condition(
        ("P76", "Depressiv lidelse"),
        ("F32", "Depressiv episode"),
        0.14,
        medicines=(("N06AB10", "Escitalopram 10 mg tablett", "1 tablett daglig", "Mot depresjon"),),
        notes=("Nedstemt etter tapet av ektefellen, sover dårlig. Samtale. Avtaler ny time om to uker.",),
    ),
    _condition(
        ("T86", "Hypotyreose/myksødem"),
        ("E03", "Annen hypotyreose"),
        0.12,
        medicines=(("H03AA01", "Levotyroksin 50 mikrog tablett", "1 tablett hver morgen", "Mot lavt stoffskifte"),),
    ),
    _condition(
        ("U71", "Cystitt/urinveisinfeksjon"),
        ("N30", "Cystitt"),
        0.4,
        days=9,
        medicines=(
            ("J01CA08", "Pivmecillinam 200 mg tablett", "1 tablett 3 ganger daglig i 5 dager", "Mot infeksjon"),
        ),
        notes=("Svie ved vannlating og hyppig trang siden i går. Urinstiks: leukocytter +++. Starter antibiotika.",),
    ),
    _condition(
        ("R81", "Lungebetennelse"),
        ("J18", "Pneumoni, uspesifisert mikroorganisme"),
        0.16,
        days=24,
        medicines=(("J01AA02", "Doksysyklin 100 mg kapsel", "1 kapsel daglig i 7 dager", "Mot infeksjon"),),
        notes=("Feber 38,9, hoste og knatring basalt høyre side. Behandles hjemme, ny vurdering i morgen.",),
    ),
    _condition(
        ("L75", "Lårbeinsbrudd"),
        ("S72", "Brudd i lårben"),
        0.1,
        days=120,
        medicines=(("N02BE01", "Paracetamol 500 mg tablett", "2 tabletter 4 ganger daglig", "Mot smerter"),),
        notes=("Fall på badet, klarer ikke å belaste. Høyre bein forkortet og utoverrotert. Sendes sykehus.",),
    ),
    _condition(
        ("S97", "Kronisk hudsår"),
        ("L97", "Sår i underekstremitet, ikke klassifisert annet sted"),
        0.14,
        days=200,
        notes=("Leggsår venstre side 3 x 2 cm, ren bunn, lite væske. Kompresjon og skift to ganger i uken.",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A municipal service: from which need on (0 to 1) it is granted, and how much of it."""

    kind: Coded
    need: float
    amounts: tuple[tuple[float, str], ...] = ()
    text: str | None = None


def _offer(code: str, name: str, need: float, *amounts: tuple[float, str], text: str | None = None) -> Offer:
    return Offer(kind=Coded(code, name, SERVICE_TYPES), need=need, amounts=amounts, text=text)


ALARM = _offer("6", "Trygghetsalarm", 0.2)
HOUSEHOLD = _offer("1", "Praktisk bistand - daglige gjøremål", 0.3, (1.5, "h/wk"), (90.0, "min/wk"), (2.0, "h/wk"))
NURSING = _offer("15", "Helsetjenester i hjemmet", 0.4, (3.5, "h/wk"), (5.0, "h/wk"), (420.0, "min/wk"))
MEALS = _offer("5", "Matombringing", 0.5, (3.0, "1/wk"), (5.0, "1/wk"), text="middag levert hver uke")
DAY_CARE = _offer("4", "Dagaktivitetstilbud", 0.55, (2.0, "d/wk"), (3.0, "d/wk"))
COMPANION = _offer("9", "Støttekontakt", 0.35, (3.0, "h/wk"))
LOCATING = _offer("26", "Lokaliseringsteknologi (GPS)", 0.5)
SHORT_STAY = _offer("20", "Tidsbegrenset opphold - annet", 0.6, (14.0, "d/mo"))
LONG_STAY = _offer("21", "Langtidsopphold i institusjon", 0.8, (7.0, "d/wk"))
AT_HOME = (ALARM, HOUSEHOLD, NURSING, MEALS)
LAW = ("Helse- og omsorgstjenesteloven § 3-2 første ledd nr. 6", "Pasient- og brukerrettighetsloven § 2-1 a")
