"""Random valid objects of every class survive both canonical formats."""

from __future__ import annotations

from contextlib import suppress
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdr import rm
from cdr.errors import BadInput
from cdr.formats import canonical_json, canonical_xml
from cdr.rm.catalog import CATALOG, is_concrete, python_class
from cdr.rm.invariants import missing_attributes, violations
from cdr.rm.navigate import walk
from cdr.terminology import terminology_violations
from tests.support.builders import build
from tests.support.strategies import objects

CLASSES = [python_class(name) for name in sorted(CATALOG.class_names()) if is_concrete(python_class(name))]
ANY = st.sampled_from(CLASSES).flatmap(objects)
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def _survives(obj: rm.RmObject) -> None:
    for path, node in walk(obj):
        assert [rule.code for rule in violations(node)] == [], path
        assert missing_attributes(node) == (), path
        assert [rule.code for rule, _ in terminology_violations(node)] == [], path
    body = canonical_json.encode(obj)
    assert canonical_json.decode(body, type(obj)) == obj
    assert canonical_json.encode(canonical_json.decode(body, type(obj))) == body
    document = canonical_xml.encode(obj)
    assert canonical_xml.decode(document, type(obj)) == obj
    assert canonical_xml.encode(canonical_xml.decode(document, type(obj))) == document


@pytest.mark.parametrize("rm_class", CLASSES, ids=lambda rm_class: rm_class.rm_name())
def test_objects_of_a_class_are_valid_and_survive(rm_class: type[rm.RmObject]) -> None:
    @given(objects(rm_class))
    @settings(max_examples=2, deadline=None, suppress_health_check=QUIET, database=None)
    def law(obj: rm.RmObject) -> None:
        _survives(obj)

    law()


@pytest.mark.torture
@given(ANY)
@settings(max_examples=5000, deadline=None, suppress_health_check=QUIET, database=None)
def test_five_thousand_objects_are_valid_and_survive(obj: rm.RmObject) -> None:
    _survives(obj)


@pytest.mark.parametrize("codec", [canonical_json, canonical_xml], ids=["json", "xml"])
def test_damaged_bodies_give_an_object_or_a_refusal(codec: ModuleType) -> None:
    whole = codec.encode(build(rm.Composition))

    @given(st.integers(0, len(whole) - 1), st.integers(0, len(whole) - 1), st.binary(max_size=4))
    @settings(max_examples=150, deadline=None, database=None)
    def law(start: int, end: int, put: bytes) -> None:
        with suppress(BadInput):
            assert isinstance(
                codec.decode(whole[:start] + put + whole[max(start, end - 5) :], rm.Composition), rm.Composition
            )

    law()


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None, database=None)
def test_any_bytes_are_no_xml_document(body: bytes) -> None:
    with pytest.raises(BadInput):
        canonical_xml.decode(body, rm.Composition)
