"""Messages of three synthetic sources: a GP system, an allocation office, a medication and allergy register."""

from __future__ import annotations

import copy
import json
from typing import Any

# Messages are built and looked into by hand in tests.
Json = dict[str, Any]

FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"
ENH = "urn:oid:2.16.578.1.12.4.1.4.101"
ICPC2 = "http://hl7.org/fhir/sid/icpc-2"
# Of the range for tests: 80 added to the month.
ANNA = "01815010260"
OLA = "02815010038"

FHIR = "application/fhir+json"
CSV = "text/csv"


def patient(number: str = ANNA, key: str = "p1") -> Json:
    return {"resourceType": "Patient", "id": key, "identifier": [{"system": FNR, "value": number}]}


def practitioner() -> Json:
    return {
        "resourceType": "Practitioner",
        "id": "dr1",
        "identifier": [{"system": HPR, "value": "9144889"}],
        "name": [{"text": "Lise Hansen"}],
    }


def condition(key: str = "c1", *, changed: str = "2024-03-01T10:00:00+01:00", **other: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": key,
        "meta": {"versionId": "1", "lastUpdated": changed},
        "identifier": [{"system": "urn:oid:1.2.3", "value": f"K-{key}"}],
        "category": [{"coding": [{"code": "problem-list-item"}]}],
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {
            "coding": [
                {"system": "urn:oid:2.16.578.1.12.4.1.1.7170", "code": "T90", "display": "Diabetes type 2"},
                {"system": "urn:oid:2.16.578.1.12.4.1.1.7110", "code": "E11", "display": "Diabetes mellitus type 2"},
            ]
        },
        "subject": {"reference": "Patient/p1"},
        "onsetDateTime": "2019-05",
        "recordedDate": "2024-03-01",
        "recorder": {"reference": "Practitioner/dr1"},
        **other,
    }


def bundle(*resources: Json, key: str = "b1", number: str = ANNA) -> Json:
    entries = [{"resource": one} for one in (patient(number), practitioner(), *resources)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"value": key},
        "timestamp": "2024-03-01T12:00:00+01:00",
        "entry": entries,
    }


def allergy(key: str = "a1", *, changed: str = "2024-03-01T10:00:00+01:00", **other: Any) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "id": key,
        "meta": {"lastUpdated": changed},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "criticality": "high",
        "category": ["medication"],
        "code": {
            "coding": [{"system": "http://www.whocc.no/atc", "code": "J01CE02", "display": "Fenoksymetylpenicillin"}]
        },
        "patient": {"reference": "Patient/p1"},
        "recordedDate": "2024-03-01",
        "reaction": [{"manifestation": [{"text": "Utslett"}], "severity": "mild"}],
        **other,
    }


def medication(key: str = "m1", *, changed: str = "2024-03-01T10:00:00+01:00", **other: Any) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "id": key,
        "meta": {"lastUpdated": changed},
        "status": "active",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.whocc.no/atc", "code": "A10BA02", "display": "Metformin"}]
        },
        "subject": {"reference": "Patient/p1"},
        "effectivePeriod": {"start": "2023-01-15"},
        "dateAsserted": "2024-03-01",
        "dosage": [{"text": "1 tablett morgen og kveld"}],
        **other,
    }


def order(key: str = "r1", *, changed: str = "2024-03-01T10:00:00+01:00", **other: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": key,
        "meta": {"lastUpdated": changed},
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Paracetamol 500 mg"},
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2024-03-01",
        "dosageInstruction": [{"text": "1 tablett ved behov"}],
        "requester": {"reference": "Practitioner/dr1"},
        **other,
    }


def procedure(key: str = "pr1", *, changed: str = "2024-03-01T10:00:00+01:00", **other: Any) -> Json:
    return {
        "resourceType": "Procedure",
        "id": key,
        "meta": {"lastUpdated": changed},
        "status": "completed",
        "code": {"coding": [{"system": "2.16.578.1.12.4.1.1.7275", "code": "NFB30", "display": "Hofteprotese"}]},
        "subject": {"reference": "Patient/p1"},
        "performedDateTime": "2022-11-02",
        **other,
    }


COLUMNS = (
    "fnr;vedtak_id;saksnr;soknad_dato;vedtak_dato;utfall;beslutningstype;hjemmel;gyldig_fra;gyldig_til;evaluering_dato;"
    "tjeneste_id;tjenestekode;tjenestenavn;beskrivelse;omfang;omfang_enhet;start_dato;slutt_dato;status;stans_fra;"
    "stans_til;stans_arsak;enhet_orgnr;enhet_navn;utforer_navn;privat;nivaa;klagestatus;sist_endret"
)


def decision(number: str = ANNA, **changes: str) -> str:
    """Return one row of the decision list."""
    row = {
        "fnr": number,
        "vedtak_id": "V-1",
        "saksnr": "24/101",
        "soknad_dato": "01.02.2024",
        "vedtak_dato": "01.03.2024",
        "utfall": "INNVILGET",
        "beslutningstype": "NY",
        "hjemmel": "hol. § 3-2 nr. 6 a,pbrl. § 2-1 a",
        "gyldig_fra": "01.03.2024",
        "tjeneste_id": "T-1",
        "tjenestekode": "01",
        "tjenestenavn": "Hjemmehjelp",
        "omfang": "2,5",
        "omfang_enhet": "t/uke",
        "start_dato": "04.03.2024",
        "enhet_orgnr": "974760673",
        "enhet_navn": "Tildelingskontoret",
        "privat": "N",
        "sist_endret": "01.03.2024 09:30",
        **changes,
    }
    return ";".join(row.get(name, "") for name in COLUMNS.split(";"))


def decisions(*rows: str) -> bytes:
    return ("\r\n".join((COLUMNS, *rows)) + "\r\n").encode()


def as_bytes(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def without(document: Json, name: str) -> Json:
    """Return a copy of a document without a member."""
    changed = copy.deepcopy(document)
    changed.pop(name)
    return changed
