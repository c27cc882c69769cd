"""R07: every stored data point is found by an archetype id and the path below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.categories.town import Town, ask, example, template_id_of
from tests.support.http import Json

_SCALARS = ("value", "magnitude", "id", "numerator")


class Point(NamedTuple):
    """One ELEMENT: the archetype that it lies in, its path below the root of it, and the scalar of its value."""

    archetype: str
    rm_type: str
    path: str
    attribute: str
    scalar: Any


def points(document: Json) -> Iterator[Point]:
    """Yield the data points of a composition."""
    yield from _below(document, document["archetype_node_id"], document["_type"], "")


def _below(node: Json, archetype: str, rm_type: str, path: str) -> Iterator[Point]:
    for attribute, held in node.items():
        if attribute == "feeder_audit":
            continue
        for child in held if isinstance(held, list) else [held]:
            if not isinstance(child, dict):
                continue
            node_id = child.get("archetype_node_id")
            if node_id is None:
                yield from _below(child, archetype, rm_type, f"{path}/{attribute}")
            elif node_id.startswith("openEHR-"):
                yield from _below(child, node_id, child["_type"], "")
            else:
                below = f"{path}/{attribute}[{node_id}]"
                if child["_type"] == "ELEMENT" and "value" in child:
                    yield from _point(child["value"], archetype, rm_type, f"{below}/value")
                else:
                    yield from _below(child, archetype, rm_type, below)


def _point(value: Json, archetype: str, rm_type: str, path: str) -> Iterator[Point]:
    for attribute in _SCALARS:
        if isinstance(value.get(attribute), str | int | float):
            yield Point(archetype, rm_type, path, attribute, value[attribute])
            return


def test_the_points_of_a_decision_are_what_it_says() -> None:
    found = {(point.archetype, point.path, point.scalar) for point in points(example("tjenestevedtak"))}
    paths = {path for archetype, path, _ in found if archetype.endswith("municipal_service_decision.v0")}
    assert "/data[at0001]/items[at0002]/value" in paths
    assert len(found) > 20


def ask_for(town: Town, document: Json, point: Point) -> list[list[Any]]:
    """Return the values at the path of a point in the compositions of its template."""
    variable = "c" if point.rm_type == "COMPOSITION" else "x"
    inner = "" if variable == "c" else f" CONTAINS {point.rm_type} x[{point.archetype}]"
    return ask(
        town.client,
        f"SELECT {variable}{point.path}/{point.attribute} FROM EHR e CONTAINS COMPOSITION "
        f"c[{document['archetype_node_id']}]{inner} "
        "WHERE e/ehr_id/value = $ehr AND c/archetype_details/template_id/value = $template",
        ehr=town.ehr_id,
        template=template_id_of(document),
    )


def test_r07_every_data_point_is_addressable(town: Town) -> None:
    seen = set()
    for document in town.compositions:
        for point in points(document):
            key = (point.archetype, point.path)
            if key not in seen:
                seen.add(key)
                assert [point.scalar] in ask_for(town, document, point), (template_id_of(document), key)
    assert len(seen) > 300


@pytest.mark.torture
def test_r07_every_data_point_of_every_template_is_addressable(town: Town) -> None:
    for document in town.compositions:
        for point in points(document):
            assert [point.scalar] in ask_for(town, document, point), (template_id_of(document), point.path)


@pytest.mark.parametrize("name", ["tjenestevedtak", "legemiddelliste", "problemliste", "kritisk_informasjon"])
def test_the_full_example_of_a_template_has_points_in_several_archetypes(name: str) -> None:
    assert len({point.archetype for point in points(example(name))}) >= 3
