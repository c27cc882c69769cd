"""Canonical XML in the namespace `http://schemas.openehr.org/v1`: bytes to RM objects and back, without loss.

Two things JSON can say and XML cannot: an empty list reads back as absent, and control characters cannot be written.
Source: https://specifications.openehr.org/releases/ITS-XML/Release-1.0.2 (the v1 schemas), with the attributes that
RM 1.1.0 added, see docs/xml.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TypeVar, cast

from cdr.formats import canonical_xml_decode, canonical_xml_encode
from cdr.formats.canonical_json_lenient import DEFAULT_LIMITS, Limits
from cdr.rm import RmObject
from cdr.rm.catalog import CATALOG

R = TypeVar("R", bound=RmObject)


def decode(body: bytes, rm_class: type[R], *, limits: Limits = DEFAULT_LIMITS) -> R:
    """Return the object that a document describes; `rm_class` may be abstract.

    The namespace may be absent, elements may come in any order, and a missing `xsi:type` means the declared class.
    Required attributes may be missing: the validator reports them.
    Errors: `BadInput` with all structural issues (codes `FMT_...`); paths carry line numbers.
    """
    return cast(R, canonical_xml_decode.decode(body, _choices((rm_class,)), limits=limits))


def decode_any(body: bytes, rm_classes: Sequence[type[RmObject]], *, limits: Limits = DEFAULT_LIMITS) -> RmObject:
    """Return the object that a document describes, its `xsi:type` or root element choosing among several classes."""
    return canonical_xml_decode.decode(body, _choices(tuple(rm_classes)), limits=limits)


def encode(obj: RmObject) -> bytes:
    """Return the object as canonical XML in UTF-8, elements in the order of the v1 schemas, without indentation.

    Shape: the root element is `composition`, `version` or the class name in small letters; `xsi:type` stands on the
    root and wherever the class is not the declared one; `archetype_node_id` is an XML attribute.
    Errors: `NotSupported` (`FMT_CHARACTER`) for control characters, which XML 1.0 cannot hold.
    """
    return canonical_xml_encode.encode(obj)


@cache
def _choices(rm_classes: tuple[type[RmObject], ...]) -> Mapping[str, type[RmObject]]:
    names = sorted({name for rm_class in rm_classes for name in CATALOG.subtypes(rm_class.rm_name())})
    return MappingProxyType({name: CATALOG.python_class(name) for name in names})
