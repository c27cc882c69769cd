"""Measurements, laboratory results and scores as FLAT keys."""

from __future__ import annotations

from cli.demo.town.keys.writing import Flat, put, write
from cli.demo.town.measured import (
    AssistanceNeeds,
    Barthel,
    EarlyWarning,
    LaboratoryTest,
    Oximetry,
    Respiration,
    Temperature,
    Weight,
)

# The codes of the archetype for the scores 1 to 5.
_SCORES = {1: "at0010", 2: "at0011", 3: "at0012", 4: "at0013", 5: "at0014"}


@write.register
def _respiration(entry: Respiration, at: str, out: Flat) -> None:
    _quantity(out, f"{at}/uspesifisert_hendelse:0", "frekvens", entry.rate, unit="/min", time=entry.time)


@write.register
def _temperature(entry: Temperature, at: str, out: Flat) -> None:
    _quantity(out, f"{at}/uspesifisert_hendelse:0", "temperatur", entry.degrees, unit="Cel", time=entry.time)
    out[f"{at}/uspesifisert_hendelse:0/temperatur|precision"] = 1


@write.register
def _oximetry(entry: Oximetry, at: str, out: Flat) -> None:
    event = f"{at}/uspesifisert_hendelse:0"
    put(out, f"{event}/time", entry.time)
    put(out, f"{event}/spo|numerator", entry.percent)
    put(out, f"{event}/spo|denominator", 100)
    put(out, f"{event}/spo|type", 2)


@write.register
def _weight(entry: Weight, at: str, out: Flat) -> None:
    _quantity(out, f"{at}/uspesifisert_hendelse:0", "kroppsvekt", entry.kilograms, unit="kg", time=entry.time)


@write.register
def _early_warning(entry: EarlyWarning, at: str, out: Flat) -> None:
    put(out, f"{at}/time", entry.time)
    put(out, f"{at}/totalskår", entry.total)
    put(out, f"{at}/klinisk_risiko", entry.risk)


@write.register
def _laboratory_test(entry: LaboratoryTest, at: str, out: Flat) -> None:
    event = f"{at}/uspesifisert_hendelse:0"
    put(out, f"{event}/time", entry.time)
    put(out, f"{event}/undersøkelsesnavn", entry.name)
    put(out, f"{event}/overordnet_resultatstatus", entry.status)
    put(out, f"{event}/konklusjon", entry.conclusion)
    for number, analyte in enumerate(entry.analytes):
        below = f"{event}/analyseresultat:{number}"
        put(out, f"{below}/analysenavn", analyte.name)
        if isinstance(analyte.result, str):
            put(out, f"{below}/analyseresultat/text_value", analyte.result)
        else:
            magnitude, unit = analyte.result
            put(out, f"{below}/analyseresultat/quantity_value|magnitude", magnitude)
            put(out, f"{below}/analyseresultat/quantity_value|unit", unit)


@write.register
def _barthel(entry: Barthel, at: str, out: Flat) -> None:
    put(out, f"{at}/uspesifisert_hendelse:0/time", entry.time)
    put(out, f"{at}/uspesifisert_hendelse:0/sumskår", entry.total)


@write.register
def _assistance_needs(entry: AssistanceNeeds, at: str, out: Flat) -> None:
    event = f"{at}/uspesifisert_tidspunkthendelse:0"
    put(out, f"{event}/time", entry.time)
    for number, (variable, score) in enumerate(entry.scores):
        below = f"{event}/per_variabel:{number}"
        put(out, f"{below}/funksjonsvariabel", variable)
        if score is None:
            put(out, f"{below}/skår/_null_flavour", "not applicable")
        else:
            put(out, f"{below}/skår|code", _SCORES[score])


def _quantity(out: Flat, event: str, name: str, magnitude: float, *, unit: str, time: str) -> None:
    put(out, f"{event}/time", time)
    put(out, f"{event}/{name}|magnitude", magnitude)
    put(out, f"{event}/{name}|unit", unit)
