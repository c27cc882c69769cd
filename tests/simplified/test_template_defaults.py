"""Defaults that a template sets: the offset of an event, the archetype of the actions of an activity."""

from __future__ import annotations

from typing import Any

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.formats import flat
from cdr.webtemplate import build
from tests.simplified.vital_signs import NOW
from tests.support.templates import opt_multiple, opt_object, opt_single, opt_source

_CONTEXT = {"ctx/language": "en", "ctx/territory": "NO", "ctx/composer_name": "x", "ctx/time": "2024-03-15T10:30:00Z"}


def _primitive(rm_type: str, item: str) -> str:
    return opt_object("C_PRIMITIVE_OBJECT", rm_type, item)


def _root(rm_type: str, name: str, attributes: str, terms: dict[str, str]) -> str:
    named = "".join(
        f'<term_definitions code="{code}"><items id="text">{text}</items></term_definitions>'
        for code, text in {"at0000": name, **terms}.items()
    )
    archetype = f"<archetype_id><value>openEHR-EHR-{rm_type}.{name.lower()}.v1</value></archetype_id>"
    return opt_object("C_ARCHETYPE_ROOT", rm_type, attributes + archetype + named, node_id="at0000")


def _tree(node_id: str) -> str:
    element = opt_object(
        "C_COMPLEX_OBJECT", "ELEMENT", opt_single("value", opt_object("C_COMPLEX_OBJECT", "DV_COUNT")), node_id="at0004"
    )
    return opt_object("C_COMPLEX_OBJECT", "ITEM_TREE", opt_multiple("items", element), node_id=node_id)


def _decode(content: str, keys: dict[str, Any]) -> rm.Composition:
    template = read_opt(opt_source(attributes=opt_multiple("content", content)))
    return flat.decode(_CONTEXT | keys, build(template), template, now=NOW)


def test_an_event_is_as_far_from_the_origin_as_the_template_says() -> None:
    bounds = """<item xsi:type="C_DURATION"><range><lower_included>true</lower_included>
<upper_included>false</upper_included><lower_unbounded>false</lower_unbounded>
<upper_unbounded>true</upper_unbounded><lower>PT5M</lower></range></item>"""
    offset = opt_single(
        "offset", opt_object("C_COMPLEX_OBJECT", "DV_DURATION", opt_single("value", _primitive("DURATION", bounds)))
    )
    event = opt_object(
        "C_COMPLEX_OBJECT", "POINT_EVENT", opt_single("data", _tree("at0003")) + offset, node_id="at0002"
    )
    history = opt_object("C_COMPLEX_OBJECT", "HISTORY", opt_multiple("events", event), node_id="at0001")
    terms = {"at0001": "History", "at0002": "After five minutes", "at0003": "Tree", "at0004": "Count"}
    observation = _root("OBSERVATION", "Pulse", opt_single("data", history), terms)
    composition = _decode(observation, {"report/pulse/count": 3})
    assert composition.content is not None
    entry = composition.content[0]
    assert isinstance(entry, rm.Observation)
    assert entry.data.events is not None
    assert entry.data.origin.value == "2024-03-15T10:30:00Z"
    assert entry.data.events[0].time.value == "2024-03-15T10:35:00+00:00"


def test_an_activity_names_the_actions_that_the_template_wants() -> None:
    item = r'<item xsi:type="C_STRING"><pattern>openEHR-EHR-ACTION\.medication\.v1</pattern></item>'
    activity = opt_object(
        "C_COMPLEX_OBJECT",
        "ACTIVITY",
        opt_single("description", _tree("at0003")) + opt_single("action_archetype_id", _primitive("STRING", item)),
        node_id="at0001",
    )
    terms = {"at0001": "Order", "at0003": "Tree", "at0004": "Count"}
    instruction = _root("INSTRUCTION", "Medication", opt_multiple("activities", activity), terms)
    composition = _decode(instruction, {"report/medication/order/count": 3, "report/medication/narrative": "x"})
    assert composition.content is not None
    entry = composition.content[0]
    assert isinstance(entry, rm.Instruction)
    assert entry.activities is not None
    assert entry.activities[0].action_archetype_id == "openEHR-EHR-ACTION.medication.v1"
