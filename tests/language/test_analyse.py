"""What is legal whatever the data may be, and what the analysis finds out."""

from __future__ import annotations

import pytest

from aql import AqlNotSupported, AqlSemanticError, CheckedQuery, analyse, bind, parse
from aql.params import Spelling
from cdr.rm.catalog import CATALOG


def checked(text: str) -> CheckedQuery:
    return analyse(parse(text), CATALOG)


def refused(text: str) -> AqlSemanticError:
    with pytest.raises(AqlSemanticError) as caught:
        checked(text)
    assert caught.value.line is not None
    return caught.value


# Paths and types ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("c/uid/value", {"String"}),
        ("c/context/start_time", {"DV_DATE_TIME"}),
        ("c/composer", {"PARTY_SELF", "PARTY_IDENTIFIED", "PARTY_RELATED"}),
        ("c/content[openEHR-EHR-OBSERVATION.a.v1]", {"OBSERVATION"}),
        ("c/content[openEHR-EHR-OBSERVATION.a.v1]/data[at0001]/events", {"POINT_EVENT", "INTERVAL_EVENT"}),
        ("c/content[openEHR-EHR-OBSERVATION.a.v1]/data/events/sample_count", {"Integer"}),
        ("e/ehr_id/value", {"String"}),
        ("e/time_created/value", {"String"}),
        ("e/ehr_status", {"EHR_STATUS"}),
        ("e/ehr_status/other_details/items[at0001]/value/id", {"String"}),
        ("e/compositions/name", {"DV_TEXT", "DV_CODED_TEXT"}),
        ("e/directory/folders/items/id/value", {"String"}),
        ("v/commit_audit/committer/name", {"String"}),
        ("v/commit_audit/time_committed", {"DV_DATE_TIME"}),
        ("v/lifecycle_state/defining_code/code_string", {"String"}),
        ("v/preceding_version_uid/value", {"String"}),
        ("v/attestations/reason/value", {"String"}),
        ("v/signature", {"String"}),
        ("v/contribution/id/value", {"String"}),
    ],
)
def test_a_path_has_the_types_at_its_end(path: str, types: set[str]) -> None:
    found = checked(f"SELECT {path} FROM EHR e CONTAINS VERSION v CONTAINS COMPOSITION c")
    assert set(found.columns[0].types) == types


def test_a_path_knows_which_steps_have_many_values() -> None:
    query = checked("SELECT o/data/events/data/items/value FROM OBSERVATION o")
    (path,) = query.paths.values()
    assert [step.is_multiple for step in path.steps] == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("SELECT e/ehr_status/subject, e / ehr_status/uid/value FROM EHR e", ["s/subject", "s/uid/value"]),
        ("SELECT e/ehr_status FROM EHR e", ["s"]),
        ("SELECT e/ehr_status[name/value = 'x']/uid FROM EHR e", ["s[name/value = 'x']/uid"]),
        ("SELECT e/ehr_status/uid, s/name FROM EHR e CONTAINS COMPOSITION s", ["s1/uid", "s/name"]),
        ("SELECT e/ehr_status/uid FROM EHR e CONTAINS (COMPOSITION S AND COMPOSITION s1)", ["s2/uid"]),
        ("SELECT t/uid, e/ehr_id/value FROM EHR e CONTAINS EHR_STATUS t", ["t/uid", "e/ehr_id/value"]),
        ("SELECT e/compositions/uid FROM EHR e", ["e/compositions/uid"]),
    ],
)
def test_a_column_of_the_status_of_an_ehr_begins_with_a_variable_of_the_status(text: str, paths: list[str]) -> None:
    assert [column.path for column in checked(text).columns] == paths


def test_columns_have_names_and_paths_as_written() -> None:
    query = checked(
        "SELECT c/uid/value, c / name/value AS title, COUNT(*) FROM COMPOSITION c".replace(", COUNT(*)", ", 'x'")
    )
    assert [(column.name, column.path) for column in query.columns] == [
        ("#0", "c/uid/value"),
        ("title", "c / name/value"),
        ("#2", None),
    ]


def test_a_wrong_attribute_names_the_nearest() -> None:
    error = refused("SELECT c/contxt/start_time FROM COMPOSITION c")
    assert "Did you mean context or content?" in error.message
    assert error.column == 10


@pytest.mark.parametrize(
    "query",
    [
        "SELECT x/uid FROM COMPOSITION c",
        "SELECT c/uid/value/more FROM COMPOSITION c",
        "SELECT c/content[openEHR-EHR-CLUSTER.a.v1] FROM COMPOSITION c",
        "SELECT c/context/participations[at0001] FROM COMPOSITION c",
        "SELECT c FROM COMPOSITION c[openEHR-EHR-OBSERVATION.a.v1]",
        "SELECT c FROM COMPOSITION c[nothing/value = 'x']",
        "SELECT e FROM EHR e[at0001]",
        "SELECT v FROM VERSION v[at0001] CONTAINS COMPOSITION c",
        "SELECT c FROM COMPOSITION c WHERE c/items[at0001]/value = 1",
        "SELECT c FROM COMPOSITION c[name/value MATCHES {/(unclosed/}]",
        "SELECT c FROM COMPOSITION c WHERE c/name/value MATCHES {/a(?=b)/}",
    ],
)
def test_paths_and_predicates_that_mean_nothing_are_illegal(query: str) -> None:
    refused(query)


# FROM ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "EHR e CONTAINS COMPOSITION c",
        "EHR e CONTAINS EHR_STATUS s CONTAINS ELEMENT l",
        "EHR e CONTAINS FOLDER f CONTAINS FOLDER g CONTAINS COMPOSITION c CONTAINS CLUSTER l",
        "FOLDER f CONTAINS VERSION v CONTAINS COMPOSITION c",
        "FOLDER f CONTAINS OBSERVATION o",
        "VERSION v CONTAINS EHR_STATUS s",
        "VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c NOT CONTAINS SECTION s",
        "SECTION s CONTAINS SECTION t",
        "COMPOSITION c CONTAINS EVENT_CONTEXT x CONTAINS CLUSTER l",
        "OBSERVATION o CONTAINS DV_QUANTITY q",
        "ELEMENT l CONTAINS DV_INTERVAL i CONTAINS DV_QUANTITY q",
        "COMPOSITION c CONTAINS FEEDER_AUDIT f",
        "COMPOSITION c CONTAINS (ENTRY n OR CARE_ENTRY m) AND LOCATABLE l",
        "PERSON p CONTAINS PARTY_IDENTITY i",
        "VERSION v CONTAINS PERSON p",
    ],
)
def test_what_can_contain_each_other_is_legal(source: str) -> None:
    checked(f"SELECT 1 FROM {source}")


@pytest.mark.parametrize(
    "source",
    [
        "OBSERVATION o CONTAINS COMPOSITION c",
        "OBSERVATION o CONTAINS SECTION s",
        "EHR_STATUS s CONTAINS COMPOSITION c",
        "COMPOSITION c CONTAINS VERSION v",
        "VERSION v CONTAINS VERSION w",
        "EHR e CONTAINS PERSON p",
        "COMPOSITION c CONTAINS PERSON p",
        "DV_QUANTITY q CONTAINS ELEMENT l",
        "EHR e CONTAINS CONTRIBUTION x",
        "COMPOSITION c CONTAINS OBSERVATION c",
        "OBSERVATON o",
        "String s",
    ],
)
def test_what_cannot_contain_each_other_is_illegal(source: str) -> None:
    refused(f"SELECT 1 FROM {source}")


def test_a_wrong_class_names_the_nearest() -> None:
    assert "OBSERVATION" in refused("SELECT 1 FROM OBSERVATON o").message


def test_an_ehr_inside_something_is_not_supported() -> None:
    with pytest.raises(AqlNotSupported):
        checked("SELECT 1 FROM COMPOSITION c AND EHR e")


def test_a_variable_below_not_contains_has_no_value() -> None:
    refused("SELECT o/name FROM COMPOSITION c NOT CONTAINS OBSERVATION o")


def test_variables_compare_without_regard_to_case() -> None:
    assert checked("SELECT C/uid/value FROM COMPOSITION c").path
    refused("SELECT c/uid FROM COMPOSITION c CONTAINS SECTION c")


def test_variables_that_differ_in_case_are_told_apart_by_their_spelling() -> None:
    query = checked("SELECT c/context, C/items FROM COMPOSITION c CONTAINS CLUSTER C")
    assert [path.class_number for path in query.paths.values()] == [0, 1]
    assert [column.path for column in query.columns] == ["c/context", "C/items"]


# Functions, aggregates, sort keys, limits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        "LENGTH(c/name/value)",
        "CONCAT(c/name, 'x', $p)",
        "ROUND(1.5, 1)",
        "NOW()",
        "SUBSTRING(c/uid/value, 1)",
        "CONTAINS('a', 'b')",
    ],
)
def test_functions_are_checked_by_signature(expression: str) -> None:
    checked(f"SELECT {expression} FROM COMPOSITION c")


@pytest.mark.parametrize(
    "expression",
    [
        "LENGTH()",
        "LENGTH(c/name/value, 1)",
        "LENGTH(5)",
        "ABS('x')",
        "ABS(c/context/start_time)",
        "NOW(1)",
        "MOD(1)",
        "LENGTH(c/content)",
    ],
)
def test_wrong_arguments_are_illegal(expression: str) -> None:
    refused(f"SELECT {expression} FROM COMPOSITION c")


def test_an_unknown_function_is_not_supported_and_names_the_nearest() -> None:
    with pytest.raises(AqlNotSupported) as caught:
        checked("SELECT LENGHT(c/name/value) FROM COMPOSITION c")
    assert "LENGTH" in caught.value.message


@pytest.mark.parametrize(
    "query",
    [
        "SELECT c/name/value, COUNT(*) FROM COMPOSITION c",
        "SELECT LENGTH(c/name/value), COUNT(*) FROM COMPOSITION c",
        "SELECT SUM(c/name/value) FROM COMPOSITION c",
        "SELECT AVG(c/context/start_time) FROM COMPOSITION c",
        "SELECT MAX(c/context) FROM COMPOSITION c",
        "SELECT COUNT(*) FROM COMPOSITION c ORDER BY c/name/value",
        "SELECT c FROM COMPOSITION c WHERE COUNT(c/name) = 1",
        "SELECT c FROM COMPOSITION c ORDER BY c/content",
        "SELECT c FROM COMPOSITION c ORDER BY missing",
        "SELECT c/name/value AS x, c/uid/value AS x FROM COMPOSITION c ORDER BY x",
        "SELECT c FROM COMPOSITION c LIMIT 0",
        "SELECT c FROM COMPOSITION c LIMIT -1",
        "SELECT c FROM COMPOSITION c LIMIT 1 OFFSET -1",
        "SELECT TOP 0 c FROM COMPOSITION c",
        "SELECT TOP 5 c FROM COMPOSITION c LIMIT 5",
        "SELECT c FROM COMPOSITION c WHERE c/content > 1",
        "SELECT c FROM COMPOSITION c WHERE c/context LIKE 'x'",
    ],
)
def test_what_has_no_meaning_is_illegal(query: str) -> None:
    refused(query)


def test_a_sort_key_is_a_column_name_before_it_is_a_variable() -> None:
    query = checked(
        "SELECT c/name/value AS c, c/uid/value FROM COMPOSITION c ORDER BY c, c/uid/value, c/context/start_time"
    )
    assert [key.column for key in query.order] == [0, 1, None]


def test_a_comparison_with_null_is_noted() -> None:
    (note,) = checked("SELECT c FROM COMPOSITION c WHERE c/name/value = NULL").notes
    assert note.code == "NULL_COMPARISON"


def test_a_comparison_that_never_holds_is_noted() -> None:
    path = "o/data/events/data/items[at0004]/value"
    (note,) = checked(f"SELECT o FROM OBSERVATION o WHERE {path}/magnitude > '140'").notes
    assert note.code == "NEVER_COMPARABLE"
    assert note.offset == 34
    assert checked(f"SELECT o FROM OBSERVATION o WHERE {path}/magnitude > 140 AND {path}/value = 'x'").notes == ()
    assert checked("SELECT c FROM COMPOSITION c WHERE c/context/start_time > '2024'").notes == ()


def test_a_parameter_of_unknown_type_is_not_noted() -> None:
    query = parse("SELECT o FROM OBSERVATION o WHERE o/data/events/data/items/value/magnitude > $p")
    assert analyse(bind(query, {"p": Spelling("140")}), CATALOG).notes == ()


def test_no_message_repeats_a_literal() -> None:
    error = refused("SELECT c FROM COMPOSITION c WHERE c/content = '01017012345'")
    assert "01017" not in str(error)


def test_parameters_may_still_be_there() -> None:
    checked("SELECT c FROM COMPOSITION c[$a] WHERE c/name/value = $b AND c/uid/value MATCHES {$c} LIMIT $d")


def test_the_old_name_of_the_id_of_an_ehr_is_understood_as_a_mistake() -> None:
    assert "Did you mean ehr_id?" in str(refused("SELECT c FROM EHR [uid = $ehrUid] CONTAINS COMPOSITION c"))
