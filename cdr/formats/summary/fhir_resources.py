"""One statement as one FHIR R4 resource: Condition, AllergyIntolerance, MedicationStatement, Procedure and others.

Services are EpisodeOfCare, as in the Norwegian guide for the overview of municipal services; lasting warnings are Flag;
what has no closer resource is an Observation. Codes are those that the source sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from cdr.formats.summary import wording as w
from cdr.formats.summary.wording import Language
from cdr.reconcile import Group, Kind, Statement, Status

# A FHIR resource, or a part of one.
Json: TypeAlias = dict[str, Any]

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
_NONE_KNOWN: Mapping[str, str] = {
    "allergy": "no-known-allergies",
    "diagnosis": "no-known-problems",
    "medication": "no-known-medications",
    "procedure": "no-known-procedures",
}
_NO_INFORMATION: Mapping[str, str] = {
    "allergy": "no-allergy-info",
    "diagnosis": "no-problem-info",
    "medication": "no-medication-info",
    "procedure": "no-procedure-info",
}


def resource_of(one: Statement, group: Group, *, patient: str, language: Language) -> Json:
    """Return the resource of a statement."""
    write = _WRITERS.get(one.kind, _observation)
    if one.kind in (Kind.EXCLUSION, Kind.ABSENCE):
        write = _WRITERS.get(Kind(one.about), _observation) if one.about in _NONE_KNOWN else _observation
    made = write(one, {"reference": patient})
    made["id"] = str(uuid5(NAMESPACE_URL, one.id))
    made["meta"] = {"source": f"urn:kilde:source:{one.origin.system or 'unknown'}"}
    items = one.origin.items or (one.id,)
    made["identifier"] = [{"system": "urn:kilde:item", "value": item} for item in items]
    if made["resourceType"] not in ("EpisodeOfCare", "Flag"):
        notes = _notes(one, group, language)
        if notes:
            made["note"] = notes
    return made


def concept(*, system: str = "", code: str = "", display: str = "", text: str = "") -> Json:
    """Return a CodeableConcept of one code, of text alone, or of both."""
    made: Json = {}
    if code:
        coding = {"system": system, "code": code}
        made["coding"] = [{**coding, "display": display} if display else coding]
    if text:
        made["text"] = text
    return made


def date_time(text: str) -> str:
    """Return a FHIR dateTime of a partial date: with a time only where it has an offset; empty for no date."""
    day, _, time = text.partition("T")
    if not day or not all(part.isdigit() for part in day.split("-")):
        return ""
    return instant(text) or day if time else day


def instant(text: str) -> str:
    """Return a FHIR instant; empty for what has no time or no offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return moment.isoformat(timespec="milliseconds") if moment.tzinfo and "T" in text else ""


def _code(one: Statement) -> Json:
    """Return what a statement names, with the codes and mapped codes of the source."""
    if one.kind is Kind.EXCLUSION and one.about in _NONE_KNOWN:
        return concept(system=_ABSENT, code=_NONE_KNOWN[one.about], text=one.text)
    if one.kind is Kind.ABSENCE and one.about in _NO_INFORMATION:
        return concept(system=_ABSENT, code=_NO_INFORMATION[one.about], text=one.text)
    coding = [{"system": code.system, "code": code.code, "display": code.display or one.text} for code in one.codes]
    coding += [{"system": each.target.system, "code": each.target.code} for each in one.mappings]
    return {"coding": coding, "text": one.text} if coding else {"text": one.text}


def _dated(made: Json, **dates: str) -> Json:
    """Add dates that are known; `_period` for onset and end of a period."""
    for name, said in dates.items():
        if found := date_time(said):
            made[name] = found
    return made


def _period(one: Statement) -> Json:
    return _dated({}, start=one.onset or one.time, end=one.end)


def _state(name: str, code: str) -> Json:
    return concept(system=_TERMS + name, code=code)


def _condition(one: Statement, subject: Json) -> Json:
    made: Json = {"resourceType": "Condition", "subject": subject, "code": _code(one)}
    if one.status is Status.ACTIVE or one.kind is not Kind.DIAGNOSIS:
        made["clinicalStatus"] = _state("condition-clinical", "active")
    elif one.status is Status.RESOLVED:
        made["clinicalStatus"] = _state("condition-clinical", "resolved")
    verified = {"confirmed": "confirmed", "suspected": "provisional", "probable": "provisional"}.get(one.certainty)
    verified = "refuted" if one.status is Status.REFUTED else verified
    if verified:
        made["verificationStatus"] = _state("condition-ver-status", verified)
    if one.side:
        made["bodySite"] = [{"text": one.side.value}]
    if one.status is not Status.RESOLVED:
        return _dated(made, onsetDateTime=one.onset, recordedDate=one.origin.recorded)
    return _dated(made, onsetDateTime=one.onset, abatementDateTime=one.end, recordedDate=one.origin.recorded)


def _allergy(one: Statement, subject: Json) -> Json:
    made: Json = {"resourceType": "AllergyIntolerance", "patient": subject, "code": _code(one)}
    inactive = one.status in (Status.RESOLVED, Status.REFUTED)
    made["clinicalStatus"] = _state("allergyintolerance-clinical", "inactive" if inactive else "active")
    verified = {"confirmed": "confirmed", "suspected": "unconfirmed"}.get(one.certainty)
    verified = "refuted" if one.status is Status.REFUTED else verified
    if verified:
        made["verificationStatus"] = _state("allergyintolerance-verification", verified)
    if one.criticality in ("high", "low"):
        made["criticality"] = one.criticality
    reactions = [each.text for each in one.details if each.key == "reaction"]
    if reactions:
        made["reaction"] = [{"manifestation": [{"text": said} for said in reactions]}]
    return _dated(made, recordedDate=one.origin.recorded)


def _medication(one: Statement, subject: Json) -> Json:
    states = {
        Status.ACTIVE: "active",
        Status.RESOLVED: "stopped",
        Status.SUSPENDED: "on-hold",
        Status.PLANNED: "intended",
        Status.CANCELLED: "not-taken",
    }
    made: Json = {
        "resourceType": "MedicationStatement",
        "status": states.get(one.status, "unknown"),
        "subject": subject,
        "medicationCodeableConcept": _code(one),
    }
    if one.amount:
        made["dosage"] = [{"text": one.amount}]
    if period := _period(one):
        made["effectivePeriod"] = period
    return _dated(made, dateAsserted=one.origin.recorded)


def _procedure(one: Statement, subject: Json) -> Json:
    states = {
        Status.COMPLETED: "completed",
        Status.ACTIVE: "in-progress",
        Status.CANCELLED: "not-done",
        Status.PLANNED: "preparation",
        Status.SUSPENDED: "on-hold",
    }
    made: Json = {
        "resourceType": "Procedure",
        "status": states.get(one.status, "unknown"),
        "subject": subject,
        "code": _code(one),
    }
    if one.side:
        made["bodySite"] = [{"text": one.side.value}]
    return _dated(made, performedDateTime=one.time or one.onset)


def _episode(one: Statement, subject: Json) -> Json:
    states = {
        Status.ACTIVE: "active",
        Status.SUSPENDED: "onhold",
        Status.RESOLVED: "finished",
        Status.COMPLETED: "finished",
        Status.CANCELLED: "cancelled",
        Status.DECLINED: "cancelled",
    }
    made: Json = {
        "resourceType": "EpisodeOfCare",
        "status": states.get(one.status, "planned"),
        "type": [_code(one)],
        "patient": subject,
        "managingOrganization": {"display": one.origin.actor or "?"},
    }
    if period := _period(one):
        made["period"] = period
    return made


def _flag(one: Statement, subject: Json) -> Json:
    over = one.status in (Status.RESOLVED, Status.REFUTED, Status.CANCELLED)
    made: Json = {
        "resourceType": "Flag",
        "status": "inactive" if over else "active",
        "code": _code(one),
        "subject": subject,
    }
    if period := _period(one):
        made["period"] = period
    return made


def _observation(one: Statement, subject: Json) -> Json:
    made: Json = {"resourceType": "Observation", "status": "final", "code": _code(one), "subject": subject}
    said = one.amount or "; ".join(each.text for each in one.details) or one.status_text
    if said:
        made["valueString"] = said
    return _dated(made, effectiveDateTime=one.when)


def _notes(one: Statement, group: Group, language: Language) -> list[Json]:
    """Return the rest of what a source said, and the reviews, as annotations."""
    made: list[Json] = []
    details = "; ".join(f"{w.of(each.label, language)}: {each.text}" for each in one.details)
    if details:
        made.append({"text": details})
    for review in group.reviews:
        if one.id in review.of:
            said = w.pick(w.OUTCOME[review.outcome], language)
            note: Json = {"text": f"{said}: {review.comment}" if review.comment else said}
            if review.by:
                note["authorString"] = review.by
            made.append(_dated(note, time=review.time))
    return made


_WRITERS: Mapping[Kind, Callable[[Statement, Json], Json]] = {
    Kind.DIAGNOSIS: _condition,
    Kind.ALLERGY: _allergy,
    Kind.MEDICATION: _medication,
    Kind.PROCEDURE: _procedure,
    Kind.SERVICE: _episode,
    Kind.SERVICE_EVENT: _observation,
    Kind.DIRECTIVE: _flag,
    Kind.PRECAUTION: _flag,
}
