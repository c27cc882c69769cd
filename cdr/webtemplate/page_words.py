"""The words of definition pages in Norwegian and English: headings, type names, and how ranges are said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdr.am.intervals import Interval

LANGUAGES = ("nb", "en")

_WORDS: Mapping[str, tuple[str, str]] = {
    "category": ("kategori", "category"),
    "national source": ("nasjonal kilde", "national source of truth"),
    "no national source": ("ingen; kilden er systemet som sender", "none; the sender is the source"),
    "root": ("rotarketype", "root archetype"),
    "archetypes": ("arketyper", "archetypes"),
    "version": ("versjon og status", "version and state"),
    "template": ("mal", "template"),
    "use": ("Bruk", "Use"),
    "misuse": ("Avgrensning", "Limits"),
    "contents": ("Innhold", "Contents"),
    "element": ("element", "element"),
    "path": ("sti", "path"),
    "type": ("type", "type"),
    "occurrences": ("antall", "occurrences"),
    "values": ("verdier", "values"),
    "bindings": ("koder", "codes"),
    "rules": ("Regler", "Rules"),
    "rule": ("regel", "rule"),
    "condition": ("betingelse", "condition"),
    "rules about": ("gjelder", "about"),
    "every value": ("alle verdier", "every value"),
    "any": ("alle typer", "any type"),
    "at least": ("minst", "at least"),
    "at most": ("høyst", "at most"),
    "more than": ("mer enn", "more than"),
    "less than": ("mindre enn", "less than"),
    "to": ("til", "to"),
    "and": ("og", "and"),
    "or": ("eller", "or"),
    "characters": ("tegn", "characters"),
    "bytes": ("byte", "bytes"),
    "decimals": ("desimaler", "decimals"),
    "suggested": ("forslag", "suggested"),
    "free text": ("fri tekst", "free text"),
    "yes": ("ja", "true"),
    "no": ("nei", "false"),
    "members": ("medlemmer i", "members in"),
    "examples": ("Eksempler", "Examples"),
    "minimal": ("det som må være der", "what has to be there"),
    "full": ("alt én gang", "everything once"),
    "invalid": ("ugyldige, med feilene som meldes", "invalid ones, with the issues that are told"),
    "other language": ("In English", "På norsk"),
    "generated": (
        "Siden er laget av malen med `make docs`.",
        "This page is written from the template by `make docs`.",
    ),
}

_TYPES: Mapping[str, tuple[str, str]] = {
    "DV_TEXT": ("tekst", "text"),
    "DV_CODED_TEXT": ("kodet tekst", "coded text"),
    "DV_QUANTITY": ("mengde", "quantity"),
    "DV_COUNT": ("antall", "count"),
    "DV_PROPORTION": ("andel", "proportion"),
    "DV_ORDINAL": ("skår", "ordinal"),
    "DV_SCALE": ("skår med desimaler", "scale"),
    "DV_BOOLEAN": ("ja/nei", "true/false"),
    "DV_DATE": ("dato", "date"),
    "DV_TIME": ("klokkeslett", "time"),
    "DV_DATE_TIME": ("dato/tid", "date/time"),
    "DV_DURATION": ("varighet", "duration"),
    "DV_IDENTIFIER": ("identifikator", "identifier"),
    "DV_URI": ("lenke", "link"),
    "DV_EHR_URI": ("lenke i journalen", "link into the record"),
    "DV_MULTIMEDIA": ("fil", "file"),
    "DV_PARSABLE": ("tekst i eget format", "text in a format of its own"),
    "DV_INTERVAL": ("intervall av", "interval of"),
    "CLUSTER": ("gruppe", "group"),
    "EVENT": ("hendelse", "event"),
    "POINT_EVENT": ("tidspunkt", "point in time"),
    "INTERVAL_EVENT": ("tidsrom", "interval of time"),
    "ACTIVITY": ("aktivitet", "activity"),
    "ISM_TRANSITION": ("steg i forløpet", "step of the course"),
}


def word(key: str, language: str) -> str:
    """Return a word of the pages; English where the language has none of its own."""
    return _WORDS[key][0 if language == "nb" else 1]


def type_name(rm_type: str, language: str) -> str:
    """Return what a type is called for people, followed by its name in the reference model."""
    plain, _, parameter = rm_type.rstrip(">").partition("<")
    known = _TYPES.get(plain)
    if known is None:
        return f"`{plain}`"
    said = known[0 if language == "nb" else 1]
    if parameter:
        inner = _TYPES.get(parameter, (parameter, parameter))
        return f"{said} {inner[0 if language == 'nb' else 1]}"
    return said


def range_text(limits: Interval[Any], language: str) -> str:  # Any: numbers, dates or durations
    """Return a range for people: `0 to 300`, `more than 0`."""
    low, high = _number(limits.lower, language), _number(limits.upper, language)
    if low and low == high:
        return low
    if low and high and limits.lower_included and limits.upper_included:
        return f"{low} {word('to', language)} {high}"
    least = f"{word('at least' if limits.lower_included else 'more than', language)} {low}" if low else ""
    most = f"{word('at most' if limits.upper_included else 'less than', language)} {high}" if high else ""
    return f" {word('and', language)} ".join(part for part in (least, most) if part)


def _number(value: object, language: str) -> str:
    if value is None:
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace(".", ",") if language == "nb" and isinstance(value, float) else text
