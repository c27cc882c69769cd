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
    """ACCESS_CONTROL_SETTINGS (abstract)."""


class EhrAccess(Locatable, tag="EHR_ACCESS"):
    """EHR_ACCESS."""


class EhrStatus(Locatable, tag="EHR_STATUS"):
    """EHR_STATUS."""

    subject: PartySelf = REQUIRED
    is_queryable: bool = REQUIRED
    is_modifiable: bool = REQUIRED
    other_details: AnyItemStructure | None = None


class Ehr(RmObject, tag="EHR"):
    """EHR."""

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
    """VERSIONED_COMPOSITION."""


class VersionedEhrStatus(VersionedObject, tag="VERSIONED_EHR_STATUS"):
    """VERSIONED_EHR_STATUS."""


class VersionedEhrAccess(VersionedObject, tag="VERSIONED_EHR_ACCESS"):
    """VERSIONED_EHR_ACCESS."""
