"""The `ctx/` keys: what the application says once and the composition needs in many places.

Comes in: the branch `ctx`. Goes out: `Context`, whose values stand wherever the data itself says nothing.
Source: ITS-REST development, simplified_formats, Context Information.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from cdr import rm
from cdr.formats.flat.attributes import decode_link
from cdr.formats.flat.keys import Branch
from cdr.formats.flat.scope import Place, Scope
from cdr.formats.flat.values import date_time, encapsulated
from cdr.formats.flat.values.party import object_ref, participation, party_ref
from cdr.formats.flat.values.text import coded_text
from cdr.webtemplate.labels import openehr_code, openehr_label

# The specification's default of ctx/setting, and the mode of a participation of which none is said.
_OTHER_CARE = "238"
_NOT_SPECIFIED = "193"
_IDENTIFIER_PARTS = ("issuer", "assigner", "id", "type")


@dataclass(slots=True, kw_only=True)
class Context:
    """Defaults for a composition; None or empty where `ctx/` says nothing. Times are ISO 8601 texts."""

    language: str | None
    territory: str | None
    time: str
    composer: rm.PartySelf | rm.PartyIdentified | None
    is_composer_self: bool
    end_time: str | None = None
    history_origin: str | None = None
    action_time: str | None = None
    activity_timing: rm.DvParsable | None = None
    provider: rm.PartyIdentified | None = None
    health_care_facility: rm.PartyIdentified | None = None
    workflow_id: rm.ObjectRef | None = None
    current_state: rm.DvCodedText | None = None
    narrative: str | None = None
    location: str | None = None
    setting: rm.DvCodedText
    participations: list[rm.Participation] = field(default_factory=list)
    links: list[rm.Link] = field(default_factory=list)
    feeder_audit: rm.FeederAudit | None = None


def read(branch: Branch, scope: Scope, *, now: datetime) -> Context:
    """Take the context; sets the reference defaults of the scope, which the rest of the decoding uses."""
    scope.id_scheme = _text(branch, scope, "id_scheme") or ""
    scope.id_namespace = _text(branch, scope, "id_namespace") or ""
    language = _text(branch, scope, "language")
    if language:
        scope.language = language
    is_self = _boolean(branch, scope, "composer_self")
    return Context(
        language=language,
        territory=_text(branch, scope, "territory"),
        time=_moment(branch, scope, "time") or now.isoformat(timespec="milliseconds"),
        composer=_composer(branch, scope, is_self=is_self),
        is_composer_self=is_self,
        end_time=_moment(branch, scope, "end_time"),
        history_origin=_moment(branch, scope, "history_origin"),
        action_time=_moment(branch, scope, "action_time"),
        activity_timing=_timing(branch, scope),
        provider=_named_party(branch, scope, "provider"),
        health_care_facility=_facility(branch, scope),
        workflow_id=_workflow(branch, scope),
        current_state=_coded(branch, scope, "action_ism_transition_current_state", group="instruction states"),
        narrative=_text(branch, scope, "instruction_narrative"),
        location=_text(branch, scope, "location"),
        setting=_coded(branch, scope, "setting", group="setting") or _openehr(_OTHER_CARE, scope, "setting"),
        participations=_participations(branch, scope),
        links=[link for below in branch.take_all("link") if (link := decode_link(below, scope)) is not None],
        feeder_audit=_form_fields(branch, scope),
    )


def _form_fields(branch: Branch, scope: Scope) -> rm.FeederAudit | None:
    """Take `generic_fields`: what a form held that the template has no place for, kept as its original content.

    No specification has this key; the forms of one vendor send it, with an object of any shape.
    """
    below = branch.take_child("generic_fields")
    value = below.take() if below is not None else None
    if below is None or value is None:
        return None
    if not isinstance(value, dict):
        scope.wrong(below, "", "an object")
        return None
    content = rm.DvParsable(value=msgspec.json.encode(value).decode(), formalism="application/json")
    return rm.FeederAudit(
        original_content=content, originating_system_audit=rm.FeederAuditDetails(system_id="FormRenderer")
    )


def _text(branch: Branch, scope: Scope, name: str) -> str | None:
    below = branch.take_child(name)
    if below is None:
        return None
    value = scope.text(below)
    return value if value is not None else scope.text(below, "code")


def _boolean(branch: Branch, scope: Scope, name: str) -> bool:
    below = branch.take_child(name)
    return bool(below is not None and scope.boolean(below))


def _moment(branch: Branch, scope: Scope, name: str) -> str | None:
    below = branch.take_child(name)
    found = date_time.decode_date_time(below, scope, Place()) if below is not None else None
    return found.value if found is not None else None


def _timing(branch: Branch, scope: Scope) -> rm.DvParsable | None:
    below = branch.take_child("activity_timing")
    if below is None:
        return None
    if not below.has("formalism"):
        below.values["formalism"] = "timing"
    return encapsulated.decode_parsable(below, scope, Place())


def _composer(branch: Branch, scope: Scope, *, is_self: bool) -> rm.PartySelf | rm.PartyIdentified | None:
    found = _named_party(branch, scope, "composer")
    if is_self:
        return rm.PartySelf(external_ref=found.external_ref if found is not None else None)
    return found


def _named_party(branch: Branch, scope: Scope, name: str) -> rm.PartyIdentified | None:
    """Take `<name>_name` and `<name>_id`."""
    own, identifier = _text(branch, scope, f"{name}_name"), _text(branch, scope, f"{name}_id")
    if own is None and identifier is None:
        return None
    return rm.PartyIdentified(name=own, external_ref=_reference(identifier, scope))


def _reference(identifier: str | None, scope: Scope) -> rm.PartyRef | None:
    if identifier is None:
        return None
    return party_ref(identifier, scheme=scope.id_scheme, namespace=scope.id_namespace)


def _facility(branch: Branch, scope: Scope) -> rm.PartyIdentified | None:
    below = branch.take_child("health_care_facility")
    if below is None:
        return None
    identifier = scope.text(below, "id")
    scheme = scope.text(below, "id_scheme") or scope.id_scheme
    namespace = scope.text(below, "id_namespace") or scope.id_namespace
    reference = party_ref(identifier, scheme=scheme, namespace=namespace) if identifier is not None else None
    return rm.PartyIdentified(name=scope.text(below, "name"), external_ref=reference)


def _workflow(branch: Branch, scope: Scope) -> rm.ObjectRef | None:
    below = branch.take_child("work_flow_id")
    identifier = scope.text(below, "id") if below is not None else None
    if below is None or identifier is None:
        return None
    return object_ref(
        identifier,
        scheme=scope.text(below, "id_scheme") or scope.id_scheme,
        namespace=scope.text(below, "namespace") or scope.id_namespace,
        kind=scope.text(below, "type") or "ANY",
    )


def _coded(branch: Branch, scope: Scope, name: str, *, group: str) -> rm.DvCodedText | None:
    """Take a code of an openEHR group, written as code or label."""
    below = branch.take_child(name)
    written = scope.text(below, "code" if below.has("code") else "") if below is not None else None
    if below is None or written is None:
        return None
    for suffix in ("value", "terminology"):
        below.take(suffix)
    code = written if openehr_label(written, "en", group=group) else openehr_code(written, group=group)
    if not code:
        scope.wrong(below, "", f"a code or label of the openEHR group {group}", code="FLAT_CODE")
        return None
    return _openehr(code, scope, group)


def _openehr(code: str, scope: Scope, group: str) -> rm.DvCodedText:
    return coded_text("openehr", code, openehr_label(code, scope.language, group=group))


def _participations(branch: Branch, scope: Scope) -> list[rm.Participation]:
    """Take `participation_name:i`, `_function:i`, `_mode:i`, `_id:i` and `_identifiers:i`, which go together by i."""
    parts = {
        name: branch.children.get(f"participation_{name}", {})
        for name in ("name", "function", "mode", "id", "identifiers")
    }
    found: list[rm.Participation] = []
    for number in sorted({number for numbered in parts.values() for number in numbered}):
        at = {name: numbered[number] for name, numbered in parts.items() if number in numbered}
        text = {name: scope.text(below) for name, below in at.items() if name != "identifiers"}
        identifiers = _identifiers(at["identifiers"], scope) if "identifiers" in at else []
        made = participation(
            function=text.get("function"),
            mode=text.get("mode"),
            name=text.get("name"),
            reference=_reference(text.get("id"), scope),
            identifiers=identifiers,
            language=scope.language,
        )
        if made.mode is None:
            made.mode = _openehr(_NOT_SPECIFIED, scope, "participation mode")
        found.append(made)
    return found


def _identifiers(branch: Branch, scope: Scope) -> list[rm.DvIdentifier]:
    """Take identifiers as `issuer::assigner::id::type;...` or part by part as `|issuer:0`, `|id:0`..."""
    compact = scope.text(branch)
    if compact is not None:
        found = []
        for entry in compact.split(";"):
            values = (entry.split("::") + [""] * 4)[:4]
            identifier = rm.DvIdentifier()
            for part, value in zip(_IDENTIFIER_PARTS, values, strict=True):
                if value:
                    setattr(identifier, part, value)
            found.append(identifier)
        return found
    numbered: dict[int, rm.DvIdentifier] = {}
    for suffix in list(branch.values):
        part, _, number = suffix.partition(":")
        if part in _IDENTIFIER_PARTS and (number or "0").isdigit():
            setattr(numbered.setdefault(int(number or 0), rm.DvIdentifier()), part, scope.text(branch, suffix))
    return [numbered[number] for number in sorted(numbered)]
