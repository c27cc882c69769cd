"""Reading operational templates: what comes out, and what a broken source is told."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from cdr.am.constraints import ArchetypeSlot, CCodeReference, CComplexObject, CDvOrdinal, CDvQuantity, CPrimitiveObject
from cdr.am.intervals import Interval, Multiplicity
from cdr.am.opt14 import read_opt
from cdr.am.opt14_xml import MAX_BYTES
from cdr.am.primitives import CDuration
from cdr.am.slots import may_fill
from cdr.am.terms import Code
from cdr.errors import BadInput, TooLarge
from cdr.rm import DvCount
from tests.support.templates import opt_element, opt_multiple, opt_object, opt_single, opt_source

PATH = "/content[openEHR-EHR-EVALUATION.goal.v1]/data[at0001]/items[at0004]/value"
_RANGE = """<lower_included>true</lower_included><upper_included>false</upper_included>
<lower_unbounded>false</lower_unbounded><upper_unbounded>{open}</upper_unbounded><lower>0</lower>{upper}"""
_UNITS = f"""<property><terminology_id><value>openehr</value></terminology_id><code_string>122</code_string></property>
<list><magnitude>{_RANGE.format(open="false", upper="<upper>300</upper>")}</magnitude><units>cm</units></list>"""
_QUANTITY = opt_object("C_DV_QUANTITY", "DV_QUANTITY", _UNITS)


def test_a_template_has_what_its_source_says() -> None:
    template = read_opt(opt_source(opt_element(_QUANTITY)))
    assert (template.template_id, template.concept, template.language) == ("goals.v1", "Goals", "en")
    assert template.uid == "7c4ad1e1-14c1-4ac2-9ca8-b7c4c1ee7a10"
    assert template.description.lifecycle_state == "published"
    assert template.archetype_ids == ("openEHR-EHR-COMPOSITION.report.v1", "openEHR-EHR-EVALUATION.goal.v1")
    assert len(template.source_hash) == 64


def test_a_quantity_has_property_units_and_range() -> None:
    node = read_opt(opt_source(opt_element(_QUANTITY))).node_at(PATH)
    assert isinstance(node, CDvQuantity)
    assert node.property == Code("openehr", "122")
    assert node.items[0].magnitude == Interval(0.0, 300.0, upper_included=False)


def test_labels_come_from_the_archetype_of_the_node() -> None:
    template = read_opt(opt_source(opt_element(_QUANTITY)))
    node = template.node_at(PATH)
    assert node is not None
    assert template.own_label(node) == ""
    assert template.label(node) == "Target"
    assert template.path_of(node) == PATH
    parent = template.parent_of(node)
    assert parent is not None
    assert template.term(parent, "at0004").others == {"comment": "Any."}  # type: ignore[union-attr]


def test_terms_of_further_languages_come_from_the_ontologies() -> None:
    ontology = """<component_ontologies archetype_id="openEHR-EHR-EVALUATION.goal.v1"><term_definitions language="nb">
<items code="at0004"><items id="text">Mål</items></items></term_definitions><term_bindings terminology="LOINC">
<items code="at0004"><value><terminology_id><value>LOINC</value></terminology_id><code_string>1-1</code_string></value>
</items></term_bindings></component_ontologies>"""
    template = read_opt(opt_source(opt_element(_QUANTITY), after=ontology))
    node = template.node_at(PATH.removesuffix("/value"))
    assert node is not None
    assert template.languages == ("en", "nb")
    assert template.label(node, "nb") == "Mål"
    assert template.label(node, "fr") == "Target"
    assert template.term_bindings(node) == (Code("LOINC", "1-1"),)


def test_siblings_that_share_an_id_are_told_apart_by_name() -> None:
    def with_name(name: str) -> str:
        text = opt_object("C_PRIMITIVE_OBJECT", "STRING", f'<item xsi:type="C_STRING"><list>{name}</list></item>')
        attribute = opt_single("name", opt_object("C_COMPLEX_OBJECT", "DV_TEXT", opt_single("value", text)))
        return opt_object("C_COMPLEX_OBJECT", "ELEMENT", attribute, node_id="at0004")

    template = read_opt(opt_source(with_name("First") + with_name("Second")))
    step = PATH.removesuffix("]/value")
    assert [template.label(node) for node in template.nodes_at(f"{step}]")] == ["First", "Second"]
    for predicate in (", 'Second'", " and name/value='Second'", ', "Second"'):
        (node,) = template.nodes_at(f"[openEHR-EHR-COMPOSITION.report.v1]{step}{predicate}]")
        assert template.label(node) == "Second"
        assert template.path_of(node) == f"{step}, 'Second']"


def test_occurrences_with_an_excluded_bound_are_moved_inwards() -> None:
    lax = _RANGE.format(open="false", upper="<upper>3</upper>")
    template = read_opt(opt_source(opt_object("C_COMPLEX_OBJECT", "ELEMENT", node_id="at0004", occurrences=lax)))
    node = template.node_at(PATH.removesuffix("/value"))
    assert node is not None
    assert node.occurrences == Multiplicity(0, 2)


def test_a_slot_says_which_archetypes_may_fill_it() -> None:
    slot = opt_object("ARCHETYPE_SLOT", "CLUSTER", _slot_assertion("includes", r"openEHR-EHR-CLUSTER\.device(-x)*\.v1"))
    node = read_opt(opt_source(slot)).node_at(PATH.replace("[at0004]/value", ""))
    assert isinstance(node, ArchetypeSlot)
    assert may_fill(node, "openEHR-EHR-CLUSTER.device.v1")
    assert not may_fill(node, "openEHR-EHR-CLUSTER.devices.v1")


def test_a_slot_that_only_excludes_takes_the_rest() -> None:
    slot = opt_object("ARCHETYPE_SLOT", "CLUSTER", _slot_assertion("excludes", r"openEHR-EHR-CLUSTER\.device\.v1"))
    node = read_opt(opt_source(slot)).node_at(PATH.replace("[at0004]/value", ""))
    assert isinstance(node, ArchetypeSlot)
    assert not may_fill(node, "openEHR-EHR-CLUSTER.device.v1")
    assert may_fill(node, "openEHR-EHR-CLUSTER.specimen.v1")


def test_excluding_everything_else_leaves_what_is_included() -> None:
    both = _slot_assertion("includes", r"openEHR-EHR-CLUSTER\.device\.v1") + _slot_assertion("excludes", ".*")
    node = read_opt(opt_source(opt_object("ARCHETYPE_SLOT", "CLUSTER", both))).node_at(
        PATH.replace("[at0004]/value", "")
    )
    assert isinstance(node, ArchetypeSlot)
    assert may_fill(node, "openEHR-EHR-CLUSTER.device.v1")
    assert not may_fill(node, "openEHR-EHR-CLUSTER.specimen.v1")


def test_default_values_belong_to_their_nodes() -> None:
    defaults = f"""<constraints><attributes><rm_attribute_name>value</rm_attribute_name><children>
<default_value xsi:type="DV_COUNT"><magnitude>3</magnitude></default_value></children>
<differential_path>[openEHR-EHR-COMPOSITION.report.v1]{PATH.removesuffix("/value")}</differential_path>
</attributes></constraints>"""
    template = read_opt(opt_source(opt_element(opt_object("C_COMPLEX_OBJECT", "DV_COUNT")), after=defaults))
    node = template.node_at(PATH)
    assert node is not None
    assert template.default_of(node) == DvCount(magnitude=3)


def test_annotations_and_view_are_kept_by_path() -> None:
    after = f"""<annotations path="[openEHR-EHR-COMPOSITION.report.v1]{PATH}"><items id="fhir">Goal.target</items>
</annotations><view><constraints path="/content"><items id="pass_through"><value>true</value></items></constraints>
</view>"""
    template = read_opt(opt_source(opt_element(_QUANTITY), after=after))
    assert template.annotations_at(PATH) == {"fhir": "Goal.target"}
    assert template.view[0].items == {"pass_through": "true"}


def test_value_sets_ordinals_and_durations_are_read() -> None:
    symbol = "<symbol><value>Low</value><defining_code><terminology_id><value>local</value></terminology_id>"
    ordinal = f"<list><value>1</value>{symbol}<code_string>at0010</code_string></defining_code></symbol></list>"
    reference = "<referenceSetUri>terminology:SNOMED-CT?subset=goals</referenceSetUri>"
    duration = '<item xsi:type="C_DURATION"><pattern>PDTH</pattern></item>'
    template = read_opt(
        opt_source(
            opt_element(opt_object("C_DV_ORDINAL", "DV_ORDINAL", ordinal))
            + opt_element(
                opt_object(
                    "C_COMPLEX_OBJECT",
                    "DV_CODED_TEXT",
                    opt_single("defining_code", opt_object("C_CODE_REFERENCE", "CODE_PHRASE", reference)),
                ),
                node_id="at0005",
            )
            + opt_element(
                opt_object(
                    "C_COMPLEX_OBJECT",
                    "DV_DURATION",
                    opt_single("value", opt_object("C_PRIMITIVE_OBJECT", "DURATION", duration)),
                ),
                node_id="at0006",
            )
        )
    )
    step = PATH.removesuffix("[at0004]/value")
    step_ordinal = template.node_at(PATH)
    code = template.node_at(f"{step}[at0005]/value/defining_code")
    length = template.node_at(f"{step}[at0006]/value/value")
    assert isinstance(step_ordinal, CDvOrdinal)
    assert step_ordinal.items[0].symbol == Code("local", "at0010")
    assert isinstance(code, CCodeReference)
    assert code.reference_set_uri == "terminology:SNOMED-CT?subset=goals"
    assert isinstance(length, CPrimitiveObject)
    assert length.item == CDuration(pattern="PDTH")


def _slot_assertion(kind: str, pattern: str) -> str:
    return f"""<{kind}><expression xsi:type="EXPR_BINARY_OPERATOR"><type>Boolean</type><operator>2007</operator>
<precedence_overridden>false</precedence_overridden><left_operand xsi:type="EXPR_LEAF"><type>String</type>
<item>archetype_id/value</item><reference_type>attribute</reference_type></left_operand>
<right_operand xsi:type="EXPR_LEAF"><type>C_STRING</type><item xsi:type="C_STRING"><pattern>{pattern}</pattern></item>
<reference_type>constraint</reference_type></right_operand></expression></{kind}>"""


def _bad_string(pattern: str) -> str:
    item = f'<item xsi:type="C_STRING"><pattern>{pattern}</pattern></item>'
    return opt_element(
        opt_object("C_COMPLEX_OBJECT", "DV_TEXT", opt_single("value", opt_object("C_PRIMITIVE_OBJECT", "STRING", item)))
    )


def _without(tag: str) -> Callable[[bytes], bytes]:
    def cut(source: bytes) -> bytes:
        head, opening, rest = source.partition(f"<{tag}>".encode())
        return head + rest.partition(f"</{tag}>".encode())[2] if opening else source

    return cut


def _replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda source: source.replace(old.encode(), new.encode(), 1)


BROKEN: list[tuple[str, str, Callable[[bytes], bytes]]] = [
    ("no template id", "OPT_MISSING", _without("template_id")),
    ("no concept", "OPT_MISSING", _without("concept")),
    ("no language", "OPT_MISSING", _without("language")),
    ("no definition", "OPT_MISSING", _without("definition")),
    ("an empty concept", "OPT_MISSING", _replaced("<concept>Goals<", "<concept> <")),
    ("two concepts", "OPT_DUPLICATE", _replaced("<definition>", "<concept>Other</concept><definition>")),
    ("a complex object as root", "OPT_ROOT", _replaced("<definition>", '<definition xsi:type="C_COMPLEX_OBJECT">')),
    ("an archetype of another class", "OPT_ROOT", _replaced("EHR-EVALUATION.goal", "EHR-OBSERVATION.goal")),
    ("an unknown kind of constraint", "OPT_TYPE", _replaced('xsi:type="C_ARCHETYPE_ROOT"', 'xsi:type="C_ROOT"')),
    ("an unknown class", "OPT_RM_TYPE", _replaced("ITEM_TREE", "ITEM_BUSH")),
    ("a class that does not fit", "OPT_RM_TYPE", _replaced(">ITEM_TREE<", ">SECTION<")),
    ("an unknown attribute", "OPT_RM_ATTRIBUTE", _replaced(">data<", ">datum<")),
    (
        "an attribute of the wrong kind",
        "OPT_RM_ATTRIBUTE",
        _replaced('C_SINGLE_ATTRIBUTE"><rm_attribute_name>data', 'C_MULTIPLE_ATTRIBUTE"><rm_attribute_name>data'),
    ),
    ("bounds the wrong way round", "OPT_INTERVAL", _replaced("<lower>1</lower>", "<lower>2</lower>")),
    ("no upper bound", "OPT_INTERVAL", _replaced("<upper>1</upper>", "")),
    ("letters for a number", "OPT_VALUE", _replaced("<lower>1</lower>", "<lower>one</lower>")),
    ("another namespace", "OPT_NAMESPACE", _replaced("http://schemas.openehr.org/v1", "http://schemas.openehr.org/v2")),
    ("an element left open", "OPT_XML", _replaced("</definition>", "")),
    ("a document type", "OPT_DOCTYPE", _replaced("<template", '<!DOCTYPE template [<!ENTITY a "b">]><template')),
]


@pytest.mark.parametrize(("code", "breaks"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_source_is_refused_with_its_place(code: str, breaks: Callable[[bytes], bytes]) -> None:
    source = opt_source(opt_element(_QUANTITY))
    broken = breaks(source)
    assert broken != source
    with pytest.raises(BadInput) as caught:
        read_opt(broken)
    issue = next(issue for issue in caught.value.issues if issue.code == code)
    assert issue.path.startswith("line ")
    assert issue.expected


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (_bad_string("("), "OPT_PATTERN"),
        (opt_object("ARCHETYPE_SLOT", "CLUSTER", _slot_assertion("includes", "[a")), "OPT_PATTERN"),
        (
            opt_object("ARCHETYPE_INTERNAL_REF", "ELEMENT", "<target_path>/data[at9]</target_path>"),
            "OPT_REFERENCE",
        ),
        (opt_object("CONSTRAINT_REF", "CODE_PHRASE", ""), "OPT_MISSING"),
        (opt_element(opt_object("C_DV_QUANTITY", "DV_QUANTITY", "<list><magnitude/></list>")), "OPT_MISSING"),
    ],
)
def test_a_broken_constraint_is_refused(items: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_opt(opt_source(items))
    assert code in [issue.code for issue in caught.value.issues]


def test_all_issues_are_listed_at_once() -> None:
    source = opt_source(_bad_string("(") + _bad_string("[")).replace(b">data<", b">datum<")
    with pytest.raises(BadInput) as caught:
        read_opt(source)
    assert sorted(issue.code for issue in caught.value.issues) == ["OPT_PATTERN", "OPT_PATTERN", "OPT_RM_ATTRIBUTE"]


def test_an_internal_reference_leads_to_its_target() -> None:
    path = "/data[at0001]/items[at0004]"
    reference = opt_object("ARCHETYPE_INTERNAL_REF", "ELEMENT", f"<target_path>{path}</target_path>", node_id="at0009")
    template = read_opt(opt_source(opt_element(_QUANTITY) + reference))
    node = template.node_at(PATH.replace("at0004]/value", "at0009]"))
    target = template.target_of(node)  # type: ignore[arg-type]
    assert isinstance(target, CComplexObject)
    assert target is template.node_at(PATH.removesuffix("/value"))


def test_entities_are_never_expanded() -> None:
    bomb = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
    source = opt_source().replace(b"<template", b'<!DOCTYPE template [<!ENTITY l0 "ha">' + bomb + b"]><template", 1)
    with pytest.raises(BadInput) as caught:
        read_opt(source.replace(b"<concept>Goals", b"<concept>&l9;"))
    assert caught.value.code == "OPT_DOCTYPE"


def test_a_document_type_hidden_by_its_encoding_is_refused() -> None:
    text = opt_source().decode().replace("utf-8", "utf-16")
    hidden = text.replace("<template", '<!DOCTYPE template SYSTEM "file:///etc/passwd"><template', 1)
    with pytest.raises(BadInput) as caught:
        read_opt(hidden.encode("utf-16"))
    assert caught.value.code == "OPT_DOCTYPE"


def test_a_source_of_more_than_25_mb_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_opt(b" " * (MAX_BYTES + 1))


def test_a_source_nested_too_deep_is_refused() -> None:
    deep = b"<children>" * 100_000
    with pytest.raises(BadInput) as caught:
        read_opt(opt_source().replace(b"<definition>", b"<definition>" + deep, 1))
    assert caught.value.code == "OPT_XML"


@pytest.mark.parametrize("source", [b"", b"\x00\xff", b"{}", b"<a/>", b"<template/>"])
def test_anything_else_is_bad_input(source: bytes) -> None:
    with pytest.raises(BadInput):
        read_opt(source)


def test_fifty_thousand_attributes_are_read_in_a_few_seconds() -> None:
    free = opt_single("name") + opt_single("value")
    elements = (opt_object("C_COMPLEX_OBJECT", "ELEMENT", free, node_id=f"at{number}") for number in range(1, 25_001))
    source = opt_source("".join(elements))
    start = time.perf_counter()
    template = read_opt(source)
    assert sum(1 for _ in template.nodes()) > 25_000
    assert time.perf_counter() - start < 10


def test_roots_other_than_compositions_are_readable() -> None:
    source = (
        opt_source(attributes=opt_multiple("items", opt_element(_QUANTITY)))
        .replace(b">COMPOSITION<", b">CLUSTER<")
        .replace(b"EHR-COMPOSITION.report", b"EHR-CLUSTER.device")
    )
    template = read_opt(source)
    assert (template.rm_type, template.archetype_id) == ("CLUSTER", "openEHR-EHR-CLUSTER.device.v1")
