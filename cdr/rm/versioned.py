"""The container of all versions of one object (RM, common.change_control).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.identification import AnyObjectRef, HierObjectId
from cdr.rm.quantity import DvDateTime


class VersionedObject(RmObject, tag="VERSIONED_OBJECT"):
    """VERSIONED_OBJECT: the container of all versions of one thing."""

    uid: HierObjectId = REQUIRED
    owner_id: AnyObjectRef = REQUIRED
    time_created: DvDateTime = REQUIRED
