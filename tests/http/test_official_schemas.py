"""Answers follow the official schemas: RM objects the JSON Schema of RM 1.1.0, envelopes the OpenAPI of ITS-REST."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft7Validator
from jsonschema.protocols import Validator

from tests.support.corpus import shared
from tests.support.http import BASE, composition, folder, status, uid_in

SCHEMA = ("data", "openEHR+specifications-ITS-JSON", "components", "openehr_rm_1.1.0_all.json")
OPENAPI = ("spec", "REST", "openapi")


@cache
def official(rm_class: str) -> Validator:
    """Return the validator for an RM class of the official JSON Schema."""
    tree: dict[str, Any] = json.loads(shared(*SCHEMA).read_bytes())
    return Draft7Validator({"$ref": f"#/definitions/{rm_class}", "definitions": tree["definitions"]})


@cache
def envelope(name: str, part: str = "ehr") -> Validator:
    """Return the validator for a schema of the official OpenAPI description."""
    source = shared(*OPENAPI, f"{part}-validation.openapi.yaml").read_text(encoding="utf-8")
    # Times in the examples of the file are only text here.
    tree = yaml.load(source, Loader=yaml.BaseLoader)
    return Draft7Validator(_typed({"$ref": f"#/components/schemas/{name}", "components": tree["components"]}))


def _typed(tree: Any) -> Any:
    """Return the tree with numbers and booleans where JSON Schema has them; the base loader reads only text."""
    if isinstance(tree, dict):
        return {key: _typed(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_typed(value) for value in tree]
    if tree in ("true", "false"):
        return tree == "true"
    return int(tree) if tree.isdigit() else tree


def faults(validator: Validator, document: Any) -> list[str]:
    """Return what a schema has against a document."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]


@pytest.fixture(scope="module")
def place(shared_client: httpx.Client) -> str:
    """The address of an EHR with a directory and a composition of two versions."""
    address = f"{BASE}/ehr/{uid_in(shared_client.post(f'{BASE}/ehr', json=status('official')))}"
    first = uid_in(shared_client.post(f"{address}/composition", json=composition()))
    shared_client.put(f"{address}/composition/{first.split('::')[0]}", json=composition(), headers={"if-match": first})
    assert shared_client.post(f"{address}/directory", json=folder()).status_code == 201
    return address


def object_id(client: httpx.Client, place: str) -> str:
    """Return the object id of the composition."""
    query = f"SELECT c/uid/value FROM EHR e[ehr_id/value='{place.rsplit('/', 1)[1]}'] CONTAINS COMPOSITION c"
    uid: str = client.get(f"{BASE}/query/aql", params={"q": query}).json()["rows"][0][0]
    return uid.split("::")[0]


ADDRESSES = [
    ("", "EHR"),
    ("/ehr_status", "EHR_STATUS"),
    ("/versioned_ehr_status", "VERSIONED_OBJECT"),
    ("/versioned_ehr_status/revision_history", "REVISION_HISTORY"),
    ("/versioned_ehr_status/version", "ORIGINAL_VERSION"),
    ("/composition/{object_id}", "COMPOSITION"),
    ("/versioned_composition/{object_id}", "VERSIONED_OBJECT"),
    ("/versioned_composition/{object_id}/revision_history", "REVISION_HISTORY"),
    ("/versioned_composition/{object_id}/version", "ORIGINAL_VERSION"),
    ("/directory", "FOLDER"),
]


@pytest.mark.parametrize(("address", "rm_class"), ADDRESSES)
def test_an_rm_object_in_an_answer_follows_the_official_schema(
    shared_client: httpx.Client, place: str, address: str, rm_class: str
) -> None:
    document = shared_client.get(place + address.format(object_id=object_id(shared_client, place))).json()
    assert document["_type"].startswith(rm_class.removesuffix("OBJECT"))
    # The schema has no class of its own for each container; VERSIONED_OBJECT covers what they add to it: nothing.
    found = faults(official(rm_class), {**document, "_type": rm_class})
    # RM 1.1.0 has EHR.contributions as 0..1; the schema still asks for it.
    assert [fault for fault in found if "'contributions' is a required property" not in fault] == []


def test_a_contribution_follows_the_official_schema(shared_client: httpx.Client, place: str) -> None:
    version = shared_client.get(f"{place}/versioned_ehr_status/version").json()
    uid = version["contribution"]["id"]["value"]
    assert faults(official("CONTRIBUTION"), shared_client.get(f"{place}/contribution/{uid}").json()) == []


def test_lists_and_identifiers_follow_the_official_schemas(shared_client: httpx.Client) -> None:
    listed = shared_client.get(f"{BASE}/definition/template/adl1.4").json()
    assert faults(envelope("TemplateList", "definition"), listed) == []
    identifier = shared_client.post(f"{BASE}/ehr", headers={"prefer": "return=identifier"}).json()
    assert faults(envelope("Identifier"), identifier) == []
    options = shared_client.options(BASE).json()
    assert faults(envelope("Options", "system"), options) == []
    rows = shared_client.get(f"{BASE}/query/aql", params={"q": "SELECT e/ehr_id/value FROM EHR e"}).json()
    assert faults(envelope("ResultSet", "query"), rows) == []


def test_the_schemas_refuse_what_is_wrong(shared_client: httpx.Client, place: str) -> None:
    document = shared_client.get(place).json()
    del document["ehr_id"]
    assert faults(official("EHR"), document)
    assert faults(envelope("TemplateList", "definition"), [{}])
