"""The JSON Schema of a template accepts what the validator accepts, and refuses what breaks the template's rules."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cdr import rm
from cdr.am.constraints import CComplexObject
from cdr.am.template import OperationalTemplate
from cdr.formats import canonical_json
from cdr.formats.json_schema import json_schema
from cdr.rm import RmObject
from cdr.validation import validate
from tests.support import templates as t
from tests.support.builders import text
from tests.support.corpus import shared
from tests.support.goals import element, evaluation, goal
from tests.support.published import valid_compositions
from tests.validating.test_families import CASES, Case

# What JSON Schema cannot say: value sets of a server, texts whatever their case, the order of dates and durations.
INEXPRESSIBLE = {"TPL_RUBRIC", "TPL_VALUE_SET", "TPL_VALUE_SET_UNKNOWN"}
# Conditions that a template states in annotations; the schema is made of its constraints.
IN_ANNOTATIONS = {"TPL_LENGTH", "TPL_SIZE", "TPL_MEDIA_TYPE", "TPL_TERMINOLOGY", "TPL_RULE"}
RANGES = {"date-time None 2023-12-31T23:59:59Z", "duration None PT24H1S"}
EXPRESSIBLE = [case for case in CASES if case.code not in INEXPRESSIBLE | IN_ANNOTATIONS and case.name not in RANGES]


@cache
def _validator(template: OperationalTemplate) -> Draft202012Validator:
    return Draft202012Validator(json.loads(json.dumps(json_schema(template))))


def _accepts(template: OperationalTemplate, root: RmObject) -> bool:
    return _validator(template).is_valid(json.loads(canonical_json.encode(root)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.name}")
def test_the_schema_accepts_an_object_that_satisfies_the_template(case: Case) -> None:
    assert _accepts(case.template, case.valid)


@pytest.mark.parametrize("case", EXPRESSIBLE, ids=lambda case: f"{case.code} {case.name}")
def test_the_schema_refuses_an_object_that_breaks_the_template(case: Case) -> None:
    assert not _accepts(case.template, case.broken)


def test_the_schema_is_a_json_schema() -> None:
    for case in CASES[::8]:
        Draft202012Validator.check_schema(json_schema(case.template))


def test_the_schema_names_nodes_as_the_template_does() -> None:
    template = t.template_of(t.element(CComplexObject(rm_type="DV_TEXT")))
    titles = [node.get("title") for node in json_schema(template)["$defs"].values()]
    assert {"Report", "Goal", "Target"} <= set(titles)


def _broken_in_structure() -> list[tuple[str, Any]]:
    template = t.template_of(t.element(CComplexObject(rm_type="DV_TEXT")))
    valid = json.loads(canonical_json.encode(goal(element(text("x")))))
    assert _validator(template).is_valid(valid)
    tree = "content", 0, "data", "items", 0
    return [
        ("no language", _changed(valid, (), {"language": None})),
        ("an unknown attribute", _changed(valid, tree, {"colour": "red"})),
        ("a number for a text", _changed(valid, (*tree, "value"), {"value": 5})),
        ("an unknown type", _changed(valid, (*tree, "value"), {"_type": "DV_WORD"})),
        ("an object for a list", _changed(valid, (), {"content": {}})),
        ("neither value nor null flavour", _changed(valid, tree, {"value": None})),
    ]


def _changed(tree: Any, path: tuple[Any, ...], changes: dict[str, Any]) -> Any:
    """Return a copy of a JSON tree with attributes set, or left out where the new value is None."""
    copy = json.loads(json.dumps(tree))
    place = copy
    for step in path:
        place = place[step]
    for name, value in changes.items():
        if value is None:
            del place[name]
        else:
            place[name] = value
    return copy


@pytest.mark.parametrize(("name", "body"), _broken_in_structure(), ids=[name for name, _ in _broken_in_structure()])
def test_the_schema_refuses_what_is_no_object_of_the_reference_model(name: str, body: Any) -> None:
    template = t.template_of(t.element(CComplexObject(rm_type="DV_TEXT")))
    assert not _validator(template).is_valid(body), name


def _check_published(*, every: int) -> int:
    checked = 0
    for _, source, template in list(valid_compositions())[::every]:
        composition = canonical_json.decode(source, rm.Composition)
        if {"TPL_DATE", "TPL_TYPE"} & {issue.code for issue in validate(composition, template).issues}:
            continue  # a schema has no warnings: it refuses what the validator only remarks on
        assert _accepts(template, composition), template.template_id
        # An entry of an archetype that no template has.
        composition.content = [_unknown_entry()]
        assert not _accepts(template, composition), template.template_id
        checked += 1
    return checked


def _unknown_entry() -> rm.Evaluation:
    """Return an entry that no published template has."""
    return evaluation(archetype_node_id="openEHR-EHR-EVALUATION.never_seen.v7")


def test_published_compositions_are_valid_for_the_schemas_of_their_templates() -> None:
    shared("data")
    assert _check_published(every=5) > 20


@pytest.mark.torture
def test_all_published_compositions_are_valid_for_the_schemas_of_their_templates() -> None:
    shared("data")
    assert _check_published(every=1) > 130
    for _, _, template in valid_compositions():
        Draft202012Validator.check_schema(json_schema(template))
