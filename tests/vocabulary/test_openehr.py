"""Groups and code sets hold the codes of the published terminology, with labels in English and Norwegian."""

from __future__ import annotations

import re

import pytest

from cdr.terminology import (
    Answer,
    bundled_terminology,
    code_set_codes,
    code_sets,
    external_id,
    group_codes,
    groups,
    is_code_in_set,
    is_in_group,
    label,
)
from tests.support.corpus import shared


def _published(file: str) -> dict[str, dict[str, str]]:
    """Return code and description by vocabulary, as the specification prints them."""
    source = shared("spec", "TERM", "codesets", file).read_text("utf-8")
    found = {}
    for section in re.split(r"^=== ", source, flags=re.MULTILINE)[1:]:
        name = re.search(r"Name: \*(.*?)\*", section)
        assert name is not None
        rows = re.findall(r"^\| \*(.+?)\*\s+a\|(.*?)\| *\w+ *$", section, re.MULTILINE)
        found[name[1]] = {code: text.strip() for code, text in rows}
    return found


def test_groups_are_those_of_the_specification() -> None:
    published = _published("openehr_terminology-vocabularies.adoc")
    assert set(groups()) == set(published)
    for group, members in published.items():
        ours = set(group_codes(group)) - ({"435"} if group == "composition category" else set())
        assert ours == set(members), group
        assert {code: label(code, group) for code in members} == members, group


@pytest.mark.parametrize("file", ["openehr_terminology-codesets.adoc", "openehr_external_terminologies-codesets.adoc"])
def test_code_sets_hold_the_codes_of_the_specification(file: str) -> None:
    for name, members in _published(file).items():
        assert set(members) - set(code_set_codes(name)) == set(), name
        assert all(is_code_in_set(code, name) for code in members), name


def test_codes_of_the_older_terminology_are_known() -> None:
    assert is_in_group("435", "composition category")
    assert is_in_group("451", "composition category")


def test_every_code_of_a_group_has_a_norwegian_label() -> None:
    same = set()
    for group in groups():
        for code in group_codes(group):
            english, norwegian = label(code, group), label(code, group, "nb-NO")
            assert english and norwegian
            if english.casefold() == norwegian.casefold():
                same.add(english)
    assert same == {"donor", "median", "minimum"}


def test_other_languages_get_english() -> None:
    assert label("433", "composition category", "de") == "event"
    assert label("433", "composition category", "nn") == "hendelse"


def test_code_outside_the_group_has_no_label() -> None:
    assert label("999", "setting") is None
    assert not is_in_group("999", "setting")


def test_unknown_vocabularies_are_an_error() -> None:
    with pytest.raises(KeyError):
        is_in_group("433", "no group")
    with pytest.raises(KeyError):
        is_code_in_set("NO", "no set")


@pytest.mark.parametrize(
    ("code", "code_set", "expected"),
    [
        ("nb", "languages", True), ("NB", "ISO_639-1", True), ("nb-NO", "languages", True), ("se-NO", "languages", True), ("no", "languages", True),
        ("xx", "languages", False), ("nb-XX", "languages", False), ("", "languages", False), ("norsk", "languages", False),
        ("NO", "countries", True), ("no", "ISO_3166-1", True), ("XX", "countries", False), ("NOR", "countries", False),
        ("UTF-8", "IANA_character-sets", True), ("utf-8", "character sets", True), ("windows-1252", "character sets", True), ("UTF-9", "character sets", False),
        ("text/plain", "IANA_media-types", True), ("image/webp", "media types", True), ("text/plain; charset=utf-8", "media types", True),
        ("plain", "media types", False), ("text/", "media types", False), ("nonsense/plain", "media types", False), ("text/plain x", "media types", False),
        ("SHA-256", "integrity check algorithms", True), ("MD5", "integrity check algorithms", False),
        ("gzip", "openehr_compression_algorithms", True), ("HH", "openehr_normal_statuses", True), ("HHHH", "normal statuses", False),
    ],
)  # fmt: skip
def test_membership_of_a_code_set(code: str, code_set: str, expected: bool) -> None:
    assert is_code_in_set(code, code_set) is expected


def test_code_sets_are_known_by_both_of_their_names() -> None:
    for name in code_sets():
        assert code_set_codes(name) == code_set_codes(external_id(name))


def test_languages_and_countries_have_names() -> None:
    assert label("nb", "languages") == "Norwegian Bokmal"
    assert label("NO", "countries") == "Norway"
    assert label("gzip", "compression algorithms") == "gzip"


def test_bundled_service_answers_for_groups_and_code_sets() -> None:
    service = bundled_terminology()
    assert service.validate("terminology://openehr/setting", system="openehr", code="225") is Answer.YES
    assert (
        service.validate("https://specifications.openehr.org/fhir/valueset-null_flavours", system="openehr", code="999")
        is Answer.NO
    )
    assert service.validate("ISO_3166-1", system="ISO_3166-1", code="NO") is Answer.YES
    assert service.validate("setting", system="local", code="225") is Answer.NO
    assert service.validate("http://snomed.info/sct?fhir_vs", system="SNOMED-CT", code="1") is Answer.UNKNOWN
    assert service.is_member("setting", "openehr", "225") is True
    assert service.is_member("http://example.org/vs", "x", "225") is None


def test_bundled_service_expands_and_looks_up_in_a_language() -> None:
    service = bundled_terminology()
    found = service.expand("setting", search="sykepleie", language="nb", limit=1)
    assert found is not None
    assert [(term.code, term.display) for term in found] == [("229", "sykepleie i primærhelsetjenesten")]
    assert service.expand("http://example.org/vs") is None
    term = service.lookup("openehr", "433", language="nb")
    assert term is not None
    assert term.display == "hendelse"
    country = service.lookup("ISO_3166-1", "SE")
    assert country is not None
    assert country.display == "Sweden"
    assert service.lookup("SNOMED-CT", "1") is None


def test_bundled_service_knows_no_hierarchy_and_no_maps() -> None:
    service = bundled_terminology()
    assert service.subsumes("openehr", ancestor="433", descendant="433") is Answer.YES
    assert service.subsumes("openehr", ancestor="433", descendant="431") is Answer.NO
    assert service.subsumes("SNOMED-CT", ancestor="1", descendant="2") is Answer.UNKNOWN
    assert service.map("openehr", "433", target="x") == ()
