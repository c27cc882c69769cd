"""The formats of whole RM objects by media type: what a request may send and what an answer may be.

The API turns `Content-Type` and `Accept` into a `Format` and calls `decode` and `encode` here. FLAT and STRUCTURED need
a web template; they have their own functions in `cdr.formats.flat` and `cdr.formats.structured`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from cdr.errors import NotSupported
from cdr.formats import canonical_json, canonical_xml
from cdr.formats.canonical_json import DEFAULT_LIMITS, Limits
from cdr.rm import RmObject

R = TypeVar("R", bound=RmObject)


class Format(StrEnum):
    """A representation of an RM object; the value is its usual media type."""

    JSON = "application/json"
    XML = "application/xml"
    FLAT = "application/openehr.wt.flat+json"
    STRUCTURED = "application/openehr.wt.structured+json"

    @property
    def needs_template(self) -> bool:
        """Tell whether the format only has a meaning together with a template."""
        return self in (Format.FLAT, Format.STRUCTURED)


MEDIA_TYPES = MappingProxyType(
    {
        "application/json": Format.JSON,
        "application/openehr+json": Format.JSON,
        "text/json": Format.JSON,
        "application/xml": Format.XML,
        "application/openehr+xml": Format.XML,
        "text/xml": Format.XML,
        "application/openehr.wt.flat+json": Format.FLAT,
        "application/openehr.wt.flat.schema+json": Format.FLAT,
        "application/openehr.wt.structured+json": Format.STRUCTURED,
        "application/openehr.wt.structured.schema+json": Format.STRUCTURED,
    }
)
"""Every media type that names a format, without parameters, in small letters."""

# The names that the query parameter `format` of existing clients uses.
_NAMES = MappingProxyType(
    {
        "JSON": Format.JSON,
        "RAW": Format.JSON,
        "CANONICAL": Format.JSON,
        "XML": Format.XML,
        "FLAT": Format.FLAT,
        "ECISFLAT": Format.FLAT,
        "STRUCTURED": Format.STRUCTURED,
    }
)


def format_of(media_type: str) -> Format | None:
    """Return the format that a media type means, its parameters left out; None if it means none.

    >>> format_of("application/json; charset=utf-8").name
    'JSON'
    """
    return MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower())


def format_named(name: str) -> Format | None:
    """Return the format that a short name means, as in `?format=FLAT`; None if it means none."""
    return _NAMES.get(name.strip().upper())


def decode(body: bytes, source: Format, *, rm_class: type[R], limits: Limits = DEFAULT_LIMITS) -> R:
    """Return the object that a body describes.

    Errors: `BadInput` with all structural issues; `NotSupported` for a format that needs a template.
    """
    if source is Format.JSON:
        return canonical_json.decode(body, rm_class, limits=limits)
    if source is Format.XML:
        return canonical_xml.decode(body, rm_class, limits=limits)
    raise _needs_template(source)


def decode_any(
    body: bytes, source: Format, *, rm_classes: Sequence[type[RmObject]], limits: Limits = DEFAULT_LIMITS
) -> RmObject:
    """Return the object that a body describes, which says itself of which class it is. Errors: as `decode`."""
    if source is Format.JSON:
        return canonical_json.decode_any(body, rm_classes, limits=limits)
    if source is Format.XML:
        return canonical_xml.decode_any(body, rm_classes, limits=limits)
    raise _needs_template(source)


def encode(obj: RmObject, target: Format) -> bytes:
    """Return the object in a format. Errors: `NotSupported` for a format that needs a template."""
    if target is Format.JSON:
        return canonical_json.encode(obj)
    if target is Format.XML:
        return canonical_xml.encode(obj)
    raise _needs_template(target)


def _needs_template(wanted: Format) -> NotSupported:
    return NotSupported(f"expected canonical JSON or XML here; {wanted.name} needs a template", code="FMT_FORMAT")
