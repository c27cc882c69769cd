"""The EHR and its status (RM, ehr).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.archetyped import Locatable
from cdr.rm.generic import PartySelf
from cdr.rm.identification import AnyObjectRef, HierObjectId
from cdr.rm.quantity import DvDateTime
from cdr.rm.structures import AnyItemStructure
from cdr.rm.versioned import VersionedObject


class AccessControlSettings(RmObject):
    """ACCESS_CONTROL_SETTINGS (abstract): settings of an access scheme; the reference model defines none."""


class EhrAccess(Locatable, tag="EHR_ACCESS"):
    """EHR_ACCESS: the access settings of an EHR."""


class EhrStatus(Locatable, tag="EHR_STATUS"):
    """EHR_STATUS: whom an EHR is about, and whether it may be queried and changed."""

    subject: PartySelf = REQUIRED
    is_queryable: bool = REQUIRED
    is_modifiable: bool = REQUIRED
    other_details: AnyItemStructure | None = None


class Ehr(RmObject, tag="EHR"):
    """EHR: the root of one person's record: ids and references, no content."""

    system_id: HierObjectId = REQUIRED
    ehr_id: HierObjectId = REQUIRED
    contributions: list[AnyObjectRef] | None = None
    ehr_status: AnyObjectRef = REQUIRED
    ehr_access: AnyObjectRef = REQUIRED
    compositions: list[AnyObjectRef] | None = None
    directory: AnyObjectRef | None = None
    time_created: DvDateTime = REQUIRED
    folders: list[AnyObjectRef] | None = None
    tags: list[AnyObjectRef] | None = None


class VersionedComposition(VersionedObject, tag="VERSIONED_COMPOSITION"):
    """VERSIONED_COMPOSITION: all versions of one composition."""


class VersionedEhrStatus(VersionedObject, tag="VERSIONED_EHR_STATUS"):
    """VERSIONED_EHR_STATUS: all versions of the status of an EHR."""


class VersionedEhrAccess(VersionedObject, tag="VERSIONED_EHR_ACCESS"):
    """VERSIONED_EHR_ACCESS: all versions of the access settings of an EHR."""
