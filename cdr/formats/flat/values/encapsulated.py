"""DV_PARSABLE, DV_MULTIMEDIA, DV_IDENTIFIER and DV_BOOLEAN.

Source: ITS-REST development, simplified_formats, RM Mappings: the sections with these names. The text spells the
media type both `|mediatype` (in all examples) and `|media_type`; the first is written, both are read.
"""

from __future__ import annotations

from cdr import rm
from cdr.formats.flat.inexpressible import Inexpressible
from cdr.formats.flat.keys import Branch, Json
from cdr.formats.flat.scope import Place, Scope
from cdr.formats.flat.values.text import code_phrase, decode_code_phrase, encode_code_phrase
from cdr.rm import REQUIRED

_CODES = (
    ("media_type", "mediatype", "IANA_media-types"),
    ("compression_algorithm", "compression_algorithm", "openehr_compression_algorithms"),
    ("integrity_check_algorithm", "integrity_check_algorithm", "openehr_integrity_check_algorithms"),
)


def decode_parsable(branch: Branch, scope: Scope, place: Place) -> rm.DvParsable | None:
    """Take a DV_PARSABLE; the formalism of a timing is `timing` unless it says otherwise."""
    value = scope.text(branch)
    if value is None:
        value = scope.text(branch, "value")
    formalism = scope.text(branch, "formalism")
    if value is None:
        return None
    if formalism is None and place.node is not None and place.node.id == "timing":
        formalism = "timing"
    if formalism is None:
        scope.wrong(branch, "formalism", "the formalism of the text, as |formalism")
    found = rm.DvParsable(value=value, formalism=formalism if formalism is not None else REQUIRED)
    _take_encapsulated(branch, scope, found)
    return found


def encode_parsable(value: rm.DvParsable, key: str, out: dict[str, Json]) -> None:
    """Write a DV_PARSABLE."""
    out[key] = value.value
    out[f"{key}|formalism"] = value.formalism
    _encapsulated(value, key, out)


def decode_multimedia(branch: Branch, scope: Scope, place: Place) -> rm.DvMultimedia | None:
    """Take a DV_MULTIMEDIA: the key alone is its URI, `|data` its content in base64."""
    uri = scope.text(branch)
    if uri is None:
        uri = scope.text(branch, "value")
    found = rm.DvMultimedia(
        uri=rm.DvUri(value=uri) if uri is not None else None,
        data=scope.text(branch, "data"),
        alternate_text=scope.text(branch, "alternatetext") or scope.text(branch, "alternate_text"),
        integrity_check=scope.text(branch, "integrity_check"),
    )
    is_there = uri is not None or found.data is not None or found.alternate_text is not None
    for attribute, suffix, terminology in _CODES:
        code = scope.text(branch, suffix) or scope.text(branch, attribute)
        if code is not None:
            setattr(found, attribute, code_phrase(terminology, code))
            is_there = True
    thumbnail = branch.take_child("_thumbnail")
    if thumbnail is not None:
        found.thumbnail = decode_multimedia(thumbnail, scope, Place())
    size = scope.whole(branch, "size")
    found.size = size if size is not None else 0
    _take_encapsulated(branch, scope, found)
    return found if is_there else None


def encode_multimedia(value: rm.DvMultimedia, key: str, out: dict[str, Json]) -> None:
    """Write a DV_MULTIMEDIA."""
    if isinstance(value.uri, rm.DvEhrUri):
        raise Inexpressible("uri")
    if value.uri is not None:
        out[key] = value.uri.value
    for suffix, plain in (
        ("data", value.data),
        ("size", value.size),
        ("alternatetext", value.alternate_text),
        ("integrity_check", value.integrity_check),
    ):
        if plain is not None:
            out[f"{key}|{suffix}"] = plain
    for attribute, suffix, terminology in _CODES:
        phrase = getattr(value, attribute)
        if phrase is None:
            continue
        if phrase.terminology_id.value != terminology or phrase.preferred_term is not None:
            raise Inexpressible(attribute)
        out[f"{key}|{suffix}"] = phrase.code_string
    if value.thumbnail is not None:
        encode_multimedia(value.thumbnail, f"{key}/_thumbnail", out)
    _encapsulated(value, key, out)


def decode_identifier(branch: Branch, scope: Scope, place: Place) -> rm.DvIdentifier | None:
    """Take a DV_IDENTIFIER; the key alone is its id."""
    identifier = scope.text(branch, "id")
    if identifier is None:
        identifier = scope.text(branch)
    found = rm.DvIdentifier(
        id=identifier if identifier is not None else REQUIRED,
        issuer=scope.text(branch, "issuer"),
        assigner=scope.text(branch, "assigner"),
        type=scope.text(branch, "type"),
    )
    if identifier is None and (found.issuer or found.assigner or found.type):
        scope.wrong(branch, "id", "the identifier, as |id")
    return None if identifier is None else found


def encode_identifier(value: rm.DvIdentifier, key: str, out: dict[str, Json]) -> None:
    """Write a DV_IDENTIFIER."""
    for suffix in ("id", "issuer", "assigner", "type"):
        part = getattr(value, suffix)
        if part is not None:
            out[f"{key}|{suffix}"] = part


def decode_boolean(branch: Branch, scope: Scope, place: Place) -> rm.DvBoolean | None:
    """Take a DV_BOOLEAN."""
    value = scope.boolean(branch, "" if branch.has("") else "value")
    return None if value is None else rm.DvBoolean(value=value)


def encode_boolean(value: rm.DvBoolean, key: str, out: dict[str, Json]) -> None:
    """Write a DV_BOOLEAN."""
    out[key] = value.value


def _take_encapsulated(branch: Branch, scope: Scope, found: rm.DvEncapsulated) -> None:
    for attribute, terminology in (("charset", "IANA_character-sets"), ("language", "ISO_639-1")):
        below = branch.take_child(f"_{attribute}")
        if below is not None:
            setattr(found, attribute, decode_code_phrase(below, scope, Place(terminology=terminology)))


def _encapsulated(value: rm.DvEncapsulated, key: str, out: dict[str, Json]) -> None:
    for attribute in ("charset", "language"):
        phrase = getattr(value, attribute)
        if phrase is not None:
            encode_code_phrase(phrase, f"{key}/_{attribute}", out)
