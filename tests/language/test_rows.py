"""What a query means, rule by rule, on trees small enough to see the answer."""

from __future__ import annotations

from aql.interpret import InterpretedEhr
from tests.language.small_records import (
    DIASTOLIC,
    EVENTS,
    FROM_BP,
    SYSTOLIC,
    blood_pressure,
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
