"""The index document of an RM object: what is searched, what is kept beside it, and what contains what."""

from __future__ import annotations

import threading
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cdr import rm
from cdr.errors import TooLarge
from cdr.store.client import Document
from cdr.store.instants import date_seconds, date_time_seconds, duration_seconds, time_seconds
from cdr.store.intervals import pack, unpack
from cdr.store.layout import TEXT_CAP
from cdr.store.paths import PathDictionary
from cdr.store.tenant import TenantStore
from cdr.store.to_document import IndexFields, index_fields
from tests.support.commits import (
    ENCOUNTER,
    PULSE,
    archetyped,
    coded,
    composition,
    ehr_status,
    element,
    pulse,
    text,
    tree,
)
from tests.support.corpus import files

EVALUATION = "openEHR-EHR-EVALUATION.problem_diagnosis.v1"


class Reader:
    """Index fields of objects with the numbers read back through the stored dictionary."""

    def __init__(self, store: TenantStore) -> None:
        self.paths = PathDictionary(store.database)
        self._stored = store.database.paths

    def fields(self, root: rm.RmObject, template: str | None = None) -> IndexFields:
        return index_fields(root, template_id=template, paths=self.paths)

    def entry(self, **conditions: str) -> Document:
        """Return the one dictionary entry that meets the conditions."""
        (found,) = self._stored.find(conditions)
        return dict(found)

    def at(self, side: dict[str, Any], root: str, path: str, *, rm_type: str = "") -> list[Any]:
        """Return the scalars of a leaf path below all instances of an archetype, in order."""
        conditions = {"kind": "leaf", "root": root, "path": path}
        entry = self.entry(**conditions, **({"type": rm_type} if rm_type else {}))
        return _collect(side, entry["m"].split("."))


def _collect(at: Any, fields: list[str]) -> list[Any]:
    if not fields:
        return [at]
    below = at.get(fields[0], [])
    if len(fields) == 1:
        return [below] if below != [] else []
    return [found for instance in below for found in _collect(instance, fields[1:])]


@pytest.fixture
def reader(tenant_store: TenantStore) -> Reader:
    return Reader(tenant_store)


def evaluation(items: list[rm.Element | rm.Cluster]) -> rm.Evaluation:
    return rm.Evaluation(
        archetype_node_id=EVALUATION,
        archetype_details=archetyped(EVALUATION),
        name=text("Diagnosis"),
        subject=rm.PartySelf(),
        data=tree("at0001", items),
    )


def value_fields(reader: Reader, value: Any) -> IndexFields:
    return reader.fields(composition([evaluation([element("at0002", "Value", value)])]))  # type: ignore[list-item]


OSLO = ZoneInfo("Europe/Oslo")

VALUE = "/data[at0001]/items[at0002]/value/"

RATE = "/data[at0002]/events[at0003]/data[at0001]/items[at0004]/value/"


def test_magnitudes_stand_in_their_event_with_the_units_beside(reader: Reader) -> None:
    fields = reader.fields(composition([pulse([72, 80]), pulse([66])]))
    assert reader.at(fields.m, PULSE, RATE + "magnitude") == [72.0, 80.0, 66.0]
    assert reader.at(fields.r, PULSE, RATE + "units") == ["/min"] * 3
    assert reader.at(fields.m, PULSE, "/data[at0002]/origin/value") == [1715940000.0] * 2


def test_a_repeating_node_always_has_an_array_level(reader: Reader) -> None:
    fields = reader.fields(composition([pulse([72])]))
    place = reader.entry(root=PULSE, path=RATE + "magnitude")["m"].split(".")
    assert [field[0] for field in place] == ["g", "g", "k"]
    assert isinstance(fields.m[place[0]], list)
    assert isinstance(fields.m[place[0]][0][place[1]], list)


def test_archetypes_and_template_are_numbered(reader: Reader) -> None:
    fields = reader.fields(composition([pulse([72])]), "pulse")
    numbers = {reader.entry(kind="archetype", name=name)["_id"] for name in (ENCOUNTER, PULSE)}
    assert set(fields.a) == numbers | {reader.entry(kind="template", name="pulse")["_id"]}


def test_nodes_stand_in_preorder_with_the_ends_of_their_subtrees(reader: Reader) -> None:
    fields = reader.fields(composition([pulse([72, 80])]))
    nodes = unpack(fields.s)
    types = [reader.entry(_id=number)["type"] for number, _ in nodes]  # type: ignore[arg-type]
    event = ["POINT_EVENT", "ITEM_TREE", "ELEMENT"]
    assert types == ["COMPOSITION", "OBSERVATION", "HISTORY", *event, *event]
    assert [end for _, end in nodes] == [9, 9, 9, 6, 6, 6, 9, 9, 9]
    assert fields.w == ["Encounter", "Pulse", "History", *["Any event", "Tree", "Rate"] * 2]


def test_each_group_instance_says_which_node_it_is(reader: Reader) -> None:
    fields = reader.fields(composition([pulse([72, 80]), pulse([66])]))
    place = reader.entry(root=PULSE, path=RATE + "magnitude")["m"].split(".")
    observations = fields.r[place[0]]
    assert [instance["i"] for instance in observations] == [1, 9]
    assert [event["i"] for instance in observations for event in instance[place[1]]] == [3, 6, 11]


def test_an_entry_has_the_same_place_whatever_section_it_is_in(reader: Reader) -> None:
    section = rm.Section(archetype_node_id="openEHR-EHR-SECTION.adhoc.v1", name=text("Section"), items=[pulse([72])])
    bare, inside = reader.fields(composition([pulse([72])])), reader.fields(composition([section]))
    place = reader.entry(root=PULSE, path="", type="OBSERVATION")["m"]
    assert bare.m[place] == inside.m[place]
    nodes = unpack(inside.s)
    assert [end for _, end in nodes[:3]] == [7, 7, 7]
    assert reader.entry(_id=nodes[1][0])["type"] == "SECTION"  # type: ignore[arg-type]


def test_a_repeated_element_has_one_slot_for_each_occurrence_in_every_leaf(reader: Reader) -> None:
    items = [
        element("at0002", "Diagnosis", text("free")),
        element("at0002", "Diagnosis", coded("J45", "Asthma", "ICD-10")),
        element("at0002", "Diagnosis", None),
        element("at0002", "Diagnosis", coded("I10", "Hypertension", "ICD-10")),
    ]
    fields = reader.fields(composition([evaluation(list(items))]))  # type: ignore[list-item]
    assert reader.at(fields.m, EVALUATION, VALUE + "value") == [["free", "Asthma", None, "Hypertension"]]
    assert reader.at(fields.m, EVALUATION, VALUE + "defining_code/code_string") == [[None, "J45", None, "I10"]]
    assert reader.at(fields.r, EVALUATION, VALUE + "defining_code/terminology_id/value") == [
        [None, "ICD-10", None, "ICD-10"]
    ]
    flavour = "/data[at0001]/items[at0002]/null_flavour/defining_code/code_string"
    assert reader.at(fields.m, EVALUATION, flavour) == [[None, None, "271", None]]


def test_slots_of_a_leaf_that_only_the_last_occurrence_has(reader: Reader) -> None:
    items = [element("at0002", "D", text("a")), element("at0002", "D", rm.DvCount(magnitude=3))]
    fields = reader.fields(composition([evaluation(list(items))]))  # type: ignore[list-item]
    assert reader.at(fields.m, EVALUATION, VALUE + "value") == [["a", None]]
    assert reader.at(fields.m, EVALUATION, VALUE + "magnitude") == [[None, 3]]


def test_clusters_nest_as_groups(reader: Reader) -> None:
    def cluster(node: str, *items: rm.Element | rm.Cluster) -> rm.Cluster:
        return rm.Cluster(archetype_node_id=node, name=text(node), items=list(items))

    def result(value: float) -> rm.Cluster:
        return cluster("at0011", element("at0012", "Result", rm.DvQuantity(magnitude=value, units="mg/L")))

    root = evaluation([cluster("at0010", result(1.0), result(2.0)), cluster("at0010"), cluster("at0010", result(3.0))])
    fields = reader.fields(composition([root]))  # type: ignore[list-item]
    path = "/data[at0001]/items[at0010]/items[at0011]/items[at0012]/value/magnitude"
    outer = reader.entry(root=EVALUATION, path="/data[at0001]/items[at0010]")
    assert reader.at(fields.m, EVALUATION, path) == [1.0, 2.0, 3.0]
    entry, group = outer["m"].split(".")
    assert [len(instance) for instance in fields.m[entry][0][group]] == [1, 0, 1]


@pytest.mark.parametrize(
    ("value", "searched", "kept"),
    [
        (text("x" * 300), {"value": "x" * TEXT_CAP}, {}),
        (rm.DvCount(magnitude=3), {"magnitude": 3}, {}),
        (rm.DvCount(magnitude=1 << 70), {"magnitude": float(1 << 70)}, {}),
        (rm.DvBoolean(value=True), {"value": True}, {}),
        (rm.DvProportion(numerator=1.0, denominator=4.0, type=0), {"numerator": 1.0, "denominator": 4.0}, {"type": 0}),
        (rm.DvDate(value="2024-05"), {"value": 1714514400.0}, {"value": "2024-05"}),
        (rm.DvDateTime(value="2024-05-17T10:00:00Z"), {"value": 1715940000.0}, {"value": "2024-05-17T10:00:00Z"}),
        (rm.DvTime(value="10:00:00Z"), {"value": 36000.0}, {"value": "10:00:00Z"}),
        (rm.DvDuration(value="PT90M"), {"value": 5400.0}, {"value": "PT90M"}),
        (rm.DvDate(value="not a date"), {}, {"value": "not a date"}),
        (rm.DvUri(value="https://example.org"), {"value": "https://example.org"}, {}),
        (rm.DvIdentifier(id="7", issuer="I", type="T"), {"id": "7"}, {"issuer": "I", "type": "T"}),
        (rm.DvParsable(value="<a/>", formalism="text/xml"), {"value": "<a/>"}, {"formalism": "text/xml"}),
        (
            rm.DvOrdinal(value=2, symbol=coded("at0005", "Some", "local")),
            {"value": 2, "symbol/defining_code/code_string": "at0005"},
            {"symbol/value": "Some", "symbol/defining_code/terminology_id/value": "local"},
        ),
        (
            rm.DvInterval(
                lower=rm.DvQuantity(magnitude=1.5, units="kg"),
                lower_included=True,
                lower_unbounded=False,
                upper_included=False,
                upper_unbounded=True,
            ),
            {"lower/magnitude": 1.5},
            {
                "lower/units": "kg",
                "lower_included": True,
                "lower_unbounded": False,
                "upper_included": False,
                "upper_unbounded": True,
            },
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, rm.RmObject) else "",
)
def test_leaves_of_each_data_type(
    reader: Reader, value: Any, searched: dict[str, object], kept: dict[str, object]
) -> None:
    fields = value_fields(reader, value)
    stored = {
        entry["path"].removeprefix(VALUE): entry for entry in reader._stored.find({"kind": "leaf", "root": EVALUATION})
    }
    for side, expected in ((fields.m, searched), (fields.r, kept)):
        found = {path: _collect(side, entry["m"].split(".")) for path, entry in stored.items()}
        assert {path: scalars[0] for path, scalars in found.items() if scalars} == expected


def test_context_and_composer_are_leaves_of_the_composition(reader: Reader) -> None:
    fields = reader.fields(composition([]))
    assert reader.at(fields.m, ENCOUNTER, "/context/start_time/value") == [1715940000.0]
    assert reader.at(fields.r, ENCOUNTER, "/context/start_time/value") == ["2024-05-17T12:00:00+02:00"]
    assert reader.at(fields.m, ENCOUNTER, "/composer/name") == ["Nurse"]
    assert reader.at(fields.r, ENCOUNTER, "/category/defining_code/code_string") == ["433"]


def test_the_subject_of_an_ehr_status_is_searched(reader: Reader) -> None:
    fields = reader.fields(ehr_status(("fnr", "13116900216")))
    root = "openEHR-EHR-EHR_STATUS.generic.v1"
    assert reader.at(fields.m, root, "/subject/external_ref/id/value") == ["13116900216"]
    assert reader.at(fields.m, root, "/is_queryable") == [True]


def test_folders_stand_at_the_top_with_their_items(reader: Reader) -> None:
    def reference(value: str) -> rm.ObjectRef:
        return rm.ObjectRef(namespace="local", type="VERSIONED_COMPOSITION", id=rm.HierObjectId(value=value))

    archetype = "openEHR-EHR-FOLDER.generic.v1"
    inner = rm.Folder(archetype_node_id=archetype, name=text("inner"), items=[reference("a"), reference("b")])
    fields = reader.fields(rm.Folder(archetype_node_id=archetype, name=text("root"), folders=[inner]))
    assert reader.at(fields.m, archetype, "/items/id/value") == [["a", "b"]]
    assert unpack(fields.s)[0][1] == 2


def test_a_draft_without_required_attributes_is_extracted(reader: Reader) -> None:
    draft = rm.Composition(archetype_node_id=ENCOUNTER, content=[rm.Observation(archetype_node_id=PULSE)])
    fields = reader.fields(draft)
    assert len(unpack(fields.s)) == 2
    assert fields.w == ["", ""]


def test_the_dictionary_holds_no_name_and_no_text_of_an_instance(reader: Reader, tenant_store: TenantStore) -> None:
    named = element("at0002", "Canary name", text("Canary text"))
    reader.fields(composition([evaluation([named])]))  # type: ignore[list-item]
    reader.paths.flush(force=True)
    assert "Canary" not in str(list(tenant_store.database.paths.find()))


def test_nesting_beyond_what_a_document_holds_is_refused(reader: Reader) -> None:
    cluster = rm.Cluster(archetype_node_id="at0010", name=text("c"), items=[])
    for _ in range(100):
        cluster = rm.Cluster(archetype_node_id="at0010", name=text("c"), items=[cluster])
    with pytest.raises(TooLarge, match="at most 60 deep"):
        reader.fields(composition([evaluation([cluster])]))  # type: ignore[list-item]


def test_another_process_gives_the_same_numbers(reader: Reader, tenant_store: TenantStore) -> None:
    root = composition([pulse([72])])
    assert index_fields(root, template_id="t", paths=PathDictionary(tenant_store.database)) == reader.fields(root, "t")


def test_workers_that_meet_new_paths_at_once_agree_on_their_numbers(tenant_store: TenantStore) -> None:
    roots = [composition([pulse([72]), evaluation([element("at0002", "v", text("x"))])]) for _ in range(8)]  # type: ignore[list-item]
    results: list[IndexFields] = []
    barrier = threading.Barrier(len(roots))

    def work(root: rm.Composition) -> None:
        paths = PathDictionary(tenant_store.database)
        barrier.wait()
        results.append(index_fields(root, template_id="t", paths=paths))

    threads = [threading.Thread(target=work, args=(root,)) for root in roots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len(roots)
    assert all(result == results[0] for result in results)
    places = {entry["_id"]: entry for entry in tenant_store.database.paths.find()}
    for entry in places.values():
        if entry["kind"] == "leaf":
            # The place of a leaf is that of its node's group, whoever wrote either.
            assert entry["m"] == f"{places[entry['parent']]['m']}.k{entry['_id']}"


def test_counts_and_bounds_are_kept_for_the_planner(reader: Reader) -> None:
    reader.fields(composition([pulse([72, 80])]))
    reader.fields(composition([pulse([60])]))
    reader.paths.flush(force=True)
    leaf = reader.entry(root=PULSE, path=RATE + "magnitude")
    assert (leaf["n"], leaf["lo"], leaf["hi"]) == (3, 60.0, 80.0)
    assert reader.entry(kind="archetype", name=PULSE)["n"] == 2


@pytest.mark.parametrize(("numbers", "ends"), [([], []), ([1, 65535], [2, 2]), ([70000, 3], [2, 2])])
def test_intervals_come_back_as_packed(numbers: list[int], ends: list[int]) -> None:
    assert unpack(pack(numbers, ends)) == list(zip(numbers, ends, strict=True))


def test_more_nodes_than_two_bytes_count_are_packed() -> None:
    count = 70_000
    nodes = unpack(pack([1] * count, [count] * count))
    assert (len(nodes), nodes[-1]) == (count, (1, count))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-17T12:00:00", 1715940000.0),
        ("2024-01-17T12:00:00", 1705489200.0),
        ("2024-05-17T12:00:00.5+02:00", 1715940000.5),
        ("20240517T120000Z", 1715947200.0),
        ("2024-05-17T12", 1715940000.0),
        ("2024", 1704063600.0),
        ("0001-01-01T00:00:00+14:00", -62135647200.0),
        ("yesterday", None),
    ],
)
def test_a_date_time_counts_from_its_lower_bound_in_local_time(written: str, expected: float | None) -> None:
    assert date_time_seconds(written, OSLO) == expected


def test_texts_that_are_no_dates_have_no_number() -> None:
    assert [read("x", OSLO) for read in (date_seconds, time_seconds, duration_seconds)] == [None, None, None]


def test_every_composition_of_the_corpus_is_extracted_twice_the_same(reader: Reader) -> None:
    decoder = msgspec.json.Decoder(rm.Composition)
    done = 0
    for path in files("*.json"):
        try:
            root = decoder.decode(path.read_bytes())
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        fields = reader.fields(root, "t")
        assert reader.fields(root, "t") == fields
        nodes = unpack(fields.s)
        assert len(nodes) == len(fields.w) > 0
        assert all(place < end <= len(nodes) for place, (_, end) in enumerate(nodes))
        done += 1
    if not done:
        pytest.skip("the published test data (folder `shared` beside the checkout) is absent")


def test_archetypes_in_a_feeder_audit_are_numbered(reader: Reader) -> None:
    archetype = "openEHR-EHR-ITEM_TREE.source.v1"
    details = rm.ItemTree(archetype_node_id=archetype, name=text("Source"), items=[])
    root = composition([pulse([72])])
    root.feeder_audit = rm.FeederAudit(
        originating_system_audit=rm.FeederAuditDetails(system_id="lab", other_details=details)
    )
    number = reader.entry(kind="archetype", name=archetype)["_id"] if reader.fields(root) else None
    assert number in reader.fields(root).a
