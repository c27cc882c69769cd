"""Parties, participations and references to objects.

Shape: `|name`, `|id` with `|id_scheme` and `|id_namespace`, `/_identifier:i`, `/relationship`; `|_type` tells a
PARTY_SELF that has a reference from a PARTY_IDENTIFIED. `|id_type` is ours: the type of a reference, where it is not
PARTY, which the specification cannot say.
Source: ITS-REST development, simplified_formats, RM Mappings: PARTY_SELF, PARTY_IDENTIFIED, PARTY_RELATED, OBJECT_REF.
"""

from __future__ import annotations

from cdr import rm
from cdr.formats.flat.inexpressible import Inexpressible, only
from cdr.formats.flat.keys import Branch, Json
from cdr.formats.flat.scope import Place, Scope
from cdr.formats.flat.values.encapsulated import decode_identifier, encode_identifier
from cdr.formats.flat.values.text import coded_text, decode_coded_text, encode_text
from cdr.rm import REQUIRED
from cdr.webtemplate.labels import openehr_code, openehr_label

_PARTY = "PARTY"
_MODES = "participation mode"


def decode_party(branch: Branch, scope: Scope, place: Place) -> rm.PartySelf | rm.PartyIdentified | None:
    """Take a party: a PARTY_RELATED with a relationship, a PARTY_SELF where `|_type` says so, else PARTY_IDENTIFIED."""
    declared = scope.text(branch, "_type") or place.rm_type
    reference = _party_ref(branch, scope)
    if declared == "PARTY_SELF":
        return rm.PartySelf(external_ref=reference)
    name = scope.text(branch, "name")
    if name is None:
        name = scope.text(branch)
    identifiers = [decode_identifier(below, scope, Place()) for below in branch.take_all("_identifier")]
    kept = [identifier for identifier in identifiers if identifier is not None] or None
    relationship = branch.take_child("relationship") or branch.take_child("_relationship")
    if relationship is not None:
        found = decode_coded_text(relationship, scope, Place(terminology="openehr"))
        if isinstance(found, rm.DvCodedText):
            return rm.PartyRelated(external_ref=reference, name=name, identifiers=kept, relationship=found)
        scope.wrong(relationship, "code", "a coded relationship")
        return None
    if reference is None and name is None and kept is None and declared != "PARTY_IDENTIFIED":
        return None
    return rm.PartyIdentified(external_ref=reference, name=name, identifiers=kept)


def encode_party(party: rm.PartyProxy, key: str, out: dict[str, Json]) -> None:
    """Write a party; a PARTY_SELF names its type."""
    if isinstance(party, rm.PartySelf):
        out[f"{key}|_type"] = "PARTY_SELF"
        _encode_party_ref(party.external_ref, key, out)
        return
    if not isinstance(party, rm.PartyIdentified):
        raise Inexpressible("party")
    if party.name is not None:
        out[f"{key}|name"] = party.name
    _encode_party_ref(party.external_ref, key, out)
    for number, identifier in enumerate(party.identifiers or ()):
        encode_identifier(identifier, f"{key}/_identifier:{number}", out)
    if isinstance(party, rm.PartyRelated):
        encode_text(party.relationship, f"{key}/relationship", out, declared="DV_CODED_TEXT")
    elif party.name is None and party.external_ref is None and not party.identifiers:
        out[f"{key}|_type"] = "PARTY_IDENTIFIED"


def decode_participation(branch: Branch, scope: Scope) -> rm.Participation:
    """Take a participation; a performer of whom nothing is said is the subject of the record."""
    function, mode = scope.text(branch, "function"), scope.text(branch, "mode")
    return participation(
        function=function,
        mode=mode,
        name=scope.text(branch, "name"),
        reference=_party_ref(branch, scope),
        identifiers=_flat_identifiers(branch, scope),
        language=scope.language,
    )


def participation(
    *,
    function: str | None,
    mode: str | None,
    name: str | None,
    reference: rm.PartyRef | None,
    identifiers: list[rm.DvIdentifier],
    language: str,
) -> rm.Participation:
    """Return a participation; `mode` is a label or code of the openEHR group, or any other text."""
    performer: rm.PartySelf | rm.PartyIdentified = rm.PartySelf()
    if name is not None or reference is not None or identifiers:
        performer = rm.PartyIdentified(external_ref=reference, name=name, identifiers=identifiers or None)
    code = openehr_code(mode, group=_MODES) if mode else ""
    coded = None
    if mode:
        label = openehr_label(mode, language, group=_MODES)
        coded = coded_text("openehr", code, mode) if code else coded_text("openehr", mode, label or mode)
    return rm.Participation(
        function=rm.DvText(value=function) if function is not None else REQUIRED, mode=coded, performer=performer
    )


def encode_participation(found: rm.Participation, key: str, out: dict[str, Json]) -> None:
    """Write a participation; one with a time, a coded function or a related performer has no keys."""
    only("participation", found.time)
    if type(found.function) is not rm.DvText:
        raise Inexpressible("function")
    only("function", found.function.hyperlink, found.function.formatting, found.function.mappings)
    only("function", found.function.language, found.function.encoding)
    out[f"{key}|function"] = found.function.value
    if found.mode is not None:
        _encode_mode(found.mode, key, out)
    performer = found.performer
    if isinstance(performer, rm.PartySelf):
        only("performer", performer.external_ref)
        return
    if type(performer) is not rm.PartyIdentified:
        raise Inexpressible("performer")
    if performer.name is None and performer.external_ref is None and not performer.identifiers:
        raise Inexpressible("performer")
    if performer.name is not None:
        out[f"{key}|name"] = performer.name
    _encode_party_ref(performer.external_ref, key, out)
    for number, identifier in enumerate(performer.identifiers or ()):
        for suffix in ("issuer", "assigner", "id", "type"):
            part = getattr(identifier, suffix)
            if part is not None:
                out[f"{key}|identifiers_{suffix}:{number}"] = part


def _encode_mode(mode: rm.DvCodedText, key: str, out: dict[str, Json]) -> None:
    phrase = mode.defining_code
    only("mode", mode.hyperlink, mode.formatting, mode.mappings, mode.language, mode.encoding, phrase.preferred_term)
    known = phrase.terminology_id.value == "openehr" and openehr_code(mode.value, group=_MODES) == phrase.code_string
    if not known:
        raise Inexpressible("mode")
    out[f"{key}|mode"] = mode.value


def decode_object_ref(branch: Branch, scope: Scope) -> rm.ObjectRef | None:
    """Take an OBJECT_REF; without a scheme its id is a HIER_OBJECT_ID."""
    identifier = scope.text(branch, "id")
    scheme = scope.text(branch, "id_scheme") or scope.text(branch, "scheme") or scope.id_scheme
    namespace = scope.text(branch, "namespace") or scope.text(branch, "id_namespace") or scope.id_namespace
    kind = scope.text(branch, "type")
    if identifier is None:
        scope.wrong(branch, "id", "the id of the object, as |id")
        return None
    return object_ref(identifier, scheme=scheme, namespace=namespace, kind=kind or "ANY")


def object_ref(identifier: str, *, scheme: str, namespace: str, kind: str) -> rm.ObjectRef:
    """Return an OBJECT_REF."""
    own = rm.GenericId(value=identifier, scheme=scheme) if scheme else rm.HierObjectId(value=identifier)
    return rm.ObjectRef(namespace=namespace or "local", type=kind, id=own)


def encode_object_ref(reference: rm.ObjectRef, key: str, out: dict[str, Json]) -> None:
    """Write an OBJECT_REF."""
    if type(reference) is not rm.ObjectRef:
        raise Inexpressible("object_ref")
    out[f"{key}|type"] = reference.type
    out[f"{key}|namespace"] = reference.namespace
    _encode_id(reference.id, key, out)


def party_ref(identifier: str, *, scheme: str, namespace: str) -> rm.PartyRef:
    """Return a PARTY_REF."""
    own = rm.GenericId(value=identifier, scheme=scheme) if scheme else rm.HierObjectId(value=identifier)
    return rm.PartyRef(namespace=namespace or "local", type=_PARTY, id=own)


def _party_ref(branch: Branch, scope: Scope) -> rm.PartyRef | None:
    identifier = scope.text(branch, "id")
    if identifier is None:
        return None
    scheme = scope.text(branch, "id_scheme") or scope.id_scheme
    namespace = scope.text(branch, "id_namespace") or scope.id_namespace
    found = party_ref(identifier, scheme=scheme, namespace=namespace)
    found.type = scope.text(branch, "id_type") or _PARTY
    return found


def _encode_party_ref(reference: rm.PartyRef | None, key: str, out: dict[str, Json]) -> None:
    if reference is None:
        return
    if reference.type != _PARTY:
        out[f"{key}|id_type"] = reference.type
    _encode_id(reference.id, key, out)
    out[f"{key}|id_namespace"] = reference.namespace


def _encode_id(identifier: rm.ObjectId, key: str, out: dict[str, Json]) -> None:
    if isinstance(identifier, rm.GenericId):
        out[f"{key}|id_scheme"] = identifier.scheme
    elif not isinstance(identifier, rm.HierObjectId):
        raise Inexpressible("id")
    out[f"{key}|id"] = identifier.value


def _flat_identifiers(branch: Branch, scope: Scope) -> list[rm.DvIdentifier]:
    """Take the identifiers that are spelt in the suffix: `|identifiers_id:0`, `|identifiers_issuer:0`..."""
    found: dict[int, rm.DvIdentifier] = {}
    for suffix in [suffix for suffix in branch.values if suffix.startswith("identifiers_")]:
        attribute, _, number = suffix.removeprefix("identifiers_").partition(":")
        if attribute not in ("id", "issuer", "assigner", "type") or not (number or "0").isdigit():
            continue
        identifier = found.setdefault(int(number or 0), rm.DvIdentifier())
        setattr(identifier, attribute, scope.text(branch, suffix))
    return [found[number] for number in sorted(found)]
