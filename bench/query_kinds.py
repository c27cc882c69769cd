"""The queries that are measured: nine kinds at several selectivities. `$ehr` is another EHR each time."""

from __future__ import annotations

from dataclasses import dataclass

from bench.query_records import COMMON_CODE, RARE_CODE

_BP = "OBSERVATION o[openEHR-EHR-OBSERVATION.blood_pressure.v2]"
_SYSTOLIC = "o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude"
_PULSE = "OBSERVATION p[openEHR-EHR-OBSERVATION.pulse.v2]"
_RATE = "p/data[at0002]/events[at0003]/data[at0001]/items[at0004]/value/magnitude"
_PROBLEM = "EVALUATION d[openEHR-EHR-EVALUATION.problem_diagnosis.v1]"
_CODE = "d/data[at0001]/items[at0002]/value/defining_code/code_string"
_DOSE = "INSTRUCTION i[openEHR-EHR-INSTRUCTION.medication_order.v3] CONTAINS CLUSTER d[at0150]"
_PURPOSE, _AMOUNT = "d/items[at0165]/value/value", "d/items[at0151]/value/magnitude"
_TIME = "c/context/start_time/value"
_ONE = "FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c"
_ALL = "FROM EHR e CONTAINS COMPOSITION c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One query: `is_single` about one EHR; `target` milliseconds of engine time, None where none is set."""

    name: str
    text: str
    target: float | None
    is_single: bool = False


def _top(above: int) -> str:
    return (
        f"SELECT e/ehr_id/value AS ehr, {_TIME} AS time, {_SYSTOLIC} AS systolic {_ALL} CONTAINS {_BP} "
        f"WHERE {_SYSTOLIC} > {above} ORDER BY {_TIME} DESC LIMIT 100"
    )


def _coded(code: str) -> str:
    return f"SELECT COUNT(DISTINCT c/uid/value) AS n {_ALL} CONTAINS {_PROBLEM} WHERE {_CODE} = '{code}'"


def _joined(above: int) -> str:
    return (
        f"SELECT e/ehr_id/value AS ehr, {_SYSTOLIC} AS systolic, {_RATE} AS rate "
        f"{_ALL} CONTAINS ({_BP} AND {_PULSE}) WHERE {_SYSTOLIC} > {above} AND {_RATE} > 90"
    )


KINDS = (
    Kind(
        name="1 one EHR: the 5 latest blood pressures",
        text=f"SELECT {_TIME} AS time, {_SYSTOLIC} AS systolic {_ONE} CONTAINS {_BP} ORDER BY {_TIME} DESC LIMIT 5",
        target=2,
        is_single=True,
    ),
    Kind(name="2 one EHR: 6 whole compositions", text=f"SELECT c {_ONE} LIMIT 6", target=2, is_single=True),
    Kind(name="3 everyone: systolic > 150, 100 latest", text=_top(150), target=None),
    Kind(name="3 everyone: systolic > 175, 100 latest", text=_top(175), target=10),
    Kind(name="3 everyone: systolic > 190, 100 latest", text=_top(190), target=10),
    Kind(
        name="4 everyone: number and mean of systolic",
        text=f"SELECT COUNT(*) AS n, AVG({_SYSTOLIC}) AS mean {_ALL} CONTAINS {_BP}",
        target=20,
    ),
    Kind(name="4 everyone: compositions with a common code", text=_coded(COMMON_CODE), target=20),
    Kind(name="4 everyone: compositions with a rare code", text=_coded(RARE_CODE), target=20),
    Kind(name="5 join in a composition: pressure > 150, pulse > 90", text=_joined(150), target=40),
    Kind(name="5 join in a composition: pressure > 175, pulse > 90", text=_joined(175), target=40),
    Kind(
        name="6 one EHR: rows of nested clusters",
        text=f"SELECT {_TIME} AS time, {_PURPOSE} AS purpose, {_AMOUNT} AS amount {_ONE} CONTAINS {_DOSE}",
        target=2,
        is_single=True,
    ),
    Kind(
        name="6 everyone: two values in one cluster",
        text=f"SELECT COUNT(*) AS n {_ALL} CONTAINS {_DOSE} WHERE {_PURPOSE} = 'smerte' AND {_AMOUNT} >= 80",
        target=40,
    ),
    Kind(
        name="7 everyone: distinct codes", text=f"SELECT DISTINCT {_CODE} AS code {_ALL} CONTAINS {_PROBLEM}", target=20
    ),
    Kind(
        name="7 everyone: how many distinct codes",
        text=f"SELECT COUNT(DISTINCT {_CODE}) AS codes, COUNT({_CODE}) AS n {_ALL} CONTAINS {_PROBLEM}",
        target=20,
    ),
    Kind(
        name="8 one EHR: summary of nine kinds of entries",
        text=(
            f"SELECT c/uid/value AS uid, {_TIME} AS time, {_SYSTOLIC} AS systolic, {_RATE} AS rate, {_CODE} AS code, "
            "m/activities[at0001]/description[at0002]/items[at0070]/value/value AS drug, "
            "r/data[at0001]/items[at0002]/value/value AS risk, a/name/value AS act, n/name/value AS note, "
            "v/name/value AS decision, s/name/value AS service, b/name/value AS application "
            f"{_ONE} CONTAINS ({_BP} OR {_PULSE} OR {_PROBLEM} "
            "OR INSTRUCTION m[openEHR-EHR-INSTRUCTION.medication_order.v3] "
            "OR EVALUATION r[openEHR-EHR-EVALUATION.adverse_reaction_risk.v2] "
            "OR ACTION a[openEHR-EHR-ACTION.procedure.v1] OR OBSERVATION n[openEHR-EHR-OBSERVATION.progress_note.v1] "
            "OR ADMIN_ENTRY v[openEHR-EHR-ADMIN_ENTRY.municipal_service_decision.v0] "
            "OR ACTION s[openEHR-EHR-ACTION.service.v1] "
            "OR ADMIN_ENTRY b[openEHR-EHR-ADMIN_ENTRY.application_data.v0])"
        ),
        target=5,
        is_single=True,
    ),
    Kind(
        name="9 everyone: whole compositions above a limit",
        text=f"SELECT c {_ALL} CONTAINS {_BP} WHERE {_SYSTOLIC} > 190 LIMIT 20",
        target=None,
    ),
)
