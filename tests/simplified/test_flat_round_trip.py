"""Whatever the reference model can say comes back from FLAT unchanged: with keys of its own, or as `|raw`."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from cdr.formats import canonical_json, flat, structured
from cdr.formats.flat.example import Detail, mapping
from cdr.webtemplate import WebTemplate, build
from tests.simplified.gold import BETTER, CONFORMANCE, SDK, template_at, tree
from tests.simplified.vital_signs import NOW, decode, observation, vital_signs
from tests.support.published import valid_compositions
from tests.support.strategies import objects
from tests.support.templates import opt_element, opt_object, opt_source

_SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
_VALUES: tuple[type[rm.RmObject], ...] = (
    rm.DvText, rm.DvCodedText, rm.DvUri, rm.DvEhrUri, rm.DvQuantity, rm.DvCount, rm.DvProportion, rm.DvOrdinal,
    rm.DvScale, rm.DvBoolean, rm.DvDate, rm.DvTime, rm.DvDateTime, rm.DvDuration, rm.DvIdentifier, rm.DvParsable,
    rm.DvMultimedia, rm.DvInterval, rm.DvState, rm.DvParagraph,
)  # fmt: skip


@cache
def _template(rm_type: str) -> tuple[WebTemplate, OperationalTemplate]:
    element = opt_element(opt_object("C_COMPLEX_OBJECT", rm_type)) if rm_type else opt_object("C_COMPLEX_OBJECT", "ELEMENT", node_id="at0004")  # fmt: skip
    template = read_opt(opt_source(element))
    return build(template), template


def _composition(rm_type: str) -> tuple[rm.Composition, rm.Evaluation, rm.Element]:
    """Return a composition of one entry with one element, all of it as a reader would make it."""
    web_template, template = _template(rm_type)
    entry = next(node for node in web_template.root.children if not node.is_in_context and node.id != "context")
    leaf = next(node for node in entry.children if not node.is_in_context)
    key = "/".join(f"{node.id}:0" if node.is_repeating else node.id for node in (web_template.root, entry, leaf))
    made = flat.decode(
        {"ctx/language": "en", "ctx/territory": "NO", "ctx/composer_name": "x", f"{key}/_null_flavour": "unknown"},
        web_template,
        template,
        now=NOW,
    )
    assert made.content is not None
    evaluation = made.content[0]
    assert isinstance(evaluation, rm.Evaluation)
    assert isinstance(evaluation.data, rm.ItemTree)
    assert evaluation.data.items is not None
    element = evaluation.data.items[0]
    assert isinstance(element, rm.Element)
    return made, evaluation, element


def _comes_back(composition: rm.Composition, rm_type: str) -> None:
    web_template, template = _template(rm_type)
    keys = flat.encode(composition, web_template, template)
    assert tree(flat.decode(keys, web_template, template, now=NOW)) == tree(composition)
    nested = structured.nest(keys)
    assert tree(structured.decode(nested, web_template, template, now=NOW)) == tree(composition)


@pytest.mark.parametrize("rm_class", _VALUES, ids=[rm_class.rm_name() for rm_class in _VALUES])
@pytest.mark.parametrize("is_declared", [True, False])
@_SETTINGS
@given(data=st.data())
def test_every_value_comes_back(data: st.DataObject, rm_class: type[rm.RmObject], is_declared: bool) -> None:
    rm_type = rm_class.rm_name() if is_declared else ""
    composition, _, element = _composition(rm_type)
    element.value, element.null_flavour = data.draw(objects(rm_class)), None
    _comes_back(composition, rm_type)


_OTHERS: dict[str, type[rm.RmObject]] = {"DV_TEXT": rm.DvCodedText, "DV_CODED_TEXT": rm.DvText, "DV_URI": rm.DvEhrUri}


@pytest.mark.parametrize("declared", _OTHERS)
@_SETTINGS
@given(data=st.data())
def test_a_value_of_another_type_than_the_template_names_comes_back(data: st.DataObject, declared: str) -> None:
    composition, _, element = _composition(declared)
    element.value, element.null_flavour = data.draw(objects(_OTHERS[declared])), None
    _comes_back(composition, declared)


@_SETTINGS
@given(data=st.data())
def test_attributes_of_elements_and_entries_come_back(data: st.DataObject) -> None:
    composition, entry, element = _composition("DV_COUNT")
    for locatable in (element, entry, composition):
        locatable.links = data.draw(st.none() | st.lists(objects(rm.Link), min_size=1, max_size=2))
        locatable.feeder_audit = data.draw(st.none() | objects(rm.FeederAudit))
    entry.other_participations = data.draw(st.none() | st.lists(objects(rm.Participation), min_size=1, max_size=2))
    entry.workflow_id = data.draw(st.none() | objects(rm.ObjectRef) | objects(rm.PartyRef))
    entry.guideline_id = data.draw(st.none() | objects(rm.ObjectRef))
    entry.provider = data.draw(st.none() | objects(rm.PartyIdentified) | objects(rm.PartySelf))
    entry.subject = data.draw(objects(rm.PartySelf) | objects(rm.PartyRelated) | objects(rm.PartyIdentified))
    entry.uid = data.draw(st.none() | objects(rm.HierObjectId))
    composition.composer = data.draw(objects(rm.PartySelf) | objects(rm.PartyIdentified))
    _comes_back(composition, "DV_COUNT")


@_SETTINGS
@given(context=objects(rm.EventContext))
def test_the_context_of_a_composition_comes_back(context: rm.EventContext) -> None:
    composition = decode()
    context.other_context = None  # the template has no node in it
    composition.context = context
    web_template, template = vital_signs()
    keys = flat.encode(composition, web_template, template)
    assert tree(flat.decode(keys, web_template, template, now=NOW)) == tree(composition)


@_SETTINGS
@given(event=objects(rm.IntervalEvent))
def test_an_interval_event_comes_back(event: rm.IntervalEvent) -> None:
    composition = decode()
    events = observation(composition).data.events
    assert events is not None
    event.name, event.archetype_node_id, event.archetype_details = events[0].name, events[0].archetype_node_id, None
    event.data, event.state = events[0].data, None
    events[:] = [event]
    web_template, template = vital_signs()
    keys = flat.encode(composition, web_template, template)
    assert tree(flat.decode(keys, web_template, template, now=NOW)) == tree(composition)


_RICH = (
    f"{SDK}/operationaltemplate/corona_anamnese.opt",
    f"{SDK}/operationaltemplate/conformance_ehrbase.de.v0.opt",
    f"{CONFORMANCE}/valid_templates/all_types/Test_all_types.opt",
    f"{BETTER}/compatibility/templates/Vital Signs Pathfinder Demo.xml",
)


@pytest.mark.parametrize("source", _RICH, ids=[source.rpartition("/")[2] for source in _RICH])
@_SETTINGS
@given(data=st.data())
def test_any_part_of_an_example_comes_back(data: st.DataObject, source: str) -> None:
    web_template, template = template_at(source)
    keys = mapping(web_template, template, detail=Detail.COMPLETE)
    places = sorted({key.partition("|")[0] for key in keys if not key.startswith("ctx/")})
    kept = data.draw(st.sets(st.sampled_from(places), min_size=1))
    part = {key: value for key, value in keys.items() if key.startswith("ctx/") or key.partition("|")[0] in kept}
    # Half of a value, such as the end of an interval without the other, is a fault of its own.
    try:
        composition = flat.decode(part, web_template, template, now=NOW)
    except BadInput:
        return
    written = flat.encode(composition, web_template, template)
    assert tree(flat.decode(written, web_template, template, now=NOW)) == tree(composition)


def test_published_compositions_come_back() -> None:
    different = []
    for count, (name, source, template) in enumerate(valid_compositions()):
        if count % 4:
            continue
        composition = canonical_json.decode(source, rm.Composition)
        web_template = build(template)
        keys = flat.encode(composition, web_template, template)
        again = flat.decode(keys, web_template, template, now=NOW)
        if _essence(tree(again)) != _essence(tree(composition)):
            different.append(name)
    assert [name for name in different if not name.endswith(tuple(_REASONS))] == []


_REASONS = {
    "choice_validation_test.json": "an event composition without a context gets one",
}


@pytest.mark.torture
def test_all_published_compositions_come_back() -> None:
    different = []
    for name, source, template in valid_compositions():
        composition = canonical_json.decode(source, rm.Composition)
        web_template = build(template)
        keys = flat.encode(composition, web_template, template)
        again = flat.decode(keys, web_template, template, now=NOW)
        if _essence(tree(again)) != _essence(tree(composition)):
            different.append(name)
    assert [name for name in different if not name.endswith(tuple(_REASONS))] == []


def _essence(value: Any) -> Any:
    """Return canonical data without what the keys leave to the template: archetype details, the order of siblings."""
    if isinstance(value, list):
        return sorted((_essence(member) for member in value), key=repr)
    if not isinstance(value, dict):
        return value
    kept = {key: _essence(member) for key, member in value.items() if key not in ("archetype_details", "_type")}
    kind = value.get("_type")
    return kept | {"_type": kind} if kind not in ("HIER_OBJECT_ID", "OBJECT_VERSION_ID") else kept
