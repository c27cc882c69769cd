"""Invalid examples: an edit of a valid one, stated in a file that people can read, and exactly the issues it gives.

`templates/examples/<key>/invalid/<case>.json` names the example that it starts from, the FLAT keys that are removed
(with everything below them) or set, and the issues. `{"repeat": text, "times": n}` stands for a long text.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cdr import resources
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.formats import flat
from cdr.issue import Issue, Severity
from cdr.validation import validate
from cdr.webtemplate import build

EXAMPLES = resources.folder("templates") / "examples"
CASES = sorted(EXAMPLES.glob("*/invalid/*.json"))
_NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)

Json = dict[str, Any]  # JSON values

each = pytest.mark.parametrize("path", CASES, ids=[f"{path.parts[-3]}: {path.stem}" for path in CASES])


def _template(path: Path) -> OperationalTemplate:
    return read_opt((EXAMPLES.parent / f"{path.parts[-3]}.opt").read_bytes())


def _edited(keys: Json, case: Json) -> Json:
    """Return the keys of the valid example after the stated edit; every part of the edit has to do something."""
    for node in case.get("remove", []):
        below = tuple(node + end for end in ("/", "|", ":"))
        kept = {key: value for key, value in keys.items() if key != node and not key.startswith(below)}
        assert len(kept) < len(keys), node
        keys = kept
    for key, value in case.get("set", {}).items():
        assert keys.get(key) != value, key
        keys = {**keys, key: value["repeat"] * value["times"] if isinstance(value, dict) else value}
    return keys


def _errors(keys: Json, template: OperationalTemplate) -> list[Issue]:
    composition = flat.decode(keys, build(template), template, now=_NOW)
    return [issue for issue in validate(composition, template).issues if issue.severity is Severity.ERROR]


@each
def test_an_invalid_example_gives_exactly_the_issues_it_states(path: Path) -> None:
    case: Json = json.loads(path.read_bytes())
    valid: Json = json.loads((path.parents[1] / case["from"]).read_bytes())
    template = _template(path)
    assert _errors(valid, template) == []
    found = _errors(_edited(valid, case), template)
    assert [{"code": each.code, "path": each.path, "expected": each.expected} for each in found] == case["expected"]
    assert case["expected"]


@each
def test_an_invalid_example_says_in_both_languages_what_is_wrong(path: Path) -> None:
    case: Json = json.loads(path.read_bytes())
    assert set(case["what"]) == {"nb", "en"}
    assert all(text.endswith(".") for text in case["what"].values())
    assert set(case) <= {"what", "from", "remove", "set", "expected"}


def test_every_template_has_invalid_examples() -> None:
    few = [
        path.stem for path in resources.templates() if len([case for case in CASES if case.parts[-3] == path.stem]) < 2
    ]
    assert few == []
