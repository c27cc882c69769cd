"""Filters never lose a row: archetypes in odd places are found, with and without a given EHR."""

from __future__ import annotations

import orjson
import pytest

from cdr import rm
from cdr.formats.canonical_json import decode
from cdr.services.committing import Wish, commit
from cdr.versioning.model import ChangeType, ObjectKind
from tests.engine.conftest import CALLER, Site
from tests.engine.populations import store_composition
from tests.engine.test_access import _CLINICAL, _ENTRY
from tests.language import small_records as small
from tests.support.http import BASE


@pytest.fixture
def ehr_id(site: Site) -> str:
    """An EHR with a composition whose archetypes stand in odd places."""
    made: str = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    system = small.cluster("openEHR-EHR-CLUSTER.system.v1", small.element("at0001", small.text("x")), name="System")
    details = small.located("ITEM_TREE", "at0001", "Tree", items=[system])
    audit = {
        "_type": "FEEDER_AUDIT",
        "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "lab", "other_details": details},
    }
    other = small.cluster("openEHR-EHR-CLUSTER.context.v1", small.element("at0001", small.text("y")), name="Context")
    observation = small.observation("pulse-infant.v3", small.event(small.element("at0004", small.count(1))))
    named_elsewhere = {
        **small.observation("one.v1", small.event(small.element("at0004", small.count(2)))),
        "archetype_details": {
            "_type": "ARCHETYPED",
            "archetype_id": {"_type": "ARCHETYPE_ID", "value": "openEHR-EHR-OBSERVATION.two.v1"},
            "rm_version": "1.1.0",
        },
    }
    entry = {**_ENTRY, "subject": {"_type": "PARTY_SELF"}}
    document = {**_CLINICAL, **small.composition({**entry, **observation}, {**entry, **named_elsewhere}, name="odd")}
    document["context"] = {
        **document["context"],
        "other_context": small.located("ITEM_TREE", "at0001", "T", items=[other]),
    }
    store_composition(site, made, {**document, "feeder_audit": audit})
    return made


@pytest.mark.parametrize(
    "inside",
    [
        "CLUSTER[openEHR-EHR-CLUSTER.system.v1]",
        "CLUSTER[openEHR-EHR-CLUSTER.context.v1]",
        "OBSERVATION[openEHR-EHR-OBSERVATION.pulse.v1]",
        "OBSERVATION[openEHR-EHR-OBSERVATION.pulse-infant.v3]",
        "OBSERVATION[openEHR-EHR-OBSERVATION.one.v1]",
        "(OBSERVATION[openEHR-EHR-OBSERVATION.pulse.v1] AND CLUSTER[openEHR-EHR-CLUSTER.system.v1])",
        "(OBSERVATION[openEHR-EHR-OBSERVATION.absent.v1] OR CLUSTER[openEHR-EHR-CLUSTER.system.v1])",
        "ELEMENT[at0001]",
    ],
)
def test_a_class_is_found_wherever_it_is(site: Site, ehr_id: str, inside: str) -> None:
    for ehr in ("EHR e", f"EHR e[ehr_id/value = '{ehr_id}']"):
        answer = site.query.run(
            CALLER, f"SELECT DISTINCT c/name/value FROM {ehr} CONTAINS COMPOSITION c CONTAINS {inside}"
        )
        assert answer.rows == [("odd",)], ehr


@pytest.mark.parametrize(
    "inside", ["OBSERVATION[openEHR-EHR-OBSERVATION.pulse.v2]", "CLUSTER[openEHR-EHR-CLUSTER.absent.v1]"]
)
def test_a_class_that_is_not_there_is_not_found(site: Site, ehr_id: str, inside: str) -> None:
    for ehr in ("EHR e", f"EHR e[ehr_id/value = '{ehr_id}']"):
        asked = f"FROM {ehr} CONTAINS COMPOSITION c"
        wanted = [("odd",)] if "pulse.v2" in inside else []
        assert site.query.run(CALLER, f"SELECT c/name/value {asked} CONTAINS {inside}").rows == wanted
        left = site.query.run(CALLER, f"SELECT c/name/value {asked} NOT CONTAINS {inside}").rows
        assert left == ([] if wanted else [("odd",)])


RATE = "o/data[at0001]/events[at0002]/data[at0003]/items[at0004]/value"


@pytest.fixture
def rates(site: Site) -> list[float]:
    """Fifty compositions with one rate each, from 50 to 99, and what the dictionary knows of them."""
    for number in range(50):
        made: str = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
        events = small.event(small.element("at0004", small.quantity(50.0 + number, "/min")))
        concept = "pulse.v1" if number % 2 else "pulse-infant.v1"
        entry = {**_ENTRY, "subject": {"_type": "PARTY_SELF"}, **small.observation(concept, events)}
        store_composition(site, made, {**_CLINICAL, **small.composition(entry)})
    site.store.versions.paths.flush(force=True)
    return [50.0 + number for number in range(50)]


@pytest.mark.parametrize(
    ("condition", "is_used"),
    [
        (f"{RATE}/magnitude > 95", True),
        (f"{RATE}/magnitude >= 95", True),
        (f"{RATE}/magnitude < 52.5", True),
        (f"{RATE}/magnitude = 70", True),
        (f"{RATE}/magnitude MATCHES {{70, 71.0, 12}}", True),
        (f"{RATE}/magnitude > 95 AND {RATE}/magnitude < 97", True),
        (f"{RATE}/magnitude > 55", False),
        (f"{RATE}/magnitude != 70", False),
        (f"NOT {RATE}/magnitude < 95", False),
        (f"{RATE}/magnitude > 95 OR {RATE}/magnitude < 51", False),
        (f"{RATE} > 95", False),
        (f"{RATE}/units = '/min'", False),
    ],
)
def test_one_selective_condition_chooses_candidates_and_loses_none(
    site: Site, rates: list[float], condition: str, is_used: bool
) -> None:
    text = f"SELECT {RATE}/magnitude FROM OBSERVATION o[openEHR-EHR-OBSERVATION.pulse.v1]"
    everything = [row[0] for row in site.query.run(CALLER, text).rows]
    assert sorted(everything) == rates
    bounds = {name: name for name in ("AND", "OR", "NOT")}
    tested = (
        condition.replace(f"{RATE}/magnitude", "rate").replace(f"{RATE}/units = '/min'", "True").replace(RATE, "rate")
    )
    tested = tested.replace("MATCHES {", "in {").replace(" = ", " == ")
    for word in bounds:
        tested = tested.replace(word, word.lower())
    wanted = [rate for rate in rates if eval(tested, {"rate": rate})]  # a condition of this table
    assert sorted(row[0] for row in site.query.run(CALLER, f"{text} WHERE {condition}").rows) == wanted
    made = site.query._plan(f"{text} WHERE {condition}", {}, None)
    program = site.query.runner.program(made, access=site.access[0])
    filters = [str(find.filter) for find in program.sources[0].finds]
    assert ["'m." in one for one in filters] == [is_used], filters


def test_a_party_is_found_without_an_ehr(site: Site) -> None:
    identity = small.located("PARTY_IDENTITY", "at0001", "Legal", details=small.located("ITEM_TREE", "at0002", "T"))
    person = small.located("PERSON", "openEHR-DEMOGRAPHIC-PERSON.person.v1", "Kari", identities=[identity])
    root = decode(orjson.dumps({**person, "uid": {"_type": "HIER_OBJECT_ID", "value": "1"}}), rm.Person)
    wish = Wish(kind=ObjectKind.PARTY, default=ChangeType.CREATION, root=root)
    made = commit(site.context, CALLER, [wish], ehr_id=None)
    uid = made.versions[0].record.uid
    for text in (
        "SELECT p/uid/value, p/name/value FROM PERSON p",
        "SELECT p/uid/value, p/name/value FROM PERSON p[openEHR-DEMOGRAPHIC-PERSON.person.v1] CONTAINS PARTY_IDENTITY i",
        "SELECT v/uid/value, p/name/value FROM VERSION v CONTAINS PERSON p",
    ):
        assert site.query.run(CALLER, text).rows == [(uid, "Kari")], text
