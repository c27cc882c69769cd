"""Texts and codes: DV_TEXT, DV_CODED_TEXT, CODE_PHRASE, TERM_MAPPING and the URIs.

Shape: a text is its key; a code is `|code`, `|value`, `|terminology`; `|other` is a text where a code was expected.
Source: ITS-REST development, simplified_formats, RM Mappings: DV_TEXT, DV_CODED_TEXT, CODE_PHRASE, TERM_MAPPING.
"""

from __future__ import annotations

import re

from cdr import rm
from cdr.am.constraints import CCodePhrase, CComplexObject
from cdr.formats.flat.inexpressible import Inexpressible, only
from cdr.formats.flat.keys import Branch, Json
from cdr.formats.flat.scope import Place, Scope
from cdr.rm import REQUIRED
from cdr.webtemplate.labels import openehr_code, openehr_label
from cdr.webtemplate.model import ListItem

_AT_CODE = re.compile(r"at\d[\d.]*")


def code_phrase(terminology: str, code: str) -> rm.CodePhrase:
    """Return a CODE_PHRASE."""
    return rm.CodePhrase(terminology_id=rm.TerminologyId(value=terminology), code_string=code)


def coded_text(terminology: str, code: str, value: str) -> rm.DvCodedText:
    """Return a DV_CODED_TEXT."""
    return rm.DvCodedText(value=value, defining_code=code_phrase(terminology, code))


def decode_text(branch: Branch, scope: Scope, place: Place) -> rm.DvText | None:
    """Take a DV_TEXT, or the DV_CODED_TEXT that stands in its place."""
    if branch.has("code"):
        return decode_coded_text(branch, scope, place)
    value = _plain(branch, scope)
    if value is None:
        other = scope.text(branch, "other")
        if other is None:
            return None
        value = other
    return _details(branch, scope, rm.DvText(value=value))


def decode_coded_text(branch: Branch, scope: Scope, place: Place) -> rm.DvText | None:
    """Take a DV_CODED_TEXT, or a DV_TEXT where the template is open to it or the data says `|other`."""
    other = scope.text(branch, "other")
    if other is not None:
        return _details(branch, scope, rm.DvText(value=other))
    if branch.has("code"):
        return _coded(branch, scope, place)
    written = _plain(branch, scope)
    if written is None:
        return None
    item = _chosen(written, place)
    if item is not None:
        label = item.localized_labels.get(scope.language, item.label)
        found = coded_text(place.terminology or _terminology(item.value, place), item.value, label)
        return _details(branch, scope, found)
    if place.terminology == "openehr":
        code = openehr_code(written)
        label = openehr_label(code or written, scope.language)
        if label:
            return _details(branch, scope, coded_text("openehr", code or written, label))
    if place.is_open or place.rm_type == "DV_TEXT":
        return _details(branch, scope, rm.DvText(value=written))
    scope.wrong(branch, "", "a code of the template, as |code", code="FLAT_CODE")
    return None


def decode_code_phrase(branch: Branch, scope: Scope, place: Place) -> rm.CodePhrase | None:
    """Take a CODE_PHRASE: `|code`, `|terminology`, `|preferred_term`; the key alone is the code."""
    code = scope.text(branch, "code") or scope.text(branch)
    terminology = scope.text(branch, "terminology") or place.terminology
    preferred = scope.text(branch, "preferred_term")
    if code is None:
        if terminology and terminology != place.terminology:
            scope.wrong(branch, "code", "a code to go with the terminology")
        return None
    if not terminology:
        scope.wrong(branch, "terminology", "the terminology of the code")
        return None
    found = code_phrase(terminology, code)
    found.preferred_term = preferred
    return found


def decode_uri(branch: Branch, scope: Scope, place: Place) -> rm.DvUri | None:
    """Take a DV_URI or DV_EHR_URI."""
    value = _plain(branch, scope)
    if value is None:
        return None
    return rm.DvEhrUri(value=value) if place.rm_type == "DV_EHR_URI" else rm.DvUri(value=value)


def encode_text(text: rm.DvText, key: str, out: dict[str, Json], *, declared: str = "DV_TEXT") -> None:
    """Write a text or code; `declared` is the type that the reader of the key expects."""
    only("hyperlink", text.hyperlink)
    if isinstance(text, rm.DvCodedText):
        encode_code_phrase(text.defining_code, key, out)
        out[f"{key}|value"] = text.value
    elif declared == "DV_CODED_TEXT":
        out[f"{key}|other"] = text.value
    else:
        out[key] = text.value
    if text.formatting is not None:
        out[f"{key}|formatting"] = text.formatting
    for attribute in ("language", "encoding"):
        phrase = getattr(text, attribute)
        if phrase is not None:
            encode_code_phrase(phrase, f"{key}/_{attribute}", out)
    for number, mapping in enumerate(text.mappings or ()):
        below = f"{key}/_mapping:{number}"
        out[f"{below}|match"] = mapping.match
        encode_code_phrase(mapping.target, f"{below}/target", out)
        if mapping.purpose is not None:
            encode_text(mapping.purpose, f"{below}/purpose", out)


def encode_code_phrase(phrase: rm.CodePhrase, key: str, out: dict[str, Json]) -> None:
    """Write a CODE_PHRASE."""
    if phrase is None or phrase.terminology_id is None:
        raise Inexpressible("defining_code")
    out[f"{key}|code"] = phrase.code_string
    out[f"{key}|terminology"] = phrase.terminology_id.value
    if phrase.preferred_term is not None:
        out[f"{key}|preferred_term"] = phrase.preferred_term


def encode_uri(uri: rm.DvUri, key: str, out: dict[str, Json], *, declared: str = "DV_URI") -> None:
    """Write a URI."""
    if isinstance(uri, rm.DvEhrUri) is not (declared == "DV_EHR_URI"):
        raise Inexpressible("value")
    out[key] = uri.value


def _plain(branch: Branch, scope: Scope) -> str | None:
    """Take the key's own value, or its `|value`."""
    value = scope.text(branch)
    return value if value is not None else scope.text(branch, "value")


def _coded(branch: Branch, scope: Scope, place: Place) -> rm.DvText | None:
    code = scope.text(branch, "code")
    value = scope.text(branch, "value")
    if value is None:
        value = scope.text(branch)
    terminology = scope.text(branch, "terminology")
    preferred = scope.text(branch, "preferred_term")
    if code is None:
        return None
    terminology = terminology or _terminology(code, place)
    if not terminology:
        scope.wrong(branch, "terminology", "the terminology of the code, as |terminology")
        return None
    value = value if value is not None else label_of(terminology, code, scope, place)
    if value is None:
        scope.wrong(branch, "value", "the text of a code that the template does not list, as |value", code="FLAT_CODE")
        return None
    found = coded_text(terminology, code, value)
    found.defining_code.preferred_term = preferred
    return _details(branch, scope, found)


def label_of(terminology: str, code: str, scope: Scope, place: Place) -> str | None:
    """Return what a code is called in the template or the openEHR terminology, None where nobody knows it."""
    for item in place.items():
        if item.value == code:
            return item.localized_labels.get(scope.language, item.label)
    if terminology == "openehr":
        return openehr_label(code, scope.language) or None
    constraint = place.node.constraint if place.node is not None else None
    if terminology == "local" and constraint is not None:
        term = scope.template.term(constraint, code, language=scope.language)
        return term.text if term else None
    return None


def _terminology(code: str, place: Place) -> str:
    """Return the terminology of a code that comes without one, `""` where it cannot be known."""
    named = next((entry.terminology for entry in place.inputs if entry.terminology), "")
    if named or place.terminology:
        return named or place.terminology
    is_local = any(item.value == code for item in place.items()) or _AT_CODE.fullmatch(code)
    return "local" if is_local or _is_local(place) else ""


def _is_local(place: Place) -> bool:
    """Tell whether the template allows any code of its own archetype and no other."""
    constraint = place.node.constraint if place.node is not None else None
    attribute = constraint.attribute("defining_code") if isinstance(constraint, CComplexObject) else None
    children = attribute.children if attribute else ()
    return any(isinstance(child, CCodePhrase) and child.terminology == "local" for child in children)


def _chosen(written: str, place: Place) -> ListItem | None:
    """Return the listed value that a text names by its code or by its label in any language."""
    for item in place.items():
        if written == item.value:
            return item
    for item in place.items():
        if written == item.label or written in item.localized_labels.values():
            return item
    return None


def _details(branch: Branch, scope: Scope, text: rm.DvText) -> rm.DvText:
    """Take what may accompany any text."""
    if branch.values:
        text.formatting = scope.text(branch, "formatting")
        extra = branch.values.get("value")
        if extra is not None and extra == text.value:
            branch.take("value")
    if branch.children:
        for attribute in ("language", "encoding"):
            below = branch.take_child(f"_{attribute}")
            if below is not None:
                default = Place(terminology="ISO_639-1" if attribute == "language" else "IANA_character-sets")
                setattr(text, attribute, decode_code_phrase(below, scope, default))
        mappings = [_mapping(below, scope) for below in branch.take_all("_mapping")]
        if mappings:
            text.mappings = mappings
    return text


def _mapping(branch: Branch, scope: Scope) -> rm.TermMapping:
    found = rm.TermMapping()
    match = scope.text(branch, "match")
    if match is not None:
        found.match = match
    target, purpose = branch.take_child("target"), branch.take_child("purpose")
    if target is not None:
        phrase = decode_code_phrase(target, scope, Place())
        found.target = phrase if phrase is not None else REQUIRED
    if purpose is not None:
        text = decode_coded_text(purpose, scope, Place(terminology="openehr"))
        if isinstance(text, rm.DvCodedText):
            found.purpose = text
        elif text is not None:
            scope.wrong(purpose, "code", "a coded purpose")
    return found
