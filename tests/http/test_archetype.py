"""Archetypes over HTTP: stored when valid, refused with every broken rule, read back byte for byte."""

from __future__ import annotations

import httpx
import pytest

from tests.support.sources import EVALUATION

ADDRESS = "/rest/kilde/v1/archetype"
ID = "openEHR-EHR-EVALUATION.all_values.v1"


def test_an_archetype_is_stored_listed_and_read_back_byte_for_byte(client: httpx.Client) -> None:
    answer = client.post(ADDRESS, content=EVALUATION.encode())
    assert answer.status_code == 201, answer.text
    assert client.get(ADDRESS).json() == [answer.json()]
    assert answer.json() | {"created_timestamp": ""} == {
        "archetype_id": ID,
        "concept": "Every value",
        "languages": ["en"],
        "created_timestamp": "",
    }
    assert client.get(f"{ADDRESS}/{ID}").content == EVALUATION.encode()


def test_an_id_is_taken_once(client: httpx.Client) -> None:
    assert client.post(ADDRESS, content=EVALUATION.encode()).status_code == 201
    assert client.post(ADDRESS, content=EVALUATION.encode()).status_code == 409
    assert client.delete(f"{ADDRESS}/{ID}").status_code == 204
    assert client.delete(f"{ADDRESS}/{ID}").status_code == 404
    assert client.get(f"{ADDRESS}/{ID}").status_code == 404


@pytest.mark.parametrize("body", [b"", b"archetype", b"\xff\xfe", EVALUATION.replace("ontology", "ontologi").encode()])
def test_a_text_that_is_no_archetype_is_refused_with_its_place(client: httpx.Client, body: bytes) -> None:
    answer = client.post(ADDRESS, content=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"]
    assert client.get(ADDRESS).json() == []


def test_all_broken_rules_are_said_at_once(client: httpx.Client) -> None:
    broken = EVALUATION.replace("ELEMENT[at0004]", "ELEMENT[at0404]").replace("ELEMENT[at0005]", "ELEMENT[at0505]")
    answer = client.post(ADDRESS, content=broken.encode())
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["ADL_VATDF", "ADL_VATDF"]
    assert client.get(ADDRESS).json() == []


def test_a_large_text_is_refused(client: httpx.Client) -> None:
    assert client.post(ADDRESS, content=b"x" * 5_000_001).status_code == 413
