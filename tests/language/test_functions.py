"""Functions and aggregates as tables."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aql.aggregates import aggregate
from aql.ast import AggregateName
from aql.errors import AqlIncomparable, AqlNotSupported
from aql.functions import SIGNATURES, Moment, call
from aql.values import ValueRules
from tests.language.small_records import code, coded, count, date_time, quantity, text

MOMENT = Moment(datetime(2024, 7, 1, 9, 5, 3, 7_000, tzinfo=ZoneInfo("Europe/Oslo")))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("LENGTH", ["blåbær"], 6),
        ("LENGTH", [text("abc")], 3),
        ("LENGTH", [""], 0),
        ("LENGTH", [5], None),
        ("CONTAINS", ["blood pressure", "pres"], True),
        ("CONTAINS", ["blood pressure", "Pres"], False),
        ("POSITION", ["b", "abc"], 2),
        ("POSITION", ["x", "abc"], 0),
        ("SUBSTRING", ["abcdef", 2], "bcdef"),
        ("SUBSTRING", ["abcdef", 2, 3], "bcd"),
        ("SUBSTRING", ["abcdef", 5, 10], "ef"),
        ("SUBSTRING", ["abcdef", 9], ""),
        ("SUBSTRING", ["abcdef", 0, 2], "a"),
        ("SUBSTRING", ["abcdef", -5, 2], ""),
        ("SUBSTRING", ["abcdef", 2, -1], None),
        ("CONCAT", ["a"], "a"),
        ("CONCAT", ["a", "b", coded("c", "at0001")], "abc"),
        ("CONCAT", ["a", None], None),
        ("CONCAT_WS", ["-", "a", "b", "c"], "a-b-c"),
        ("CONCAT_WS", ["-", "a", None, "c"], "a-c"),
        ("CONCAT_WS", [None, "a", "b"], None),
        ("ABS", [-5], 5),
        ("ABS", [-2.5], 2.5),
        ("ABS", [count(-2)], 2),
        ("ABS", [True], None),
        ("MOD", [7, 3], 1),
        ("MOD", [-7, 3], -1),
        ("MOD", [7.5, 2], 1.5),
        ("MOD", [7, 0], None),
        ("CEIL", [1.2], 2),
        ("CEIL", [-1.2], -1),
        ("CEIL", [1e300], 1e300),
        ("FLOOR", [-1e300], -1e300),
        ("FLOOR", [2.0**63], 2.0**63),
        ("CEIL", [4.5e15], 4500000000000000),
        ("FLOOR", [1.8], 1),
        ("FLOOR", [-1.2], -2),
        ("ROUND", [2.5], 3.0),
        ("ROUND", [-2.5], -3.0),
        ("ROUND", [1.005, 2], 1.01),
        ("ROUND", [1234.5, -2], 1200.0),
        ("ROUND", [1250, -2], 1300),
        ("ROUND", [7], 7),
        ("ROUND", [None], None),
        ("CURRENT_DATE", [], "2024-07-01"),
        ("CURRENT_TIME", [], "09:05:03"),
        ("CURRENT_DATE_TIME", [], "2024-07-01T09:05:03.007+02:00"),
        ("NOW", [], "2024-07-01T09:05:03.007+02:00"),
        ("CURRENT_TIMEZONE", [], "+02:00"),
    ],
)
def test_a_function_gives_what_the_table_says(name: str, arguments: list[Any], expected: Any) -> None:
    found = call(name, arguments, MOMENT)
    assert found == expected
    assert type(found) is type(expected) or isinstance(found, type(expected))


def test_every_function_has_a_row_in_the_table() -> None:
    table = test_a_function_gives_what_the_table_says.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {row[0] for row in table} == SIGNATURES.keys() - {"TERMINOLOGY"}


def test_terminology_needs_a_service() -> None:
    with pytest.raises(AqlNotSupported) as caught:
        call("TERMINOLOGY", ["expand", "x", "y"], MOMENT)
    assert caught.value.feature == "terminology"


class _Kilograms:
    def canonical(self, magnitude: float, units: str) -> tuple[Fraction, str] | None:
        factor = {"kg": 1000, "g": 1}.get(units)
        return None if factor is None else (Fraction(magnitude) * factor, "g")


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("COUNT", [1, None, 1], 2),
        ("COUNT", [], 0),
        ("MIN", [3, 1.5, None], 1.5),
        ("MAX", ["a", "c", "b"], "c"),
        ("MAX", [None], None),
        (
            "MAX",
            [date_time("2024-01-01T10:00:00Z"), date_time("2024-01-01T10:30:00+01:00")],
            date_time("2024-01-01T10:00:00Z"),
        ),
        ("MIN", [quantity(1, "kg"), quantity(900, "g")], quantity(900, "g")),
        ("MIN", [coded("b", "1"), coded("a", "2")], coded("a", "2")),
        ("SUM", [1, 2, 3], 6),
        ("SUM", [0.1] * 10, 1.0),
        ("SUM", [count(1), count(2)], 3),
        ("SUM", [quantity(1, "kg"), quantity(500, "g")], quantity(1.5, "kg")),
        ("AVG", [1, 2], 1.5),
        ("AVG", [quantity(80), quantity(90)], quantity(85.0)),
        ("AVG", [None, None], None),
        ("AVG", [1e308, 1.5e308], 1.25e308),
        ("AVG", [2**63 - 1, 2**63 - 3], float(2**63 - 2)),
        ("AVG", [quantity(1e308), quantity(1e308)], quantity(1e308)),
        ("SUM", [2**62, 2**62 - 1], 2**63 - 1),
    ],
)
def test_an_aggregate_gives_what_the_table_says(name: str, values: list[Any], expected: Any) -> None:
    assert aggregate(AggregateName(name), values, rules=ValueRules(units=_Kilograms())) == expected


def test_count_distinct_takes_equal_objects_as_one() -> None:
    values = [text("a"), text("a"), text("b"), None]
    assert aggregate(AggregateName.COUNT, values, is_distinct=True) == 2


@pytest.mark.parametrize(
    ("name", "values", "named"),
    [
        ("MIN", [quantity(1, "kg"), quantity(1, "mm[Hg]")], "DV_QUANTITY in kg, DV_QUANTITY in mm[Hg]"),
        ("MAX", [1, "a"], "String, number"),
        ("MAX", [code("at0001"), code("at0001", "SNOMED-CT")], "CODE_PHRASE"),
        ("SUM", [quantity(1, "kg"), quantity(1, "cm")], "DV_QUANTITY in cm, DV_QUANTITY in kg"),
        ("AVG", [1, text("a")], "DV_TEXT, number"),
        ("SUM", [1e308, 1e308], "more than 64 bits"),
        ("SUM", [2**62, 2**62], "more than 64 bits"),
        ("SUM", [quantity(1e308), quantity(1e308)], "more than 64 bits"),
    ],
)
def test_values_that_do_not_go_together_are_named(name: str, values: list[Any], named: str) -> None:
    with pytest.raises(AqlIncomparable) as caught:
        aggregate(AggregateName(name), values)
    assert named in caught.value.message
