"""Canonical JSON: what is read, what is mended, and what is refused with which code."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import pytest

from cdr import rm
from cdr.errors import BadInput
from cdr.formats.canonical_json import Limits, decode, decode_any, decode_value, encode


def issues(body: bytes, rm_class: type[rm.RmObject] = rm.Element, **limits: int) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        decode(body, rm_class, limits=Limits(**limits))
    assert caught.value.issues
    assert {issue.stage.value for issue in caught.value.issues} == {"structure"}
    return [(issue.code, issue.path) for issue in caught.value.issues]


def element(value: str) -> bytes:
    return (
        b'{"_type":"ELEMENT","name":{"_type":"DV_TEXT","value":"n"},"archetype_node_id":"at0001","value":'
        + value.encode()
        + b"}"
    )


def value_of(text: str) -> Any:
    return decode(element(text), rm.Element).value


def test_encoding_has_types_rm_order_and_no_absent_attributes() -> None:
    obj = rm.DvCodedText(
        defining_code=rm.CodePhrase(code_string="at0005", terminology_id=rm.TerminologyId(value="local")), value="Å"
    )
    assert encode(obj).decode() == (
        '{"_type":"DV_CODED_TEXT","value":"Å","defining_code":{"_type":"CODE_PHRASE",'
        '"terminology_id":{"_type":"TERMINOLOGY_ID","value":"local"},"code_string":"at0005"}}'
    )


def test_missing_type_is_filled_in_where_the_declared_type_is_concrete() -> None:
    body = b'{"name":{"value":"n"},"archetype_node_id":"at0001","null_flavour":{"value":"x","defining_code":{"terminology_id":{"value":"openehr"},"code_string":"271"}}}'
    assert json.loads(encode(decode(body, rm.Element)))["name"] == {"_type": "DV_TEXT", "value": "n"}


def test_missing_type_of_an_abstract_attribute_is_an_issue() -> None:
    assert issues(element('{"value":"x"}')) == [("FMT_TYPE", "$.value")]


def test_missing_type_of_an_object_reference_means_object_ref() -> None:
    body = b'{"_type":"FOLDER","items":[{"namespace":"local","type":"X","id":{"_type":"HIER_OBJECT_ID","value":"1"}}]}'
    folder = decode(body, rm.Folder)
    assert folder.items is not None
    assert type(folder.items[0]) is rm.ObjectRef


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"_type":"DV_COUNT","magnitude":"5"}', 5),
        ('{"_type":"DV_COUNT","magnitude":5.0}', 5),
        ('{"_type":"DV_COUNT","magnitude":5e2}', 500),
        ('{"_type":"DV_QUANTITY","magnitude":"37.2","units":"Cel"}', 37.2),
        ('{"_type":"DV_QUANTITY","magnitude":37,"units":"Cel"}', 37.0),
        ('{"_type":"DV_QUANTITY","magnitude":1.5e-3,"units":"Cel"}', 0.0015),
        ('{"_type":"DV_QUANTITY","magnitude":1.6152339497014024,"units":"m"}', 1.6152339497014024),
        ('{"_type":"DV_COUNT","magnitude":9223372036854775807}', 2**63 - 1),
        ('{"_type":"DV_COUNT","magnitude":-9223372036854775808}', -(2**63)),
        ('{"_type":"DV_COUNT","magnitude":9007199254740993}', 9007199254740993),
    ],
)
def test_number_is_read(text: str, expected: float) -> None:
    assert value_of(text).magnitude == expected
    assert type(value_of(text).magnitude) is type(expected)


def test_boolean_may_be_written_as_a_string() -> None:
    assert value_of('{"_type":"DV_BOOLEAN","value":"true"}').value is True
    assert value_of('{"_type":"DV_BOOLEAN","value":"false"}').value is False


@pytest.mark.parametrize(
    "text",
    [
        '{"_type":"DV_COUNT","magnitude":9223372036854775808}',
        '{"_type":"DV_COUNT","magnitude":-9223372036854775809}',
        '{"_type":"DV_COUNT","magnitude":5.5}',
        '{"_type":"DV_COUNT","magnitude":1e400}',
        '{"_type":"DV_QUANTITY","magnitude":1e400,"units":"m"}',
        '{"_type":"DV_QUANTITY","magnitude":1e-400,"units":"m"}',
        '{"_type":"DV_QUANTITY","magnitude":9007199254740993,"units":"m"}',
        '{"_type":"DV_QUANTITY","magnitude":0.1000000000000000055511151231257827,"units":"m"}',
        '{"_type":"DV_QUANTITY","magnitude" : 0.1000000000000000055511151231257827,"units":"m"}',
        '{"_type":"DV_QUANTITY","magnitude":"0.1000000000000000055511151231257827","units":"m"}',
        '{"_type":"DV_QUANTITY","magnitude":1e99999,"units":"m"}',
    ],
)
def test_number_that_would_not_survive_is_refused(text: str) -> None:
    assert issues(element(text)) == [("FMT_NUMBER", "$.value.magnitude")]


@pytest.mark.parametrize(
    "text", ["urn:oid:2.16.578.1.12.4.1.1.8653", "a:1e400", "b: 12345678901234567890123", "c:0.10000000000000000000001"]
)
def test_number_inside_a_text_is_text(text: str) -> None:
    assert value_of(json.dumps({"_type": "DV_TEXT", "value": text})).value == text


@pytest.mark.parametrize(
    "number", ["0.30000000000000004", "-0.30000000000000004", "1.5e10", "2.5E-7", "100000000000000000000e-3"]
)
def test_long_number_that_survives_is_read(number: str) -> None:
    assert value_of(f'{{"_type":"DV_QUANTITY","magnitude":{number},"units":"m"}}').magnitude == float(number)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_are_no_json_are_refused(constant: str) -> None:
    assert issues(element(f'{{"_type":"DV_QUANTITY","magnitude":{constant},"units":"m"}}')) == [("FMT_NUMBER", "$")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"_type":"DV_COUNT","magnitude":"five"}', ("FMT_JSON_TYPE", "$.value.magnitude")),
        ('{"_type":"DV_COUNT","magnitude":true}', ("FMT_JSON_TYPE", "$.value.magnitude")),
        ('{"_type":"DV_COUNT","magnitude":[5]}', ("FMT_JSON_TYPE", "$.value.magnitude")),
        ('{"_type":"DV_TEXT","value":5}', ("FMT_JSON_TYPE", "$.value.value")),
        ('{"_type":"DV_BOOLEAN","value":"yes"}', ("FMT_JSON_TYPE", "$.value.value")),
        ('{"_type":"DV_BOOLEAN","value":1}', ("FMT_JSON_TYPE", "$.value.value")),
        ('{"_type":"DV_PARAGRAPH","items":{"_type":"DV_TEXT"}}', ("FMT_JSON_TYPE", "$.value.items")),
        ('{"_type":"DV_PARAGRAPH","items":[null]}', ("FMT_JSON_TYPE", "$.value.items[0]")),
        ('{"_type":"DV_PARAGRAPH","items":["x"]}', ("FMT_JSON_TYPE", "$.value.items[0]")),
        ('"text"', ("FMT_JSON_TYPE", "$.value")),
        ('{"_type":5}', ("FMT_JSON_TYPE", "$.value._type")),
        ('{"_type":"DV_TXT","value":"x"}', ("FMT_UNKNOWN_TYPE", "$.value._type")),
        ('{"_type":"COMPOSITION"}', ("FMT_TYPE", "$.value._type")),
        ('{"_type":"DV_ORDERED"}', ("FMT_TYPE", "$.value._type")),
        ('{"_type":"DV_TEXT","valu":"x"}', ("FMT_UNKNOWN_ATTRIBUTE", "$.value.valu")),
        ('{"_type":"DV_TEXT","Kari 01015012345":"x"}', ("FMT_UNKNOWN_ATTRIBUTE", "$.value")),
        ('{"_type":"DV_TEXT","value":"a","value":"b"}', ("FMT_DUPLICATE_KEY", "$.value")),
        ('{"_type":"DV_TEXT","value" :"a","value":"b"}', ("FMT_DUPLICATE_KEY", "$.value")),
        ('{"_type":"DV_CODED_TEXT","value":"a","value":"b","defining_code":{"code_string":"x"}}', ("FMT_DUPLICATE_KEY", "$.value")),
        ('{"_type":"DV_TEXT","value":"a\\u0000b"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"a\\u0001b"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"a\\bb"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"a\\fb"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"a\\u001Fb"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"a\\uffffb"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"a\ufffeb"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"\\ud800"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_TEXT","value":"\\udc00x"}', ("FMT_CHARACTER", "$.value.value")),
        ('{"_type":"DV_DATE","value":"17.05.2024"}', ("FMT_DATE", "$.value.value")),
        ('{"_type":"DV_DATE","value":"2023-02-29"}', ("FMT_DATE", "$.value.value")),
        ('{"_type":"DV_DATE_TIME","value":"2024-05-17 10:15"}', ("FMT_DATE", "$.value.value")),
        ('{"_type":"DV_TIME","value":"24:00"}', ("FMT_DATE", "$.value.value")),
        ('{"_type":"DV_DURATION","value":"1 day"}', ("FMT_DATE", "$.value.value")),
    ],
)  # fmt: skip
def test_structural_fault_has_a_code_and_a_path(text: str, found: tuple[str, str]) -> None:
    assert issues(element(text)) == [found]


def test_all_faults_are_listed() -> None:
    body = b'{"_type":"CLUSTER","nam":"x","items":[{"_type":"ELEMENT","value":{"_type":"DV_COUNT","magnitude":"x"}},{"_type":"ELEMNT"},7]}'
    assert issues(body, rm.Cluster) == [
        ("FMT_UNKNOWN_ATTRIBUTE", "$.nam"),
        ("FMT_JSON_TYPE", "$.items[0].value.magnitude"),
        ("FMT_UNKNOWN_TYPE", "$.items[1]._type"),
        ("FMT_JSON_TYPE", "$.items[2]"),
    ]


def test_unknown_names_are_answered_with_the_nearest_valid_one() -> None:
    with pytest.raises(BadInput) as caught:
        decode(element('{"_type":"DV_QUANTITY","magnitud":1,"unit":"m"}'), rm.Element)
    assert ['"magnitude"' in issue.expected or '"units"' in issue.expected for issue in caught.value.issues] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]x",
        b'{"a":}',
        b'{"a":1,}',
        b"\xef\xbb\xbf{}",
        b'{"name":"\xff"}',
        b'{"name":"\xed\xa0\x80"}',
        b'{"a":"\x01"}',
        b"{} {}",
        b"\xff\xfe{\x00}\x00",
        b"{'a':1}",
        b"nul",
    ],
)
def test_what_is_no_json_is_a_syntax_fault(body: bytes) -> None:
    assert [code for code, _ in issues(body)] == ["FMT_SYNTAX"]


@pytest.mark.parametrize("body", [b"[]", b"5", b'"x"', b"null", b"true"])
def test_what_is_no_object_is_a_fault(body: bytes) -> None:
    assert issues(body) == [("FMT_JSON_TYPE", "$")]


def test_syntax_fault_says_line_and_column() -> None:
    assert issues(b'{\n "name": }') == [("FMT_SYNTAX", "line 2, column 10")]


def nested(levels: int) -> bytes:
    return b'{"_type":"CLUSTER","items":[' * levels + b"]}" * levels


@pytest.mark.parametrize("levels", [129, 250, 600, 50_000])
def test_deep_nesting_is_refused(levels: int) -> None:
    assert [code for code, _ in issues(nested(levels), rm.Cluster)] == ["FMT_DEPTH"]


def test_deep_nesting_of_unknown_attributes_is_refused() -> None:
    assert [code for code, _ in issues(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)] == ["FMT_DEPTH"]
    assert [code for code, _ in issues(b"[" * 100_000)] == ["FMT_DEPTH"]


def test_nesting_up_to_the_limit_is_read() -> None:
    assert encode(decode(nested(128), rm.Cluster)) == nested(128)


def test_brackets_in_text_do_not_count_as_nesting() -> None:
    text = json.dumps({"_type": "DV_TEXT", "value": "[{" * 2000})
    assert value_of(text).value == "[{" * 2000


def test_deep_tree_is_refused() -> None:
    tree: dict[str, Any] = {"_type": "CLUSTER", "items": []}
    for _ in range(5000):
        tree = {"_type": "CLUSTER", "items": [tree]}
    with pytest.raises(BadInput, match="levels"):
        decode_value(tree, rm.Cluster)


def test_number_of_issues_is_capped() -> None:
    body = b'{"_type":"CLUSTER","items":[' + b",".join([b"1"] * 50) + b"]}"
    assert len(issues(body, rm.Cluster, issues=10)) == 10


def test_many_faults_cost_little() -> None:
    body = json.dumps({"_type": "ELEMENT"} | {f"unknown_{index}": 1 for index in range(50_000)}).encode()
    started = perf_counter()
    assert len(issues(body)) == 1000
    assert perf_counter() - started < 5


def test_null_means_absent() -> None:
    assert decode(b'{"_type":"DV_TEXT","value":"x","mappings":null,"language":null}', rm.DvText) == rm.DvText(value="x")


def test_missing_required_attributes_are_no_structural_fault() -> None:
    assert decode(b'{"_type":"COMPOSITION"}', rm.Composition) == rm.Composition()


def test_subclass_is_read_where_its_ancestor_is_asked_for() -> None:
    assert type(decode(b'{"_type":"PERSON"}', rm.Party)) is rm.Person


def test_type_chooses_among_several_classes() -> None:
    assert type(decode_any(b'{"_type":"FOLDER"}', (rm.EhrStatus, rm.Folder))) is rm.Folder
    with pytest.raises(BadInput, match="EHR_STATUS or FOLDER"):
        decode_any(b"{}", (rm.EhrStatus, rm.Folder))


def test_body_of_another_class_is_refused() -> None:
    assert issues(b'{"_type":"FOLDER"}', rm.Composition) == [("FMT_TYPE", "$._type")]


def test_parameter_of_a_generic_type_is_left_out() -> None:
    assert type(value_of('{"_type":"DV_INTERVAL<DV_COUNT>","lower_unbounded":true}')) is rm.DvInterval


def test_tree_is_read_like_a_body() -> None:
    tree = {"_type": "ELEMENT", "name": {"value": "n"}, "value": {"_type": "DV_COUNT", "magnitude": "7"}}
    element = decode_value(tree, rm.Element)
    assert element.value == rm.DvCount(magnitude=7)
    with pytest.raises(BadInput, match="64 bits"):
        decode_value({"_type": "DV_COUNT", "magnitude": 2**64}, rm.DvCount)
    with pytest.raises(BadInput, match="without rounding"):
        decode_value({"_type": "DV_QUANTITY", "magnitude": float("nan")}, rm.DvQuantity)


def test_no_issue_repeats_a_value() -> None:
    secret = "01015012345"
    body = json.dumps(
        {
            "_type": secret,
            "name": {"_type": "DV_TEXT", "value": [secret], secret: 1},
            "value": {"_type": "DV_DATE", "value": secret},
        }
    ).encode()
    for text in (body, body[:-1], body.replace(b'"_type": "01015012345", ', b"")):
        with pytest.raises(BadInput) as caught:
            decode(text, rm.Element)
        assert secret not in str(caught.value) + repr(caught.value.issues)


@pytest.mark.parametrize("text", [r"a\\b", r"\t\n\r", r"\u0009", r"\u000a", r"\\u0001", "\x7f", r"\ufffd"])
def test_text_that_only_looks_odd_is_taken(text: str) -> None:
    body = f'{{"_type":"DV_TEXT","value":"{text}"}}'.encode()
    assert decode(body, rm.DvText).value == json.loads(body)["value"]
