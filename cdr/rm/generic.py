"""Parties, participations and audits (RM, common.generic).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.basic import DvIdentifier
from cdr.rm.encapsulated import DvMultimedia
from cdr.rm.identification import ObjectVersionId, PartyRef
from cdr.rm.quantity import DvDateTime, DvInterval
from cdr.rm.text import AnyDvText, DvCodedText, DvEhrUri


class PartyProxy(RmObject):
    """PARTY_PROXY (abstract)."""

    external_ref: PartyRef | None = None


class PartySelf(PartyProxy, tag="PARTY_SELF"):
    """PARTY_SELF."""


class PartyIdentified(PartyProxy, tag="PARTY_IDENTIFIED"):
    """PARTY_IDENTIFIED."""

    name: str | None = None
    identifiers: list[DvIdentifier] | None = None


class PartyRelated(PartyIdentified, tag="PARTY_RELATED"):
    """PARTY_RELATED."""

    relationship: DvCodedText = REQUIRED


class Participation(RmObject, tag="PARTICIPATION"):
    """PARTICIPATION."""

    function: AnyDvText = REQUIRED
    mode: DvCodedText | None = None
    performer: AnyPartyProxy = REQUIRED
    time: DvInterval | None = None


class AuditDetails(RmObject, tag="AUDIT_DETAILS"):
    """AUDIT_DETAILS."""

    system_id: str = REQUIRED
    time_committed: DvDateTime = REQUIRED
    change_type: DvCodedText = REQUIRED
    description: AnyDvText | None = None
    committer: AnyPartyProxy = REQUIRED


class Attestation(AuditDetails, tag="ATTESTATION"):
    """ATTESTATION."""

    attested_view: DvMultimedia | None = None
    proof: str | None = None
    items: list[DvEhrUri] | None = None
    reason: AnyDvText = REQUIRED
    is_pending: bool = REQUIRED


class RevisionHistoryItem(RmObject, tag="REVISION_HISTORY_ITEM"):
    """REVISION_HISTORY_ITEM."""

    version_id: ObjectVersionId = REQUIRED
    audits: list[AnyAuditDetails] = REQUIRED


class RevisionHistory(RmObject, tag="REVISION_HISTORY"):
    """REVISION_HISTORY."""

    items: list[RevisionHistoryItem] = REQUIRED


AnyPartyProxy = PartyIdentified | PartyRelated | PartySelf


AnyAuditDetails = AuditDetails | Attestation


AnyPartyIdentified = PartyIdentified | PartyRelated
