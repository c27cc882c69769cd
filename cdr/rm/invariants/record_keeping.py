"""Rules for what the package `common` keeps the record with: nodes, parties, audits, versions, folders and tags."""

from __future__ import annotations

from cdr.issue import Severity
from cdr.rm import Folder, ItemTag, OriginalVersion, PartyIdentified, PartyRelated, VersionedObject
from cdr.rm.invariants.rule import Rule, not_empty

PAGE = "common"


def _is_identified(party: PartyIdentified) -> bool:
    # The invariant is stated for PARTY_IDENTIFIED; taken literally it would refuse "the foetus" as the subject of an
    # entry, where the relationship is all that is known and says enough.
    if isinstance(party, PartyRelated) and party.relationship is not None:
        return True
    return party.name is not None or party.identifiers is not None or party.external_ref is not None


def _is_first_without_preceding(version: OriginalVersion) -> bool:
    uid = version.uid.value if version.uid is not None else None
    return uid is None or (uid.rpartition("::")[2] == "1") == (version.preceding_version_uid is None)


def _is_uid_without_extension(versioned: VersionedObject) -> bool:
    return versioned.uid is None or versioned.uid.value is None or "::" not in versioned.uid.value


def _is_key(tag: ItemTag) -> bool:
    return tag.key is None or (tag.key != "" and tag.key == tag.key.strip())


def _names_of_folders_differ(folder: Folder) -> bool:
    # Two folders with one name have one path, and nobody could ask for the second.
    names = [child.name.value for child in folder.folders or [] if child.name is not None]
    return len(set(names)) == len(names)


RULES: tuple[Rule, ...] = (
    not_empty("LOCATABLE", "links", "Links_valid", page=PAGE),
    not_empty("LOCATABLE", "archetype_node_id", "Archetype_node_id_valid", page=PAGE),
    not_empty("ARCHETYPED", "rm_version", "Rm_version_valid", page=PAGE),
    not_empty("FEEDER_AUDIT_DETAILS", "system_id", "System_id_valid", page=PAGE),
    not_empty("AUDIT_DETAILS", "system_id", "System_id_valid", page=PAGE),
    not_empty("ATTESTATION", "items", "Items_valid", page=PAGE),
    Rule(
        name="Basic_validity", rm_type="PARTY_IDENTIFIED", attribute="",
        expected="a name, identifiers or an external_ref", page=PAGE, check=_is_identified,
    ),
    not_empty("PARTY_IDENTIFIED", "name", "Name_valid", page=PAGE),
    not_empty("PARTY_IDENTIFIED", "identifiers", "Identifiers_valid", page=PAGE),
    # Clients in use send an empty list for a folder without subfolders; it says the same as none.
    not_empty("FOLDER", "folders", "Folders_valid", page=PAGE, severity=Severity.WARNING),
    Rule(
        name="Folder_names_unique", rm_type="FOLDER", attribute="folders",
        expected="folders that have different names", page=PAGE, check=_names_of_folders_differ, is_ours=True,
    ),
    not_empty("ORIGINAL_VERSION", "attestations", "Attestations_valid", page=PAGE),
    not_empty("ORIGINAL_VERSION", "other_input_version_uids", "Other_input_version_uids_valid", page=PAGE),
    Rule(
        name="Preceding_version_uid_validity", rm_type="ORIGINAL_VERSION", attribute="preceding_version_uid",
        expected="a preceding version exactly where this is not the first", page=PAGE,
        check=_is_first_without_preceding,
    ),
    Rule(
        name="Uid_validity", rm_type="VERSIONED_OBJECT", attribute="uid", expected="a uid without extension",
        page=PAGE, check=_is_uid_without_extension,
    ),
    Rule(
        name="Inv_key_valid", rm_type="ITEM_TAG", attribute="key", expected="a key without spaces at its ends",
        page=PAGE, check=_is_key,
    ),
    not_empty("ITEM_TAG", "value", "Inv_value_valid", page=PAGE),
)  # fmt: skip
