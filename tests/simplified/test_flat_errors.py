"""What FLAT refuses: every fault at once, each with its key and what would have been right, none with a value."""

from __future__ import annotations

from typing import Any

import pytest

from cdr.errors import BadInput, Invalid
from cdr.formats import flat, structured
from tests.simplified.vital_signs import EVENT, KEYS, SYSTOLIC, decode, vital_signs


def _issues(**changes: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(BadInput) as refused:
        decode(**changes)
    return [(issue.code, issue.path, issue.expected) for issue in refused.value.issues]


def test_an_unknown_id_is_refused_with_the_nearest_one() -> None:
    key = f"{EVENT}/systolsk|magnitude"
    expected = "the key vitale_målinger/blodtrykk/uspesifisert_hendelse/systolisk"
    assert _issues(**{key: 120}) == [("FLAT_UNKNOWN_KEY", key, expected)]


def test_an_unknown_suffix_is_refused_with_the_nearest_one() -> None:
    key = f"{SYSTOLIC}|magnitud"
    expected = "the key vitale_målinger/blodtrykk/uspesifisert_hendelse/systolisk|magnitude"
    assert _issues(**{key: 120}) == [("FLAT_UNKNOWN_KEY", key, expected)]


def test_an_unknown_context_key_is_refused_with_the_nearest_one() -> None:
    assert _issues(**{"ctx/langage": "nb"}) == [
        ("FLAT_UNKNOWN_KEY", "ctx/langage", "a key of the context such as ctx/language")
    ]


def test_a_key_of_another_template_is_refused() -> None:
    found = _issues(**{"vital_signs/pulse|magnitude": 60})
    assert found[0][:2] == ("FLAT_UNKNOWN_KEY", "vital_signs/pulse|magnitude")
    assert "vitale_målinger/" in found[0][2]


def test_all_faults_are_reported_at_once() -> None:
    found = _issues(**{
        f"{EVENT}/systolsk|magnitude": 120,
        f"{EVENT}/diastolisk|magnitude": "mye",
        f"{EVENT}/time": "i går",
        f"{EVENT}/stilling|code": "at9999",
        "vitale_målinger//x": 1,
    })  # fmt: skip
    assert sorted(code for code, _, _ in found) == [
        "FLAT_CODE", "FLAT_KEY", "FLAT_UNKNOWN_KEY", "FLAT_VALUE", "FLAT_VALUE",
    ]  # fmt: skip


def test_no_issue_holds_a_value() -> None:
    secret = "Ola Nordmann 01019012345"
    with pytest.raises(BadInput) as refused:
        decode(**{f"{EVENT}/time": secret, f"{SYSTOLIC}|magnitude": secret, f"{EVENT}/stilling": secret})
    assert secret not in str(refused.value)
    assert not [issue for issue in refused.value.issues if secret in f"{issue.path}{issue.expected}{issue.label}"]


def test_a_number_may_be_written_as_text() -> None:
    assert decode(**{f"{SYSTOLIC}|magnitude": "120.5"}) == decode(**{f"{SYSTOLIC}|magnitude": 120.5})


@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_value_is_as_good_as_no_key(blank: object) -> None:
    assert decode(**{f"{EVENT}/kommentar": blank}) == decode()


def test_the_first_number_may_be_left_out_but_not_written_both_ways() -> None:
    keys = {key.replace(":0", ""): value for key, value in KEYS.items()}
    assert flat.decode(keys, *vital_signs(), now=_now()) == decode()
    assert _issues(**{SYSTOLIC.replace(":0", "") + "|magnitude": 1})[0][0] == "FLAT_KEY"


def test_a_second_value_where_the_template_has_one_is_not_lost() -> None:
    composition = decode(**{f"{SYSTOLIC}:1|magnitude": 130, f"{SYSTOLIC}:1|unit": "mm[Hg]"})
    assert flat.encode(composition, *vital_signs())[f"{SYSTOLIC}:1|magnitude"] == 130


def test_raw_of_a_wrong_type_is_refused_with_its_key() -> None:
    key = f"{EVENT}/diastolisk|raw"
    found = _issues(**{key: {"_type": "DV_QUANTITY", "magnitude": "mye", "units": "mm[Hg]"}})
    assert [path for _, path, _ in found] == [key]


def test_what_has_no_node_in_the_template_is_refused_when_written() -> None:
    composition = decode()
    assert composition.content is not None
    composition.content[0].archetype_node_id = "openEHR-EHR-OBSERVATION.unknown.v1"
    with pytest.raises(Invalid) as refused:
        flat.encode(composition, *vital_signs())
    assert refused.value.issues[0].code == "FLAT_NO_KEY"


@pytest.mark.parametrize("number", ["1e999", "1_000", "١٢", "nan", 2**70, float("inf"), True])
def test_a_number_that_would_not_come_back_is_refused(number: object) -> None:
    assert [code for code, _, _ in _issues(**{f"{SYSTOLIC}|magnitude": number})] == ["FLAT_VALUE"]


def test_an_endless_key_is_refused() -> None:
    assert [code for code, _, _ in _issues(**{"vitale_målinger" + "/x" * 20_000: 1})] == ["FLAT_KEY"]


def test_many_unknown_keys_are_refused_at_once() -> None:
    found = _issues(**{f"{EVENT}/unknown_{number}": 1 for number in range(5000)})
    assert len(found) == 5000
    assert {code for code, _, _ in found} == {"FLAT_UNKNOWN_KEY"}


def test_structured_refuses_a_key_in_both_forms() -> None:
    with pytest.raises(BadInput):
        structured.flatten({"a": {"b": [{"|code": "x"}]}, "a/b:0|code": "y"})


def _now() -> Any:
    from tests.simplified.vital_signs import NOW

    return NOW
