"""Canonical XML: what is written, what is read, and what is refused."""

from __future__ import annotations

import pytest
from lxml import etree

from cdr import rm
from cdr.errors import BadInput, NotSupported
from cdr.formats.canonical_json import Limits
from cdr.formats.canonical_xml import decode, decode_any, encode
from cdr.formats.canonical_xml_layout import elements
from cdr.rm.catalog import CATALOG
from tests.support.builders import build, coded
from tests.support.corpus import shared

V1 = 'xmlns="http://schemas.openehr.org/v1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def element(inner: str, attributes: str = 'archetype_node_id="at0001"') -> bytes:
    return f"<element {V1} {attributes}>\n  <name><value>n</value></name>\n  {inner}\n</element>".encode()


def issues(body: bytes, rm_class: type[rm.RmObject] = rm.Element, **limits: int) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        decode(body, rm_class, limits=Limits(**limits))
    assert {issue.stage.value for issue in caught.value.issues} == {"structure"}
    return [(issue.code, issue.path) for issue in caught.value.issues]


def round_trip(obj: rm.RmObject) -> rm.RmObject:
    return decode(encode(obj), type(obj))


def test_elements_stand_in_schema_order_with_types_where_needed() -> None:
    obj = build(rm.Element, value=rm.DvQuantity(magnitude=5.0, units="m", precision=1), archetype_node_id="at0002")
    assert encode(obj).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<element {V1} xsi:type="ELEMENT" archetype_node_id="at0002"><name><value>a name</value></name>'
        '<value xsi:type="DV_QUANTITY"><magnitude>5.0</magnitude><units>m</units><precision>1</precision></value></element>'
    )


def test_order_of_elements_is_that_of_the_v1_schemas() -> None:
    folder = shared("data", "ehrbase+openEHR_SDK", "opt-1.4", "src", "main", "xsd")
    xs = "{http://www.w3.org/2001/XMLSchema}"
    checked = 0
    for file in ("BaseTypes.xsd", "Structure.xsd", "Content.xsd", "Composition.xsd", "Version.xsd"):
        for declared in etree.parse(folder / file).getroot().findall(f"{xs}complexType"):
            name = declared.get("name", "")
            if not CATALOG.is_class(name):
                continue
            in_schema = [element.get("name") for element in declared.iter(f"{xs}element")]
            ours = [element for element, _ in elements(CATALOG.python_class(name))]
            assert [element for element in ours if element in in_schema] == in_schema, name
            checked += len(in_schema)
    assert checked > 150


@pytest.mark.parametrize(
    ("rm_class", "root"),
    [
        (rm.Composition, "composition"),
        (rm.OriginalVersion, "version"),
        (rm.EhrStatus, "ehr_status"),
        (rm.Folder, "folder"),
    ],
)
def test_root_element_is_named_by_the_class(rm_class: type[rm.RmObject], root: str) -> None:
    assert etree.QName(etree.fromstring(encode(build(rm_class)))).localname == root
    assert decode_any(encode(build(rm_class)), (rm.Composition, rm.OriginalVersion, rm.EhrStatus, rm.Folder)) == build(
        rm_class
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "  two  spaces ",
        "line\nbreak",
        "carriage\r\nreturn",
        "\ttab",
        "<&>\"'",
        "]]>",
        "æøå 日本 🩺",
        "&amp;",
        "a\u0085b\u2028c",
    ],
)
def test_text_survives(text: str) -> None:
    obj = build(rm.Element, value=rm.DvText(value=text), archetype_node_id=text or "x")
    assert round_trip(obj) == obj


@pytest.mark.parametrize("number", [0.1, -0.0, 1e300, 5e-324, 1.0, 123456789.123, 1e16])
def test_number_survives(number: float) -> None:
    value = round_trip(build(rm.DvQuantity, magnitude=number))
    assert isinstance(value, rm.DvQuantity)
    assert repr(value.magnitude) == repr(number)


def test_integer_of_64_bits_survives() -> None:
    assert round_trip(rm.DvCount(magnitude=2**63 - 1)) == rm.DvCount(magnitude=2**63 - 1)


def test_multimedia_keeps_its_base64_as_it_is() -> None:
    media = build(
        rm.DvMultimedia,
        data="AAEC\nAwQ=",
        integrity_check="aGk=",
        integrity_check_algorithm=coded("x", "SHA-1").defining_code,
    )
    assert round_trip(media) == media


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\ufffe"])
def test_character_that_xml_cannot_hold_is_refused_without_the_text(character: str) -> None:
    with pytest.raises(NotSupported) as caught:
        encode(rm.DvText(value=f"secret{character}"))
    assert "secret" not in str(caught.value)


def test_empty_list_reads_back_as_absent() -> None:
    assert round_trip(build(rm.ItemTree, items=[])) == build(rm.ItemTree, items=None)


def test_namespace_may_be_absent() -> None:
    body = encode(build(rm.Composition)).replace(b' xmlns="http://schemas.openehr.org/v1"', b"")
    assert decode(body, rm.Composition) == build(rm.Composition)


def test_prefixed_names_are_read() -> None:
    body = b'<oe:dv_text xmlns:oe="http://schemas.openehr.org/v1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="oe:DV_TEXT"><oe:value>x</oe:value></oe:dv_text>'
    assert decode(body, rm.DvText) == rm.DvText(value="x")


def test_both_spellings_of_the_workflow_id_are_read() -> None:
    entry = build(rm.AdminEntry, workflow_id=build(rm.ObjectRef))
    body = encode(entry)
    assert b"<work_flow_id>" in body
    assert decode(body.replace(b"work_flow_id>", b"workflow_id>"), rm.AdminEntry) == entry


def test_order_comments_and_instructions_do_not_matter() -> None:
    body = f"<!-- c --><?pi x?><dv_coded_text {V1}><defining_code><code_string>a<!-- b -->c</code_string></defining_code><value><![CDATA[<x>]]></value></dv_coded_text>"
    value = decode(body.encode(), rm.DvCodedText)
    assert value.value == "<x>"
    assert value.defining_code.code_string == "ac"


def test_nil_means_absent() -> None:
    assert decode(element('<null_flavour xsi:nil="true"/>'), rm.Element).null_flavour is None


def test_missing_required_elements_are_no_structural_fault() -> None:
    assert decode(f"<composition {V1}/>".encode(), rm.Composition) == rm.Composition()


def test_derived_parts_of_an_archetype_id_are_left_out() -> None:
    body = f"<archetype_id {V1}><domainConcept>pulse</domainConcept><value>x</value></archetype_id>"
    assert decode(body.encode(), rm.ArchetypeId) == rm.ArchetypeId(value="x")


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<value><value>x</value></value>", "FMT_TYPE"),
        ('<value xsi:type="DV_TXT"><value>x</value></value>', "FMT_UNKNOWN_TYPE"),
        ('<value xsi:type="COMPOSITION"/>', "FMT_TYPE"),
        ("<valu/>", "FMT_UNKNOWN_ATTRIBUTE"),
        ('<value xmlns="http://example.org" xsi:type="DV_TEXT"/>', "FMT_UNKNOWN_ATTRIBUTE"),
        ('<value xsi:type="DV_TEXT" class="x"/>', "FMT_UNKNOWN_ATTRIBUTE"),
        ('<value xsi:type="DV_TEXT"><value a="b">x</value></value>', "FMT_UNKNOWN_ATTRIBUTE"),
        ('<value xsi:type="DV_TEXT" archetype_node_id="at1"><value>x</value></value>', "FMT_UNKNOWN_ATTRIBUTE"),
        ('<value xsi:type="DV_TEXT">text<value>x</value></value>', "FMT_XML_TEXT"),
        ('<value xsi:type="DV_TEXT"><value><b>x</b></value></value>', "FMT_XML_TEXT"),
        ('<value xsi:type="DV_TEXT"><value>x</value><value>y</value></value>', "FMT_DUPLICATE_KEY"),
        ('<value xsi:type="DV_COUNT"><magnitude>five</magnitude></value>', "FMT_XML_VALUE"),
        ('<value xsi:type="DV_COUNT"><magnitude/></value>', "FMT_XML_VALUE"),
        ('<value xsi:type="DV_COUNT"><magnitude>9223372036854775808</magnitude></value>', "FMT_NUMBER"),
        ('<value xsi:type="DV_QUANTITY"><magnitude>1e400</magnitude></value>', "FMT_NUMBER"),
        ('<value xsi:type="DV_QUANTITY"><magnitude>NaN</magnitude></value>', "FMT_XML_VALUE"),
        ('<value xsi:type="DV_BOOLEAN"><value>yes</value></value>', "FMT_XML_VALUE"),
        ('<value xsi:type="DV_DATE"><value>2023-02-29</value></value>', "FMT_DATE"),
    ],
)
def test_structural_fault_has_a_code_and_a_line(inner: str, code: str) -> None:
    found = issues(element(inner))
    assert [found_code for found_code, _ in found] == [code]
    assert found[0][1].startswith("/element")
    assert found[0][1].endswith("(line 3)")


def test_all_faults_are_listed_with_their_places() -> None:
    body = f'<cluster {V1}>\n<nam/>\n<items xsi:type="ELEMENT"><value xsi:type="DV_COUNT"><magnitude>x</magnitude></value></items>\n<items xsi:type="ELEMNT"/></cluster>'
    assert issues(body.encode(), rm.Cluster) == [
        ("FMT_UNKNOWN_ATTRIBUTE", "/cluster/nam (line 2)"),
        ("FMT_XML_VALUE", "/cluster/items[1]/value/magnitude (line 3)"),
        ("FMT_UNKNOWN_TYPE", "/cluster/items[2]/@xsi:type (line 4)"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>",
        b"text",
        b"<a></b>",
        b"<a>&undefined;</a>",
        b"\xff\xfe",
        b"<element>\x01</element>",
        b'{"_type":"ELEMENT"}',
    ],
)
def test_what_is_not_well_formed_is_a_syntax_fault(body: bytes) -> None:
    assert [code for code, _ in issues(body)] == ["FMT_SYNTAX"]


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><element/>',
        '<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><element/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><element><name><value>&x;</value></name></element>',
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><element><name><value>&b;</value></name></element>',
        "<!-- " + "x" * 5000 + ' --><!DOCTYPE a [<!ENTITY x "y">]><element/>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_type_declarations_are_refused(document: str, encoding: str) -> None:
    assert [code for code, _ in issues(document.encode(encoding))] == ["FMT_DOCTYPE"]


@pytest.mark.parametrize("levels", [100_000, 300, 130])
def test_deep_nesting_is_refused(levels: int) -> None:
    body = f"<cluster {V1}>" + '<items xsi:type="CLUSTER">' * levels + "</items>" * levels + "</cluster>"
    assert [code for code, _ in issues(body.encode(), rm.Cluster, depth=128)] == ["FMT_DEPTH"]


def test_deepest_json_tree_can_be_written_and_read() -> None:
    obj = build(rm.Cluster)
    for _ in range(126):
        obj = build(rm.Cluster, items=[obj])
    assert round_trip(obj) == obj


def test_no_issue_repeats_a_value() -> None:
    secret = "01015012345"
    for body in (
        element(f'<value xsi:type="DV_DATE"><value>{secret}</value></value>'),
        element(f'<value xsi:type="{secret}">{secret}<a{secret}/></value>'),
        element(f"<value{secret}/>"),
        element(f"<value>{secret}"),
        element(f"<a{secret}></b{secret}>"),
    ):
        with pytest.raises(BadInput) as caught:
            decode(body, rm.Element)
        assert secret not in str(caught.value) + repr(caught.value.issues)


def test_very_many_xml_attributes_are_refused_as_one_fault() -> None:
    attributes = " ".join(f'a{index}="1"' for index in range(50_000))
    assert [code for code, _ in issues(f"<element {attributes}/>".encode())] == ["FMT_UNKNOWN_ATTRIBUTE"]


def test_issue_of_a_document_of_another_class_says_so() -> None:
    assert issues(encode(build(rm.Folder)), rm.Composition) == [("FMT_TYPE", "/folder/@xsi:type (line 2)")]
