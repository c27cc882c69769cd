"""openEHR paths that stand alone."""

from __future__ import annotations

import pytest

from aql.errors import AqlError, AqlSyntaxError
from aql.path import IndexTest, NodeTest, ObjectPath, parse_path


@pytest.mark.parametrize(
    "text",
    [
        "name/value",
        "/data[at0001]/events[at0006, 'any event']/data[at0003]/items[at0004]/value/magnitude",
        "/content[openEHR-EHR-OBSERVATION.blood_pressure.v2]/protocol",
        "items[at0004 AND name/value = 'it\\'s']",
        "items[at0002, SNOMED-CT::73211009|Diabetes|]",
        "items[at0001 AND (at0002 OR value/magnitude > 3.5)]",
        "items[name/value MATCHES {/a+/}]",
        "items[3]/value",
        "/",
        "item[$archetype_id, $name]",
    ],
)
def test_a_path_in_canonical_spelling_comes_back_as_it_was(text: str) -> None:
    assert str(parse_path(text)) == text
    assert parse_path(str(parse_path(text))) == parse_path(text)


def test_spelling_is_made_canonical() -> None:
    assert str(parse_path('items[ at0004,"x" ] / value')) == "items[at0004, 'x']/value"


def test_the_root_has_no_segments() -> None:
    assert parse_path("/") == ObjectPath((), is_absolute=True)


def test_positions_are_for_standalone_paths_only() -> None:
    assert parse_path("items[2]").segments[0].predicate == IndexTest(2)


def test_a_node_predicate_tells_archetypes_from_codes() -> None:
    first, second = parse_path("content[openEHR-EHR-SECTION.adhoc.v1]/items[at0001]")
    assert isinstance(first.predicate, NodeTest)
    assert isinstance(second.predicate, NodeTest)
    assert getattr(first.predicate.node_id, "is_archetype_id", None) is True
    assert getattr(second.predicate.node_id, "is_archetype_id", None) is False


@pytest.mark.parametrize(
    "text", ["", "a/", "a//b", "a[", "a[]", "a]", "a b", "a[0]", "a[at0001", "[at0001]", "a/'b'", "5"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(AqlSyntaxError) as caught:
        parse_path(text)
    assert caught.value.offset is not None


def test_a_deep_predicate_is_refused() -> None:
    with pytest.raises(AqlError):
        parse_path("a[" * 10_000)
