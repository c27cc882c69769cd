"""Parameters are bound into the tree, never into text."""

from __future__ import annotations

import pytest

from aql import AqlParameterError, AqlTooExpensive, bind, parameter_names, parse, unparse

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
