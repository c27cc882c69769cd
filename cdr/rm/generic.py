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
    """PARTY_PROXY (abstract): somebody as seen from the record, perhaps with a reference to the demographic store."""

    external_ref: PartyRef | None = None


class PartySelf(PartyProxy, tag="PARTY_SELF"):
    """PARTY_SELF: the subject of the record."""


class PartyIdentified(PartyProxy, tag="PARTY_IDENTIFIED"):
    """PARTY_IDENTIFIED: somebody by name, identifiers or reference."""

    name: str | None = None
    identifiers: list[DvIdentifier] | None = None


class PartyRelated(PartyIdentified, tag="PARTY_RELATED"):
    """PARTY_RELATED: somebody by relationship to the subject of the record."""

    relationship: DvCodedText = REQUIRED


class Participation(RmObject, tag="PARTICIPATION"):
    """PARTICIPATION: who took part in something, as what, how and when."""

    function: AnyDvText = REQUIRED
    mode: DvCodedText | None = None
    performer: AnyPartyProxy = REQUIRED
    time: DvInterval | None = None


class AuditDetails(RmObject, tag="AUDIT_DETAILS"):
    """AUDIT_DETAILS: who committed what kind of change, when and on which system."""

    system_id: str = REQUIRED
    time_committed: DvDateTime = REQUIRED
    change_type: DvCodedText = REQUIRED
    description: AnyDvText | None = None
    committer: AnyPartyProxy = REQUIRED


class Attestation(AuditDetails, tag="ATTESTATION"):
    """ATTESTATION: an audit that also says that somebody vouches for the content."""

    attested_view: DvMultimedia | None = None
    proof: str | None = None
    items: list[DvEhrUri] | None = None
    reason: AnyDvText = REQUIRED
    is_pending: bool = REQUIRED


class RevisionHistoryItem(RmObject, tag="REVISION_HISTORY_ITEM"):
    """REVISION_HISTORY_ITEM: the audits of one version: its commit and its attestations."""

    version_id: ObjectVersionId = REQUIRED
    audits: list[AnyAuditDetails] = REQUIRED


class RevisionHistory(RmObject, tag="REVISION_HISTORY"):
    """REVISION_HISTORY: the audits of all versions, the newest last."""

    items: list[RevisionHistoryItem] = REQUIRED


AnyPartyProxy = PartyIdentified | PartyRelated | PartySelf


AnyAuditDetails = AuditDetails | Attestation


AnyPartyIdentified = PartyIdentified | PartyRelated
