"""What the queries on measurements, laboratory results and scores find."""

from __future__ import annotations

from collections.abc import Iterator

from cli.demo.town.answers.asking import Parameters, Question, Row, code_of, entries, is_within, text_of
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
from cli.demo.town.statements import Life


def _respirations(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Respiration):
        yield {"measured": one.time, "rate": one.rate}


def _temperatures(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Temperature):
        yield {"measured": one.time, "temperature": one.degrees, "unit": "Cel"}


def _oximetries(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Oximetry):
        yield {"measured": one.time, "spo2": one.percent}


def _weights(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Weight):
        yield {"measured": one.time, "weight": one.kilograms, "unit": "kg"}


def _early_warnings(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, EarlyWarning):
        yield {"measured": one.time, "total": one.total, "risk": one.risk.text}


def _laboratory(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, LaboratoryTest):
        if not is_within(one.time, parameters):
            continue
        for analyte in one.analytes:
            result: dict[str, object]
            if isinstance(analyte.result, str):
                result = {"_type": "DV_TEXT", "value": analyte.result}
            else:
                magnitude, unit = analyte.result
                result = {"_type": "DV_QUANTITY", "magnitude": magnitude, "units": unit}
            yield {
                "measured": one.time,
                "test": text_of(one.name),
                "status": one.status.text,
                "analyte": text_of(analyte.name),
                "analyte_code": code_of(analyte.name),
                "result": result,
                "conclusion": one.conclusion,
            }


def _barthel(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Barthel):
        yield {"measured": one.time, "total": one.total}


def _assistance(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, AssistanceNeeds):
        for variable, score in one.scores:
            yield {
                "assessed": one.time,
                "variable": variable.text,
                "variable_code": variable.code,
                "score": score,
            }


QUESTIONS = {
    "K2c": Question(columns=("measured", "rate"), rows=_respirations, newest_by="measured", limit=20),
    "K2d": Question(columns=("measured", "temperature", "unit"), rows=_temperatures, newest_by="measured", limit=20),
    "K2e": Question(columns=("measured", "spo2"), rows=_oximetries, newest_by="measured", limit=20),
    "K2f": Question(columns=("measured", "weight", "unit"), rows=_weights, newest_by="measured", limit=20),
    "K2g": Question(columns=("measured", "total", "risk"), rows=_early_warnings, newest_by="measured", limit=20),
    "K2h": Question(
        columns=("measured", "test", "status", "analyte", "analyte_code", "result", "conclusion"),
        rows=_laboratory,
        parameters=("ehr_id", "from"),
        newest_by="measured",
        limit=200,
    ),
    "K2i": Question(columns=("measured", "total"), rows=_barthel, newest_by="measured", limit=10),
    "K2j": Question(columns=("assessed", "variable", "variable_code", "score"), rows=_assistance, newest_by="assessed"),
}
