"""Each kind of value in FLAT: the keys of the specification's tables, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.formats import flat
from cdr.formats.flat.values.text import coded_text
from cdr.webtemplate import build
from tests.simplified.vital_signs import NOW
from tests.support.templates import opt_element, opt_object, opt_source


def _template(value: str) -> Any:
    template = read_opt(opt_source(opt_element(value)))
    return build(template), template


def _decode(rm_type: str, keys: dict[str, Any]) -> Any:
    web_template, template = _template(
        opt_object("C_COMPLEX_OBJECT", rm_type.replace("<", "&lt;").replace(">", "&gt;"))
    )
    place = _place(web_template)
    context = {"ctx/language": "en", "ctx/territory": "NO", "ctx/composer_name": "x"}
    composition = flat.decode(context | {place + suffix: value for suffix, value in keys.items()}, web_template, template, now=NOW)  # fmt: skip
    written = flat.encode(composition, web_template, template)
    assert flat.decode(written, web_template, template, now=NOW) == composition
    return _value(composition), {k.removeprefix(place): v for k, v in written.items() if k.startswith(place)}


def _place(web_template: Any) -> str:
    """Return the key of the only element."""
    entry = next(node for node in web_template.root.children if not node.is_in_context and node.id != "context")
    leaf = next(node for node in entry.children if not node.is_in_context)
    return "/".join(f"{node.id}:0" if node.is_repeating else node.id for node in (web_template.root, entry, leaf))


def _value(composition: rm.Composition) -> Any:
    assert composition.content is not None
    entry = composition.content[0]
    assert isinstance(entry, rm.Evaluation)
    assert isinstance(entry.data, rm.ItemTree)
    assert entry.data.items is not None
    element = entry.data.items[0]
    assert isinstance(element, rm.Element)
    return element.value


@pytest.mark.parametrize(
    ("rm_type", "keys", "expected"),
    [
        ("DV_TEXT", {"": "a"}, rm.DvText(value="a")),
        ("DV_TEXT", {"|value": "a"}, rm.DvText(value="a")),
        ("DV_TEXT", {"|code": "1", "|value": "a", "|terminology": "X"}, coded_text("X", "1", "a")),
        ("DV_CODED_TEXT", {"|code": "1", "|value": "a", "|terminology": "X"}, coded_text("X", "1", "a")),
        ("DV_CODED_TEXT", {"|other": "a"}, rm.DvText(value="a")),
        ("DV_COUNT", {"": 7}, rm.DvCount(magnitude=7)),
        ("DV_COUNT", {"": "7", "|magnitude_status": "~"}, rm.DvCount(magnitude=7, magnitude_status="~")),
        ("DV_BOOLEAN", {"": False}, rm.DvBoolean(value=False)),
        ("DV_DATE", {"": "2024-05"}, rm.DvDate(value="2024-05")),
        ("DV_DATE_TIME", {"": "2024-05-17T10:15"}, rm.DvDateTime(value="2024-05-17T10:15")),
        ("DV_TIME", {"": "10:15"}, rm.DvTime(value="10:15")),
        ("DV_DURATION", {"": "P2DT11H33M"}, rm.DvDuration(value="P2DT11H33M")),
        ("DV_DURATION", {"|day": 2, "|hour": 11}, rm.DvDuration(value="P2DT11H")),
        ("DV_DURATION", {"/day": 23}, rm.DvDuration(value="P23D")),
        ("DV_URI", {"": "https://x.no/"}, rm.DvUri(value="https://x.no/")),
        ("DV_EHR_URI", {"": "ehr://x"}, rm.DvEhrUri(value="ehr://x")),
        ("DV_IDENTIFIER", {"|id": "A", "|issuer": "B"}, rm.DvIdentifier(id="A", issuer="B")),
        ("DV_IDENTIFIER", {"": "A"}, rm.DvIdentifier(id="A")),
        ("DV_PARSABLE", {"": "x", "|formalism": "text/plain"}, rm.DvParsable(value="x", formalism="text/plain")),
    ],
)
def test_value_has_the_keys_of_its_table(rm_type: str, keys: dict[str, Any], expected: rm.DataValue) -> None:
    assert _decode(rm_type, keys)[0] == expected


def test_quantity_keeps_everything_around_its_magnitude() -> None:
    keys = {
        "|magnitude": 65.9,
        "|unit": "kg",
        "|precision": 1,
        "|magnitude_status": "~",
        "|normal_status": "N",
        "|accuracy": 50.5,
        "|accuracy_is_percent": True,
        "|units_system": "http://unitsofmeasure.org",
        "|units_display_name": "kilo",
        "/_normal_range/lower|magnitude": 20.5,
        "/_normal_range/lower|unit": "kg",
        "/_normal_range|upper_unbounded": True,
        "/_normal_range|upper_included": False,
        "/_other_reference_ranges:0/lower|magnitude": 70.5,
        "/_other_reference_ranges:0/lower|unit": "kg",
        "/_other_reference_ranges:0/upper|magnitude": 90.5,
        "/_other_reference_ranges:0/upper|unit": "kg",
        "/_other_reference_ranges:0/meaning": "high",
    }
    value, written = _decode("DV_QUANTITY", keys)
    assert value.normal_range.upper_unbounded is True
    assert value.other_reference_ranges[0].meaning.value == "high"
    assert written == keys


def test_text_keeps_its_language_and_mappings() -> None:
    keys = {
        "": "a",
        "|formatting": "plain",
        "/_language|code": "en",
        "/_language|terminology": "ISO_639-1",
        "/_mapping:0|match": "=",
        "/_mapping:0/target|terminology": "SNOMED-CT",
        "/_mapping:0/target|code": "21794005",
        "/_mapping:0/purpose|terminology": "openehr",
        "/_mapping:0/purpose|code": "671",
        "/_mapping:0/purpose|value": "research study",
    }
    assert _decode("DV_TEXT", keys)[1] == keys


def test_multimedia_reads_both_spellings_of_the_media_type_and_writes_the_one_of_the_examples() -> None:
    keys = {"": "http://x.no/v", "|size": 5, "|alternatetext": "t", "|compression_algorithm": "zlib"}
    first, written = _decode("DV_MULTIMEDIA", keys | {"|mediatype": "video/H261"})
    assert _decode("DV_MULTIMEDIA", keys | {"|media_type": "video/H261"})[0] == first
    assert written == keys | {"|mediatype": "video/H261"}


def test_proportion_is_written_with_its_quotient_and_read_without_it() -> None:
    keys = {"|numerator": 1.0, "|denominator": 4.0, "|type": 0}
    value, written = _decode("DV_PROPORTION", keys)
    assert (value.numerator, value.denominator, value.type) == (1.0, 4.0, 0)
    assert written == keys | {"": 0.25}


def test_null_flavour_stands_in_place_of_a_value() -> None:
    keys = {
        "/_null_flavour|code": "253",
        "/_null_flavour|value": "unknown",
        "/_null_flavour|terminology": "openehr",
        "/_null_reason": "not asked",
    }
    value, written = _decode("DV_COUNT", keys)
    assert value is None
    assert written == keys


def test_null_flavour_may_be_given_by_its_label() -> None:
    _, written = _decode("DV_COUNT", {"/_null_flavour": "unknown"})
    assert written["/_null_flavour|code"] == "253"


def test_an_interval_says_only_what_a_reader_would_not_assume() -> None:
    keys = {"/lower": 1, "/upper": 8}
    value, written = _decode("DV_INTERVAL<DV_COUNT>", keys)
    assert (value.lower_included, value.upper_unbounded) == (True, False)
    assert written == keys


def test_an_interval_without_a_bound_is_open_there() -> None:
    value, written = _decode("DV_INTERVAL<DV_COUNT>", {"/lower": 1})
    assert (value.upper_unbounded, value.upper_included) == (True, False)
    assert written == {"/lower": 1, "|upper_unbounded": True, "|upper_included": False}


def test_what_has_no_key_is_written_raw_and_read_back() -> None:
    raw = {"_type": "DV_TEXT", "value": "a", "hyperlink": {"_type": "DV_URI", "value": "https://x.no/"}}
    value, written = _decode("DV_TEXT", {"|raw": raw})
    assert value.hyperlink.value == "https://x.no/"
    assert list(written) == ["|raw"]
    assert written["|raw"]["value"]["hyperlink"]["value"] == "https://x.no/"


def test_a_raw_element_may_stand_at_the_key_of_its_value() -> None:
    raw = {
        "_type": "ELEMENT",
        "name": {"_type": "DV_TEXT", "value": "n"},
        "archetype_node_id": "at0004",
        "value": {"_type": "DV_COUNT", "magnitude": 3},
    }
    assert _decode("DV_COUNT", {"|raw": raw})[0] == rm.DvCount(magnitude=3)


def test_an_element_keeps_its_uid_links_and_other_name() -> None:
    keys = {
        "": 3,
        "/_uid": "9fcc1c70-9349-444d-b9cb-8fa817697f5e",
        "/_name": "another name",
        "/_link:0|meaning": "m",
        "/_link:0|type": "t",
        "/_link:0|target": "ehr://x",
    }
    assert _decode("DV_COUNT", keys)[1] == keys


def test_an_element_of_any_type_has_one_key_for_each() -> None:
    template = read_opt(opt_source(opt_object("C_COMPLEX_OBJECT", "ELEMENT", node_id="at0004")))
    web_template = build(template)
    place = _place(web_template)
    context = {"ctx/language": "en", "ctx/territory": "NO", "ctx/composer_name": "x"}
    composition = flat.decode(context | {f"{place}/count_value": 3}, web_template, template, now=NOW)
    assert _value(composition) == rm.DvCount(magnitude=3)
    assert flat.encode(composition, web_template, template)[f"{place}/count_value"] == 3


def _text_or_code() -> Any:
    both = opt_object("C_COMPLEX_OBJECT", "DV_CODED_TEXT") + opt_object("C_COMPLEX_OBJECT", "DV_TEXT")
    template = read_opt(opt_source(opt_element(both)))
    return build(template), template


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"|code": "1", "|value": "a", "|terminology": "X"}, coded_text("X", "1", "a")),
        ({"|other": "a"}, rm.DvText(value="a")),
        ({"": "a"}, rm.DvText(value="a")),
        ({"/text_value": "a"}, rm.DvText(value="a")),
        (
            {
                "/coded_text_value|code": "1",
                "/coded_text_value|value": "a",
                "/coded_text_value|terminology": "X",
            },
            coded_text("X", "1", "a"),
        ),
    ],
)
def test_a_text_or_a_code_is_read_in_every_spelling(keys: dict[str, Any], expected: rm.DataValue) -> None:
    web_template, template = _text_or_code()
    place = _place(web_template)
    context = {"ctx/language": "en", "ctx/territory": "NO", "ctx/composer_name": "x"}
    own = {place + suffix: value for suffix, value in keys.items()}
    assert _value(flat.decode(context | own, web_template, template, now=NOW)) == expected
