"""The rules for single values, as tables: they are shared by the interpreter and the engine, so nothing else checks them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aql.path import Operator
from aql.patterns import full_match, is_pattern, like
from aql.values import TypedText, ValueRules, attribute_of, compare, distinct_key, matches, order_key
from tests.language.small_records import code, coded, count, date_time, quantity, text


class _Metric:
    """Grams and kilograms."""

    def canonical(self, magnitude: float, units: str) -> tuple[Fraction, str] | None:
        factors = {"g": 1, "kg": 1000}
        return (Fraction(magnitude) * factors[units], "g") if units in factors else None


RULES = ValueRules(units=_Metric())
RELATIONS = {"<": -1, "=": 0, ">": 1}


def typed(rm_type: str, value: str) -> dict[str, Any]:
    return {"_type": rm_type, "value": value}


def date(value: str) -> dict[str, Any]:
    return typed("DV_DATE", value)


def time(value: str) -> dict[str, Any]:
    return typed("DV_TIME", value)


def duration(value: str) -> dict[str, Any]:
    return typed("DV_DURATION", value)


def ordinal(value: int, terminology: str = "local") -> dict[str, Any]:
    return {"_type": "DV_ORDINAL", "value": value, "symbol": coded("x", "at0001", terminology)}


def proportion(numerator: float, denominator: float, kind: int = 0) -> dict[str, Any]:
    return {"_type": "DV_PROPORTION", "numerator": numerator, "denominator": denominator, "type": kind}


def uid(value: str) -> dict[str, Any]:
    return typed("OBJECT_VERSION_ID", value)


# (left, relation, right): `<`, `=`, `>`, `~` same place but unequal, `#` unequal without order, `?` unknown.
TABLE: list[tuple[Any, str, Any]] = [
    (1, "<", 2),
    (1, "=", 1.0),
    (2.5, ">", -1),
    ("a", "<", "b"),
    ("B", "<", "a"),
    ("æ", ">", "z"),
    (True, "=", True),
    (True, "#", False),
    (True, "?", 1),
    ("1", "?", 1),
    (None, "?", 1),
    (None, "?", None),
    (text("a"), "=", "a"),
    (text("a"), "<", text("b")),
    (count(3), "=", 3),
    (count(3), "<", count(4)),
    (count(3), "?", quantity(3)),
    (quantity(80), "=", 80),
    (quantity(80), "<", 81.5),
    (quantity(1, "kg"), "=", quantity(1000, "g")),
    (quantity(1, "kg"), ">", quantity(999, "g")),
    (quantity(1, "kg"), "?", quantity(1, "mm[Hg]")),
    (quantity(5), "<", quantity(6)),
    (quantity(1, "kg"), "=", 1),
    (ordinal(1), "<", ordinal(2)),
    (ordinal(1), "=", 1),
    (ordinal(1), "?", ordinal(1, "SNOMED-CT")),
    (proportion(1, 4), "<", proportion(1, 2)),
    (proportion(1, 4), "=", 0.25),
    (proportion(1, 4), "?", proportion(1, 4, kind=2)),
    (proportion(1, 0), "?", 1),
    (typed("DV_BOOLEAN", True), "=", True),  # type: ignore[arg-type]
    (coded("Diabetes", "73211009", "SNOMED-CT"), "=", "Diabetes"),
    (coded("Diabetes", "73211009", "SNOMED-CT"), "=", coded("Sukkersyke", "73211009", "SNOMED-CT")),
    (coded("Same", "1"), "#", coded("Same", "2")),
    (code("at0001"), "=", "at0001"),
    (code("at0001"), "=", "local::at0001"),
    (code("at0001"), "#", code("at0001", "SNOMED-CT")),
    (coded("x", "at0001"), "=", code("at0001")),
    (date("2024-05-01"), "=", "2024-05-01"),
    (date("2024-05-01"), "=", "20240501"),
    (date("2024-05-01"), "<", "2024-05-02"),
    (date("2024-05"), "~", "2024-05-01"),
    (date("2024"), "<", date("2024-02")),
    (date("2024-05-01"), "?", "yesterday"),
    (date("2024-05-01"), "~", date_time("2024-05-01T00:00:00")),
    (date_time("2024-05-01T12:00:00Z"), "=", "2024-05-01T14:00:00+02:00"),
    (date_time("2024-05-01T12:00:00"), "=", "2024-05-01T10:00:00Z"),
    (date_time("2024-01-01T12:00:00"), "=", "2024-01-01T11:00:00Z"),
    (date_time("2024-01-01T12:00:00"), "=", "2024-01-01T12:00:00.000"),
    (date_time("2024-01-01T12:00:00"), "~", "2024-01-01T12"),
    (date_time("2024-01-01T12:00:00.001"), ">", "2024-01-01T12:00:00"),
    (time("10:00:00"), "<", "10:00:01"),
    (time("10:00:00Z"), "=", "11:00:00+01:00"),
    (time("10:00:00"), "=", "09:00:00Z"),
    (time("10:00:00"), "?", date("2024-01-01")),
    (duration("PT30M"), "=", "PT1800S"),
    (duration("P1Y"), ">", "P360D"),
    (duration("-PT1H"), "<", "PT0S"),
    (duration("P2W"), "=", "P14D"),
    (uid("a::s::1"), "=", "a"),
    (uid("a::s::1"), "=", "a::s::1"),
    (uid("a::s::1"), "=", "a::::1"),
    (uid("a::s::1"), "<", "a::s::2"),
    (uid("a::s::1"), "<", "b"),
    ({"_type": "DV_INTERVAL"}, "?", {"_type": "DV_INTERVAL"}),
    ({"_type": "DV_QUANTITY"}, "?", 1),
    ({"_type": "DV_IDENTIFIER", "id": "123", "type": "t"}, "=", "123"),
    (typed("HIER_OBJECT_ID", "x"), "=", "x"),
]
OUTCOMES: dict[str, dict[str, bool | None]] = {
    "<": {"=": False, "!=": True, "<": True, "<=": True, ">": False, ">=": False},
    "=": {"=": True, "!=": False, "<": False, "<=": True, ">": False, ">=": True},
    ">": {"=": False, "!=": True, "<": False, "<=": False, ">": True, ">=": True},
    "~": {"=": False, "!=": True, "<": False, "<=": True, ">": False, ">=": True},
    "#": {"=": False, "!=": True, "<": None, "<=": None, ">": None, ">=": None},
    "?": {"=": None, "!=": None, "<": None, "<=": None, ">": None, ">=": None},
}


@pytest.mark.parametrize(("left", "relation", "right"), TABLE)
def test_two_values_compare_as_the_table_says(left: Any, relation: str, right: Any) -> None:
    found = {operator.value: compare(left, operator, right, rules=RULES) for operator in Operator}
    assert found == OUTCOMES[relation]


@pytest.mark.parametrize(("left", "relation", "right"), TABLE)
def test_comparing_is_the_same_from_the_other_side(left: Any, relation: str, right: Any) -> None:
    mirrored = {"<": ">", ">": "<"}.get(relation, relation)
    found = {operator.value: compare(right, operator, left, rules=RULES) for operator in Operator}
    assert found == OUTCOMES[mirrored]


def test_the_text_of_a_date_remembers_that_it_is_one() -> None:
    value = attribute_of(date_time("2024-05-01T12:00:00+02:00"), "value")
    assert value == "2024-05-01T12:00:00+02:00"
    assert compare(value, Operator.LESS, "2024-05-01T11:00:00Z", rules=RULES)
    assert not compare(
        attribute_of(text("2024-05-01T12:00:00+02:00"), "value"), Operator.LESS, "2024-05-01T11:00:00Z", rules=RULES
    )


def test_the_zone_of_the_tenant_stands_in_for_a_missing_offset() -> None:
    local, utc = date_time("2024-01-01T12:00:00"), "2024-01-01T17:00:00Z"
    assert compare(local, Operator.EQUAL, utc, rules=ValueRules(zone=ZoneInfo("America/New_York")))
    assert not compare(local, Operator.EQUAL, utc)


def test_without_units_only_equal_units_compare() -> None:
    assert compare(quantity(1, "kg"), Operator.LESS, quantity(1000, "g")) is None
    assert compare(quantity(1, "kg"), Operator.LESS, quantity(2, "kg")) is True


@pytest.mark.parametrize(
    ("value", "choices", "expected"),
    [
        (1, [1, 2], True),
        (3, [1, 2], False),
        (3, [], False),
        (3, [1, None], None),
        (1, [1, None], True),
        (None, [1], None),
        (coded("A", "at0001"), ["A", "B"], True),
    ],
)
def test_matches_is_true_false_or_unknown(value: Any, choices: list[Any], expected: bool | None) -> None:
    assert matches(value, choices) is expected


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("left eye", "left*", True),
        ("left eye", "*eye", True),
        ("left eye", "*t e*", True),
        ("left eye", "left", False),
        ("left eye", "LEFT*", False),
        ("abc", "a?c", True),
        ("ac", "a?c", False),
        ("", "*", True),
        ("", "", True),
        ("a*c", r"a\*c", True),
        ("abc", r"a\*c", False),
        ("a?", r"a\?", True),
        ("a\\b", r"a\\b", True),
        ("Name%_", "Name%_", True),
        ("aab", "*ab", True),
        ("line\nbreak", "line*k", True),
        (date_time("2019-05-01T10:00:00"), "2019-0?-*", True),
        (text("x"), "x", True),
        (code("J07BB"), "J07*", True),
        (5, "5", None),
        (None, "*", None),
    ],
)
def test_like_matches_whole_texts(value: Any, pattern: str, expected: bool | None) -> None:
    assert like(value, pattern) is expected


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_like_agrees_with_the_plain_definition(pattern: str, value: str) -> None:
    def holds(wanted: str, found: str) -> bool:
        if not wanted:
            return not found
        if wanted[0] == "*":
            return any(holds(wanted[1:], found[at:]) for at in range(len(found) + 1))
        return bool(found) and wanted[0] in ("?", found[0]) and holds(wanted[1:], found[1:])

    assert like(value, pattern) is holds(pattern, value)


def test_like_takes_linear_time() -> None:
    assert like("a" * 20_000, "*a" * 50 + "b") is False


def test_regular_expressions_match_whole_texts_and_cannot_explode() -> None:
    assert full_match("a+", "aaa") is True
    assert full_match("a+", "aab") is False
    assert full_match("a+", 5) is None
    assert full_match("(a+)+b", "a" * 5000) is False
    assert not is_pattern("(a")
    assert not is_pattern("a(?=b)")


def test_sorting_goes_by_kind_and_nulls_come_last() -> None:
    ordered = [
        False, True, 1, count(2), 2.5, quantity(900, "g"), quantity(1, "kg"), date("2023"),
        date_time("2024-01-01T10:00:00"), duration("PT1H"), time("10:00"), "a", text("b"), {"_type": "DV_INTERVAL"}, None,
    ]  # fmt: skip
    keys = [order_key(value, rules=RULES) for value in ordered]
    assert all(first < second for first, second in pairwise(keys))


def test_distinct_tells_booleans_from_numbers() -> None:
    assert distinct_key(True) != distinct_key(1)
    assert distinct_key(1) == distinct_key(1.0)
    assert distinct_key(text("a")) == distinct_key({"value": "a", "_type": "DV_TEXT"})
    assert distinct_key(TypedText("x", "DV_DATE")) == distinct_key("x")
