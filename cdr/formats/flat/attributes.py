"""The attributes that hang on nodes with an underscore: `_uid`, `_name`, `_link`, `_feeder_audit`, `_provider`...

Every reader takes what is there from a branch and sets it; every writer writes what is there. What FLAT cannot say in
keys is written, and read, as canonical JSON with `|raw`.
Source: ITS-REST development, simplified_formats, RM Mappings: the tables of the classes, LINK, FEEDER_AUDIT.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from cdr import rm
from cdr.errors import BadInput
from cdr.formats import canonical_json
from cdr.formats.flat.inexpressible import Inexpressible, only, refuse_blank
from cdr.formats.flat.keys import Branch, Json
from cdr.formats.flat.scope import Place, Scope
from cdr.formats.flat.values import date_time, encapsulated, ordered
from cdr.formats.flat.values.party import (
    decode_object_ref,
    decode_participation,
    decode_party,
    encode_object_ref,
    encode_participation,
    encode_party,
)
from cdr.formats.flat.values.text import decode_text, encode_text

R = TypeVar("R", bound=rm.RmObject)

_OUT = dict[str, Json]
_RAW_ELEMENT = re.compile(r"\s*\{\s*\"(?:_type|@class)\"\s*:\s*\"ELEMENT\"")
_SYSTEM_AUDITS = ("originating_system_audit", "feeder_system_audit")
_SYSTEM_IDS = ("originating_system_item_id", "feeder_system_item_id")


def decode_raw(branch: Branch, scope: Scope, rm_class: type[R]) -> R | None:
    """Take `|raw`: canonical JSON as an object or as a string, with `_type`."""
    if "raw" not in branch.values:
        return None
    value = branch.take("raw")
    try:
        if isinstance(value, str):
            value = msgspec.json.decode(value)
        if not isinstance(value, dict) or ("_type" not in value and "@class" not in value):
            scope.wrong(branch, "raw", "an object of canonical JSON with _type")
            return None
        return canonical_json.decode_value(_without_class(value), rm_class)
    except msgspec.DecodeError:
        scope.wrong(branch, "raw", "an object of canonical JSON")
    except BadInput as error:
        for issue in error.issues:
            scope.wrong(branch, "raw", f"{issue.expected} at {issue.path}", code=issue.code)
        if not error.issues:
            scope.wrong(branch, "raw", f"a {rm_class.rm_name()} in canonical JSON")
    return None


def is_raw_element(branch: Branch) -> bool:
    """Tell whether `|raw` at the key of an element holds the whole element and not its value."""
    value = branch.values.get("raw")
    if isinstance(value, dict):
        return "ELEMENT" in (value.get("_type"), value.get("@class"))
    return isinstance(value, str) and _RAW_ELEMENT.match(value) is not None


def uid_of(text: str) -> rm.ObjectVersionId | rm.HierObjectId:
    """Return an OBJECT_VERSION_ID for a text of three parts, else a HIER_OBJECT_ID."""
    return rm.ObjectVersionId(value=text) if text.count("::") == 2 else rm.HierObjectId(value=text)


def take_party(branch: Branch, scope: Scope) -> rm.PartySelf | rm.PartyIdentified | None:
    """Take a party, in keys or raw."""
    raw = decode_raw(branch, scope, rm.PartyProxy)
    if isinstance(raw, rm.PartySelf | rm.PartyIdentified):
        return raw
    return decode_party(branch, scope, Place())


def encode_or_raw(value: rm.RmObject, key: str, out: _OUT, write: Callable[[Any, str, _OUT], None]) -> None:
    """Write an object with keys of its own, or whole where it has something without a key."""
    below: _OUT = {}
    try:
        write(value, key, below)
        refuse_blank(below)
    except Inexpressible:
        out[f"{key}|raw"] = msgspec.to_builtins(value)
        return
    if not below:
        below[f"{key}|raw"] = msgspec.to_builtins(value)  # nothing in it, and yet it is there
    out.update(below)


def take_locatable(branch: Branch, scope: Scope, found: rm.Locatable) -> None:
    """Take `_uid`, `_name`, `_link` and `_feeder_audit`."""
    children = branch.children
    if "_uid" in children:
        below = branch.take_child("_uid")
        uid = scope.text(below) if below is not None else None
        if uid is not None:
            found.uid = uid_of(uid)
    if "_name" in children:
        below = branch.take_child("_name")
        name = decode_text(below, scope, Place(rm_type="DV_TEXT")) if below is not None else None
        if name is not None:
            found.name = name
    if "_link" in children:
        found.links = [link for below in branch.take_all("_link") if (link := decode_link(below, scope)) is not None]
    if "_feeder_audit" in children:
        below = branch.take_child("_feeder_audit")
        if below is not None:
            found.feeder_audit = decode_raw(below, scope, rm.FeederAudit) or _feeder_audit(below, scope)


def encode_locatable(found: rm.Locatable, key: str, out: _OUT, *, name: rm.DvText) -> None:
    """Write the same; the name only where it differs from the node's."""
    if found.name != name:
        if found.name is None:
            raise Inexpressible("name")
        encode_text(found.name, f"{key}/_name", out)
    uid = found.uid
    if uid is not None:
        # A version uid is one whatever its declared type; some systems write it as HIER_OBJECT_ID.
        if isinstance(uid, rm.ObjectVersionId) and uid.value.count("::") != 2:
            raise Inexpressible("uid")
        out[f"{key}/_uid"] = uid.value
    for number, link in enumerate(found.links or ()):
        encode_or_raw(link, f"{key}/_link:{number}", out, encode_link)
    if found.feeder_audit is not None:
        encode_or_raw(found.feeder_audit, f"{key}/_feeder_audit", out, _encode_feeder_audit)


def take_entry(branch: Branch, scope: Scope, entry: rm.Entry) -> None:
    """Take what entries have: `_other_participation`, `_work_flow_id`, `_provider`, `_guideline_id`..."""
    participations = [
        decode_raw(below, scope, rm.Participation) or decode_participation(below, scope)
        for below in branch.take_all("_other_participation")
    ]
    if participations:
        entry.other_participations = participations
    below = branch.take_child("_work_flow_id") or branch.take_child("_workflow_id")
    if below is not None:
        entry.workflow_id = decode_raw(below, scope, rm.ObjectRef) or decode_object_ref(below, scope)
    below = branch.take_child("_provider")
    if below is not None:
        entry.provider = take_party(below, scope)
    if isinstance(entry, rm.CareEntry):
        below = branch.take_child("_guideline_id")
        if below is not None:
            entry.guideline_id = decode_raw(below, scope, rm.ObjectRef) or decode_object_ref(below, scope)
    if isinstance(entry, rm.Instruction):
        below = branch.take_child("_wf_definition")
        if below is not None:
            entry.wf_definition = encapsulated.decode_parsable(below, scope, Place())
        below = branch.take_child("_expiry_time")
        if below is not None:
            entry.expiry_time = ordered.decode_moment(below, scope)
    if isinstance(entry, rm.Action):
        below = branch.take_child("_instruction_details")
        if below is not None:
            details = decode_raw(below, scope, rm.InstructionDetails)
            entry.instruction_details = details or _instruction_details(below, scope)


def encode_entry(entry: rm.Entry, key: str, out: _OUT) -> None:
    """Write the same."""
    for number, found in enumerate(entry.other_participations or ()):
        encode_or_raw(found, f"{key}/_other_participation:{number}", out, encode_participation)
    if entry.workflow_id is not None:
        encode_or_raw(entry.workflow_id, f"{key}/_work_flow_id", out, encode_object_ref)
    if entry.provider is not None:
        encode_or_raw(entry.provider, f"{key}/_provider", out, encode_party)
    if isinstance(entry, rm.CareEntry) and entry.guideline_id is not None:
        encode_or_raw(entry.guideline_id, f"{key}/_guideline_id", out, encode_object_ref)
    if isinstance(entry, rm.Instruction) and entry.wf_definition is not None:
        encapsulated.encode_parsable(entry.wf_definition, f"{key}/_wf_definition", out)
    if isinstance(entry, rm.Action) and entry.instruction_details is not None:
        encode_or_raw(entry.instruction_details, f"{key}/_instruction_details", out, _encode_instruction_details)


def decode_link(branch: Branch, scope: Scope) -> rm.Link | None:
    """Take a LINK: `|meaning`, `|type`, `|target`."""
    raw = decode_raw(branch, scope, rm.Link)
    if raw is not None:
        return raw
    parts = {suffix: scope.text(branch, suffix) for suffix in ("meaning", "type", "target")}
    for suffix, value in parts.items():
        if value is None:
            scope.wrong(branch, suffix, f"the {suffix} of the link, as |{suffix}")
    meaning, kind, target = parts["meaning"], parts["type"], parts["target"]
    if meaning is None or kind is None or target is None:
        return None
    return rm.Link(meaning=rm.DvText(value=meaning), type=rm.DvText(value=kind), target=rm.DvEhrUri(value=target))


def encode_link(link: rm.Link, key: str, out: _OUT) -> None:
    """Write a LINK whose meaning and type are plain texts."""
    for suffix, text in (("meaning", link.meaning), ("type", link.type)):
        if type(text) is not rm.DvText or _is_adorned(text):
            raise Inexpressible(suffix)
        out[f"{key}|{suffix}"] = text.value
    if link.target is None:
        raise Inexpressible("target")
    out[f"{key}|target"] = link.target.value


def _is_adorned(text: rm.DvText) -> bool:
    return any((text.hyperlink, text.formatting, text.mappings, text.language, text.encoding))


def _feeder_audit(branch: Branch, scope: Scope) -> rm.FeederAudit:
    found = rm.FeederAudit()
    for name in _SYSTEM_AUDITS:
        below = branch.take_child(name)
        if below is not None:
            setattr(found, name, decode_raw(below, scope, rm.FeederAuditDetails) or _audit_details(below, scope))
    for name in _SYSTEM_IDS:
        identifiers = [encapsulated.decode_identifier(below, scope, Place()) for below in branch.take_all(name)]
        if identifiers:
            setattr(found, f"{name}s", [identifier for identifier in identifiers if identifier is not None])
    below = branch.take_child("original_content")
    if below is not None:
        found.original_content = encapsulated.decode_parsable(below, scope, Place())
    below = branch.take_child("original_content_multimedia")
    if below is not None:
        if found.original_content is not None:
            scope.wrong(below, "", "one of original_content and original_content_multimedia", code="FLAT_CONFLICT")
        found.original_content = encapsulated.decode_multimedia(below, scope, Place())
    return found


def _encode_feeder_audit(audit: rm.FeederAudit, key: str, out: _OUT) -> None:
    if audit.originating_system_audit is None:
        raise Inexpressible("originating_system_audit")
    for name in _SYSTEM_AUDITS:
        details = getattr(audit, name)
        if details is not None:
            encode_or_raw(details, f"{key}/{name}", out, _encode_audit_details)
    for name in _SYSTEM_IDS:
        for number, identifier in enumerate(getattr(audit, f"{name}s") or ()):
            if identifier.id is None:
                raise Inexpressible(name)
            encapsulated.encode_identifier(identifier, f"{key}/{name}:{number}", out)
    content = audit.original_content
    if isinstance(content, rm.DvMultimedia):
        encapsulated.encode_multimedia(content, f"{key}/original_content_multimedia", out)
    elif content is not None:
        encapsulated.encode_parsable(content, f"{key}/original_content", out)


def _audit_details(branch: Branch, scope: Scope) -> rm.FeederAuditDetails:
    found = rm.FeederAuditDetails(version_id=scope.text(branch, "version_id"))
    system = scope.text(branch, "system_id")
    if system is not None:
        found.system_id = system
    time = scope.text(branch, "time")
    if time is not None:
        moment = Branch(f"{branch.key}|time")
        moment.values[""] = time
        found.time = date_time.decode_date_time(moment, scope, Place())
    for name in ("location", "subject", "provider"):
        below = branch.take_child(name)
        if below is None:
            continue
        setattr(found, name, take_party(below, scope))
    return found


def _encode_audit_details(details: rm.FeederAuditDetails, key: str, out: _OUT) -> None:
    only("other_details", details.other_details)
    if details.system_id is None:
        raise Inexpressible("system_id")
    out[f"{key}|system_id"] = details.system_id
    if details.version_id is not None:
        out[f"{key}|version_id"] = details.version_id
    if details.time is not None:
        if details.time != rm.DvDateTime(value=details.time.value):
            raise Inexpressible("time")
        out[f"{key}|time"] = details.time.value
    for name in ("location", "subject", "provider"):
        party = getattr(details, name)
        if party is not None:
            encode_or_raw(party, f"{key}/{name}", out, encode_party)


def _instruction_details(branch: Branch, scope: Scope) -> rm.InstructionDetails:
    uid = scope.text(branch, "composition_uid")
    reference = rm.LocatableRef(namespace="local", type="COMPOSITION", path=scope.text(branch, "path"))
    if uid is not None:
        reference.id = uid_of(uid)
    found = rm.InstructionDetails(instruction_id=reference)
    activity = scope.text(branch, "activity_id")
    if activity is not None:
        found.activity_id = activity
    return found


def _encode_instruction_details(details: rm.InstructionDetails, key: str, out: _OUT) -> None:
    reference = details.instruction_id
    only("wf_details", details.wf_details)
    if reference is None or reference.id is None or (reference.namespace, reference.type) != ("local", "COMPOSITION"):
        raise Inexpressible("instruction_id")
    if type(uid_of(reference.id.value)) is not type(reference.id):
        raise Inexpressible("instruction_id")
    out[f"{key}|composition_uid"] = reference.id.value
    for suffix, value in (("path", reference.path), ("activity_id", details.activity_id)):
        if value is not None:
            out[f"{key}|{suffix}"] = value


def _without_class(tree: Json) -> Json:
    """Return raw data with the older `@class` spelt `_type`."""
    if isinstance(tree, dict):
        return {("_type" if key == "@class" else key): _without_class(value) for key, value in tree.items()}
    return [_without_class(item) for item in tree] if isinstance(tree, list) else tree
