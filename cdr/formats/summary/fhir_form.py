"""A summary as a FHIR R4 document: a Bundle in the manner of the International Patient Summary.

Every statement becomes a resource of its own with a Provenance; nothing is merged. A contradiction is a DetectedIssue
that names the resources of all its sides. What could not be read is an empty section with the reason `unavailable`.

Source: FHIR R4 (4.0.1), Documents, http://hl7.org/fhir/R4/documents.html; IPS 1.1.0, Composition (uv ips).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from cdr.formats.summary import wording as w
from cdr.formats.summary.fhir_resources import Json, concept, date_time, instant, resource_of
from cdr.formats.summary.wording import Language
from cdr.reconcile import Flag, Group, Review, Statement
from cdr.reconcile.summary import Section, SectionState, Summary

_LOINC = "http://loinc.org"
_EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"

# Section keys that have a code in the IPS. Source: IPS 1.1.0, Composition, section slices.
_CODES: Mapping[str, tuple[str, str]] = {
    "allergies": ("48765-2", "Allergies and adverse reactions Document"),
    "medication": ("10160-0", "History of Medication use Narrative"),
    "problems": ("11450-4", "Problem list - Reported"),
    "past_problems": ("11348-0", "History of Past illness Narrative"),
    "procedures": ("47519-4", "History of Procedures Document"),
    "vaccinations": ("11369-6", "History of Immunization Narrative"),
    "results": ("30954-2", "Relevant diagnostic tests/laboratory data Narrative"),
    "vital_signs": ("8716-3", "Vital signs"),
    "devices": ("46264-8", "History of medical device use"),
    "function": ("47420-5", "Functional status assessment note"),
    "treatment_limits": ("42348-3", "Advance directives"),
    "social": ("29762-2", "Social history Narrative"),
    "plan": ("18776-5", "Plan of care note"),
}


def write_fhir(summary: Summary, language: Language) -> bytes:
    """Return a summary as a document Bundle in JSON."""
    return orjson.dumps(_Document(summary, language).bundle())


class _Document:
    """One document while it is made; resources are referred to by their `fullUrl`."""

    def __init__(self, summary: Summary, language: Language) -> None:
        self._summary = summary
        self._language = language
        self._entries: list[Json] = []
        self._patient = self._url("Patient", summary.ehr_id)
        self._author = self._url("Device", "kilde")

    def bundle(self) -> Json:
        """Return the Bundle."""
        summary = self._summary
        sections = [self._section(section) for section in summary.sections]
        sections.extend(self._aside())
        sections.extend(self._contradictions())
        for review in {one.id: one for group in summary.groups for one in group.reviews}.values():
            self._review(review)
        created = instant(summary.created.isoformat())
        composition: Json = {
            "resourceType": "Composition",
            "id": str(uuid5(NAMESPACE_URL, self._url("Composition", ""))),
            "language": self._language.value,
            "status": "final" if summary.is_complete else "preliminary",
            "type": {
                "coding": [{"system": _LOINC, "code": "60591-5", "display": "Patient summary Document"}],
                "text": w.of(summary.title, self._language),
            },
            "subject": {"reference": self._patient},
            "date": created,
            "author": [{"reference": self._author, "display": "Kilde"}],
            "title": w.of(summary.title, self._language),
            "section": sections,
        }
        if summary.asked.begin or summary.asked.end:
            period = {"start": date_time(summary.asked.begin), "end": date_time(summary.asked.end)}
            code = concept(text=f"{summary.service}/{summary.version}")
            composition["event"] = [{"code": [code], "period": {name: one for name, one in period.items() if one}}]
        patient: Json = {"resourceType": "Patient", "id": summary.ehr_id}
        if summary.subject:
            patient["identifier"] = [
                {"system": summary.subject_namespace or "urn:kilde:subject", "value": summary.subject}
            ]
        device: Json = {
            "resourceType": "Device",
            "id": "kilde",
            "deviceName": [{"name": "Kilde", "type": "other"}],
            "version": [{"value": f"{summary.service}/{summary.version}"}],
        }
        first = [
            self._entry("Composition", "", composition),
            {"fullUrl": self._patient, "resource": patient},
            {"fullUrl": self._author, "resource": device},
        ]
        return {
            "resourceType": "Bundle",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": self._url("Bundle", created)},
            "type": "document",
            "timestamp": created,
            "entry": [*first, *self._entries],
        }

    def _section(self, section: Section) -> Json:
        references = [
            {"reference": self._statement(one, group)} for group in section.groups for one in group.statements
        ]
        title = w.of(section.title, self._language)
        made: Json = {"title": title, "code": _section_code(section.key, title)}
        said = w.pick(w.STATE[section.state], self._language)
        made["text"] = _narrative([said] if said else [], [self._line(group) for group in section.groups])
        if references:
            made["entry"] = references
            # An entry and a reason to be empty exclude each other; what is missing stands in the text.
        elif section.state in (SectionState.NOT_AVAILABLE, SectionState.PARTLY_AVAILABLE):
            made["emptyReason"] = concept(system=_EMPTY, code="unavailable", text=said)
        elif section.state is SectionState.NONE_KNOWN:
            made["emptyReason"] = concept(system=_EMPTY, code="nilknown", text=said)
        else:
            made["emptyReason"] = concept(text=said)
        return made

    def _aside(self) -> Iterator[Json]:
        for why, those in self._summary.set_aside.items():
            title = w.label("about_others" if why == "other_subject" else "drafts", self._language)
            lines = [f"{one.subject}: {one.text} ({one.origin.actor})" for one in those]
            yield {"title": title, "code": concept(text=title), "text": _narrative([], lines)}

    def _contradictions(self) -> Iterator[Json]:
        shown = {one.id for group in self._summary.groups for one in group.statements}
        references, lines = [], []
        for flag in self._summary.flags:
            sides = [[id_ for id_ in side if id_ in shown] for side in flag.sides]
            if not any(sides):
                continue
            said = w.pick(w.FLAG[flag.code], self._language)
            references.append({"reference": self._issue(flag, said, [id_ for side in sides for id_ in side])})
            lines.append(said)
        if references:
            title = w.label("contradictions", self._language)
            yield {
                "title": title,
                "code": concept(text=title),
                "text": _narrative([], lines),
                "entry": references,
            }

    def _line(self, group: Group) -> str:
        state = w.state_of(group, self._language)
        sources = ", ".join(dict.fromkeys(one.origin.actor for one in group.statements))
        return f"{group.title}{f' ({state})' if state else ''}: {sources}"

    def _statement(self, one: Statement, group: Group) -> str:
        resource = resource_of(one, group, patient=self._patient, language=self._language)
        url = self._url("Statement", one.id)
        self._entries.append(self._entry("Statement", one.id, resource))
        origin = one.origin
        recorded = instant(origin.committed) or instant(origin.recorded) or instant(self._summary.created.isoformat())
        provenance: Json = {
            "resourceType": "Provenance",
            "id": str(uuid5(NAMESPACE_URL, self._url("Provenance", one.id))),
            "target": [{"reference": url}],
            "recorded": recorded,
            "agent": [{"who": {"display": " / ".join(filter(None, (origin.composer, origin.facility))) or "?"}}],
            "entity": [
                {
                    "role": "source",
                    "what": {
                        "identifier": {"system": "urn:kilde:version", "value": origin.version_uid},
                        "display": origin.system or origin.facility or origin.composer or "?",
                    },
                }
            ],
        }
        if occurred := date_time(origin.recorded):
            provenance["occurredDateTime"] = occurred
        self._entries.append(self._entry("Provenance", one.id, provenance))
        return url

    def _issue(self, flag: Flag, said: str, ids: list[str]) -> str:
        key = f"{flag.code.value}:{'|'.join(ids)}"
        issue: Json = {
            "resourceType": "DetectedIssue",
            "id": str(uuid5(NAMESPACE_URL, self._url("DetectedIssue", key))),
            "status": "preliminary",
            "code": {"coding": [{"system": "urn:kilde:flag", "code": flag.code.value}], "text": said},
            "patient": {"reference": self._patient},
            "implicated": [{"reference": self._url("Statement", id_)} for id_ in ids],
        }
        self._entries.append(self._entry("DetectedIssue", key, issue))
        return self._url("DetectedIssue", key)

    def _review(self, review: Review) -> None:
        shown = {one.id for group in self._summary.groups for one in group.statements}
        targets = [{"reference": self._url("Statement", id_)} for id_ in review.of if id_ in shown]
        if not targets:
            return
        said = w.pick(w.OUTCOME[review.outcome], self._language)
        text = f"{said}: {review.comment}" if review.comment else said
        activity = {"coding": [{"system": "urn:kilde:review", "code": review.outcome.value}], "text": text}
        provenance: Json = {
            "resourceType": "Provenance",
            "id": str(uuid5(NAMESPACE_URL, self._url("Review", review.id))),
            "target": targets,
            "recorded": instant(review.time) or instant(self._summary.created.isoformat()),
            "activity": activity,
            "agent": [{"who": {"display": ", ".join(filter(None, (review.by, review.role))) or "?"}}],
        }
        self._entries.append(self._entry("Review", review.id, provenance))

    def _url(self, kind: str, key: str) -> str:
        """Return the address of a resource within the document: the same for the same thing every time."""
        named = f"kilde:{self._summary.ehr_id}:{self._summary.service}:{kind}:{key}"
        return f"urn:uuid:{uuid5(NAMESPACE_URL, named)}"

    # Resources are JSON objects.
    def _entry(self, kind: str, key: str, resource: dict[str, Any]) -> Json:
        return {"fullUrl": self._url(kind, key), "resource": resource}


def _section_code(key: str, title: str) -> Json:
    found = _CODES.get(key)
    return concept(text=title) if found is None else concept(system=_LOINC, code=found[0], display=found[1], text=title)


def _narrative(paragraphs: list[str], lines: list[str]) -> Json:
    """Return text for people: paragraphs, then a list."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    said = "".join(f"<p>{escape(one)}</p>" for one in paragraphs) + (f"<ul>{items}</ul>" if items else "")
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{said or "<p/>"}</div>'}
