"""E3: the share of what is coded is known for each category."""

from __future__ import annotations

import httpx
import pytest

from tests.categories.town import KILDE, Town, coded, example, post, source_of, walk
from tests.support.http import Json, upload

ICPC = "http://hl7.org/fhir/sid/icpc-2"


def share(client: httpx.Client, key: str) -> Json:
    """Return the coded share of one category."""
    answer = client.get(f"{KILDE}/category/coded")
    assert answer.status_code == 200, answer.text
    found: Json = next(one for one in answer.json()["categories"] if one["key"] == key)
    return found


def diagnosis(name: Json) -> Json:
    """Return a problem list whose problems all have this name."""
    document = example("problemliste", "full")
    for node in walk(document):
        if node.get("archetype_node_id", "").endswith("EVALUATION.problem_diagnosis.v1"):
            node["data"]["items"][0]["value"] = name
    return document


def problems_in(document: Json) -> int:
    """Return how many problems a composition has."""
    ids = [node.get("archetype_node_id", "") for node in walk(document)]
    return sum(node_id.endswith("EVALUATION.problem_diagnosis.v1") for node_id in ids)


@pytest.fixture
def listed(client: httpx.Client, ehr_id: str) -> int:
    """How many problems a problem list has, after one that is coded was stored, and two that are not."""
    upload(client, source_of("problemliste"))
    plain = {"_type": "DV_TEXT", "value": "vondt i magen"}
    names = (coded("Buksmerte", "D01", ICPC), plain, plain)
    for name in names:
        answer = post(client, ehr_id, diagnosis(name))
        assert answer.status_code == 201, answer.text
    return problems_in(diagnosis(plain))


def test_e3_the_coded_share_is_that_of_what_was_stored(client: httpx.Client, listed: int) -> None:
    found = share(client, "problem_diagnose_behov")
    assert (found["values"], found["coded"]) == (3 * listed, listed)
    assert found["share"] == pytest.approx(1 / 3)
    [node] = found["nodes"]
    assert node["archetype_id"] == "openEHR-EHR-EVALUATION.problem_diagnosis.v1"


def test_e3_a_category_counts_its_own_compositions_only(client: httpx.Client, listed: int) -> None:
    assert share(client, "klinisk_oppsummering") == {
        "key": "klinisk_oppsummering",
        "values": 0,
        "coded": 0,
        "share": None,
        "nodes": [],
    }


def test_e3_every_category_is_reported(town: Town) -> None:
    found = town.client.get(f"{KILDE}/category/coded").json()["categories"]
    assert len(found) == 9
    for one in found:
        assert one["values"] == sum(node["values"] for node in one["nodes"])
        assert 0 <= one["coded"] <= one["values"]
    assert sum(one["values"] > 0 for one in found) >= 5
