"""Parties of the demographic model (RM, demographic).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.archetyped import Locatable
from cdr.rm.identification import LocatableRef, PartyRef
from cdr.rm.quantity import DvInterval
from cdr.rm.structures import AnyItemStructure
from cdr.rm.text import AnyDvText
from cdr.rm.versioned import VersionedObject


class PartyIdentity(Locatable, tag="PARTY_IDENTITY"):
    """PARTY_IDENTITY."""

    details: AnyItemStructure = REQUIRED


class Address(Locatable, tag="ADDRESS"):
    """ADDRESS."""

    details: AnyItemStructure = REQUIRED


class Contact(Locatable, tag="CONTACT"):
    """CONTACT."""

    addresses: list[Address] = REQUIRED
    time_validity: DvInterval | None = None


class Capability(Locatable, tag="CAPABILITY"):
    """CAPABILITY."""

    credentials: AnyItemStructure = REQUIRED
    time_validity: DvInterval | None = None


class PartyRelationship(Locatable, tag="PARTY_RELATIONSHIP"):
    """PARTY_RELATIONSHIP."""

    details: AnyItemStructure | None = None
    target: PartyRef = REQUIRED
    time_validity: DvInterval | None = None
    source: PartyRef = REQUIRED


class Party(Locatable):
    """PARTY (abstract)."""

    identities: list[PartyIdentity] = REQUIRED
    contacts: list[Contact] | None = None
    details: AnyItemStructure | None = None
    reverse_relationships: list[LocatableRef] | None = None
    relationships: list[PartyRelationship] | None = None


class Actor(Party):
    """ACTOR (abstract)."""

    languages: list[AnyDvText] | None = None
    roles: list[PartyRef] | None = None


class Person(Actor, tag="PERSON"):
    """PERSON."""


class Organisation(Actor, tag="ORGANISATION"):
    """ORGANISATION."""


class Group(Actor, tag="GROUP"):
    """GROUP."""


class Agent(Actor, tag="AGENT"):
    """AGENT."""


class Role(Party, tag="ROLE"):
    """ROLE."""

    time_validity: DvInterval | None = None
    performer: PartyRef = REQUIRED
    capabilities: list[Capability] | None = None


class VersionedParty(VersionedObject, tag="VERSIONED_PARTY"):
    """VERSIONED_PARTY."""
