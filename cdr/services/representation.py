"""Content in the formats that clients write and read: canonical JSON and XML, FLAT, STRUCTURED.

Comes in: the bytes of a body with its format. Goes out: RM objects, and bytes of the wanted format from the stored
canonical JSON. `FORMATS` is the one table of codecs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cdr import rm
from cdr.errors import NotSupported
from cdr.formats import canonical_json
from cdr.services.context import Context
from cdr.services.history import version_json
from cdr.versioning.model import VersionRecord

R = TypeVar("R", bound=rm.RmObject)


class Format(StrEnum):
    """The formats of content."""

    JSON = "json"
    XML = "xml"
    FLAT = "flat"
    STRUCTURED = "structured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as it was sent; `template_id` is what the request names beside it, needed by FLAT and STRUCTURED."""

    content: bytes
    format: Format = Format.JSON
    template_id: str | None = None


def decode(body: Body, rm_class: type[R]) -> R:
    """Return the object in a canonical body; `BadInput` when it is none."""
    if body.format is Format.JSON:
        return canonical_json.decode(body.content, rm_class)
    raise NotSupported(f"the format {body.format} is not offered here")


def encode(content: bytes, wanted: Format) -> bytes:
    """Return stored canonical JSON in the wanted canonical format, unchanged where that is JSON."""
    if wanted is Format.JSON:
        return content
    raise NotSupported(f"the format {wanted} is not offered here")


def decode_composition(context: Context, body: Body) -> rm.Composition:
    """Return the composition in a body of any format; `BadInput` when it is none."""
    return decode(body, rm.Composition)


def encode_object(obj: rm.RmObject, wanted: Format) -> bytes:
    """Return an object of the reference model in a canonical format."""
    if wanted is Format.JSON:
        return canonical_json.encode(obj)
    raise NotSupported(f"the format {wanted} is not offered here")


def encode_composition(context: Context, record: VersionRecord, wanted: Format) -> bytes:
    """Return the composition of a version in any format."""
    return encode(record.content or b"", wanted)


def encode_version(record: VersionRecord, wanted: Format) -> bytes:
    """Return a whole version, ORIGINAL_VERSION or IMPORTED_VERSION, in a canonical format."""
    if wanted is Format.JSON:
        return version_json(record)
    raise NotSupported(f"the format {wanted} is not offered here")
