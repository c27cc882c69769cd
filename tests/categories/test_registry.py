"""The nine categories as data, and that every shipped template belongs to one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdr import resources
from cdr.am.opt14 import read_opt
from cdr.categories import categories, declared
from cdr.categories.queries import PARAMETER_TYPES, read_query, shipped_queries
from cdr.errors import BadInput
from cdr.services.registered import declaration_of
from tests.categories.town import KEYS
from tests.support.corpus import shared


@pytest.fixture(scope="module")
def model() -> Any:
    """The facts that categories, templates and queries are made from."""
    return json.loads((shared() / "modelling" / "categories.json").read_text(encoding="utf-8"))


def test_there_are_nine_categories_in_their_order() -> None:
    assert [category.key for category in categories()] == list(KEYS)
    assert [category.number for category in categories()] == list(range(1, 10))


@pytest.mark.parametrize("category", categories(), ids=lambda category: category.key)
def test_a_category_says_what_it_is_and_is_not_in_both_languages(category: Any) -> None:
    for text in (category.name, category.definition, category.is_not):
        assert set(text) == {"nb", "en"} and all(text.values())


def test_keys_numbers_and_names_are_those_of_the_model(model: Any) -> None:
    given = [(one["key"], one["no"], one["nb"], one["en"]) for one in model["categories"]]
    assert [(one.key, one.number, one.name["nb"], one.name["en"]) for one in categories()] == given


def test_the_nodes_that_ought_to_be_coded_are_nodes_of_the_model_with_a_terminology(model: Any) -> None:
    known = {
        (archetype["id"], node["path"])
        for category in model["categories"]
        for archetype in category["archetypes"]
        for node in archetype.get("nodes", ())
        if node.get("external_terminologies")
    }
    assert {(node.archetype, node.path) for category in categories() for node in category.coded} <= known


@pytest.mark.parametrize("path", resources.templates(), ids=lambda path: path.stem)
def test_every_shipped_template_declares_the_category_of_the_model(path: Any, model: Any) -> None:
    template = read_opt(path.read_bytes())
    wanted = {one["template_id"]: one["category"] for one in model["templates"]}
    declaration = declaration_of(template)
    assert declaration.issues == ()
    assert declaration.category in KEYS
    assert declaration.category == wanted.get(template.template_id, declaration.category)


def test_several_national_sources_stand_with_commas_between() -> None:
    found = declared({"category": KEYS[6], "national_source": "e-resept, PLL"})
    assert (found.category, found.national_sources) == (KEYS[6], ("e-resept", "PLL"))


def test_a_template_of_people_or_organisations_has_no_category() -> None:
    found = declared({"category": KEYS[4]}, rm_type="PERSON")
    assert (found.category, [issue.code for issue in found.issues]) == (None, ["OPT_CATEGORY"])


def test_all_queries_of_the_model_are_shipped_with_their_paths(model: Any) -> None:
    given = {one["key"]: one for one in model["aql"]}
    shipped = {one.key: one for one in shipped_queries()}
    assert shipped.keys() == given.keys() and len(shipped) == 45
    for key, query in shipped.items():
        assert query.text.split() == given[key]["aql"].split()
        assert query.category == given[key]["category"]
        assert set(query.parameters) == set(given[key]["parameters"])


@pytest.mark.parametrize("query", shipped_queries(), ids=lambda query: query.key)
def test_a_shipped_query_is_named_typed_and_explained(query: Any) -> None:
    assert query.name.startswith("no.kommune::") and query.version == "1.0.0"
    assert query.category in KEYS
    assert set(query.purposes) == {"nb", "en"} and all(query.purposes.values())
    assert set(query.parameters.values()) <= set(PARAMETER_TYPES)


@pytest.mark.parametrize(
    "source",
    [
        "SELECT e FROM EHR e",
        "-- key: X\n-- name: a\n-- version: 1.0.0\n\nSELECT e FROM EHR e",
        "-- key: X\n-- name: a\n-- version: 1.0.0\n-- category: b\n\n  \n",
        "key: X\n\nSELECT e FROM EHR e",
    ],
)
def test_a_query_file_without_a_whole_header_is_refused(source: str) -> None:
    with pytest.raises(BadInput):
        read_query(source)
