"""Rules for identifiers and references (BASE, base_types.identification)."""

from __future__ import annotations

import re

from cdr.issue import Severity
from cdr.rm import AccessGroupRef, ArchetypeId, HierObjectId, ObjectId, ObjectRef, ObjectVersionId, PartyRef
from cdr.rm.invariants.rule import Rule, not_empty

PAGE = "base_types"
# uid = iso_oid | uuid | internet_id. Labels of an internet id may begin with a digit here, as RFC 1123 allows and
# system ids in use do.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
UID = rf"(?:{_LABEL}(?:\.{_LABEL})*)"
_UID_BASED = re.compile(rf"{UID}(?:::.+)?\Z", re.DOTALL)
# trunk_version [ '.' branch_number '.' branch_version ], numbered from 1.
_VERSION = re.compile(rf"{UID}::{UID}::[1-9][0-9]*(?:\.[1-9][0-9]*\.[1-9][0-9]*)?\Z")
# Semantic versions of ADL 2 (`v1.0.4-rc.2`) are read as well: archetype ids of templates in use have them.
_ARCHETYPE = re.compile(
    r"[A-Za-z]\w*-[A-Za-z]\w*-[A-Za-z]\w*\.[A-Za-z]\w*(?:-\w+)*\.v(?:0|[1-9][0-9]*)"
    r"(?:\.[0-9]+){0,2}(?:-[A-Za-z]+(?:\.[0-9]+)?)?\Z",
    re.ASCII,
)
_NAMESPACE = re.compile(r"[a-zA-Z][a-zA-Z0-9_.:/&?=+-]*\Z")
_PARTY_TYPES = frozenset({"PERSON", "ORGANISATION", "GROUP", "AGENT", "ROLE", "PARTY", "ACTOR"})


def _is_uid_based(uid: HierObjectId) -> bool:
    return uid.value is None or _UID_BASED.match(uid.value) is not None


def _is_version_uid(uid: ObjectVersionId) -> bool:
    return uid.value is None or _VERSION.match(uid.value) is not None


def _is_archetype_id(archetype_id: ArchetypeId) -> bool:
    return archetype_id.value is None or _ARCHETYPE.match(archetype_id.value) is not None


def _has_value(object_id: ObjectId) -> bool:
    return object_id.value is None or object_id.value != ""


def _is_namespace(ref: ObjectRef) -> bool:
    return ref.namespace is None or _NAMESPACE.match(ref.namespace) is not None


def _is_access_group(ref: AccessGroupRef) -> bool:
    return ref.type is None or ref.type == "ACCESS_GROUP"


def _is_party_type(ref: PartyRef) -> bool:
    return ref.type is None or ref.type in _PARTY_TYPES


RULES: tuple[Rule, ...] = (
    Rule(
        name="Value_valid", rm_type="OBJECT_ID", attribute="value", expected="an identifier that is not empty",
        page=PAGE, release="BASE", check=_has_value,
    ),
    Rule(
        name="Lexical_form", rm_type="HIER_OBJECT_ID", attribute="value", is_ours=True,
        expected="a UUID, OID or internet id, then perhaps :: and an extension",
        # Ids of folders in use end with blanks; nothing is found by them, so they are kept and said.
        page=PAGE, release="BASE", check=_is_uid_based, severity=Severity.WARNING,
    ),
    Rule(
        name="Lexical_form", rm_type="OBJECT_VERSION_ID", attribute="value", is_ours=True,
        expected="an object id, a system id and a version number from 1, joined with ::",
        page=PAGE, release="BASE", check=_is_version_uid,
    ),
    Rule(
        name="Lexical_form", rm_type="ARCHETYPE_ID", attribute="value", is_ours=True,
        expected="an archetype id such as openEHR-EHR-OBSERVATION.pulse.v2",
        page=PAGE, release="BASE", check=_is_archetype_id,
    ),
    Rule(
        name="Namespace_valid", rm_type="OBJECT_REF", attribute="namespace", is_ours=True,
        expected="a namespace of letters, digits and _.:/&?=+- that begins with a letter",
        page=PAGE, release="BASE", check=_is_namespace, severity=Severity.WARNING,
    ),
    not_empty("OBJECT_REF", "type", "Type_valid", page=PAGE, release="BASE"),
    Rule(
        name="Type_validity", rm_type="ACCESS_GROUP_REF", attribute="type", expected="the type ACCESS_GROUP",
        page=PAGE, release="BASE", check=_is_access_group,
    ),
    Rule(
        name="Type_validity", rm_type="PARTY_REF", attribute="type",
        expected="one of the types PERSON, ORGANISATION, GROUP, AGENT, ROLE, PARTY and ACTOR",
        page=PAGE, release="BASE", check=_is_party_type,
    ),
)  # fmt: skip
