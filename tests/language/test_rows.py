"""What a query means, rule by rule, on trees small enough to see the answer."""

from __future__ import annotations

import pytest

from aql.interpret import InterpretedEhr
from tests.language.small_records import (
    cluster,
    coded,
    composition,
    count,
    ehr,
    element,
    evaluation,
    event,
    folder,
    located,
    observation,
    quantity,
    rows,
    section,
    stored,
    text,
    version,
)


def blood_pressure(systolic: float | None, diastolic: float | None, *, concept: str = "bp.v1") -> dict[str, object]:
    items = [("at0004", systolic), ("at0005", diastolic)]
    return observation(concept, event(*(element(node, quantity(value)) for node, value in items if value is not None)))


@pytest.fixture
def two_events() -> InterpretedEhr:
    """One observation with two events of two elements each."""
    return ehr(
        "e1",
        composition(
            observation(
                "bp.v1",
                event(element("at0004", quantity(120)), element("at0005", quantity(80)), time="2024-01-01T10:00:00"),
                event(element("at0004", quantity(140)), element("at0005", quantity(90)), time="2024-01-02T10:00:00"),
            )
        ),
    )


EVENTS = "o/data[at0001]/events[at0002]"
SYSTOLIC = f"{EVENTS}/data[at0003]/items[at0004]/value/magnitude"
DIASTOLIC = f"{EVENTS}/data[at0003]/items[at0005]/value/magnitude"
FROM_BP = "FROM EHR e CONTAINS COMPOSITION c CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.bp.v1]"


# Combinations of FROM ------------------------------------------------------------------------------------------------


def test_each_combination_of_class_variables_is_a_row() -> None:
    record = ehr(
        "e1", composition(evaluation("a.v1", name="A1"), evaluation("a.v1", name="A2"), evaluation("b.v1", name="B"))
    )
    query = (
        "SELECT a/name/value, b/name/value FROM COMPOSITION c CONTAINS "
        "(EVALUATION a[openEHR-EHR-EVALUATION.a.v1] AND EVALUATION b[openEHR-EHR-EVALUATION.b.v1])"
    )
    assert rows(query, record) == [("A1", "B"), ("A2", "B")]


def test_classes_without_a_variable_make_rows_too() -> None:
    record = ehr("e1", composition(evaluation("a.v1"), evaluation("a.v1")))
    assert rows("SELECT e/ehr_id/value FROM EHR e CONTAINS EVALUATION", record) == [("e1",), ("e1",)]


def test_contains_looks_any_number_of_levels_down() -> None:
    deep = cluster("at0010", cluster("at0011", element("at0012", text("found"))))
    record = ehr("e1", composition(section("outer", section("inner", evaluation("a.v1", deep)))))
    assert rows("SELECT l/value/value FROM EHR e CONTAINS ELEMENT l", record) == [("found",)]


def test_a_node_does_not_contain_itself() -> None:
    record = ehr("e1", composition(section("outer", section("inner"))))
    query = "SELECT a/name/value, b/name/value FROM SECTION a CONTAINS SECTION b"
    assert rows(query, record) == [("outer", "inner")]


def test_or_keeps_the_row_with_the_unmatched_side_null() -> None:
    record = ehr("e1", composition(evaluation("a.v1", name="A")))
    query = (
        "SELECT a/name/value, b/name/value FROM COMPOSITION c CONTAINS "
        "(EVALUATION a[openEHR-EHR-EVALUATION.a.v1] OR EVALUATION b[openEHR-EHR-EVALUATION.b.v1])"
    )
    assert rows(query, record) == [("A", None)]


def test_or_combines_both_sides_where_both_match() -> None:
    record = ehr(
        "e1", composition(evaluation("a.v1", name="A"), evaluation("b.v1", name="B1"), evaluation("b.v1", name="B2"))
    )
    query = (
        "SELECT a/name/value, b/name/value FROM COMPOSITION c CONTAINS "
        "(EVALUATION a[openEHR-EHR-EVALUATION.a.v1] OR EVALUATION b[openEHR-EHR-EVALUATION.b.v1])"
    )
    assert rows(query, record) == [("A", "B1"), ("A", "B2")]


def test_or_without_any_match_gives_no_row() -> None:
    query = "SELECT c/name/value FROM COMPOSITION c CONTAINS (EVALUATION a OR OBSERVATION b)"
    assert rows(query, ehr("e1", composition())) == []


def test_not_contains_keeps_what_has_no_match_and_binds_nothing() -> None:
    record = ehr("e1", composition(evaluation("a.v1"), name="with"), composition(name="without"))
    query = "SELECT c/name/value FROM COMPOSITION c NOT CONTAINS EVALUATION x[openEHR-EHR-EVALUATION.a.v1]"
    assert rows(query, record) == [("without",)]


def test_an_ehr_without_objects_is_a_row_of_its_own() -> None:
    assert rows("SELECT e/ehr_id/value FROM EHR e", ehr("e1"), ehr("e2")) == [("e1",), ("e2",)]


def test_terms_joined_at_the_top_are_of_one_ehr() -> None:
    query = "SELECT a/name/value, b/name/value FROM EVALUATION a[openEHR-EHR-EVALUATION.a.v1] AND EVALUATION b[openEHR-EHR-EVALUATION.b.v1]"
    first, second = evaluation("a.v1", name="A"), evaluation("b.v1", name="B")
    assert rows(query, ehr("e1", composition(first)), ehr("e2", composition(second))) == []
    assert rows(query, ehr("e1", composition(first), composition(second))) == [("A", "B")]


def test_ehr_contains_status_and_folders_beside_compositions() -> None:
    status = located("EHR_STATUS", "openEHR-EHR-EHR_STATUS.generic.v1", "Status", is_queryable=True)
    record = ehr("e1", status, folder("root"), composition(name="report"))
    query = "SELECT l/name/value FROM EHR e CONTAINS LOCATABLE l"
    assert {row[0] for row in rows(query, record)} == {"Status", "root", "report"}


def test_a_folder_contains_the_compositions_that_it_and_its_subfolders_refer_to() -> None:
    inside, nested, outside = (stored(version(uid, composition(name=uid))) for uid in ("c1", "c2", "c3"))
    tree = folder("root", items=("c1",), folders=(folder("sub", items=("c2",)),))
    record = ehr("e1", stored(version("f1", tree)), inside, nested, outside)
    query = "SELECT c/name/value FROM FOLDER f CONTAINS COMPOSITION c WHERE f/name/value = $name"
    assert rows(query, record, name="root") == [("c1",), ("c2",)]
    assert rows(query, record, name="sub") == [("c2",)]


def test_an_abstract_class_stands_for_its_subclasses() -> None:
    record = ehr("e1", composition(evaluation("a.v1", name="E"), observation("o.v1", name="O"), section("S")))
    assert rows("SELECT x/name/value FROM COMPOSITION c CONTAINS CARE_ENTRY x", record) == [("E",), ("O",)]


def test_data_types_can_stand_in_from() -> None:
    record = ehr("e1", composition(evaluation("a.v1", element("at0002", quantity(5, "kg")))))
    assert rows("SELECT q/magnitude FROM EVALUATION v CONTAINS DV_QUANTITY q", record) == [(5,)]


def test_demographic_parties_are_found_without_an_ehr() -> None:
    party = stored(version("p1", located("PERSON", "openEHR-DEMOGRAPHIC-PERSON.person.v1", "Ola")))
    assert rows("SELECT p/name/value FROM PERSON p", parties=(party,)) == [("Ola",)]


# Predicates ---------------------------------------------------------------------------------------------------------


def test_an_archetype_predicate_matches_specialisations() -> None:
    record = ehr(
        "e1", composition(blood_pressure(120, 80, concept="bp-exercise.v1"), blood_pressure(1, 1, concept="bpx.v1"))
    )
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP}", record) == [(120,)]


def test_a_name_in_a_predicate_chooses_among_siblings() -> None:
    items = element("at0002", text("left"), name="Left eye"), element("at0002", text("right"), name="Right eye")
    record = ehr("e1", composition(evaluation("a.v1", *items)))
    for predicate in ("at0002, 'Right eye'", "at0002 AND name/value = 'Right eye'", "name/value MATCHES {/Right.*/}"):
        assert rows(f"SELECT v/data/items[{predicate}]/value/value FROM EVALUATION v", record) == [("right",)]


def test_a_code_in_a_predicate_is_the_code_of_the_name() -> None:
    items = (
        element("at0002", text("one"), name=coded("First", "at0010")),
        element("at0002", text("two"), name=coded("Second", "at0011")),
    )
    record = ehr("e1", composition(evaluation("a.v1", *items)))
    for name in ("at0011", "local::at0011", "local::at0011|Second|"):
        assert rows(f"SELECT v/data/items[at0002, {name}]/value/value FROM EVALUATION v", record) == [("two",)]


def test_or_in_a_predicate_takes_either() -> None:
    items = [element(f"at000{number}", count(number)) for number in (1, 2, 3)]
    record = ehr("e1", composition(evaluation("a.v1", *items)))
    query = "SELECT v/data/items[at0001 OR at0003]/value/magnitude FROM EVALUATION v"
    assert rows(query, record) == [(1,), (3,)]


def test_a_predicate_on_the_variable_filters_its_node() -> None:
    record = ehr("e1", composition(evaluation("a.v1", name="A"), evaluation("a.v1", name="B")))
    query = "SELECT v[name/value='B']/name/value FROM EVALUATION v"
    assert rows(query, record) == [(None,), ("B",)]


# Paths make rows ----------------------------------------------------------------------------------------------------


def test_a_path_that_meets_several_nodes_gives_a_row_for_each(two_events: InterpretedEhr) -> None:
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP}", two_events) == [(120,), (140,)]


def test_paths_that_share_a_prefix_share_the_node(two_events: InterpretedEhr) -> None:
    assert rows(f"SELECT {SYSTOLIC}, {DIASTOLIC} {FROM_BP}", two_events) == [(120, 80), (140, 90)]


def test_where_restricts_the_node_that_select_shows(two_events: InterpretedEhr) -> None:
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP} WHERE {DIASTOLIC} > 85", two_events) == [(140,)]


def test_order_by_sorts_by_the_node_of_the_row(two_events: InterpretedEhr) -> None:
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP} ORDER BY {EVENTS}/time DESC", two_events) == [(140,), (120,)]


def test_independent_branches_combine(two_events: InterpretedEhr) -> None:
    other = "o/data[at0001]/events[at0002, 'Any event']/data[at0003]/items[at0005]/value/magnitude"
    assert rows(f"SELECT {SYSTOLIC}, {other} {FROM_BP}", two_events) == [(120, 80), (120, 90), (140, 80), (140, 90)]


def test_two_variables_never_share_nodes(two_events: InterpretedEhr) -> None:
    query = (
        "SELECT l/value/magnitude, m/value/magnitude FROM OBSERVATION o CONTAINS "
        "(ELEMENT l[at0004] AND ELEMENT m[at0005])"
    )
    assert rows(query, two_events) == [(120, 80), (120, 90), (140, 80), (140, 90)]


def test_a_path_that_meets_nothing_is_null_and_the_row_stays() -> None:
    record = ehr("e1", composition(blood_pressure(None, 80)))
    assert rows(f"SELECT {SYSTOLIC}, {DIASTOLIC} {FROM_BP}", record) == [(None, 80)]


def test_a_row_of_nulls_stays_where_no_path_meets_anything() -> None:
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP}", ehr("e1", composition(observation("bp.v1")))) == [(None,)]


def test_an_element_without_value_counts_as_a_node() -> None:
    record = ehr(
        "e1", composition(observation("bp.v1", event(element("at0004", None), element("at0004", quantity(9)))))
    )
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP}", record) == [(None,), (9,)]


def test_a_node_in_which_no_path_meets_anything_makes_no_row() -> None:
    events = event(element("at0005", quantity(80))), event(element("at0004", quantity(120)))
    record = ehr("e1", composition(observation("bp.v1", *events)))
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP}", record) == [(120,)]


def test_whole_objects_can_be_selected() -> None:
    tree = evaluation("a.v1", name="A")
    (row,) = rows("SELECT v FROM EVALUATION v", ehr("e1", composition(tree)))
    assert row == (tree,)


def test_an_ehr_is_selected_without_the_objects_that_paths_see_in_it() -> None:
    (row,) = rows("SELECT e FROM EHR e", ehr("e1", composition()))
    assert row[0]["ehr_id"]["value"] == "e1"
    assert "compositions" not in row[0]


def test_paths_of_an_ehr_go_through_its_objects() -> None:
    status = located("EHR_STATUS", "openEHR-EHR-EHR_STATUS.generic.v1", "Status", is_queryable=True)
    record = ehr("e1", status, composition(name="A"), composition(name="B"))
    query = "SELECT e/ehr_status/is_queryable, e/compositions/name/value, e/system_id/value FROM EHR e"
    assert rows(query, record) == [(True, "A", "kilde.test"), (True, "B", "kilde.test")]


# WHERE --------------------------------------------------------------------------------------------------------------


def test_null_in_a_comparison_is_unknown_and_not_is_unknown_too() -> None:
    record = ehr("e1", composition(blood_pressure(None, 80)))
    assert rows(f"SELECT {DIASTOLIC} {FROM_BP} WHERE {SYSTOLIC} > 1", record) == []
    assert rows(f"SELECT {DIASTOLIC} {FROM_BP} WHERE NOT {SYSTOLIC} > 1", record) == []


def test_or_is_true_beside_an_unknown_and_and_is_not() -> None:
    record = ehr("e1", composition(blood_pressure(None, 80)))
    assert rows(f"SELECT {DIASTOLIC} {FROM_BP} WHERE {SYSTOLIC} > 1 OR {DIASTOLIC} = 80", record) == [(80,)]
    assert rows(f"SELECT {DIASTOLIC} {FROM_BP} WHERE {SYSTOLIC} > 1 AND {DIASTOLIC} = 80", record) == []


def test_exists_is_true_where_the_path_meets_a_node() -> None:
    record = ehr("e1", composition(blood_pressure(None, 80)), composition(blood_pressure(120, 70)))
    assert rows(f"SELECT {DIASTOLIC} {FROM_BP} WHERE EXISTS {SYSTOLIC}", record) == [(70,)]
    assert rows(f"SELECT {DIASTOLIC} {FROM_BP} WHERE NOT EXISTS {SYSTOLIC}", record) == [(80,)]


def test_exists_makes_no_rows(two_events: InterpretedEhr) -> None:
    assert rows(f"SELECT o/name/value {FROM_BP} WHERE EXISTS {SYSTOLIC}", two_events) == [("Observation",)]


def test_exists_looks_inside_the_node_of_the_row() -> None:
    events = (
        event(element("at0004", quantity(1)), element("at0005", quantity(2))),
        event(element("at0004", quantity(3))),
    )
    record = ehr("e1", composition(observation("bp.v1", *events)))
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP} WHERE EXISTS {DIASTOLIC}", record) == [(1,)]


def test_exists_of_an_unbound_variable_is_false() -> None:
    query = "SELECT c/name/value FROM COMPOSITION c CONTAINS (EVALUATION v OR OBSERVATION o) WHERE NOT EXISTS o/name"
    assert rows(query, ehr("e1", composition(evaluation("a.v1")))) == [("Composition",)]


def test_paths_compare_with_paths_and_functions(two_events: InterpretedEhr) -> None:
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP} WHERE {SYSTOLIC} > {DIASTOLIC}", two_events) == [(120,), (140,)]
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP} WHERE ABS({SYSTOLIC}) = 140", two_events) == [(140,)]


def test_matches_takes_lists_patterns_and_bound_lists(two_events: InterpretedEhr) -> None:
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP} WHERE {SYSTOLIC} MATCHES {{120, 5}}", two_events) == [(120,)]
    assert rows(f"SELECT {SYSTOLIC} {FROM_BP} WHERE {SYSTOLIC} MATCHES {{$list}}", two_events, list=[140, 7]) == [
        (140,)
    ]
    assert len(rows(f"SELECT {SYSTOLIC} {FROM_BP} WHERE o/name/value MATCHES {{/Obs.*/}}", two_events)) == 2


def test_a_version_uid_compares_with_the_id_of_its_object() -> None:
    record = ehr("e1", stored(version("c1", composition(name="A"))), stored(version("c2", composition(name="B"))))
    for uid in ("c1", "c1::kilde.test::1", "c1::::1"):
        assert rows("SELECT c/name/value FROM COMPOSITION c WHERE c/uid/value = $uid", record, uid=uid) == [("A",)]


# Versions -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def history() -> InterpretedEhr:
    """Three objects: one amended, one deleted, one with a draft on top."""
    amended = stored(
        version("a::1", composition(name="old")), version("a::2", composition(name="new"), committer="Ola")
    )
    deleted = stored(version("d::1", composition(name="gone")), version("d::2", None, state="523", change="523"))
    drafted = stored(
        version("w::1", composition(name="signed")), version("w::2", composition(name="draft"), state="553")
    )
    return ehr("e1", amended, deleted, drafted)


def test_only_the_newest_complete_versions_are_looked_at(history: InterpretedEhr) -> None:
    assert rows("SELECT c/name/value FROM COMPOSITION c", history) == [("new",), ("signed",)]
    assert rows("SELECT c/name/value FROM VERSION v CONTAINS COMPOSITION c", history) == [("new",), ("signed",)]


def test_latest_version_takes_drafts(history: InterpretedEhr) -> None:
    query = "SELECT c/name/value FROM VERSION v[LATEST_VERSION] CONTAINS COMPOSITION c"
    assert rows(query, history) == [("new",), ("draft",)]


def test_all_versions_takes_every_version(history: InterpretedEhr) -> None:
    query = "SELECT v/uid/value, c/name/value FROM VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c"
    assert [row[1] for row in rows(query, history)] == ["old", "new", "gone", "signed", "draft"]
    alone = "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS]"
    assert ("d::kilde.test::2",) in rows(alone, history)


def test_a_predicate_chooses_among_all_versions(history: InterpretedEhr) -> None:
    query = "SELECT c/name/value FROM VERSION v[commit_audit/committer/name = 'Kari'] CONTAINS COMPOSITION c"
    assert ("old",) in rows(query, history)
    assert ("new",) not in rows(query, history)


def test_a_version_shows_its_audit_and_its_data(history: InterpretedEhr) -> None:
    query = (
        "SELECT v/commit_audit/committer/name, v/lifecycle_state/defining_code/code_string, v/data/name/value "
        "FROM VERSION v CONTAINS COMPOSITION c WHERE c/name/value = 'new'"
    )
    assert rows(query, history) == [("Ola", "532", "new")]


# Order, pages, duplicates -------------------------------------------------------------------------------------------


@pytest.fixture
def scattered() -> InterpretedEhr:
    values = {"c3": 2, "c1": 1, "c2": 2, "c4": None}
    return ehr(
        "e1",
        *(
            stored(
                version(
                    uid, composition(evaluation("a.v1", element("at0002", None if value is None else count(value))))
                )
            )
            for uid, value in values.items()
        ),
    )


UID_AND_VALUE = (
    "SELECT c/uid/value AS uid, v/data/items/value/magnitude AS value FROM COMPOSITION c CONTAINS EVALUATION v"
)


def _uids(found: list[tuple[object, ...]]) -> list[str]:
    return [str(row[0]).partition("::")[0] for row in found]


def test_rows_come_in_the_order_of_object_and_position(scattered: InterpretedEhr) -> None:
    assert _uids(rows(UID_AND_VALUE, scattered)) == ["c1", "c2", "c3", "c4"]


def test_ties_are_broken_by_object_and_nulls_come_last(scattered: InterpretedEhr) -> None:
    assert _uids(rows(f"{UID_AND_VALUE} ORDER BY value", scattered)) == ["c1", "c2", "c3", "c4"]
    assert _uids(rows(f"{UID_AND_VALUE} ORDER BY value DESC", scattered)) == ["c4", "c2", "c3", "c1"]


def test_order_by_takes_a_path_that_select_does_not_show(scattered: InterpretedEhr) -> None:
    query = "SELECT c/uid/value FROM COMPOSITION c CONTAINS EVALUATION v ORDER BY v/data/items/value/magnitude DESC, c/uid/value DESC"
    assert _uids(rows(query, scattered)) == ["c4", "c3", "c2", "c1"]


def test_pages_are_cut_after_sorting(scattered: InterpretedEhr) -> None:
    assert _uids(rows(f"{UID_AND_VALUE} ORDER BY value LIMIT 2 OFFSET 1", scattered)) == ["c2", "c3"]
    assert rows(f"{UID_AND_VALUE} LIMIT 2 OFFSET 9", scattered) == []


def test_top_takes_from_either_end(scattered: InterpretedEhr) -> None:
    backward = UID_AND_VALUE.replace("SELECT", "SELECT TOP 1 BACKWARD")
    assert _uids(rows(backward, scattered)) == ["c4"]
    assert _uids(rows(UID_AND_VALUE.replace("SELECT", "SELECT TOP 2"), scattered)) == ["c1", "c2"]


def test_distinct_drops_rows_before_the_page_is_cut(scattered: InterpretedEhr) -> None:
    query = "SELECT DISTINCT v/data/items/value/magnitude FROM COMPOSITION c CONTAINS EVALUATION v"
    assert rows(query, scattered) == [(1,), (2,), (None,)]
    assert rows(f"{query} LIMIT 1 OFFSET 1", scattered) == [(2,)]


# Aggregates and functions -------------------------------------------------------------------------------------------


def test_aggregates_make_one_row_and_ignore_nulls(scattered: InterpretedEhr) -> None:
    value = "v/data/items/value/magnitude"
    query = f"SELECT COUNT(*), COUNT({value}), COUNT(DISTINCT {value}), MIN({value}), MAX({value}), SUM({value}), AVG({value})"
    (row,) = rows(f"{query} FROM COMPOSITION c CONTAINS EVALUATION v", scattered)
    assert row == (4, 3, 2, 1, 2, 5, pytest.approx(5 / 3))


def test_aggregates_of_no_rows_are_null_and_counts_zero() -> None:
    (row,) = rows("SELECT COUNT(*), COUNT(c/uid), MAX(c/context/start_time) FROM COMPOSITION c", ehr("e1"))
    assert row == (0, 0, None)


def test_literals_stand_beside_aggregates(scattered: InterpretedEhr) -> None:
    query = "SELECT true AS flag, 'alert' AS word, COUNT(*) AS counter FROM COMPOSITION c"
    assert rows(query, scattered) == [(True, "alert", 4)]


def test_functions_are_columns_too(two_events: InterpretedEhr) -> None:
    query = f"SELECT CONCAT(o/name/value, ':', 'x'), MOD({SYSTOLIC}, 100), CURRENT_DATE() {FROM_BP} LIMIT 1"
    assert rows(query, two_events) == [("Observation:x", 20, "2024-07-01")]


class _Terms:
    """A terminology that knows one value set."""

    def call(self, operation: str, service_api: str, parameters: str) -> bool | list[str]:
        return ["at0010", "at0011"] if operation == "expand" else True

    def members(self, uri: str) -> list[str]:
        return ["at0011"]


def test_terminology_expands_inside_matches() -> None:
    items = (
        element("at0002", coded("A", "at0010")),
        element("at0002", coded("B", "at0011")),
        element("at0002", coded("C", "at0012")),
    )
    record = ehr("e1", composition(evaluation("a.v1", *items)))
    path = "v/data/items[at0002]/value/defining_code/code_string"
    expand = "TERMINOLOGY('expand', 'hl7.org/fhir/4.0', 'http://example.org/set')"
    base = f"SELECT {path} FROM EVALUATION v WHERE {path}"
    assert rows(f"{base} MATCHES {expand}", record, terminology=_Terms()) == [("at0010",), ("at0011",)]
    assert rows(f"{base} MATCHES {{'at0012', {expand}}}", record, terminology=_Terms()) == [
        ("at0010",),
        ("at0011",),
        ("at0012",),
    ]
    assert rows(f"{base} MATCHES {{terminology://local/set?a=b}}", record, terminology=_Terms()) == [("at0011",)]
