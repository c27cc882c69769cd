"""Parameters are bound into the tree, never into text."""

from __future__ import annotations

import pytest

from aql import AqlParameterError, AqlTooExpensive, bind, parameter_names, parse, unparse
from aql.params import Spelling
from tests.language.small_records import composition, count, ehr, element, evaluation, rows, text

QUERY = "SELECT c FROM EHR e[ehr_id/value = $id] CONTAINS COMPOSITION c[$archetype] WHERE c/a = $value"


def bound(condition: str, **parameters: object) -> str:
    return unparse(bind(parse(f"SELECT c FROM COMPOSITION c WHERE {condition}"), parameters)).partition(" WHERE ")[2]


def test_parameters_are_replaced_wherever_they_stand() -> None:
    text = (
        "SELECT $shown, CONCAT($shown, 'x') FROM EHR e[ehr_id/value = $id] CONTAINS COMPOSITION c[$archetype] "
        "WHERE c/content[at0001, $name]/a LIKE $pattern AND c/b MATCHES {$list, 1} LIMIT $limit OFFSET $offset"
    )
    values = {
        "shown": "s", "id": "e1", "archetype": "openEHR-EHR-COMPOSITION.report.v1", "name": "n", "pattern": "p*",
        "list": ["a", 2], "limit": 5, "offset": 10,
    }  # fmt: skip
    assert unparse(bind(parse(text), values)) == (
        "SELECT 's', CONCAT('s', 'x') FROM EHR e[ehr_id/value = 'e1'] "
        "CONTAINS COMPOSITION c[openEHR-EHR-COMPOSITION.report.v1] "
        "WHERE c/content[at0001, 'n']/a LIKE 'p*' AND c/b MATCHES {'a', 2, 1} LIMIT 5 OFFSET 10"
    )


def test_a_value_cannot_change_what_the_query_means() -> None:
    hostile = "' OR c/a != '"
    assert bound("c/a = $p", p=hostile) == "c/a = '\\' OR c/a != \\''"


def test_numbers_booleans_and_strings_keep_their_types() -> None:
    assert bound("c/a = $p", p=1) == "c/a = 1"
    assert bound("c/a = $p", p=1.0) == "c/a = 1.0"
    assert bound("c/a = $p", p=True) == "c/a = true"
    assert bound("c/a = $p", p="1") == "c/a = '1'"


def test_a_list_stands_for_a_bare_parameter_of_matches() -> None:
    assert bound("c/a MATCHES $p", p=["x", "y"]) == "c/a MATCHES {'x', 'y'}"


def test_parameters_are_listed_in_the_order_of_the_text() -> None:
    assert parameter_names(parse(QUERY)) == ("id", "archetype", "value")


def test_values_that_no_parameter_asks_for_are_left_alone() -> None:
    assert bound("c/a = $p", p=1, other=object()) == "c/a = 1"


def test_a_missing_value_is_an_error_with_a_place() -> None:
    with pytest.raises(AqlParameterError) as caught:
        bind(parse(QUERY), {"id": "e1", "archetype": "openEHR-EHR-COMPOSITION.report.v1"})
    assert caught.value.parameter == "value"
    assert caught.value.column == QUERY.index("$value") + 1


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("c/a = $p", None),
        ("c/a = $p", {"value": 1}),
        ("c/a = $p", [1, 2]),
        ("c/a = $p", float("nan")),
        ("c/a = $p", 2**63),
        ("c/a MATCHES {$p}", [["nested"]]),
        ("c/a MATCHES {$p}", [None]),
        ("c/a LIKE $p", 5),
        ("c/items[$p]/a = 1", "no id"),
        ("c/items[$p]/a = 1", "at0001] OR c/items[at0002"),
        ("c/items[at0001, $p]/a = 1", 5),
    ],
)
def test_a_value_that_cannot_stand_there_is_refused(condition: str, value: object) -> None:
    with pytest.raises(AqlParameterError) as caught:
        bound(condition, p=value)
    assert caught.value.parameter == "p"


@pytest.mark.parametrize("value", ["5", 1.5, True])
def test_limit_takes_an_integer(value: object) -> None:
    with pytest.raises(AqlParameterError):
        bind(parse("SELECT c FROM COMPOSITION c LIMIT $n"), {"n": value})


def test_a_message_does_not_repeat_the_value() -> None:
    with pytest.raises(AqlParameterError) as caught:
        bound("c/items[$p]/a = 1", p="01017012345")
    assert "01017" not in str(caught.value)


def test_a_list_has_a_limit() -> None:
    with pytest.raises(AqlTooExpensive):
        bound("c/a MATCHES {$p}", p=list(range(20_000)))


def test_a_spelling_is_compared_as_text_and_as_number() -> None:
    assert bound("c/a = $p", p=Spelling("120")) == "c/a = '120' OR c/a = 120"
    assert bound("c/a > $p", p=Spelling("1.50")) == "c/a > '1.50' OR c/a > 1.5"
    assert bound("c/a = $p", p=Spelling("true")) == "c/a = 'true' OR c/a = true"
    assert bound("c/a MATCHES {$p}", p=[Spelling("1"), Spelling("x")]) == "c/a MATCHES {'1', 1, 'x'}"
    assert bound("EXISTS c/items[a = $p]", p=Spelling("5")) == "EXISTS c/items[a = '5' OR a = 5]"


@pytest.mark.parametrize("spelling", ["01017012345", "1e3", "x", "", "1.", "--1", "+1", "99999999999999999999", "TRUE"])
def test_text_that_spells_no_number_stays_text(spelling: str) -> None:
    assert bound("c/a = $p", p=Spelling(spelling)) == f"c/a = '{spelling}'"


def test_a_spelling_is_what_its_place_needs() -> None:
    assert bound("c/a LIKE $p", p=Spelling("12*")) == "c/a LIKE '12*'"
    assert bound("c/a = ABS($p)", p=Spelling("5")) == "c/a = ABS(5)"
    assert bound("c/a = CONCAT($p, 'x')", p=Spelling("5")) == "c/a = CONCAT('5', 'x')"
    query = bind(parse("SELECT c FROM COMPOSITION c LIMIT $n"), {"n": Spelling("5")})
    assert query.limit == 5


def test_a_spelling_finds_texts_and_numbers() -> None:
    record = ehr("e1", composition(evaluation("a.v1", element("at0001", text("120")), element("at0001", count(120)))))
    query = "SELECT v/data/items[at0001]/value FROM EVALUATION v WHERE v/data/items[at0001]/value = $p"
    assert len(rows(query, record, p=Spelling("120"))) == 2
    assert len(rows(query, record, p="120")) == 1
    assert rows(query.replace("= $p", "!= $p"), record, p=Spelling("120")) == []
