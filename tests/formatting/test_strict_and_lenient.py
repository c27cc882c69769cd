"""The strict reading of JSON never lets through what the thorough one refuses, and both give the same objects."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdr import rm
from cdr.errors import BadInput
from cdr.formats import canonical_json
from cdr.formats import canonical_json_lenient as lenient
from tests.support.builders import build

NUMBERS = [
    "5",
    "5.0",
    "-0",
    "1e3",
    "1E-7",
    "0.30000000000000004",
    "12345678901234567890",
    "9007199254740993",
    "1e400",
    "0.1000000000000000055511151231257827",
    "05",
    "+5",
    "NaN",
    '"5"',
    "true",
    "null",
]
TEXTS = [
    '"x"',
    '"a:b"',
    '"\\u0000"',
    '"\\u003a"',
    '"\\ud83e\\ude7a"',
    '"\\ud83e"',
    '"{[{["',
    '":1e400,"',
    "5",
    "null",
    "[]",
    "{}",
]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Return the text of an element, written in an odd way, with perhaps one thing wrong."""

    def write(tree: Any) -> str:
        if isinstance(tree, dict):
            members = [f"{key(name)}{space()}:{space()}{write(value)}" for name, value in tree.items()]
            if members and draw(st.integers(0, 9)) == 0:
                members.append(draw(st.sampled_from(members)))
            if draw(st.integers(0, 19)) == 0:
                members.append('"mappings":null')
            return "{" + f",{space()}".join(members) + "}"
        if isinstance(tree, list):
            return "[" + ",".join(map(write, tree)) + space() + "]"
        if draw(st.integers(0, 9)) == 0:
            return draw(st.sampled_from(NUMBERS if isinstance(tree, (int, float)) else TEXTS))
        return json.dumps(tree, ensure_ascii=draw(st.booleans()))

    def key(name: str) -> str:
        if name != "_type" and draw(st.integers(0, 19)) == 0:
            return json.dumps(name).replace("e", "\\u0065")
        return json.dumps(name)

    def space() -> str:
        return draw(st.sampled_from(["", "", "", " ", "\n", "\t "]))

    element = build(
        rm.Element,
        value=draw(
            st.sampled_from(
                [
                    build(rm.DvQuantity, magnitude=37.5, precision=1),
                    build(rm.DvCount, magnitude=7),
                    build(rm.DvInterval),
                    build(rm.DvCodedText, mappings=[build(rm.TermMapping)], value="Å: {x}"),
                    build(rm.DvProportion),
                ]
            )
        ),
    )
    tree = json.loads(canonical_json.encode(element))
    if draw(st.booleans()):
        tree["name"].pop("_type")
    return write(tree).encode()


def _thorough(body: bytes) -> rm.Element:
    tree = lenient.normalise(
        lenient.parse(body, limits=lenient.DEFAULT_LIMITS), {"ELEMENT": rm.Element}, limits=lenient.DEFAULT_LIMITS
    )
    return canonical_json.decode_value(tree, rm.Element)


@given(bodies())
@settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_both_readings_agree(body: bytes) -> None:
    try:
        expected = _thorough(body)
    except BadInput as refusal:
        try:
            canonical_json.decode(body, rm.Element)
        except BadInput as error:
            assert [issue.code for issue in error.issues] == [issue.code for issue in refusal.issues]
        else:
            raise AssertionError("the strict reading let through what the thorough one refuses") from refusal
    else:
        assert canonical_json.decode(body, rm.Element) == expected
