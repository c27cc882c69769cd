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
    """PATHABLE (abstract): whatever a path can lead to or start from."""


class Link(RmObject, tag="LINK"):
    """LINK: a reference from one node to another, with what the connection means; `target` is an `ehr:` URI."""

    meaning: AnyDvText = REQUIRED
    type: AnyDvText = REQUIRED
    target: DvEhrUri = REQUIRED


class Archetyped(RmObject, tag="ARCHETYPED"):
    """ARCHETYPED: which archetype, and at the top which template, a node follows; `rm_version` like `1.1.0`."""

    archetype_id: ArchetypeId = REQUIRED
    template_id: TemplateId | None = None
    rm_version: str = REQUIRED


class FeederAuditDetails(RmObject, tag="FEEDER_AUDIT_DETAILS"):
    """FEEDER_AUDIT_DETAILS: one system's part in how data came here: who, when, under which version id."""

    system_id: str = REQUIRED
    location: AnyPartyIdentified | None = None
    subject: AnyPartyProxy | None = None
    provider: AnyPartyIdentified | None = None
    time: DvDateTime | None = None
    version_id: str | None = None
    other_details: AnyItemStructure | None = None


class FeederAudit(RmObject, tag="FEEDER_AUDIT"):
    """FEEDER_AUDIT: where data came from: the originating and the feeding system, and the original content if kept."""

    originating_system_item_ids: list[DvIdentifier] | None = None
    feeder_system_item_ids: list[DvIdentifier] | None = None
    original_content: AnyDvEncapsulated | None = None
    originating_system_audit: FeederAuditDetails = REQUIRED
    feeder_system_audit: FeederAuditDetails | None = None


class Locatable(Pathable):
    """LOCATABLE (abstract): a named node; its node id is an `at` code, or the archetype id at a root."""

    name: AnyDvText = REQUIRED
    archetype_node_id: str = REQUIRED
    uid: AnyUidBasedId | None = None
    links: list[Link] | None = None
    archetype_details: Archetyped | None = None
    feeder_audit: FeederAudit | None = None
