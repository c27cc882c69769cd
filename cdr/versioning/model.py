"""The values that change control works with: versions, contributions and a commit of them.

`cdr.versioning.commit` makes a `Commit`; the store writes it in one transaction and gives `VersionRecord`s back.
Source: RM 1.1.0, common, change_control package.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cdr.rm import AnyAuditDetails, Attestation, RmObject


class ObjectKind(StrEnum):
    """What a versioned object holds."""

    COMPOSITION = "COMPOSITION"
    EHR_STATUS = "EHR_STATUS"
    FOLDER = "FOLDER"
    EHR_ACCESS = "EHR_ACCESS"
    PARTY = "PARTY"


class Lifecycle(StrEnum):
    """Codes of the openEHR group "version lifecycle state"."""

    COMPLETE = "532"
    INCOMPLETE = "553"
    DELETED = "523"
    INACTIVE = "800"
    ABANDONED = "801"


class ChangeType(StrEnum):
    """Codes of the openEHR group "audit change type"."""

    CREATION = "249"
    AMENDMENT = "250"
    MODIFICATION = "251"
    SYNTHESIS = "252"
    UNKNOWN = "253"
    DELETED = "523"
    ATTESTATION = "666"
    RESTORATION = "816"
    FORMAT_CONVERSION = "817"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """One stored version: all that ORIGINAL_VERSION and its container say, beside the content.

    Shape: `uid` is the whole OBJECT_VERSION_ID, `object_id` its first part, `tree` its version-tree id ("2", "1.1.1");
    `number` is the position in this store's local order, from 1; `content` is the canonical JSON of the data, uid
    included, or None for a deleted version and where only the metadata was asked for.
    `imported_from` is the audit and contribution of this store when the version is an IMPORTED_VERSION; `audit` and
    `contribution` are then those of the original.
    """

    uid: str
    object_id: str
    tree: str
    number: int
    kind: ObjectKind
    ehr_id: str | None
    contribution: str
    audit: AnyAuditDetails
    time_committed: datetime
    lifecycle: str
    preceding_uid: str | None = None
    other_input_uids: tuple[str, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    signature: str | None = None
    imported_contribution: str | None = None
    imported_audit: AnyAuditDetails | None = None
    template_id: str | None = None
    template_revision: str | None = None
    content: bytes | None = None

    @property
    def is_deleted(self) -> bool:
        """Tell whether this version says that the object is logically deleted."""
        return self.lifecycle == Lifecycle.DELETED

    @property
    def is_complete(self) -> bool:
        """Tell whether default answers may show this version: neither a draft nor deleted."""
        return self.lifecycle not in (Lifecycle.INCOMPLETE, Lifecycle.DELETED, Lifecycle.ABANDONED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to be stored: the record with its content, and the same content as RM objects for the index."""

    record: VersionRecord
    root: RmObject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionRecord:
    """One contribution: its uid, audit, EHR (None in the demographic store) and the uids of its versions."""

    uid: str
    ehr_id: str | None
    audit: AnyAuditDetails
    time_committed: datetime
    version_uids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A contribution with its versions: written whole or not at all."""

    contribution: ContributionRecord
    versions: tuple[NewVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrRecord:
    """One EHR: ids and times. `subject` is (namespace, id) of the external reference, None where there is none."""

    ehr_id: str
    system_id: str
    time_created: datetime
    status_object_id: str
    access_object_id: str
    directory_object_id: str | None = None
    subject: tuple[str, str] | None = None
    is_modifiable: bool = True
    is_queryable: bool = True
