"""What has to be known whatever the problem of the day, as FLAT keys."""

from __future__ import annotations

from cli.demo.town.keys.writing import Flat, put, put_all, write
from cli.demo.town.statements import Allergy, Contraindication, Precaution, TreatmentLimit


@write.register
def _allergy(entry: Allergy, at: str, out: Flat) -> None:
    put(out, f"{at}/substans", entry.substance)
    put(out, f"{at}/verifikasjonsstatus", entry.verification)
    put(out, f"{at}/aktiv_inaktiv_status", entry.active)
    put(out, f"{at}/alvorlighetsgrad", entry.criticality)
    put(out, f"{at}/kategori", entry.kind)
    put_all(out, f"{at}/reaksjonshendelse:0/reaksjonsmanifestasjon", entry.manifestations)
    put(out, f"{at}/sist_oppdatert", entry.updated)


@write.register
def _precaution(entry: Precaution, at: str, out: Flat) -> None:
    put(out, f"{at}/tilstand", entry.condition)
    put(out, f"{at}/status", entry.status)
    put(out, f"{at}/kategori", entry.category)
    put(out, f"{at}/gyldighetsperiode_slutt", entry.valid_to)


@write.register
def _contraindication(entry: Contraindication, at: str, out: Flat) -> None:
    put(out, f"{at}/kontraindisert_intervensjon", entry.intervention)
    put(out, f"{at}/status", entry.status)
    put(out, f"{at}/kritikalitet", entry.criticality)


@write.register
def _treatment_limit(entry: TreatmentLimit, at: str, out: Flat) -> None:
    put(out, f"{at}/hlr-beslutning", entry.resuscitation)
    put(out, f"{at}/intensjon_med_behandling", entry.intent)
    put(out, f"{at}/beskrivelse_av_behandlingsbegrensning", entry.description)
    put(out, f"{at}/dato_for_fornyelse", entry.review_due)
