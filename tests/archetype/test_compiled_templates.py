"""Compiled templates in use: they accept the example made from them and refuse ten mutations of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from cdr import rm
from cdr.am.compile import ArchetypeLibrary, compile_template
from cdr.am.oet import read_oet
from cdr.am.opt14 import read_opt
from cdr.am.opt14_write import write_opt
from cdr.am.template import OperationalTemplate
from cdr.formats.flat.example import Detail, example
from cdr.rm.navigate import walk
from cdr.validation import validate
from cdr.webtemplate import build
from tests.support.corpus import shared
from tests.support.sources import all_values

Mutation = Callable[[rm.Composition], None]


def _example(template: OperationalTemplate) -> rm.Composition:
    made = example(build(template), template, detail=Detail.COMPLETE)
    assert isinstance(made, rm.Composition)
    return made


def _element(composition: rm.Composition, node_id: str) -> rm.Element:
    return next(one for _, one in walk(composition) if isinstance(one, rm.Element) and one.archetype_node_id == node_id)


def _tree(composition: rm.Composition) -> rm.ItemTree:
    return next(one for _, one in walk(composition) if isinstance(one, rm.ItemTree))


def _another_code(composition: rm.Composition) -> None:
    value = _element(composition, "at0002").value
    assert isinstance(value, rm.DvCodedText)
    value.defining_code.code_string = "at0099"


def _another_unit(composition: rm.Composition) -> None:
    value = _element(composition, "at0003").value
    assert isinstance(value, rm.DvQuantity)
    value.units = "[lb_av]"


def _too_heavy(composition: rm.Composition) -> None:
    value = _element(composition, "at0003").value
    assert isinstance(value, rm.DvQuantity)
    value.units, value.magnitude = "kg", 1000.0


def _too_many(composition: rm.Composition) -> None:
    value = _element(composition, "at0004").value
    assert isinstance(value, rm.DvCount)
    value.magnitude = 101


def _another_step(composition: rm.Composition) -> None:
    value = _element(composition, "at0005").value
    assert isinstance(value, rm.DvOrdinal)
    value.value = 7


def _another_text(composition: rm.Composition) -> None:
    value = _element(composition, "at0006").value
    assert isinstance(value, rm.DvText)
    value.value = "black"


def _too_long(composition: rm.Composition) -> None:
    value = _element(composition, "at0007").value
    assert isinstance(value, rm.DvDuration)
    value.value = "P11D"


def _another_type(composition: rm.Composition) -> None:
    _element(composition, "at0008").value = rm.DvText(value="yes")


def _an_unknown_node(composition: rm.Composition) -> None:
    _element(composition, "at0004").archetype_node_id = "at0404"


def _once_too_often(composition: rm.Composition) -> None:
    tree = _tree(composition)
    assert tree.items is not None
    tree.items.append(msgspec.convert(msgspec.to_builtins(_element(composition, "at0004")), rm.Element))


def _another_archetype(composition: rm.Composition) -> None:
    assert composition.content is not None
    entry = composition.content[0]
    assert entry.archetype_details is not None
    entry.archetype_node_id = entry.archetype_details.archetype_id.value = "openEHR-EHR-EVALUATION.other.v1"


MUTATIONS: tuple[Mutation, ...] = (
    _another_code,
    _another_unit,
    _too_heavy,
    _too_many,
    _another_step,
    _another_text,
    _too_long,
    _another_type,
    _an_unknown_node,
    _once_too_often,
    _another_archetype,
)


@pytest.fixture(scope="module")
def compiled() -> OperationalTemplate:
    return read_opt(write_opt(all_values()))


def test_the_example_is_valid(compiled: OperationalTemplate) -> None:
    assert validate(_example(compiled), compiled).is_valid


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_each_mutation_is_refused(compiled: OperationalTemplate, mutate: Mutation) -> None:
    composition = _example(compiled)
    mutate(composition)
    assert not validate(composition, compiled).is_valid


def test_examples_of_published_sources_are_valid() -> None:
    data = shared("data")
    repositories = sorted(path for path in data.iterdir() if path.is_dir())
    count = 0
    for path in sorted((data / "ppazos+openEHR-OPT").rglob("sets/*/*.oet")):
        library = ArchetypeLibrary([path.parent, *repositories])
        source = read_oet(path.read_bytes())
        if source.root.rm_type != "COMPOSITION" or any(
            child.archetype_id not in library for child in source.root.children
        ):
            continue
        if source.root.archetype_id not in library:
            continue
        template = read_opt(write_opt(compile_template(source, library).template))
        report = validate(_example(template), template)
        assert report.is_valid, (path.name, [issue.message for issue in report.issues])
        count += 1
    assert count >= 6
