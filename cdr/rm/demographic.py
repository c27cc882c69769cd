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
    """PARTY_IDENTITY: a name of a party, structured by an archetype."""

    details: AnyItemStructure = REQUIRED


class Address(Locatable, tag="ADDRESS"):
    """ADDRESS: an address of any kind, structured by an archetype."""

    details: AnyItemStructure = REQUIRED


class Contact(Locatable, tag="CONTACT"):
    """CONTACT: a way to reach a party: addresses for a purpose and a period."""

    addresses: list[Address] = REQUIRED
    time_validity: DvInterval | None = None


class Capability(Locatable, tag="CAPABILITY"):
    """CAPABILITY: what a role may do, with its credentials."""

    credentials: AnyItemStructure = REQUIRED
    time_validity: DvInterval | None = None


class PartyRelationship(Locatable, tag="PARTY_RELATIONSHIP"):
    """PARTY_RELATIONSHIP: a relation between two parties, seen from its source."""

    details: AnyItemStructure | None = None
    target: PartyRef = REQUIRED
    time_validity: DvInterval | None = None
    source: PartyRef = REQUIRED


class Party(Locatable):
    """PARTY (abstract): a person, group, organisation, agent or role of the demographic store."""

    identities: list[PartyIdentity] = REQUIRED
    contacts: list[Contact] | None = None
    details: AnyItemStructure | None = None
    reverse_relationships: list[LocatableRef] | None = None
    relationships: list[PartyRelationship] | None = None


class Actor(Party):
    """ACTOR (abstract): a party that can act: it has languages and roles."""

    languages: list[AnyDvText] | None = None
    roles: list[PartyRef] | None = None


class Person(Actor, tag="PERSON"):
    """PERSON: a human being."""


class Organisation(Actor, tag="ORGANISATION"):
    """ORGANISATION: an organisation with a legal or administrative existence."""


class Group(Actor, tag="GROUP"):
    """GROUP: several parties seen as one, such as a care team."""


class Agent(Actor, tag="AGENT"):
    """AGENT: a device, a program or anything else that acts without being a person."""


class Role(Party, tag="ROLE"):
    """ROLE: a part that an actor plays, such as general practitioner."""

    time_validity: DvInterval | None = None
    performer: PartyRef = REQUIRED
    capabilities: list[Capability] | None = None


class VersionedParty(VersionedObject, tag="VERSIONED_PARTY"):
    """VERSIONED_PARTY: all versions of one party."""
