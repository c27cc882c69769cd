"""Invariants of the class tables that no rule checks, each with the reason. A test keeps the three lists complete."""

from __future__ import annotations

from dataclasses import dataclass

_FUNCTION = "defines the function that it mentions, so no object can break it"
_STRUCTURE = "the decoder refuses other text, and the types leave no other object"
_REPOSITORY = "needs other versions or parties of the repository; the services check it on commit"


@dataclass(frozen=True, slots=True)
class Unchecked:
    """One invariant that is not checked on an object, and why."""

    rm_type: str
    name: str
    reason: str


UNCHECKED: tuple[Unchecked, ...] = (
    Unchecked("UID_BASED_ID", "Has_extension_valid", _FUNCTION),
    Unchecked("UID", "Value_valid", "part of the lexical form of HIER_OBJECT_ID and OBJECT_VERSION_ID"),
    *(
        Unchecked("VERSION_TREE_ID", name, "part of the lexical form of OBJECT_VERSION_ID")
        for name in (
            "Value_valid",
            "Trunk_version_valid",
            "Branch_number_valid",
            "Branch_version_valid",
            "Branch_validity",
            "Is_branch_validity",
            "Is_first_validity",
        )
    ),
    Unchecked("DV_DATE", "Value_valid", _STRUCTURE),
    Unchecked("DV_TIME", "Value_valid", _STRUCTURE),
    Unchecked("DV_DATE_TIME", "Value_valid", _STRUCTURE),
    Unchecked("DV_DURATION", "Value_valid", _STRUCTURE),
    Unchecked("ITEM_LIST", "Valid_structure", _STRUCTURE),
    Unchecked("DV_ORDERED", "Is_simple_validity", _FUNCTION),
    Unchecked("DV_PROPORTION", "Is_integral_validity", _FUNCTION),
    Unchecked("DV_PARSABLE", "Size_valid", _FUNCTION),
    Unchecked("ELEMENT", "Inv_is_null_valid", _FUNCTION),
    Unchecked("EVENT", "Offset_validity1", _FUNCTION),
    Unchecked("INTERVAL_EVENT", "Interval_start_time_valid", _FUNCTION),
    Unchecked("HISTORY", "Periodic_validity", _FUNCTION),
    Unchecked("LOCATABLE", "Archetyped_valid", _FUNCTION),
    Unchecked("ENTRY", "Subject_validity", _FUNCTION),
    Unchecked("ORIGINAL_VERSION", "Is_merged_validity", _FUNCTION),
    Unchecked("EHR_ACCESS", "Scheme_valid", "scheme is a function of settings, whose type has no concrete class"),
    Unchecked("VERSIONED_OBJECT", "Version_count_valid", _REPOSITORY),
    Unchecked("VERSIONED_OBJECT", "All_version_ids_valid", _REPOSITORY),
    Unchecked("VERSIONED_OBJECT", "All_versions_valid", _REPOSITORY),
    Unchecked("VERSIONED_OBJECT", "Latest_version_valid", _REPOSITORY),
    Unchecked("VERSIONED_COMPOSITION", "Archetype_node_id_valid", _REPOSITORY),
    Unchecked("VERSIONED_COMPOSITION", "Persistent_validity", _REPOSITORY),
    Unchecked("PARTY_RELATIONSHIP", "Source_valid", _REPOSITORY),
    Unchecked("PARTY_RELATIONSHIP", "Target_valid", _REPOSITORY),
    Unchecked("PARTY_RELATIONSHIP", "Type_validity", _FUNCTION),
    Unchecked("PARTY", "Type_valid", _FUNCTION),
    Unchecked("ADDRESS", "Type_valid", _FUNCTION),
    Unchecked("CONTACT", "Purpose_valid", _FUNCTION),
    Unchecked("PARTY_IDENTITY", "Purpose_valid", _FUNCTION),
)
