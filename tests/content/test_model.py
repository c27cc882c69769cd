"""The templates against the model of the nine categories: category, root, entries, occurrences and mapped paths.

The model is `shared/modelling/categories.json`; it says what each template has to hold, and where the fields of two
source formats go.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from cdr import resources
from cdr.am.constraints import CArchetypeRoot
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from tests.support.corpus import shared

Json = dict[str, Any]  # JSON values

# The slots that the model constrains: in a template the archetype that fills one stands in its place.
_FILLED = {
    ("openEHR-EHR-ADMIN_ENTRY.municipal_service_decision.v0", "at0027"): "openEHR-EHR-CLUSTER.organisation.v1",
    ("openEHR-EHR-CLUSTER.municipal_service.v0", "at0060"): "openEHR-EHR-CLUSTER.organisation.v1",
}


@cache
def _model() -> Json:
    model: Json = json.loads(shared("modelling", "categories.json").read_bytes())
    return model


@cache
def _template(template_id: str) -> OperationalTemplate:
    path = resources.folder("templates") / f"{template_id.split('.')[2]}.opt"
    template = read_opt(path.read_bytes())
    assert template.template_id == template_id
    return template


def _roots(template: OperationalTemplate, archetype: str) -> list[CArchetypeRoot]:
    return [node for node in template.nodes() if isinstance(node, CArchetypeRoot) and node.archetype_id == archetype]


def _occurrences(text: str) -> str:
    match = re.match(r"\d+\.\.(?:\d+|\*)", text)
    assert match is not None, text
    return match.group()


def test_each_template_of_the_model_is_there_with_its_category_and_root() -> None:
    for wanted in _model()["templates"]:
        template = _template(wanted["template_id"])
        assert template.description.other_details["category"] == wanted["category"]
        assert template.archetype_id == wanted["root"]
        assert set(template.languages) == set(wanted["languages"])
        assert template.description.details["en"].other_details["name"]


def test_each_entry_of_the_model_may_occur_as_often_as_it_says() -> None:
    different = [
        (wanted["template_id"], entry["archetype"], [str(root.occurrences) for root in roots], entry["occurrences"])
        for wanted in _model()["templates"]
        for entry in wanted["entries"]
        if (roots := _roots(_template(wanted["template_id"]), entry["archetype"])) is not None
        if _occurrences(entry["occurrences"]) not in {str(root.occurrences) for root in roots}
    ]
    assert different == []


def test_each_constrained_node_of_the_model_occurs_as_often_as_it_says() -> None:
    different = []
    for wanted in _model()["templates"]:
        template = _template(wanted["template_id"])
        for constraint in wanted["constraints"]:
            filler = _FILLED.get((constraint["archetype"], constraint["at_code"]), constraint["at_code"])
            path = constraint["path"].replace(constraint["at_code"], filler)
            found = {
                str(node.occurrences)
                for root in _roots(template, constraint["archetype"])
                for node in template.nodes_at(template.path_of(root).rstrip("/") + path)
            }
            if found != {constraint["occurrences"]}:
                different.append((wanted["template_id"], constraint["archetype"], constraint["path"], found))
    assert different == []


@pytest.mark.parametrize("number", [0, 1])
def test_each_field_of_a_source_has_its_place_in_the_template(number: int) -> None:
    source = _model()["sources"][number]
    template = _template(source["template"])
    for row in source["rows"]:
        if row["archetype"] == "RM":
            continue
        node_path = row["path"][: row["path"].rindex("]") + 1]
        places = [f"{template.path_of(root).rstrip('/')}/{node_path}" for root in _roots(template, row["archetype"])]
        assert any(template.nodes_at(place) for place in places), (row["source_field"], row["path"])


def test_each_archetype_of_its_own_is_the_one_of_the_model() -> None:
    assert {each["id"] for each in _model()["own_archetypes"]} <= {
        path.stem for path in resources.folder("archetypes").rglob("*.adl")
    }
