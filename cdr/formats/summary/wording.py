"""The words of summaries in Norwegian and English: states, flags, reviews, dates.

What a source wrote is shown as it was written; only what Kilde says itself is worded here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from cdr.reconcile import FlagCode, Group, Outcome, Statement, Status
from cdr.reconcile.summary import SectionState


class Language(StrEnum):
    """The languages of summaries."""

    NB = "nb"
    EN = "en"


# Marks that turn the direction of writing of what follows, also of what others say on the same line.
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")

# Norwegian and English, in this order.
_Pair = tuple[str, str]

STATUS: Mapping[Status, _Pair] = {
    Status.ACTIVE: ("Aktiv", "Active"),
    Status.SUSPENDED: ("Midlertidig stanset", "On hold"),
    Status.PLANNED: ("Planlagt", "Planned"),
    Status.RESOLVED: ("Avsluttet", "Over"),
    Status.COMPLETED: ("Utført", "Done"),
    Status.CANCELLED: ("Ikke utført", "Not done"),
    Status.DECLINED: ("Avslått", "Declined"),
    Status.REFUTED: ("Avkreftet", "Refuted"),
    Status.UNKNOWN: ("Tilstand ikke oppgitt", "State not given"),
}
CONTRADICTED: _Pair = ("Kildene er uenige", "Sources disagree")

STATE: Mapping[SectionState, _Pair] = {
    SectionState.SHOWN: ("", ""),
    SectionState.NONE_KNOWN: ("Ingen kjente, ifølge en kilde", "None known, according to a source"),
    SectionState.NOTHING_RECORDED: (
        "Ikke registrert. Det betyr ikke at det ikke finnes noe.",
        "Nothing recorded. That does not mean that there is nothing.",
    ),
    SectionState.NOTHING_CHOSEN: (
        "Ingenting i det valgte utvalget. Det finnes opplysninger utenfor det.",
        "Nothing in the chosen selection. There is information outside it.",
    ),
    SectionState.PARTLY_AVAILABLE: (
        "Ikke alt er tilgjengelig: noen av opplysningene kunne ikke leses.",
        "Not all of it is available: some of the information could not be read.",
    ),
    SectionState.NOT_AVAILABLE: (
        "Ikke tilgjengelig. Opplysningene kunne ikke hentes; det betyr ikke at det ikke finnes noe.",
        "Not available. The information could not be fetched; that does not mean that there is nothing.",
    ),
}

FLAG: Mapping[FlagCode, _Pair] = {
    FlagCode.ACTIVE_AND_RESOLVED: ("Aktiv ifølge noen, avsluttet ifølge andre", "Active to some, over to others"),
    FlagCode.ACTIVE_AND_SUSPENDED: ("Pågår ifølge noen, stanset ifølge andre", "Ongoing to some, on hold to others"),
    FlagCode.CHANGED_AFTER_REVIEW: ("Endret av kilden etter gjennomgangen", "Changed by the source after the review"),
    FlagCode.DIFFERENT_AMOUNT: ("Ulik mengde eller dosering", "Different amounts or doses"),
    FlagCode.DIFFERENT_CRITICALITY: ("Ulik alvorlighetsgrad", "Different criticality"),
    FlagCode.DIFFERENT_DECISION: ("Ulike beslutninger", "Different decisions"),
    FlagCode.DIFFERENT_END: ("Ulik sluttdato", "Different end dates"),
    FlagCode.DIFFERENT_ONSET: ("Ulik startdato", "Different onset dates"),
    FlagCode.DIFFERENT_SIDE: ("Ulik side av kroppen", "Different sides of the body"),
    FlagCode.DONE_AND_NOT_DONE: ("Utført ifølge noen, ikke utført ifølge andre", "Done to some, not done to others"),
    FlagCode.EVENT_WITHOUT_DECISION: ("Hendelse uten et vedtak her", "Event without a decision here"),
    FlagCode.EVENTS_DISAGREE: ("Samtidige hendelser sier ulike ting", "Simultaneous events disagree"),
    FlagCode.FITS_SEVERAL: ("Kan gjelde flere; ikke slått sammen", "May be about several; not put together"),
    FlagCode.HELD_AND_REFUTED: ("Avkreftet av noen, holdt fast av andre", "Refuted by some, held by others"),
    FlagCode.NOT_REVIEWED_YET: ("Ikke med i gjennomgangen", "Not part of the review"),
    FlagCode.PRESENT_AND_NONE_KNOWN: (
        "Oppgitt av noen, «ingen kjente» ifølge andre",
        "Stated by some, “none known” to others",
    ),
    FlagCode.REJECTED_IN_REVIEW: ("Avvist i en gjennomgang", "Rejected in a review"),
    FlagCode.REVIEWS_DISAGREE: ("Gjennomganger er uenige", "Reviews disagree"),
    FlagCode.TWO_ACTIVE_DECISIONS: ("To vedtak gjelder samtidig", "Two decisions are in force at once"),
}

OUTCOME: Mapping[Outcome, _Pair] = {
    Outcome.NOT_REVIEWED: ("Ikke gjennomgått", "Not reviewed"),
    Outcome.CONFIRMED: ("Bekreftet", "Confirmed"),
    Outcome.CORRECTED: ("Korrigert", "Corrected"),
    Outcome.REJECTED: ("Avvist", "Rejected"),
    Outcome.OUTDATED: ("Utdatert", "Outdated"),
}

_MONTHS: tuple[str, ...] = (
    "jan.",
    "feb.",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "aug.",
    "sep.",
    "okt.",
    "nov.",
    "des.",
)
_MONTHS_EN: tuple[str, ...] = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

LABELS: Mapping[str, _Pair] = {
    "about_others": ("Om andre enn innbyggeren", "About others than the resident"),
    "all": ("Alt", "Everything"),
    "all_actors": ("Alle aktører", "All actors"),
    "actor": ("Aktør", "Actor"),
    "against": ("mot", "against"),
    "author": ("Registrert av", "Recorded by"),
    "codes": ("Kode", "Code"),
    "committed": ("Lagret", "Stored"),
    "contradiction": ("Motstrid", "Contradiction"),
    "contradictions": ("Kildene er uenige om", "The sources disagree on"),
    "created": ("Laget", "Made"),
    "critical": ("Kritisk informasjon", "Critical information"),
    "drafts": ("Utkast som ikke er med", "Drafts that are not included"),
    "duplicate": ("Samme opplysning er mottatt flere ganger", "The same item was received several times"),
    "from": ("Fra", "From"),
    "identity": ("Innbygger", "Resident"),
    "incomplete": (
        "Noe kunne ikke hentes. Det som mangler, er merket «ikke tilgjengelig» der det hører hjemme.",
        "Something could not be fetched. What is missing is marked as not available where it belongs.",
    ),
    "language": ("English", "Norsk"),
    "last_5": ("Siste 5 år", "Last 5 years"),
    "last_year": ("Siste 12 måneder", "Last 12 months"),
    "left_out": ("utenfor utvalget", "outside the selection"),
    "national": ("Kopi fra", "Copy from"),
    "note": ("Merk", "Note"),
    "nothing": ("Ikke registrert", "Nothing recorded"),
    "other_services": ("Andre oversikter", "Other summaries"),
    "period": ("Tidsrom", "Period"),
    "recorded": ("Registrert", "Recorded"),
    "review": ("Gjennomgang", "Review"),
    "reviews_failed": ("Gjennomganger er ikke tilgjengelige nå.", "Reviews are not available now."),
    "section_failed": ("Ikke tilgjengelig", "Not available"),
    "show": ("Vis", "Show"),
    "skip": ("Til innholdet", "To the content"),
    "sources": ("Kilder", "Sources"),
    "statements": ("opplysninger", "statements"),
    "timeline": ("Tidslinje", "Timeline"),
    "timeline_about": (
        "Linjer varer fra start til slutt; pil betyr pågår; punkt er en hendelse.",
        "Lines last from start to end; an arrow goes on; a dot is an event.",
    ),
    "to": ("Til", "To"),
    "version": ("Versjon", "Version"),
    "where": ("Hvor", "Where"),
    "yes": ("ja", "yes"),
    "no": ("nei", "no"),
}


def pick(pair: _Pair, language: Language) -> str:
    """Return the words of one language."""
    return pair[0] if language is Language.NB else pair[1]


def label(name: str, language: Language) -> str:
    """Return a label of the page."""
    return pick(LABELS[name], language)


def of(text: Mapping[str, str], language: Language) -> str:
    """Return text that comes in several languages; Norwegian where it has no other."""
    return text.get(language) or text.get("nb") or next(iter(text.values()), "")


def date(text: str, language: Language) -> str:
    """Return a date as people write it, in the precision that it has.

    >>> date("2019-03-14T09:00:00+01:00", Language.NB)
    '14.03.2019 kl. 09.00'
    """
    day, _, time = text.partition("T")
    parts = day.split("-")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        return text
    if len(parts) == 1:
        return day
    month = int(parts[1])
    if not 1 <= month <= 12:
        return text
    if len(parts) == 2:
        return f"{pick((_MONTHS[month - 1], _MONTHS_EN[month - 1]), language)} {parts[0]}"
    shown = pick((f"{parts[2]}.{parts[1]}.{parts[0]}", f"{int(parts[2])} {_MONTHS_EN[month - 1]} {parts[0]}"), language)
    if len(time) < 5 or time[:5] == "00:00":
        return shown
    return shown + pick((f" kl. {time[:5].replace(':', '.')}", f" at {time[:5]}"), language)


def moment(value: datetime, language: Language) -> str:
    """Return a time of the clock as people write it."""
    return date(value.isoformat(timespec="minutes"), language)


def day(text: str, language: Language) -> str:
    """Return the day of a date."""
    return date(text.partition("T")[0], language)


def state_of(group: Group, language: Language) -> str:
    """Return what a group's sources agree on, or that they do not."""
    if group.state is None:
        return pick(CONTRADICTED, language)
    return "" if group.state is Status.UNKNOWN else pick(STATUS[group.state], language)


def outcome_of(statement: Statement, group: Group) -> Outcome:
    """Return the outcome of the newest review of a statement; every other review is shown beside it."""
    found = [one for one in group.reviews if statement.id in one.of and one.outcome is not Outcome.NOT_REVIEWED]
    return found[-1].outcome if found else Outcome.NOT_REVIEWED


def course(statement: Statement, language: Language) -> str:
    """Return when something was, or from when to when it lasted; empty where no date is known."""
    if statement.time:
        return date(statement.time, language)
    begin, end = day(statement.onset, language), day(statement.end, language)
    if begin and end:
        return f"{begin}–{end}"
    if begin:
        return f"{pick(('fra', 'since'), language)} {begin}"
    return f"{pick(('til', 'until'), language)} {end}" if end else ""


def side(statement: Statement, language: Language) -> str:
    """Return the side of the body in words."""
    words: Mapping[str, _Pair] = {
        "left": ("venstre", "left"),
        "right": ("høyre", "right"),
        "both": ("begge sider", "both sides"),
    }
    return pick(words[statement.side], language) if statement.side else ""


def amount(statement: Statement, language: Language) -> str:
    """Return an amount with the units of the index as people say them."""
    units: Mapping[str, _Pair] = {
        " h/wk": (" timer per uke", " hours a week"),
        " min/wk": (" minutter per uke", " minutes a week"),
        " d/wk": (" dager per uke", " days a week"),
        " d/mo": (" døgn per måned", " days a month"),
        " 1/d": (" per døgn", " a day"),
        " 1/wk": (" per uke", " a week"),
        " 1/mo": (" per måned", " a month"),
        " mm[Hg]": (" mmHg", " mmHg"),
        " /min": (" per minutt", " a minute"),
        " Cel": (" °C", " °C"),
    }
    text = statement.amount
    for unit, words in units.items():
        if text.endswith(unit):
            number = text.removesuffix(unit)
            return (number.replace(".", ",") if language is Language.NB else number) + pick(words, language)
    return text
