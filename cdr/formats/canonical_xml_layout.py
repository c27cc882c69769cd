"""How canonical XML lays an object out: element names and their order, by class.

The order is that of the v1 XSDs (base class first, then its own elements); what RM 1.1.0 added stands behind what the
schema knows. `docs/xml.md` lists the additions.
Source: https://specifications.openehr.org/releases/ITS-XML/Release-1.0.2, namespace http://schemas.openehr.org/v1
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from cdr.rm import RmObject
from cdr.rm.catalog import Field, fields

NAMESPACE = "http://schemas.openehr.org/v1"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
NODE_ID = "archetype_node_id"
"""The one RM attribute that is an XML attribute."""

# Own elements of each class in the order of its XSD type, where that differs from the order of the class table.
_ORDER: Mapping[str, tuple[str, ...]] = {
    "DV_ORDERED": ("normal_range", "other_reference_ranges", "normal_status"),
    "DV_INTERVAL": ("lower", "upper", "lower_included", "upper_included", "lower_unbounded", "upper_unbounded"),
    "DV_AMOUNT": ("accuracy", "accuracy_is_percent"),
    "DV_QUANTITY": ("magnitude", "units", "precision"),
    "DV_ORDINAL": ("value", "symbol"),
    "DV_SCALE": ("value", "symbol"),
    "DV_MULTIMEDIA": (
        "alternate_text", "uri", "data", "media_type", "compression_algorithm", "integrity_check",
        "integrity_check_algorithm", "size", "thumbnail",
    ),
    "OBJECT_REF": ("id", "namespace", "type"),
    "AUDIT_DETAILS": ("system_id", "committer", "time_committed", "change_type", "description"),
    "PARTICIPATION": ("function", "performer", "time", "mode"),
    "FEEDER_AUDIT_DETAILS": ("system_id", "location", "provider", "subject", "time", "version_id"),
    "COMPOSITION": ("language", "territory", "category", "composer", "context", "content"),
    "ENTRY": ("language", "encoding", "subject", "provider", "other_participations", "workflow_id"),
    "ACTION": ("time", "description", "ism_transition", "instruction_details"),
    "ACTIVITY": ("description", "timing", "action_archetype_id"),
    "FOLDER": ("folders", "items"),
    "HISTORY": ("origin", "period", "duration", "events", "summary"),
    "EVENT": ("time", "data", "state"),
    "ELEMENT": ("value", "null_flavour"),
    "VERSION": ("contribution", "commit_audit", "signature"),
    "ORIGINAL_VERSION": (
        "uid", "data", "preceding_version_uid", "other_input_version_uids", "attestations", "lifecycle_state",
    ),
}  # fmt: skip

# The XSD spells this attribute with one underscore more; both spellings are read.
_ELEMENT_NAMES = {"workflow_id": "work_flow_id"}
_ROOTS = {"ORIGINAL_VERSION": "version", "IMPORTED_VERSION": "version"}


@cache
def elements(rm_class: type[RmObject]) -> tuple[tuple[str, Field], ...]:
    """Return the child elements of a class in the order they are written: XML name and RM attribute."""
    known = fields(rm_class)
    names: list[str] = []
    for base in reversed(rm_class.__mro__):
        if not issubclass(base, RmObject) or base is RmObject:
            continue
        own = tuple(base.__annotations__)
        for name in _ORDER.get(base.rm_name(), ()) + own:
            if name in own and name in known and name not in names:
                names.append(name)
    return tuple((_ELEMENT_NAMES.get(name, name), known[name]) for name in names if name != NODE_ID)


@cache
def attributes_by_element(rm_class: type[RmObject]) -> Mapping[str, Field]:
    """Return the RM attributes by XML element name, every spelling that is read included."""
    known = {name: field for name, field in fields(rm_class).items() if name != NODE_ID}
    return MappingProxyType(known | dict(elements(rm_class)))


def root_name(rm_class: type[RmObject]) -> str:
    """Return the name of the root element of a class: `composition`, `version` or the class name in small letters."""
    rm_name = rm_class.rm_name()
    return _ROOTS.get(rm_name, rm_name.lower())
