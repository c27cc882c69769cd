"""Rules of web templates that the published files do not show."""

from __future__ import annotations

import orjson

from cdr.am.opt14 import read_opt
from cdr.webtemplate import WebTemplateNode, build, to_json
from tests.simplified.vital_signs import vital_signs
from tests.support.templates import opt_element, opt_object, opt_source


def _only_element(value: str) -> WebTemplateNode:
    root = build(read_opt(opt_source(opt_element(value)))).root
    entry = next(node for node in root.children if not node.is_in_context and node.id != "context")
    return next(node for node in entry.children if not node.is_in_context)


def test_names_stand_in_every_language_of_the_template() -> None:
    web_template, template = vital_signs()
    systolic = next(node for node in web_template.root.walk() if node.id == "systolisk")
    assert set(systolic.localized_names) == set(template.languages) == {"nb", "en"}
    assert systolic.localized_names["en"] == "Systolic"
    assert systolic.name == "Systolisk"


def test_codes_have_labels_in_every_language_of_the_template() -> None:
    web_template, _ = vital_signs()
    position = next(node for node in web_template.root.walk() if node.id == "stilling")
    item = position.inputs[0].items[0]
    assert item.value == "at1000"
    assert item.localized_labels["nb"] == "Stående"
    assert item.localized_labels["en"] == "Standing"


def test_several_types_make_an_element_a_choice() -> None:
    node = _only_element(opt_object("C_COMPLEX_OBJECT", "DV_COUNT") + opt_object("C_COMPLEX_OBJECT", "DV_TEXT"))
    assert node.rm_type == "ELEMENT"
    assert [(child.id, child.rm_type) for child in node.children] == [("count_value", "DV_COUNT"), ("text_value", "DV_TEXT")]  # fmt: skip


def test_a_text_beside_a_code_is_no_choice() -> None:
    node = _only_element(opt_object("C_COMPLEX_OBJECT", "DV_CODED_TEXT") + opt_object("C_COMPLEX_OBJECT", "DV_TEXT"))
    assert node.rm_type == "DV_CODED_TEXT"
    assert [field.suffix for field in node.inputs][-1] == "other"


def test_two_choices_of_one_type_are_numbered() -> None:
    count = opt_object("C_COMPLEX_OBJECT", "DV_COUNT")
    node = _only_element(count + opt_object("C_COMPLEX_OBJECT", "DV_TEXT") + count)
    assert [child.id for child in node.children] == ["count_value", "text_value", "count_value2"]


def test_an_interval_has_nodes_for_its_limits() -> None:
    node = _only_element(opt_object("C_COMPLEX_OBJECT", "DV_INTERVAL&lt;DV_COUNT&gt;"))
    assert [(child.id, child.rm_type) for child in node.children] == [("upper", "DV_COUNT"), ("lower", "DV_COUNT")]


def test_the_json_has_no_empty_members() -> None:
    def check(value: object) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                assert member not in ({}, [], None) and (member != "" or key == "aqlPath"), key
                check(member)
        elif isinstance(value, list):
            for member in value:
                check(member)

    check(orjson.loads(to_json(vital_signs()[0])))


def test_a_web_template_is_built_once_for_a_template() -> None:
    _, template = vital_signs()
    assert build(template) is build(template)


def test_ids_are_unique_among_siblings() -> None:
    for node in vital_signs()[0].root.walk():
        assert len(node.by_id) == len(node.children)
