"""What another engine refuses, line by line of its source, and the rows that the data of `test_limitations` have.

The names before each query are the file and line of that engine's refusal, as published for its release 2.31. `{ehr}`
stands for the EHR, `{first}` for the id of the report.
"""

from __future__ import annotations

from typing import Any

from tests.language import small_records as small

_EVENT = "data[at0001]/events[at0002]"
_RATE = f"{_EVENT}/data[at0003]/items[at0004]/value"
_NOTE = f"{_EVENT}/data[at0003]/items[at0005]/value"

CASES: list[tuple[str, str, list[list[Any]]]] = [
    # FROM
    ("FromCheck 72", "SELECT 1 AS one FROM EHR", [[1]]),
    (
        "FromCheck 77 AND at the top",
        "SELECT v/name/value, o/name/value FROM OBSERVATION o AND EVALUATION v",
        [["Problem", "Pulse"]],
    ),
    (
        "FromCheck 77 OR at the top",
        "SELECT v/name/value, a/name/value FROM EVALUATION v OR ACTION a",
        [["Problem", None]],
    ),
    ("FromCheck 97", "SELECT d/function/value FROM COMPOSITION c CONTAINS PARTICIPATION d", [["nurse"]]),
    (
        "FromCheck 105, 282",
        "SELECT l/name/value FROM EHR e CONTAINS ELEMENT l WHERE l/name/value = 'Of status'",
        [["Of status"]],
    ),
    ("FromCheck 114", "SELECT o/name/value FROM FOLDER f CONTAINS OBSERVATION o", [["Pulse"], ["Pulse"]]),
    ("FromCheck 120", "SELECT g/name/value FROM EHR e CONTAINS FOLDER f CONTAINS FOLDER g", [["inner"]]),
    ("FromCheck 133", "SELECT h/origin/value FROM COMPOSITION c CONTAINS HISTORY h", [["2024-01-01T10:00:00"]]),
    (
        "FromCheck 133 data type",
        "SELECT q/magnitude, q/units FROM DV_QUANTITY q WHERE q/magnitude > 70",
        [[72.0, "/min"], [80.0, "/min"]],
    ),
    ("FromCheck 133 LOCATABLE", "SELECT COUNT(*) FROM OBSERVATION o CONTAINS LOCATABLE l", [[11]]),
    ("FromCheck 171", "SELECT c/name/value FROM COMPOSITION c NOT CONTAINS OBSERVATION o", [["Plan"]]),
    ("FromCheck 171 with EHR", "SELECT COUNT(*) FROM EHR e NOT CONTAINS INSTRUCTION i", [[1]]),
    ("FromCheck 186-205", "SELECT k/name/value FROM COMPOSITION c CONTAINS CLUSTER k[at0010]", [["Device"]]),
    ("FromCheck 213", "SELECT COUNT(*) FROM VERSION v", [[4]]),
    (
        "FromCheck 219",
        "SELECT v/uid/value FROM VERSION v CONTAINS (OBSERVATION o AND CLUSTER k)",
        [["{first}::engine.kilde::2"]],
    ),
    ("FromCheck 235", "SELECT COUNT(*) FROM ELEMENT l CONTAINS DV_TEXT t", [[9]]),
    (
        "FromCheck 250 ALL_VERSIONS",
        "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c[openEHR-EHR-COMPOSITION.report.v1] WHERE v/uid/value = '{first}'",
        [["{first}::engine.kilde::1"], ["{first}::engine.kilde::2"]],
    ),
    (
        "FromCheck 250 predicate",
        "SELECT v/uid/value FROM VERSION v[commit_audit/change_type/defining_code/code_string = '251'] CONTAINS COMPOSITION c",
        [["{first}::engine.kilde::2"]],
    ),
    ("FromCheck 267", "SELECT k/name/value FROM CLUSTER k[archetype_node_id > 'at0009']", [["Device"]]),
    ("FromCheck 285", "SELECT COUNT(*) FROM COMPOSITION c CONTAINS DATA_STRUCTURE d", [[5]]),
    ("Post 97", "SELECT e/ehr_id/value FROM EHR e[ehr_id/value = '{ehr}'] CONTAINS EHR_STATUS s", [["{ehr}"]]),
    ("Post 101", "SELECT e/compositions[name/value = 'Plan']/name/value FROM EHR e", [["Plan"]]),
    ("Post 112", "SELECT e/directory[name/value = 'root']/folders/name/value FROM EHR e", [["inner"]]),
    # Paths
    (
        "FeatureCheckUtils 150",
        f"SELECT o/{_EVENT}/data[at0003]/items[value/magnitude = 80]/name/value FROM OBSERVATION o",
        [["Rate"]],
    ),
    (
        "FeatureCheckUtils 158",
        f"SELECT o/{_EVENT}/data[at0003]/items[archetype_node_id < 'at0005']/name/value FROM OBSERVATION o",
        [["Rate"], ["Rate"]],
    ),
    ("FeatureCheckUtils 188", "SELECT v FROM VERSION v[ALL_VERSIONS] CONTAINS EVALUATION x", "ORIGINAL_VERSION"),  # type: ignore[list-item]
    ("FeatureCheckUtils 192", "SELECT e FROM EHR e", "EHR"),  # type: ignore[list-item]
    ("FeatureCheckUtils 202", "SELECT o/name/value FROM OBSERVATION o WHERE EXISTS o", [["Pulse"]]),
    ("FeatureCheckUtils 209", "SELECT e[ehr_id/value = '{ehr}']/ehr_id/value FROM EHR e", [["{ehr}"]]),
    (
        "FeatureCheckUtils 219",
        "SELECT e/system_id/value FROM EHR e WHERE e/system_id/value = 'engine.kilde' AND e/time_created > '2020-01-01'",
        [["engine.kilde"]],
    ),
    (
        "FeatureCheckUtils 232 committer",
        "SELECT v/commit_audit/committer/name FROM VERSION v CONTAINS EVALUATION x",
        [["tester"]],
    ),
    (
        "FeatureCheckUtils 232 lifecycle",
        "SELECT v/lifecycle_state/value FROM VERSION v CONTAINS EVALUATION x",
        [["complete"]],
    ),
    (
        "FeatureCheckUtils 232 preceding",
        "SELECT v/preceding_version_uid/value FROM VERSION v CONTAINS OBSERVATION x",
        [["{first}::engine.kilde::1"]],
    ),
    (
        "FeatureCheckUtils 232 attestations",
        "SELECT v/attestations/proof FROM VERSION v CONTAINS OBSERVATION x",
        [[None]],
    ),
    ("FeatureCheckUtils 232 signature", "SELECT v/signature FROM VERSION v CONTAINS OBSERVATION x", [[None]]),
    (
        "FeatureCheckUtils 232 contribution",
        "SELECT v/contribution/type FROM VERSION v CONTAINS OBSERVATION x",
        [["CONTRIBUTION"]],
    ),
    (
        "FeatureCheckUtils 260",
        "SELECT o/feeder_audit/originating_system_audit/system_id FROM OBSERVATION o WHERE o/feeder_audit/originating_system_audit/system_id = 'lab'",
        [["lab"]],
    ),
    ("FeatureCheckUtils 269", "SELECT o/name/value FROM OBSERVATION o WHERE o/name = 'Pulse'", [["Pulse"]]),
    ("FeatureCheckUtils 280", "SELECT f/items/id/value FROM FOLDER f WHERE f/name/value = 'root'", [["{first}"]]),
    (
        "FeatureCheckUtils 291",
        "SELECT c/context/participations[function/value = 'nurse']/performer/name FROM COMPOSITION c",
        [["Ola"], [None]],
    ),
    (
        "FeatureCheckUtils 319",
        f"SELECT o/name/value FROM OBSERVATION o WHERE o/{_RATE}/magnitude < o/{_RATE}/precision",
        [],
    ),
    (
        "FeatureCheckUtils 319 path against path",
        "SELECT c/name/value FROM COMPOSITION c CONTAINS OBSERVATION o WHERE o/feeder_audit/originating_system_audit/system_id < c/name/value",
        [],
    ),
    ("FeatureCheckUtils 322", f"SELECT o/name/value FROM OBSERVATION o WHERE o/{_RATE} = NULL", []),
    ("FeatureCheckUtils 326-342", "SELECT c/name/value FROM COMPOSITION c WHERE c/uid/value = 'no uuid'", []),
    ("FeatureCheckUtils 348", "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id != 'x'", [["Pulse"]]),
    # SELECT
    ("SelectCheck 52", "SELECT LENGTH(o/name/value), CONCAT(o/name/value, '!') FROM OBSERVATION o", [[5, "Pulse!"]]),
    ("SelectCheck 52 date", "SELECT LENGTH(CURRENT_DATE()) FROM EHR e", [[10]]),
    (
        "SelectCheck 81",
        "SELECT MAX(c/name/value), MIN(c/uid/value) FROM COMPOSITION c[openEHR-EHR-COMPOSITION.report.v1]",
        [["Report", "{first}::engine.kilde::2"]],
    ),
    (
        "SelectCheck 96, 104, 112",
        f"SELECT SUM(o/{_RATE}), AVG(o/{_RATE}) FROM OBSERVATION o",
        [[small.quantity(152.0, "/min"), small.quantity(76.0, "/min")]],
    ),
    ("SelectCheck 124", f"SELECT MAX(o/{_RATE}) FROM OBSERVATION o", [[small.quantity(80.0, "/min")]]),
    ("SelectCheck 124 text", f"SELECT MIN(o/{_NOTE}/value) FROM OBSERVATION o", [["calm"]]),
    # WHERE
    (
        "WhereCheck 70",
        "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id >= 'openEHR-EHR-OBSERVATION.p'",
        [["Pulse"]],
    ),
    ("WhereCheck 76", "SELECT c/name/value FROM COMPOSITION c WHERE c/archetype_details/template_id/value > 'a'", []),
    (
        "WhereCheck 80",
        "SELECT v/uid/value FROM VERSION v CONTAINS OBSERVATION o WHERE v/commit_audit/time_committed/value > '2020'",
        [["{first}::engine.kilde::2"]],
    ),
    (
        "WhereCheck 90",
        "SELECT v/uid/value FROM VERSION v CONTAINS OBSERVATION o WHERE v/commit_audit/change_type/value > 'm'",
        [["{first}::engine.kilde::2"]],
    ),
    ("WhereCheck 95", "SELECT o/name/value FROM OBSERVATION o WHERE LENGTH(o/name/value) = 5", [["Pulse"]]),
    (
        "WhereCheck 100",
        f"SELECT o/{_EVENT}/name/value FROM OBSERVATION o WHERE EXISTS o/{_EVENT}/data[at0003]/items[at0005]",
        [["second"]],
    ),
    ("WhereCheck 118", "SELECT c/name/value FROM COMPOSITION c WHERE c/uid/value LIKE '{first}*'", [["Report"]]),
    (
        "WhereCheck 121, 125, 128",
        "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id LIKE '*pulse*'",
        [["Pulse"]],
    ),
    (
        "WhereCheck 132",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/archetype_details/template_id/value LIKE '*'",
        [],
    ),
    # ORDER BY, the parser
    (
        "OrderByCheck 55",
        f"SELECT o/{_EVENT}/name/value FROM OBSERVATION o ORDER BY o/{_RATE}/magnitude DESC",
        [["second"], ["first"]],
    ),
    ("OrderByCheck 55 alias", "SELECT c/name/value AS n FROM COMPOSITION c ORDER BY n DESC", [["Report"], ["Plan"]]),
    (
        "OrderByCheck 68",
        "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS] CONTAINS OBSERVATION o ORDER BY v/commit_audit/time_committed/value DESC",
        [["{first}::engine.kilde::2"], ["{first}::engine.kilde::1"]],
    ),
    (
        "ConditionUtils 543-608",
        r"SELECT c/name/value FROM COMPOSITION c WHERE c/name/value LIKE 'Re\\port'",
        [["Report"]],
    ),
    ("AqlQueryVisitor 182", "SELECT TOP 1 c/name/value AS n FROM COMPOSITION c ORDER BY n", [["Plan"]]),
    (
        "AqlQueryVisitor 182 backward",
        "SELECT TOP 1 BACKWARD c/name/value AS n FROM COMPOSITION c ORDER BY n",
        [["Report"]],
    ),
    (
        "AqlParser 0 fromExpr",
        "SELECT c/name/value FROM COMPOSITION c AND EHR_STATUS s WHERE c/name/value = 'Plan'",
        [["Plan"]],
    ),
    # MATCHES and predicates
    ("MATCHES URI", "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value MATCHES {ehr://x}", []),
    (
        "regular expression",
        "SELECT o/data/events[at0002 AND name/value MATCHES {/s.*/}]/name/value FROM OBSERVATION o",
        [["second"]],
    ),
    ("specialised archetype", "SELECT c/name/value FROM COMPOSITION c[openEHR-EHR-COMPOSITION.care.v1]", [["Plan"]]),
    (
        "name in CONTAINS",
        "SELECT c/name/value FROM COMPOSITION c CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.pulse.v1, 'Pulse']",
        [["Report"]],
    ),
    (
        "parentheses and NOT",
        "SELECT c/name/value FROM COMPOSITION c WHERE NOT (c/name/value = 'Plan' OR c/name/value = 'x')",
        [["Report"]],
    ),
    # Classes that it does not accept in FROM, and rules for node codes in CONTAINS
    ("FromCheck 186-205 without a parent", "SELECT k/name/value FROM CLUSTER k[at0010]", [["Device"]]),
    ("FromCheck 186-205 below VERSION", "SELECT k/name/value FROM VERSION v CONTAINS CLUSTER k[at0010]", [["Device"]]),
    (
        "FromCheck 186-205 below a class without predicate",
        "SELECT k/name/value FROM OBSERVATION o CONTAINS CLUSTER k[at0010]",
        [["Device"]],
    ),
    (
        "FromCheck 186-205 in another object",
        "SELECT l/name/value FROM EHR e CONTAINS ELEMENT l[at0002, 'Of status']",
        [["Of status"]],
    ),
    ("classes FEEDER_AUDIT_DETAILS", "SELECT d/system_id FROM FEEDER_AUDIT_DETAILS d", [["lab"]]),
    ("classes PARTY", "SELECT p/name FROM COMPOSITION c CONTAINS PARTY_IDENTIFIED p WHERE p/name = 'Ola'", [["Ola"]]),
    ("classes PATHABLE", "SELECT COUNT(*) FROM OBSERVATION o CONTAINS PATHABLE p", [[11]]),
    ("classes demographic", "SELECT p/name/value FROM PERSON p", []),
    ("classes INSTRUCTION_DETAILS", "SELECT i/activity_id FROM INSTRUCTION_DETAILS i", []),
    # The rest of the paths of VERSION
    (
        "FeatureCheckUtils 232 audit",
        "SELECT v/commit_audit/system_id, v/commit_audit/change_type/value, v/commit_audit/description/value, "
        "v/commit_audit/change_type/defining_code/terminology_id/value FROM VERSION v CONTAINS EVALUATION x "
        "WHERE v/commit_audit/change_type/defining_code/terminology_id/value = 'openehr' "
        "ORDER BY v/commit_audit/system_id",
        [["engine.kilde", "creation", None, "openehr"]],
    ),
    (
        "FeatureCheckUtils 240",
        "SELECT c/composer/name FROM COMPOSITION c WHERE c/content/protocol/items/items/value/magnitude = 3",
        [["Kari"]],
    ),
    (
        "FeatureCheckUtils 356",
        "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id = o/archetype_details/archetype_id/value",
        [],
    ),
    (
        "WhereCheck 118 any pattern",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/uid/value LIKE '*::engine.kilde::1'",
        [["Plan"]],
    ),
    ("WhereCheck 121", f"SELECT o/{_EVENT}/name/value FROM OBSERVATION o WHERE o/{_NOTE} LIKE 'c?lm'", [["second"]]),
    (
        "WhereCheck 125",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/context/start_time LIKE '20*' AND c/name/value = 'Plan'",
        [["Plan"]],
    ),
    (
        "WhereCheck 128",
        "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id LIKE '?penEHR*'",
        [["Pulse"]],
    ),
    (
        "AqlQueryVisitor 269",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/context/start_time > '1999-01-01T10:00:00.123456'",
        [["Report"], ["Plan"]],
    ),
]

REFUSED: list[tuple[str, str, str]] = [
    ("FromCheck 72", "SELECT 1", "AQL_SYNTAX"),
    ("FromCheck 215", "SELECT v/uid FROM VERSION v CONTAINS VERSION w", "AQL_ILLEGAL"),
    ("FromCheck 173, 235", "SELECT o FROM OBSERVATION o CONTAINS COMPOSITION c", "AQL_ILLEGAL"),
    ("FeatureCheckUtils 240", "SELECT c/naem FROM COMPOSITION c", "AQL_ILLEGAL"),
    ("SelectCheck 64", "SELECT MAX('x') FROM EHR e", "AQL_SYNTAX"),
    ("SelectCheck 67", "SELECT COUNT(DISTINCT *) FROM EHR e", "AQL_SYNTAX"),
    ("SelectCheck 96, 104 of a time", "SELECT SUM(c/context/start_time) FROM COMPOSITION c", "AQL_ILLEGAL"),
    ("WhereCheck 56", "SELECT c FROM COMPOSITION c WHERE c/name/value", "AQL_SYNTAX"),
    ("AqlQueryVisitor 167", "SELECT x/name FROM COMPOSITION c", "AQL_ILLEGAL"),
    ("AqlQueryVisitor 235", "SELECT FOO(c/name/value) FROM COMPOSITION c", "AQL_NOT_SUPPORTED"),
]
"""What AQL itself does not allow: the other engine is right, and so is a refusal with a place."""

LINES: dict[str, set[int]] = {
    "FromCheck": {72, 77, 97, 105, 282, 114, 120, 133, 171, 173, 186, 205, 213, 215, 219, 235, 250, 267, 285},
    "Post": {97, 101, 112},
    "FeatureCheckUtils": {150, 158, 188, 192, 202, 209, 219, 232, 240, 260, 269, 280, 291, 319, 322}
    | {326, 342, 348, 356},
    "SelectCheck": {52, 64, 67, 81, 96, 104, 112, 124},
    "WhereCheck": {56, 70, 76, 132, 80, 90, 95, 100, 118, 121, 125, 128},
    "OrderByCheck": {55, 68},
    "ConditionUtils": {543, 608},
    "AqlQueryVisitor": {167, 182, 235, 269},
    "AqlParser": {0},
}
"""Every place in its source where the other engine refuses, by file and line."""
