"""WHERE, versions, order, pages and aggregates, rule by rule, on trees small enough to see the answer."""

from __future__ import annotations

import pytest

from aql.interpret import InterpretedEhr
from tests.language.small_records import (
    DIASTOLIC,
    FROM_BP,
    SYSTOLIC,
    blood_pressure,
    coded,
    composition,
    count,
    ehr,
    element,
    evaluation,
    event,
    observation,
    quantity,
    rows,
    stored,
    version,
)

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


def test_a_path_in_where_makes_rows_and_exists_does_not() -> None:
    record = ehr(
        "e1", composition(evaluation("a.v1", name="X"), evaluation("a.v1", name="X"), evaluation("a.v1", name="Y"))
    )
    base = "SELECT c/name/value FROM COMPOSITION c WHERE"
    assert len(rows(f"{base} c/content/name/value = 'X'", record)) == 2
    assert len(rows(f"{base} EXISTS c/content[name/value = 'X']", record)) == 1
