"""R05 and R08: registers are referred to and not stored, and copies of a national source are marked as such."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from cdr.store.tenant import TenantStore
from tests.categories.conftest import strict_client_over
from tests.categories.town import (
    FOREIGN,
    KEYS,
    KILDE,
    example,
    examples,
    foreign_composition,
    foreign_template,
    post,
    source_of,
    walk,
)
from tests.support.http import BASE, Json, as_bytes, upload
from tests.support.templates import opt_source

JSON = {"content-type": "application/json"}
XML = {"content-type": "application/xml"}
ENTRIES = ("ACTION", "ADMIN_ENTRY", "EVALUATION", "INSTRUCTION", "OBSERVATION")
NATIONAL = {
    "no.kommune.legemiddelliste.v1": ["e-resept", "PLL"],
    "no.kommune.kritisk_informasjon.v1": ["Kjernejournal"],
}


def feeder(system: str, part: str = "feeder_system_audit") -> Json:
    """Return a FEEDER_AUDIT of a municipal system; `part` names another system as well."""
    audit: Json = {
        "_type": "FEEDER_AUDIT",
        "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "fastlege"},
    }
    audit[part] = {"_type": "FEEDER_AUDIT_DETAILS", "system_id": system}
    return audit


def unmarked(document: Json) -> Json:
    """Return a composition without any FEEDER_AUDIT."""
    for node in walk(document):
        node.pop("feeder_audit", None)
    return document


def marked_entries(document: Json, system: str, *, but: int = 0) -> Json:
    """Return a composition whose entries, all but the first ones, name a system."""
    entries = [node for node in walk(unmarked(document)) if node.get("_type") in ENTRIES]
    assert len(entries) > 1
    for entry in entries[but:]:
        entry["feeder_audit"] = feeder(system)
    return document


@pytest.fixture
def refusing(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server that refuses copies without their source."""
    with strict_client_over(tenant_store, refuses_unmarked_copies=True) as client:
        yield client


# R05 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["person", "organisation", "group", "agent", "role"])
def test_r05_registers_of_people_and_organisations_are_not_taken(client: httpx.Client, kind: str) -> None:
    party = {"_type": kind.upper(), "name": {"_type": "DV_TEXT", "value": "Nina"}, "archetype_node_id": "at0000"}
    assert client.post(f"{BASE}/demographic/{kind}", json=party).status_code == 501


@pytest.mark.parametrize("kind", ["PERSON", "ORGANISATION", "ROLE"])
def test_r05_a_register_entry_cannot_be_committed_as_content(client: httpx.Client, ehr_id: str, kind: str) -> None:
    party = {"_type": kind, "name": {"_type": "DV_TEXT", "value": "Nina"}, "archetype_node_id": "at0000"}
    alone = client.post(f"{BASE}/ehr/{ehr_id}/composition", content=as_bytes(party), headers=JSON)
    upload(client, foreign_template())
    inside = post(client, ehr_id, foreign_composition() | {"content": [party]})
    assert (alone.status_code, inside.status_code) == (400, 400)


def test_r05_what_is_stored_refers_to_staff_and_units_and_holds_no_register() -> None:
    parties = ("PERSON", "ORGANISATION", "GROUP", "AGENT", "ROLE", "PARTY_RELATIONSHIP")
    for document in [*examples("full"), *examples("minimal")]:
        assert not [node["_type"] for node in walk(document) if node.get("_type") in parties]
        for reference in (node for node in walk(document) if node.get("_type") == "PARTY_IDENTIFIED"):
            assert set(reference) <= {"_type", "name", "identifiers", "external_ref"}


def register_template(detail: str = "") -> bytes:
    """Return a template of organisations, with a detail in its description."""
    source = opt_source(attributes="").decode()
    source = source.replace(
        "<lifecycle_state>published</lifecycle_state>", f"<lifecycle_state>a</lifecycle_state>{detail}"
    )
    source = source.replace("<rm_type_name>COMPOSITION<", "<rm_type_name>ORGANISATION<")
    return source.replace("openEHR-EHR-COMPOSITION.report.v1", "openEHR-DEMOGRAPHIC-ORGANISATION.unit.v1").encode()


def test_r05_a_template_of_a_register_belongs_to_no_category(client: httpx.Client) -> None:
    declaring = register_template(f'<other_details id="category">{KEYS[4]}</other_details>')
    answer = client.post(f"{BASE}/definition/template/adl1.4", content=declaring, headers=XML)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "OPT_CATEGORY")
    template_id = upload(client, register_template())
    put = client.put(f"{KILDE}/category/{KEYS[4]}/template/{template_id}")
    assert (put.status_code, put.json()["code"]) == (422, "TEMPLATE_CATEGORY")


# R08 ------------------------------------------------------------------------------------------------------------------


def test_r08_every_template_states_its_national_source_or_that_there_is_none(client: httpx.Client) -> None:
    for name in ("legemiddelliste", "kritisk_informasjon", "tjenestevedtak"):
        upload(client, source_of(name))
    listed = [one for key in KEYS for one in client.get(f"{KILDE}/category/{key}/template").json()["templates"]]
    assert {one["template_id"]: one["national_sources"] for one in listed} == {
        **NATIONAL,
        "no.kommune.tjenestevedtak.v1": [],
    }


@pytest.mark.parametrize("part", ["feeder_system_audit", "originating_system_audit"])
def test_r08_a_copy_that_names_its_source_is_taken(refusing: httpx.Client, part: str) -> None:
    upload(refusing, source_of("legemiddelliste"))
    ehr_id = refusing.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    document = unmarked(example("legemiddelliste")) | {"feeder_audit": feeder("E-resept", part)}
    assert post(refusing, ehr_id, document).status_code == 201


def test_r08_a_copy_that_names_no_source_is_refused_where_that_is_set(refusing: httpx.Client) -> None:
    upload(refusing, source_of("legemiddelliste"))
    ehr_id = refusing.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    for document in (
        unmarked(example("legemiddelliste")),
        unmarked(example("legemiddelliste")) | {"feeder_audit": feeder("legevakt")},
        marked_entries(example("legemiddelliste"), "PLL", but=1),
    ):
        answer = post(refusing, ehr_id, document)
        assert answer.status_code == 422
        [issue] = answer.json()["errors"]
        assert issue["code"] == "TPL_NATIONAL_SOURCE"
        assert "e-resept or PLL" in issue["expected"]


def test_r08_every_entry_may_name_the_source_instead(refusing: httpx.Client) -> None:
    upload(refusing, source_of("legemiddelliste"))
    ehr_id = refusing.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    assert post(refusing, ehr_id, marked_entries(example("legemiddelliste"), "PLL")).status_code == 201


def test_r08_without_the_setting_the_validation_warns_and_the_commit_is_taken(
    client: httpx.Client, ehr_id: str
) -> None:
    upload(client, source_of("kritisk_informasjon"))
    document = unmarked(example("kritisk_informasjon"))
    report = client.post(f"{KILDE}/validate/composition", json=document).json()
    [issue] = [issue for issue in report["errors"] if issue["code"] == "TPL_NATIONAL_SOURCE"]
    assert (report["valid"], issue["severity"]) == (True, "warning")
    assert post(client, ehr_id, document).status_code == 201


def test_r08_a_template_without_a_national_source_asks_for_nothing(refusing: httpx.Client) -> None:
    upload(refusing, source_of("tjenestevedtak"))
    ehr_id = refusing.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    assert post(refusing, ehr_id, unmarked(example("tjenestevedtak"))).status_code == 201


def test_r08_a_registration_can_name_the_national_source(refusing: httpx.Client) -> None:
    upload(refusing, foreign_template())
    ehr_id = refusing.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    put = refusing.put(f"{KILDE}/category/{KEYS[1]}/template/{FOREIGN}", json={"national_source": "SFM"})
    assert put.json()["national_sources"] == ["SFM"]
    assert post(refusing, ehr_id, foreign_composition()).status_code == 422
    assert post(refusing, ehr_id, foreign_composition() | {"feeder_audit": feeder("SFM")}).status_code == 201


def test_r08_copies_are_told_apart_in_the_list(client: httpx.Client, ehr_id: str) -> None:
    upload(client, source_of("kritisk_informasjon"))
    for system in ("Kjernejournal", "legevakt"):
        document = unmarked(example("kritisk_informasjon")) | {"feeder_audit": feeder(system)}
        assert post(client, ehr_id, document).status_code == 201
    listed = client.get(f"{KILDE}/ehr/{ehr_id}/category/kliniske_bakgrunnsopplysninger").json()["compositions"]
    assert sorted(one["fed_by"] for one in listed) == ["Kjernejournal", "legevakt"]
