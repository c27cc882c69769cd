"""Walking objects and looking paths up agree with each other."""

from __future__ import annotations

import pytest

from cdr import rm
from cdr.formats.canonical_json import decode
from cdr.rm.navigate import children, descendants, items_at_path, walk
from tests.support.corpus import shared


def element(node_id: str, name: str, value: float) -> rm.Element:
    return rm.Element(
        name=rm.DvText(value=name), archetype_node_id=node_id, value=rm.DvQuantity(magnitude=value, units="mm[Hg]")
    )


@pytest.fixture
def tree() -> rm.ItemTree:
    coded = rm.DvCodedText(
        value="c", defining_code=rm.CodePhrase(terminology_id=rm.TerminologyId(value="local"), code_string="at0007")
    )
    return rm.ItemTree(
        name=rm.DvText(value="tree"),
        archetype_node_id="at0001",
        items=[
            element("at0004", "Systolic", 120.0),
            element("at0005", "Diastolic", 80.0),
            rm.Cluster(
                name=coded,
                archetype_node_id="openEHR-EHR-CLUSTER.device.v1",
                items=[element("at0006", "Any", 1.0), element("at0006", "Any", 2.0), element("no id!", "Odd", 3.0)],
            ),
        ],
    )


def test_paths_tell_siblings_apart(tree: rm.ItemTree) -> None:
    nodes = [path for path, obj in walk(tree) if isinstance(obj, rm.Locatable)]
    assert nodes == [
        "/",
        "/items[at0004]",
        "/items[at0005]",
        "/items[openEHR-EHR-CLUSTER.device.v1]",
        "/items[openEHR-EHR-CLUSTER.device.v1]/items[1]",
        "/items[openEHR-EHR-CLUSTER.device.v1]/items[2]",
        "/items[openEHR-EHR-CLUSTER.device.v1]/items[3]",
    ]


def test_walk_goes_below_nodes(tree: rm.ItemTree) -> None:
    assert "/items[openEHR-EHR-CLUSTER.device.v1]/name/defining_code/terminology_id" in dict(walk(tree))


def test_descendants_come_in_the_order_of_the_walk(tree: rm.ItemTree) -> None:
    assert [id(obj) for obj in descendants(tree)] == [id(obj) for _, obj in walk(tree)]


def test_path_of_the_walk_leads_back_to_the_object() -> None:
    path = shared(
        "data",
        "ehrbase+integration-tests",
        "tests",
        "robot",
        "_resources",
        "test_data_sets",
        "aql",
        "data_load",
        "compositions",
        "conformance_ehrbase.de.v0_max.json",
    )
    composition = decode(path.read_bytes(), rm.Composition)
    count = 0
    for place, obj in walk(composition):
        found = items_at_path(composition, place)
        assert len(found) == 1, place
        assert found[0] is obj, place
        count += 1
    assert count > 300


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("items/value/magnitude", [120.0, 80.0]),
        ("/items[at0004]/value/magnitude", [120.0]),
        ("items[at0004,'Systolic']/value/magnitude", [120.0]),
        ("items[at0004,'Diastolic']/value/magnitude", []),
        ("items[openEHR-EHR-CLUSTER.device.v1]/items/value/magnitude", [1.0, 2.0, 3.0]),
        ("items[openEHR-EHR-CLUSTER.device.v1, at0007]/items[2]/value/magnitude", [2.0]),
        ("items[openEHR-EHR-CLUSTER.device.v1, at0008]/items[2]/value/magnitude", []),
        ("items[name/value='Diastolic']/value/magnitude", [80.0]),
        ("items[value/magnitude>100]/value/magnitude", [120.0]),
        ("items[value/magnitude<=80]/value/magnitude", [80.0]),
        ("items[value/magnitude!=80]/value/magnitude", [120.0]),
        ("items[name/value matches {/.*stolic/}]/value/magnitude", [120.0, 80.0]),
        ("items[at0004 or at0005]/value/magnitude", [120.0, 80.0]),
        ("items[at0004 and name/value='Systolic']/value/magnitude", [120.0]),
        ("items[9]/value", []),
        ("nothing/at/all", []),
        ("archetype_details/template_id", []),
    ],
)
def test_items_at_path(tree: rm.ItemTree, path: str, expected: list[object]) -> None:
    assert items_at_path(tree, path) == expected


def test_root_path_is_the_object_itself(tree: rm.ItemTree) -> None:
    assert items_at_path(tree, "/") == [tree]


def test_children_of_an_absent_attribute_are_none(tree: rm.ItemTree) -> None:
    assert children(tree, "links") == []
    assert children(tree, "name") == [tree.name]
    assert len(children(tree, "items")) == 3


def test_walk_survives_the_deepest_tree_a_body_may_have() -> None:
    obj = rm.Cluster(items=[])
    for _ in range(2000):
        obj = rm.Cluster(items=[obj])
    assert sum(1 for _ in walk(obj)) == sum(1 for _ in descendants(obj)) == 2001
