"""For every rule the objects that break it and no other: a valid object with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cdr import rm
from tests.support.builders import OTHER_UID, UID, build, code, coded, text

Mutation = Callable[[], list[rm.RmObject]]


def broken(rm_class: type[rm.RmObject], *changes: dict[str, Any]) -> Mutation:
    """Return a maker of one object for each change of attributes."""
    return lambda: [build(rm_class, **change) for change in changes]


def count(magnitude: int) -> rm.DvCount:
    return rm.DvCount(magnitude=magnitude)


def quantity(magnitude: float, units: str = "m") -> rm.DvQuantity:
    return rm.DvQuantity(magnitude=magnitude, units=units)


def status(low: int, high: int, status_code: str) -> dict[str, Any]:
    interval = build(rm.DvInterval, lower=count(low), upper=count(high))
    return {"magnitude": 5, "normal_range": interval, "normal_status": code(status_code, "openehr_normal_statuses")}


def history(time: str) -> rm.History:
    event = build(rm.PointEvent, time=rm.DvDateTime(value=time))
    return build(
        rm.History,
        origin=rm.DvDateTime(value="2024-05-17T10:00:00Z"),
        period=rm.DvDuration(value="PT15M"),
        events=[event],
    )


def interval(**changes: Any) -> rm.RmObject:
    return build(rm.DvInterval, **changes)


def relationship(uid: str) -> rm.PartyRelationship:
    return build(rm.PartyRelationship, source=build(rm.PartyRef, id=rm.HierObjectId(value=uid)))


MUTATIONS: dict[str, Mutation] = {
    "RM_OBJECT_ID_VALUE_VALID": lambda: [build(rm.TemplateId, value=""), build(rm.TerminologyId, value="")],
    "RM_HIER_OBJECT_ID_LEXICAL_FORM": broken(rm.HierObjectId, {"value": "a b"}, {"value": f"{UID} "}, {"value": "::x"}),
    "RM_OBJECT_VERSION_ID_LEXICAL_FORM": broken(
        rm.ObjectVersionId,
        {"value": UID},
        {"value": f"{UID}::sys"},
        {"value": f"{UID}::sys::0"},
        {"value": f"{UID}::sys::1.1"},
        {"value": f"{UID}::sys::v1"},
    ),
    "RM_ARCHETYPE_ID_LEXICAL_FORM": broken(
        rm.ArchetypeId,
        {"value": "pulse"},
        {"value": "openEHR-EHR-OBSERVATION.pulse"},
        {"value": "openEHR-EHR.pulse.v1"},
    ),
    "RM_OBJECT_REF_NAMESPACE_VALID": broken(rm.ObjectRef, {"namespace": ""}, {"namespace": "1 x"}),
    "RM_OBJECT_REF_TYPE_VALID": broken(rm.ObjectRef, {"type": ""}),
    "RM_ACCESS_GROUP_REF_TYPE_VALIDITY": broken(rm.AccessGroupRef, {"type": "PERSON"}),
    "RM_PARTY_REF_TYPE_VALIDITY": broken(rm.PartyRef, {"type": "COMPOSITION"}),
    "RM_DV_TEXT_MAPPINGS_VALID": broken(rm.DvText, {"mappings": []}),
    "RM_DV_TEXT_FORMATTING_VALID": broken(rm.DvText, {"formatting": ""}),
    "RM_DV_PARAGRAPH_ITEMS_VALID": broken(rm.DvParagraph, {"items": []}),
    "RM_CODE_PHRASE_CODE_STRING_VALID": broken(rm.CodePhrase, {"code_string": ""}),
    "RM_DV_URI_VALUE_VALID": broken(rm.DvUri, {"value": ""}),
    "RM_DV_IDENTIFIER_ID_VALID": broken(rm.DvIdentifier, {"id": ""}),
    "RM_TERM_MAPPING_MATCH_VALID": broken(rm.TermMapping, {"match": "!"}, {"match": ""}, {"match": "=="}),
    "RM_DV_EHR_URI_SCHEME_VALID": broken(rm.DvEhrUri, {"value": "https://example.org"}),
    "RM_DV_ORDERED_OTHER_REFERENCE_RANGES_VALIDITY": broken(rm.DvQuantity, {"other_reference_ranges": []}),
    "RM_DV_ORDERED_NORMAL_RANGE_AND_STATUS_CONSISTENCY": broken(
        rm.DvCount, status(1, 9, "H"), status(6, 9, "N"), status(1, 4, "N")
    ),
    "RM_DV_QUANTIFIED_MAGNITUDE_STATUS_VALID": broken(
        rm.DvQuantity, {"magnitude_status": "=="}, {"magnitude_status": ""}
    ),
    "RM_DV_AMOUNT_ACCURACY_IS_PERCENT_VALIDITY": broken(rm.DvQuantity, {"accuracy": 0.0, "accuracy_is_percent": True}),
    "RM_DV_AMOUNT_ACCURACY_VALIDITY": broken(
        rm.DvQuantity, {"accuracy": 101.0, "accuracy_is_percent": True}, {"accuracy": -1.0, "accuracy_is_percent": True}
    ),
    "RM_DV_QUANTITY_UNITS_SYSTEM_VALID": broken(rm.DvQuantity, {"units_system": ""}),
    "RM_DV_QUANTITY_UNITS_UCUM": broken(
        rm.DvQuantity, {"units": "mmHg"}, {"units": "°C", "units_system": "http://unitsofmeasure.org"}, {"units": ""}
    ),
    "RM_DV_PROPORTION_TYPE_VALIDITY": broken(rm.DvProportion, {"type": 5}, {"type": -1}),
    "RM_DV_PROPORTION_PRECISION_VALIDITY": broken(rm.DvProportion, {"precision": 0}),
    "RM_DV_PROPORTION_FRACTION_VALIDITY": broken(
        rm.DvProportion, {"type": 3}, {"type": 4}, {"type": 3, "numerator": 1.0}
    ),
    "RM_DV_PROPORTION_UNITARY_VALIDITY": broken(rm.DvProportion, {"type": 1}),
    "RM_DV_PROPORTION_PERCENT_VALIDITY": broken(rm.DvProportion, {"type": 2}),
    "RM_DV_PROPORTION_VALID_DENOMINATOR": broken(rm.DvProportion, {"denominator": 0.0}),
    "RM_DV_INTERVAL_LIMITS_OF_ONE_TYPE": lambda: [interval(lower=count(1), upper=quantity(2.0))],
    "RM_DV_INTERVAL_LIMITS_COMPARABLE": lambda: [
        interval(lower=quantity(1.0, "m"), upper=quantity(2.0, "km")),
        interval(lower=build(rm.DvProportion, type=0), upper=build(rm.DvProportion, type=1, denominator=1.0)),
        interval(
            lower=build(rm.DvOrdinal, symbol=coded("x", "1", "a")),
            upper=build(rm.DvOrdinal, symbol=coded("x", "1", "b")),
        ),
    ],
    "RM_DV_INTERVAL_LIMITS_CONSISTENT": lambda: [
        interval(lower=count(2), upper=count(1)),
        interval(lower=rm.DvDate(value="2024-05"), upper=rm.DvDate(value="2024-04-30")),
        interval(lower=rm.DvDuration(value="P1Y"), upper=rm.DvDuration(value="P11M")),
        interval(lower=rm.DvTime(value="10:00"), upper=rm.DvTime(value="09:59:59.9")),
    ],
    "RM_DV_INTERVAL_LOWER_INCLUDED_VALID": lambda: [interval(lower=None, lower_unbounded=True, lower_included=True)],
    "RM_DV_INTERVAL_UPPER_INCLUDED_VALID": lambda: [interval(upper=None, upper_unbounded=True, upper_included=True)],
    "RM_DV_INTERVAL_LOWER_UNBOUNDED_VALID": lambda: [
        interval(lower=None),
        interval(lower_unbounded=True, lower_included=False),
    ],
    "RM_DV_INTERVAL_UPPER_UNBOUNDED_VALID": lambda: [
        interval(upper=None),
        interval(upper_unbounded=True, upper_included=False),
    ],
    "RM_REFERENCE_RANGE_RANGE_IS_SIMPLE": lambda: [
        build(
            rm.ReferenceRange, range=interval(upper=build(rm.DvCount, magnitude=9, normal_range=build(rm.DvInterval)))
        )
    ],
    "RM_DV_MULTIMEDIA_NOT_EMPTY": broken(rm.DvMultimedia, {"uri": None}),
    "RM_DV_MULTIMEDIA_INTEGRITY_CHECK_VALIDITY": broken(rm.DvMultimedia, {"integrity_check": "aGVp"}),
    "RM_DV_MULTIMEDIA_SIZE_VALID": broken(rm.DvMultimedia, {"size": -1}),
    "RM_DV_PARSABLE_FORMALISM_VALID": broken(rm.DvParsable, {"formalism": ""}),
    "RM_DV_PERIODIC_TIME_SPECIFICATION_VALUE_VALID": broken(
        rm.DvPeriodicTimeSpecification, {"value": build(rm.DvParsable, formalism="HL7:GTS")}
    ),
    "RM_ELEMENT_INV_NULL_FLAVOUR_INDICATED": broken(
        rm.Element, {"value": None}, {"null_flavour": coded("unknown", "253")}
    ),
    "RM_ELEMENT_INV_NULL_REASON_VALID": broken(rm.Element, {"null_reason": text("no time")}),
    "RM_ITEM_TABLE_VALID_STRUCTURE": broken(rm.ItemTable, {"rows": [build(rm.Cluster, items=[build(rm.Cluster)])]}),
    "RM_HISTORY_EVENTS_VALID": broken(rm.History, {"events": None}, {"events": []}),
    "RM_HISTORY_PERIOD_CONSISTENCY": lambda: [history("2024-05-17T10:20:00Z")],
    "RM_LOCATABLE_LINKS_VALID": broken(rm.Cluster, {"links": []}),
    "RM_LOCATABLE_ARCHETYPE_NODE_ID_VALID": broken(rm.Element, {"archetype_node_id": ""}),
    "RM_ARCHETYPED_RM_VERSION_VALID": broken(rm.Archetyped, {"rm_version": ""}),
    "RM_FEEDER_AUDIT_DETAILS_SYSTEM_ID_VALID": broken(rm.FeederAuditDetails, {"system_id": ""}),
    "RM_AUDIT_DETAILS_SYSTEM_ID_VALID": broken(rm.AuditDetails, {"system_id": ""}),
    "RM_ATTESTATION_ITEMS_VALID": broken(rm.Attestation, {"items": []}),
    "RM_PARTY_IDENTIFIED_BASIC_VALIDITY": broken(rm.PartyIdentified, {"name": None}),
    "RM_PARTY_IDENTIFIED_NAME_VALID": broken(rm.PartyIdentified, {"name": ""}),
    "RM_PARTY_IDENTIFIED_IDENTIFIERS_VALID": broken(rm.PartyRelated, {"identifiers": []}),
    "RM_FOLDER_FOLDERS_VALID": broken(rm.Folder, {"folders": []}),
    "RM_FOLDER_FOLDER_NAMES_UNIQUE": broken(rm.Folder, {"folders": [build(rm.Folder), build(rm.Folder)]}),
    "RM_ORIGINAL_VERSION_ATTESTATIONS_VALID": broken(rm.OriginalVersion, {"attestations": []}),
    "RM_ORIGINAL_VERSION_OTHER_INPUT_VERSION_UIDS_VALID": broken(rm.OriginalVersion, {"other_input_version_uids": []}),
    "RM_ORIGINAL_VERSION_PRECEDING_VERSION_UID_VALIDITY": broken(
        rm.OriginalVersion,
        {"preceding_version_uid": build(rm.ObjectVersionId)},
        {"uid": rm.ObjectVersionId(value=f"{UID}::sys::2")},
    ),
    "RM_VERSIONED_OBJECT_UID_VALIDITY": broken(rm.VersionedObject, {"uid": rm.HierObjectId(value=f"{UID}::x")}),
    "RM_ITEM_TAG_INV_KEY_VALID": broken(rm.ItemTag, {"key": ""}, {"key": " flag"}),
    "RM_ITEM_TAG_INV_VALUE_VALID": broken(rm.ItemTag, {"value": ""}),
    "RM_COMPOSITION_CONTENT_VALID": broken(rm.Composition, {"content": []}),
    "RM_COMPOSITION_IS_ARCHETYPE_ROOT": broken(rm.Composition, {"archetype_details": None}),
    "RM_EVENT_CONTEXT_PARTICIPATIONS_VALIDITY": broken(rm.EventContext, {"participations": []}),
    "RM_EVENT_CONTEXT_LOCATION_VALID": broken(rm.EventContext, {"location": ""}),
    "RM_SECTION_ITEMS_VALID": broken(rm.Section, {"items": []}),
    "RM_ENTRY_OTHER_PARTICIPATIONS_VALID": broken(rm.Observation, {"other_participations": []}),
    "RM_ENTRY_IS_ARCHETYPE_ROOT": broken(rm.AdminEntry, {"archetype_details": None}),
    "RM_INSTRUCTION_ACTIVITIES_VALID": broken(rm.Instruction, {"activities": []}),
    "RM_ACTIVITY_ACTION_ARCHETYPE_ID_VALID": broken(rm.Activity, {"action_archetype_id": ""}),
    "RM_INSTRUCTION_DETAILS_ACTIVITY_PATH_VALID": broken(rm.InstructionDetails, {"activity_id": ""}),
    "RM_EHR_CONTRIBUTIONS_VALID": broken(rm.Ehr, {"contributions": [build(rm.ObjectRef)]}),
    "RM_EHR_EHR_ACCESS_VALID": broken(rm.Ehr, {"ehr_access": build(rm.ObjectRef)}),
    "RM_EHR_EHR_STATUS_VALID": broken(rm.Ehr, {"ehr_status": build(rm.ObjectRef)}),
    "RM_EHR_COMPOSITIONS_VALID": broken(rm.Ehr, {"compositions": [build(rm.ObjectRef, type="X")]}),
    "RM_EHR_DIRECTORY_VALID": broken(rm.Ehr, {"directory": build(rm.ObjectRef)}),
    "RM_EHR_FOLDERS_VALID": lambda: [
        build(rm.Ehr, folders=[directory(UID), build(rm.ObjectRef)], directory=directory(UID))
    ],
    "RM_EHR_DIRECTORY_IN_FOLDERS": lambda: [build(rm.Ehr, folders=[directory(UID)], directory=directory(OTHER_UID))],
    "RM_EHR_ACCESS_IS_ARCHETYPE_ROOT": broken(rm.EhrAccess, {"archetype_details": None}),
    "RM_EHR_STATUS_IS_ARCHETYPE_ROOT": broken(rm.EhrStatus, {"archetype_details": None}),
    "RM_PARTY_CONTACTS_VALID": broken(rm.Person, {"contacts": []}),
    "RM_PARTY_RELATIONSHIPS_VALIDITY": broken(rm.Person, {"relationships": []}),
    "RM_PARTY_REVERSE_RELATIONSHIPS_VALIDITY": broken(rm.Group, {"reverse_relationships": []}),
    "RM_PARTY_RELATIONSHIP_SOURCE_VALIDITY": lambda: [
        build(rm.Agent, relationships=[relationship(UID), relationship(OTHER_UID)])
    ],
    "RM_PARTY_IS_ARCHETYPE_ROOT": broken(rm.Organisation, {"archetype_details": None}),
    "RM_PARTY_UID_MANDATORY": broken(rm.Person, {"uid": None}),
    "RM_ROLE_CAPABILITIES_VALID": broken(rm.Role, {"capabilities": []}),
}


def directory(uid: str) -> rm.ObjectRef:
    return build(rm.ObjectRef, type="VERSIONED_FOLDER", id=rm.HierObjectId(value=uid))
