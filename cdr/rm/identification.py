"""Identifiers and references (BASE, base_types.identification).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject


class ObjectId(RmObject):
    """OBJECT_ID (abstract)."""

    value: str = REQUIRED


class UidBasedId(ObjectId):
    """UID_BASED_ID (abstract)."""


class HierObjectId(UidBasedId, tag="HIER_OBJECT_ID"):
    """HIER_OBJECT_ID."""


class ObjectVersionId(UidBasedId, tag="OBJECT_VERSION_ID"):
    """OBJECT_VERSION_ID."""


class ArchetypeId(ObjectId, tag="ARCHETYPE_ID"):
    """ARCHETYPE_ID."""


class TemplateId(ObjectId, tag="TEMPLATE_ID"):
    """TEMPLATE_ID."""


class TerminologyId(ObjectId, tag="TERMINOLOGY_ID"):
    """TERMINOLOGY_ID."""


class GenericId(ObjectId, tag="GENERIC_ID"):
    """GENERIC_ID."""

    scheme: str = REQUIRED


class ObjectRef(RmObject, tag="OBJECT_REF"):
    """OBJECT_REF."""

    namespace: str = REQUIRED
    type: str = REQUIRED
    id: AnyObjectId = REQUIRED


class PartyRef(ObjectRef, tag="PARTY_REF"):
    """PARTY_REF."""


class LocatableRef(ObjectRef, tag="LOCATABLE_REF"):
    """LOCATABLE_REF."""

    path: str | None = None
    id: AnyUidBasedId = REQUIRED


class AccessGroupRef(ObjectRef, tag="ACCESS_GROUP_REF"):
    """ACCESS_GROUP_REF."""


AnyObjectId = ArchetypeId | GenericId | TemplateId | TerminologyId | HierObjectId | ObjectVersionId


AnyUidBasedId = HierObjectId | ObjectVersionId


AnyObjectRef = ObjectRef | AccessGroupRef | LocatableRef | PartyRef
