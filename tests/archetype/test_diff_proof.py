"""The verdicts on stored data, proven by data: compatible changes accept what the old version accepted, others do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from cdr import rm
from cdr.am.change import Kind, Verdict
from cdr.am.template import OperationalTemplate
from cdr.rm.navigate import walk
from cdr.validation import validate
from tests.archetype.test_diff import CASES
from tests.support.conformant import conformant
from tests.support.sources import all_values

# The generator cannot make values for these parts of the template, so they are left open while proving.
_OPEN = (("DV_IDENTIFIER matches {id matches {/[A-Z]{3}-[0-9]{4}/}}", "DV_IDENTIFIER matches {*}"),)
_SPECIAL = {Kind.ATTRIBUTE_CONSTRAINED, Kind.ATTRIBUTE_FREED}

_SAFE = [kind for kind in CASES if kind.data is not Verdict.BREAKING and kind not in _SPECIAL]
_BREAKING = [kind for kind in CASES if kind.data is Verdict.BREAKING and kind not in _SPECIAL]


def _pair(kind: Kind) -> tuple[OperationalTemplate, OperationalTemplate]:
    old, new = CASES[kind]
    return all_values(*_OPEN, *old), all_values(*_OPEN, *new)


def _finer(composition: rm.Composition) -> rm.Composition:
    """Give every weight in kilograms one decimal place."""
    for element in _elements(composition):
        if isinstance(element.value, rm.DvQuantity) and element.value.units == "kg":
            element.value.magnitude, element.value.precision = 70.5, 1
    return composition


def _black(composition: rm.Composition) -> rm.Composition:
    """Give every colour a text that no list has."""
    for element in _elements(composition):
        if element.archetype_node_id == "at0006" and isinstance(element.value, rm.DvText):
            element.value.value = "black"
    return composition


def _second(composition: rm.Composition) -> rm.Composition:
    """Fill the slot with the second of the archetypes that it admits."""
    for _, one in walk(composition):
        if isinstance(one, rm.Cluster) and one.archetype_node_id == "openEHR-EHR-CLUSTER.one.v1":
            one.archetype_node_id = "openEHR-EHR-CLUSTER.two.v1"
            assert one.archetype_details is not None
            one.archetype_details.archetype_id.value = one.archetype_node_id
    return composition


# What the generator does not draw by itself although the old version allows it.
_HELP: dict[Kind, Callable[[rm.Composition], rm.Composition]] = {
    Kind.PRECISION_NARROWED: _finer,
    Kind.LIST_CLOSED: _black,
    Kind.SLOT_NARROWED: _second,
}


def _elements(composition: rm.Composition) -> Iterator[rm.Element]:
    return (one for _, one in walk(composition) if isinstance(one, rm.Element))


def _accepts(template: OperationalTemplate, composition: rm.Composition) -> bool:
    return validate(composition, template).is_valid


def _prove(kind: Kind, examples: int) -> None:
    old, new = _pair(kind)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def accepted(data: st.DataObject) -> None:
        composition = data.draw(conformant(old))
        assert _accepts(old, composition)
        assert _accepts(new, composition)

    accepted()


@pytest.mark.parametrize("kind", _SAFE, ids=lambda kind: kind.name)
def test_what_is_not_breaking_accepts_all_that_was_accepted(kind: Kind) -> None:
    _prove(kind, 12)


@pytest.mark.torture
@pytest.mark.parametrize("kind", _SAFE, ids=lambda kind: kind.name)
def test_what_is_not_breaking_accepts_all_that_was_accepted_long(kind: Kind) -> None:
    _prove(kind, 400)


@pytest.mark.parametrize("kind", _BREAKING, ids=lambda kind: kind.name)
def test_what_is_breaking_has_a_counter_example(kind: Kind) -> None:
    old, new = _pair(kind)
    quick = settings(
        max_examples=400,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=(Phase.generate,),
    )
    try:
        drawn = conformant(old).map(_HELP.get(kind, lambda one: one))
        composition = find(drawn, lambda one: _accepts(old, one) and not _accepts(new, one), settings=quick)
    except NoSuchExample:
        pytest.fail(f"no counter-example for {kind.name}")
    assert _accepts(old, composition) and not _accepts(new, composition)
