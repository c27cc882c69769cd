"""Identifiers and references (BASE, base_types.identification).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject


class ObjectId(RmObject):
    """OBJECT_ID (abstract): an identifier of something in an information system."""

    value: str = REQUIRED


class UidBasedId(ObjectId):
    """UID_BASED_ID (abstract): an identifier that begins with a unique id."""


class HierObjectId(UidBasedId, tag="HIER_OBJECT_ID"):
    """HIER_OBJECT_ID: a unique id, perhaps `::` and a local extension."""


class ObjectVersionId(UidBasedId, tag="OBJECT_VERSION_ID"):
    """OBJECT_VERSION_ID: the id of one version: `object::system::version`, such as `8849...::local.kilde::2`."""


class ArchetypeId(ObjectId, tag="ARCHETYPE_ID"):
    """ARCHETYPE_ID: the id of an archetype, such as `openEHR-EHR-OBSERVATION.pulse.v2`."""


class TemplateId(ObjectId, tag="TEMPLATE_ID"):
    """TEMPLATE_ID: the id of a template; any text."""


class TerminologyId(ObjectId, tag="TERMINOLOGY_ID"):
    """TERMINOLOGY_ID: the name of a terminology, perhaps with a version: `SNOMED-CT(2024)`."""


class GenericId(ObjectId, tag="GENERIC_ID"):
    """GENERIC_ID: an identifier of another scheme, which `scheme` names."""

    scheme: str = REQUIRED


class ObjectRef(RmObject, tag="OBJECT_REF"):
    """OBJECT_REF: a reference to something by id: `namespace` says where, `type` what it is."""

    namespace: str = REQUIRED
    type: str = REQUIRED
    id: AnyObjectId = REQUIRED


class PartyRef(ObjectRef, tag="PARTY_REF"):
    """PARTY_REF: a reference to a party of a demographic store."""


class LocatableRef(ObjectRef, tag="LOCATABLE_REF"):
    """LOCATABLE_REF: a reference to a node inside a versioned object, by path."""

    path: str | None = None
    id: AnyUidBasedId = REQUIRED


class AccessGroupRef(ObjectRef, tag="ACCESS_GROUP_REF"):
    """ACCESS_GROUP_REF: a reference to an access group."""


AnyObjectId = ArchetypeId | GenericId | TemplateId | TerminologyId | HierObjectId | ObjectVersionId


AnyUidBasedId = HierObjectId | ObjectVersionId


AnyObjectRef = ObjectRef | AccessGroupRef | LocatableRef | PartyRef
