"""STRUCTURED is FLAT reshaped: nothing is lost either way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdr.formats import structured
from tests.simplified.vital_signs import KEYS, NOW, SYSTOLIC, decode, vital_signs

_IDS = st.sampled_from(["a", "b", "körper", "x.y", "t-1", "_link"])
_SEGMENTS = st.tuples(_IDS, st.integers(0, 2)).map(lambda pair: f"{pair[0]}:{pair[1]}")
_SUFFIXES = st.sampled_from(["", "|code", "|value", "|raw"])
_VALUES = st.one_of(st.text(min_size=1, max_size=3), st.integers(), st.booleans(), st.floats(0, 1))


@st.composite
def _mappings(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 8))):
        path = "/".join(["root", *draw(st.lists(_SEGMENTS, min_size=1, max_size=3))])
        found[path + draw(_SUFFIXES)] = draw(_VALUES)
    return found


@given(_mappings())
def test_flattening_what_was_nested_gives_the_same_mapping(mapping: dict[str, Any]) -> None:
    assert structured.flatten(structured.nest(mapping)) == mapping


def test_every_value_stands_in_an_array() -> None:
    nested = structured.nest({"a/b/c|code": "x", "a/b/c|value": "y", "a/d": 1})
    assert nested == {"a": {"b": [{"c": [{"|code": "x", "|value": "y"}]}], "d": [1]}}


def test_a_value_beside_suffixes_keeps_an_empty_name() -> None:
    assert structured.nest({"a/b|formalism": "t", "a/b": "x"}) == {"a": {"b": [{"|formalism": "t", "": "x"}]}}


def test_raw_objects_are_left_as_they_are() -> None:
    raw = {"_type": "DV_COUNT", "magnitude": 1}
    assert structured.flatten(structured.nest({"a/b:0|raw": raw})) == {"a/b:0|raw": raw}


@pytest.mark.parametrize("empty", [[], {}, [{}], [None]])
def test_empty_arrays_and_objects_give_no_keys(empty: object) -> None:
    assert structured.flatten({"a": {"b": empty}}) == {}


def test_context_stands_in_an_object_of_its_own() -> None:
    assert structured.nest({"ctx/language": "nb", "ctx/link:0|type": "t"}) == {
        "ctx": {"language": "nb", "link:0|type": "t"}
    }


def test_both_formats_describe_the_same_composition() -> None:
    nested = structured.nest(KEYS)
    assert structured.decode(nested, *vital_signs(), now=NOW) == decode()
    assert structured.encode(decode(), *vital_signs())["vitale_målinger"]["blodtrykk"]


def test_values_may_stand_without_arrays() -> None:
    plain = {
        "ctx": {"language": "nb", "territory": "NO", "composer_name": "Kari Nordmann", "time": KEYS["ctx/time"]},
        "vitale_målinger": {
            "blodtrykk": {"uspesifisert_hendelse": {"systolisk": {"|magnitude": 120, "|unit": "mm[Hg]"}}}
        },
    }
    assert structured.decode(plain, *vital_signs(), now=NOW) == decode()
    assert f"{SYSTOLIC}|unit" in KEYS
