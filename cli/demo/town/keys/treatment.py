"""Procedures and medication as FLAT keys."""

from __future__ import annotations

from cli.demo.town.keys.writing import Flat, put, put_all, write
from cli.demo.town.statements import MedicationUse, Order, Procedure


@write.register
def _procedure(entry: Procedure, at: str, out: Flat) -> None:
    put(out, f"{at}/prosedyrenavn", entry.name)
    put(out, f"{at}/time", entry.time)
    put(out, f"{at}/ism_transition/careflow_step|code", entry.step.code)
    put(out, f"{at}/ism_transition/current_state|code", entry.state.code)
    put(out, f"{at}/start_datotid", entry.started)
    put(out, f"{at}/slutt_datotid", entry.ended)
    put_all(out, f"{at}/indikasjon", entry.indications)
    put(out, f"{at}/resultat:0", entry.outcome)


@write.register
def _order(entry: Order, at: str, out: Flat) -> None:
    put(out, f"{at}/narrative", entry.narrative)
    activity = f"{at}/ordinering:0"
    put(out, f"{activity}/legemiddel", entry.medication)
    put(out, f"{activity}/overordnet_anvisningsbeskrivelse", entry.directions)
    put(out, f"{activity}/klinisk_indikasjon:0", entry.indication)
    put(out, f"{activity}/ordineringsdetaljer/startdato_tid_for_ordineringen", entry.start)
    put(out, f"{activity}/ordineringsdetaljer/dato_tid_for_seponering", entry.stop)


@write.register
def _medication_use(entry: MedicationUse, at: str, out: Flat) -> None:
    put(out, f"{at}/navn_på_legemiddel", entry.medication)
    put(out, f"{at}/startdato_for_bruk", entry.start)
    put(out, f"{at}/sluttdato_for_bruk", entry.stop)
    put(out, f"{at}/årsak_til_seponering", entry.stop_reason)
    put(out, f"{at}/sist_oppdatert", entry.updated)
