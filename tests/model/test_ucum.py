"""UCUM units: the grammar, what they measure, and exact conversion."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr.rm import ucum, ucum_table

VALID = [
    "1", "m", "mm[Hg]", "kg/m2", "/min", "/min/{beat}", "Cel", "[degF]", "%", "mmol/l", "mmol/L", "10*9/L", "10*3/uL", "10^6", "g/dl", "ug/(24.h)",
    "{score}", "kg{body}", "1/min", "mL/min/{1.73_m2}", "[iU]/L", "m[IU]/mL", "ng/mL{FEU}", "[in_i]", "[lb_av]", "kat", "U/L", "mosm/kg", "dB", "[pH]", "cm[H2O]",
    "a", "mo", "wk", "d", "h", "min", "s", "ms", "l/min", "kcal", "J", "kPa", "m/s2", "m.s-2", "m2", "m+2", "(m/s).kg", "deg", "''",
    "/(m.s)", "10*-3", "[ppm]", "mV", "Ohm", "[Ch]", "B[SPL]", "[drp]/min", "cm2", "[CFU]/mL", "eq/L", "mg/mmol{creat}", "KiBy", "[arb'U]", "[m/s2/Hz^0.5]",
]  # fmt: skip
INVALID = [
    "", " ", "mmHg", "°C", "bpm", "mm Hg", "kg/", "/", "m//s", "m..s", "(m", "m)", "{open", "beats/min", "kg m", "µg", "m--2", "0", "hh",
    "[in", "in_i]", "x" * 300, "kmin", "(" * 40 + "m" + ")" * 40, "m{}}", "Kg",
]  # fmt: skip


@pytest.mark.parametrize("units", VALID)
def test_unit_is_valid(units: str) -> None:
    assert ucum.is_valid(units)


@pytest.mark.parametrize("units", INVALID)
def test_unit_is_not_valid(units: str) -> None:
    assert not ucum.is_valid(units)
    assert not ucum.are_commensurable(units, "m")


def test_every_atom_of_the_table_has_a_meaning() -> None:
    for line in ucum_table.ATOMS.splitlines():
        assert ucum.is_valid(line.split(" ")[0].lstrip("*")), line


@pytest.mark.parametrize(
    ("magnitude", "units", "target", "expected"),
    [
        (1.0, "kg", "g", Fraction(1000)),
        (120.0, "mm[Hg]", "kPa", Fraction("15.99864")),
        (98.6, "[degF]", "Cel", Fraction(37)),
        (37.0, "Cel", "K", Fraction("310.15")),
        (0.0, "[degRe]", "Cel", Fraction(0)),
        (1.0, "L", "cm3", Fraction(1000)),
        (1.0, "[in_i]", "cm", Fraction("2.54")),
        (1.0, "wk", "h", Fraction(168)),
        (60.0, "/min", "Hz", Fraction(1)),
        (0.1, "g/dl", "mg/L", Fraction(1000)),
        (5.0, "10*9/L", "10*3/uL", Fraction(5)),
        (5.0, "%", "1", Fraction(1, 20)),
        (1.0, "U/L", "nkat/mL", Fraction(1000, 60) / 1000),
        (1.0, "m/s2", "m.s-2", Fraction(1)),
        (1.0, "/(m.s)", "m-1.s-1", Fraction(1)),
        (1.0, "KiBy", "bit", Fraction(8192)),
        (2.0, "mL/min/{m2}", "L/h", Fraction(12, 100)),
        (1.0, "J", "kg.m2/s2", Fraction(1)),
        (1.0, "[lb_av]", "kg", Fraction("0.45359237")),
        (1.0, "W.s", "cal_th", 1 / Fraction("4.184")),
    ],
)
def test_conversion_is_exact(magnitude: float, units: str, target: str, expected: Fraction) -> None:
    assert ucum.convert(magnitude, units, target) == expected


@pytest.mark.parametrize(
    ("units", "target"),
    [("kg", "m"), ("[iU]", "[arb'U]"), ("mol", "1"), ("mmol/L", "g/L"), ("B[SPL]", "B[V]"), ("Cel/s", "Cel")],
)
def test_units_of_other_dimensions_do_not_convert(units: str, target: str) -> None:
    with pytest.raises(ValueError, match="same dimension"):
        ucum.convert(1.0, units, target)


def test_temperature_inside_a_product_counts_as_an_interval() -> None:
    assert ucum.convert(1.0, "Cel/s", "K/s") == 1


def test_canonical_magnitudes_of_one_dimension_compare() -> None:
    assert ucum.canonical(1.0, "kg") == ucum.canonical(1000.0, "g")
    assert ucum.canonical(1.0, "kg")[1] != ucum.canonical(1.0, "m")[1]


@given(
    st.floats(-1e6, 1e6), st.sampled_from([("kg", "[lb_av]"), ("Cel", "[degF]"), ("kPa", "mm[Hg]"), ("L", "[foz_us]")])
)
@settings(max_examples=50)
def test_conversion_there_and_back_is_the_identity(magnitude: float, units: tuple[str, str]) -> None:
    there = ucum.convert(magnitude, *units)
    source, goal = ucum.parse(units[0]), ucum.parse(units[1])
    parse_back = (there * goal.factor + goal.offset - source.offset) / source.factor
    assert parse_back == ucum.convert(magnitude, units[0], units[0])
