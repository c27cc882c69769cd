"""Problems, diagnoses and needs, and what replaces them where there are none, as FLAT keys."""

from __future__ import annotations

from cli.demo.town.keys.writing import Flat, put, write
from cli.demo.town.statements import Absence, Diagnosis, Exclusion, Goal, SupportNeed

# What an exclusion may be about: the name that the archetype gives the element.
EXCLUDED = {
    "problems": "Overordnet eksklusjon av problemer/diagnoser",
    "allergies": "Overordnet eksklusjon av overfølsomhetsreaksjoner",
    "medication": "Overordnet eksklusjon av legemiddelbruk",
}
_EXCLUSION_KEYS = {
    "problems": "overordnet_eksklusjon_av_problemer_diagnoser",
    "allergies": "overordnet_eksklusjon_av_overfølsomhetsreaksjoner",
    "medication": "overordnet_eksklusjon_av_legemiddelbruk",
}


@write.register
def _diagnosis(entry: Diagnosis, at: str, out: Flat) -> None:
    put(out, f"{at}/problem_diagnosenavn", entry.name)
    put(out, f"{at}/dato_tid_for_debut", entry.onset)
    put(out, f"{at}/dato_tid_for_klinisk_bekreftelse", entry.recognised)
    put(out, f"{at}/dato_tid_for_bedring_remisjon", entry.resolved)
    put(out, f"{at}/diagnostisk_sikkerhet", entry.certainty)
    put(out, f"{at}/problem_diagnose-kvalifikator/aktiv_inaktiv", entry.active)
    put(out, f"{at}/problem_diagnose-kvalifikator/nåværende_tidligere", entry.current)
    put(out, f"{at}/kommentar", entry.comment)
    put(out, f"{at}/kvalitetssikring_av_delt_opplysning/utfall", entry.review)


@write.register
def _goal(entry: Goal, at: str, out: Flat) -> None:
    put(out, f"{at}/målets_navn", entry.name)
    put(out, f"{at}/foreslått_dato_for_målet", entry.proposed)
    put(out, f"{at}/utfall_for_målet", entry.outcome)


@write.register
def _support_need(entry: SupportNeed, at: str, out: Flat) -> None:
    put(out, f"{at}/aktivitetsnavn", entry.activity)
    put(out, f"{at}/type_assistanse:0", entry.assistance)
    put(out, f"{at}/type_fysisk_assistanse", entry.physical)
    put(out, f"{at}/antall_personer", entry.persons)


@write.register
def _exclusion(entry: Exclusion, at: str, out: Flat) -> None:
    put(out, f"{at}/{_EXCLUSION_KEYS[entry.about_what]}", entry.statement)


@write.register
def _absence(entry: Absence, at: str, out: Flat) -> None:
    put(out, f"{at}/utsagn_om_manglende_informasjon", entry.statement)
    put(out, f"{at}/årsak_til_manglende_informasjon:0", entry.reason)
