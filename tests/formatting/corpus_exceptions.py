"""Published bodies that are refused although their repository presents them as valid, each with the reason."""

from __future__ import annotations

_SDK = "ehrbase+openEHR_SDK/test-data/src/main/resources/composition/"
_ROBOT = "ehrbase+integration-tests/tests/robot/_resources/test_data_sets/"

JSON: dict[str, str] = {
    _SDK
    + "canonical_json/all_types_systematic_tests_feeder_audit.json": "feeder_system_audit is an attribute of FEEDER_AUDIT and not of entries",
    _SDK
    + "canonical_json/rawdb_composition.json": "a dump of a database table and no canonical JSON: content is an object keyed by paths",
    _ROBOT
    + "compositions/CANONICAL_JSON/Test_dv_ordinal_open_constraint.v0__.json": "DV_CODED_TEXT has no attribute `type`",
    _ROBOT + "compositions/CANONICAL_JSON/family_history.v.1.2.3__.json": "EVALUATION has no attribute `time_asserted`",
    _ROBOT
    + "aql/data_load/compositions/external/all_types_systematic_tests_feeder_audit.json": "feeder_system_audit is an attribute of FEEDER_AUDIT and not of entries",
    "openEHR+archie/openehr-rm/src/test/resources/com/nedap/archie/rm/composition/validation_composition_test.v0.json": "EVALUATION has no attribute `time_asserted`; a body for a test of refusals",
}

XML: dict[str, str] = {
    _SDK
    + "canonical_xml/test_all_types_participations_invalid.xml": "DV_TEXT has no defining_code: a body for a test of refusals",
    "ehrbase+openEHR_SDK/validation/src/test/resources/composition/IDCR-LabReportRAW1_with_normal_status.xml": "normal_status has the xsi:type CODE_PRASE, which is no RM class",
    "openEHR+archie/openehr-rm/src/test/resources/com/nedap/archie/rm/composition/test_all_types.fixed.v1.xml": "EVALUATION has no attribute `time_asserted`",
    "ppazos+openEHR-OPT/documents/Signos_20170816124756_1.xml": "a document template with placeholders for its values, such as [[...:::DATETIME]]",
    "ppazos+openEHR-OPT/documents/Signos_20180516104806_1.xml": "a document template with placeholders for its values, such as [[...:::DATETIME]]",
    "ppazos+openEHR-OPT/documents/Vital_Signs_Summary.EN.v1_20170728050926_1.xml": "a document template with placeholders for its values, such as [[...:::DATETIME]]",
    "ppazos+openEHR-OPT/src/main/resources/sets/test_alternatives/Alternatives_1_Coded_20170207105130_1.xml": "a document template with placeholders for its values, such as [[...:::DATETIME]]",
}

STATUSES_AND_FOLDERS: dict[str, str] = {
    "ehrbase+openEHR_SDK/test-data/src/main/resources/folder/canonical_json/simple_empty_folder.json": "FOLDER has no attribute `path`",
    "openEHR+specifications-CNF/tests/platform/robot/_resources/test_data_sets/ehr/invalid/003_ehr_status_subject_id_empty.json": "a body for a test of refusals: an id without a type",
}
