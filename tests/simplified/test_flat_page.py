"""docs/flat.md: every example does what the page says."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from cdr.errors import BadInput
from cdr.formats import structured
from cdr.validation import validate
from tests.simplified.gold import tree
from tests.simplified.vital_signs import KEYS, NOW, vital_signs
from tests.support.tree import CHECKOUT

_PAGE = (CHECKOUT / "docs" / "flat.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"(?:^refused: `(?P<code>\w+)`\n\n)?^```json\n(?P<json>.*?)^```\n(?:\n```paths\n(?P<paths>.*?)^```)?", re.M | re.S)  # fmt: skip
_EXAMPLES = [(match["code"], match["json"], match["paths"]) for match in _BLOCK.finditer(_PAGE)]
_CONTEXT = {key: value for key, value in KEYS.items() if key.startswith("ctx/")}


def _decode(text: str) -> Any:
    return structured.decode(_CONTEXT | orjson.loads(text), *vital_signs(), now=NOW)


@pytest.mark.parametrize(("text", "paths"), [(text, paths) for code, text, paths in _EXAMPLES if code is None])
def test_an_example_gives_a_valid_composition_with_the_values_shown(text: str, paths: str) -> None:
    composition = _decode(text)
    assert validate(composition, vital_signs()[1]).is_valid
    found = tree(composition)
    for line in paths.splitlines():
        path, _, value = line.partition(" = ")
        assert str(_at(found, path)).removesuffix(".0") == value, line


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, text, _ in _EXAMPLES if code is not None])
def test_an_example_of_a_fault_is_refused_for_the_reason_shown(code: str, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        _decode(text)
    assert {issue.code for issue in refused.value.issues} == {code}


def test_the_page_has_examples() -> None:
    assert len(_EXAMPLES) >= 12


def _at(found: Any, path: str) -> Any:
    for name, number in re.findall(r"/(\w+)(?:\[(\d+)\])?", path):
        found = found[name][int(number)] if number else found[name]
    return found
