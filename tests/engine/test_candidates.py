"""Filters never lose a row: archetypes in odd places are found, with and without a given EHR."""

from __future__ import annotations

import pytest

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
