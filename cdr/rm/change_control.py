"""Versions and contributions (RM, common.change_control) and item tags.

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.composition import Composition
from cdr.rm.demographic import Agent, Group, Organisation, PartyRelationship, Person, Role
from cdr.rm.directory import Folder
from cdr.rm.ehr import EhrAccess, EhrStatus
from cdr.rm.generic import AnyAuditDetails, Attestation
from cdr.rm.identification import AnyObjectRef, AnyUidBasedId, HierObjectId, ObjectVersionId
from cdr.rm.text import DvCodedText


class Version(RmObject):
    """VERSION (abstract): one version of something under version control, with its contribution and audit."""

    contribution: AnyObjectRef = REQUIRED
    signature: str | None = None
    commit_audit: AnyAuditDetails = REQUIRED


class OriginalVersion(Version, tag="ORIGINAL_VERSION"):
    """ORIGINAL_VERSION: a version made here or received in its original form; `data` is absent when it is deleted."""

    uid: ObjectVersionId = REQUIRED
    preceding_version_uid: ObjectVersionId | None = None
    other_input_version_uids: list[ObjectVersionId] | None = None
    lifecycle_state: DvCodedText = REQUIRED
    attestations: list[Attestation] | None = None
    data: AnyVersioned | None = None


class ImportedVersion(Version, tag="IMPORTED_VERSION"):
    """IMPORTED_VERSION: a version copied from another system, with the audit of the import around the original."""

    item: OriginalVersion = REQUIRED


class Contribution(RmObject, tag="CONTRIBUTION"):
    """CONTRIBUTION: the versions that were committed together, and the audit of that commit."""

    uid: HierObjectId = REQUIRED
    versions: list[AnyObjectRef] = REQUIRED
    audit: AnyAuditDetails = REQUIRED


class ItemTag(RmObject, tag="ITEM_TAG"):
    """ITEM_TAG: a key, and perhaps a value, put on something outside its versions."""

    key: str = REQUIRED
    value: str | None = None
    target: AnyUidBasedId = REQUIRED
    target_path: str | None = None
    owner_id: AnyObjectRef = REQUIRED


AnyVersioned = (
    Composition | EhrStatus | Folder | EhrAccess | Person | Organisation | Group | Agent | Role | PartyRelationship
)
