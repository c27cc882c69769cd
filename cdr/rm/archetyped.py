"""What every archetyped node carries (RM, common.archetyped).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.basic import DvIdentifier
from cdr.rm.encapsulated import AnyDvEncapsulated
from cdr.rm.generic import AnyPartyIdentified, AnyPartyProxy
from cdr.rm.identification import AnyUidBasedId, ArchetypeId, TemplateId
from cdr.rm.quantity import DvDateTime
from cdr.rm.text import AnyDvText, DvEhrUri

if TYPE_CHECKING:
    from cdr.rm.structures import AnyItemStructure


class Pathable(RmObject):
    """PATHABLE (abstract)."""


class Link(RmObject, tag="LINK"):
    """LINK."""

    meaning: AnyDvText = REQUIRED
    type: AnyDvText = REQUIRED
    target: DvEhrUri = REQUIRED


class Archetyped(RmObject, tag="ARCHETYPED"):
    """ARCHETYPED."""

    archetype_id: ArchetypeId = REQUIRED
    template_id: TemplateId | None = None
    rm_version: str = REQUIRED


class FeederAuditDetails(RmObject, tag="FEEDER_AUDIT_DETAILS"):
    """FEEDER_AUDIT_DETAILS."""

    system_id: str = REQUIRED
    location: AnyPartyIdentified | None = None
    subject: AnyPartyProxy | None = None
    provider: AnyPartyIdentified | None = None
    time: DvDateTime | None = None
    version_id: str | None = None
    other_details: AnyItemStructure | None = None


class FeederAudit(RmObject, tag="FEEDER_AUDIT"):
    """FEEDER_AUDIT."""

    originating_system_item_ids: list[DvIdentifier] | None = None
    feeder_system_item_ids: list[DvIdentifier] | None = None
    original_content: AnyDvEncapsulated | None = None
    originating_system_audit: FeederAuditDetails = REQUIRED
    feeder_system_audit: FeederAuditDetails | None = None


class Locatable(Pathable):
    """LOCATABLE (abstract)."""

    name: AnyDvText = REQUIRED
    archetype_node_id: str = REQUIRED
    uid: AnyUidBasedId | None = None
    links: list[Link] | None = None
    archetype_details: Archetyped | None = None
    feeder_audit: FeederAudit | None = None
