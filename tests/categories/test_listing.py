"""R06: every stored composition is listed by exactly one of the nine keys, without reading any of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import httpx
import pytest

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.identity import AccessFilter
from cdr.services.kernel import build_services
from cdr.store.tenant import TenantStore
from tests.categories.town import (
    FOREIGN,
    KEYS,
    KILDE,
    Town,
    example,
    foreign_composition,
    foreign_template,
    post,
    source_of,
    template_id_of,
)
from tests.support.http import (
    BASE,
    Json,
    client_of,
    composition,
    query_service_over,
    services_over,
    template_source,
    uid_in,
    upload,
)


def listed(client: httpx.Client, ehr_id: str, key: str, **query: str) -> Json:
    """Return a list of compositions by category."""
    answer = client.get(f"{KILDE}/ehr/{ehr_id}/category/{key}", params=query)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def test_r06_every_stored_composition_is_in_exactly_one_category(town: Town) -> None:
    found = [
        (one["template_id"], one["uid"])
        for key in KEYS
        for one in listed(town.client, town.ehr_id, key)["compositions"]
    ]
    assert sorted(template for template, _ in found) == sorted(map(template_id_of, town.compositions))
    assert len({uid for _, uid in found}) == len(town.compositions)


def test_r06_the_counts_of_the_tenant_add_up(town: Town) -> None:
    body = town.client.get(f"{KILDE}/category").json()
    assert [one["key"] for one in body["categories"]] == list(KEYS)
    assert sum(one["composition_count"] for one in body["categories"]) == len(town.compositions)
    assert sum(one["template_count"] for one in body["categories"]) == len(town.compositions)
    assert body["unregistered"] == {"templates": [], "compositions": 0}


def test_the_counts_of_an_ehr_are_those_of_its_lists(town: Town) -> None:
    counts = town.client.get(f"{KILDE}/ehr/{town.ehr_id}/category").json()["categories"]
    assert list(counts) == list(KEYS)
    assert counts == {key: listed(town.client, town.ehr_id, key)["total"] for key in KEYS}


def test_a_listed_composition_has_name_time_composer_and_source(client: httpx.Client, ehr_id: str) -> None:
    upload(client, template_source())
    audit = {
        "_type": "FEEDER_AUDIT",
        "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "hjemmetjeneste"},
        "feeder_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "Kjernejournal"},
    }
    document = composition(feeder_audit=audit)
    uid = uid_in(post(client, ehr_id, document))
    [one] = listed(client, ehr_id, "undersokelser_malinger_funn")["compositions"]
    assert (one["uid"], one["name"]) == (uid, document["name"]["value"])
    assert (one["source"], one["fed_by"]) == ("hjemmetjeneste", "Kjernejournal")
    assert one["composer"] == document["composer"]["name"]
    [[start]] = client.get(
        f"{BASE}/query/aql", params={"q": "SELECT c/context/start_time/value FROM EHR e CONTAINS COMPOSITION c"}
    ).json()["rows"]
    assert one["start_time"][:10] == start[:10]


def test_without_a_source_and_a_named_composer_both_are_null(client: httpx.Client, ehr_id: str) -> None:
    upload(client, template_source())
    post(client, ehr_id, composition(composer={"_type": "PARTY_SELF"}))
    [one] = listed(client, ehr_id, "undersokelser_malinger_funn")["compositions"]
    assert (one["composer"], one["source"], one["fed_by"]) == (None, None, None)


@pytest.fixture
def three(client: httpx.Client, ehr_id: str) -> list[str]:
    """The uids of three compositions of one category, the one that started last first, committed in another order."""
    upload(client, template_source())
    uids = {}
    for year in (2021, 2023, 2022):
        document = composition()
        document["context"]["start_time"]["value"] = f"{year}-05-01T10:00:00+02:00"
        uids[year] = uid_in(post(client, ehr_id, document))
    return [uids[year] for year in sorted(uids, reverse=True)]


def test_a_list_is_paged_and_sorted_by_start(client: httpx.Client, ehr_id: str, three: list[str]) -> None:
    first = listed(client, ehr_id, "undersokelser_malinger_funn", limit="2")
    assert ([one["uid"] for one in first["compositions"]], first["total"], first["next"]) == (three[:2], 3, 2)
    rest = listed(client, ehr_id, "undersokelser_malinger_funn", limit="2", offset=str(first["next"]))
    assert ([one["uid"] for one in rest["compositions"]], rest["next"]) == (three[2:], None)


def test_the_newest_version_is_listed_and_a_deleted_one_is_not(
    client: httpx.Client, ehr_id: str, three: list[str]
) -> None:
    path = f"{BASE}/ehr/{ehr_id}/composition"
    headers = {"content-type": "application/json", "if-match": three[0]}
    document = composition()
    document["context"]["start_time"]["value"] = "2020-05-01T10:00:00+02:00"
    second = uid_in(client.put(f"{path}/{three[0].split('::')[0]}", json=document, headers=headers))
    assert client.delete(f"{path}/{three[1]}").status_code == 204
    found = listed(client, ehr_id, "undersokelser_malinger_funn")
    assert [one["uid"] for one in found["compositions"]] == [three[2], second]


def test_drafts_have_a_list_of_their_own(client: httpx.Client, ehr_id: str) -> None:
    upload(client, template_source())
    draft = {"openehr-version": 'lifecycle_state.code_string="553"'}
    uid = uid_in(post(client, ehr_id, composition(), **draft))
    assert listed(client, ehr_id, "undersokelser_malinger_funn")["total"] == 0
    found = listed(client, ehr_id, "undersokelser_malinger_funn", drafts="true")
    assert ([one["uid"] for one in found["compositions"]], found["total"]) == ([uid], 1)


def test_the_lists_of_one_ehr_hold_nothing_of_another(client: httpx.Client, ehr_id: str, three: list[str]) -> None:
    other = client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    assert listed(client, other, "undersokelser_malinger_funn")["compositions"] == []
    assert client.get(f"{KILDE}/category").json()["categories"][1]["composition_count"] == len(three)


def test_what_has_no_category_is_counted_apart_until_it_is_registered(client: httpx.Client, ehr_id: str) -> None:
    upload(client, foreign_template())
    uid = uid_in(post(client, ehr_id, foreign_composition()))
    rest = client.get(f"{KILDE}/category").json()["unregistered"]
    assert ([one["template_id"] for one in rest["templates"]], rest["compositions"]) == ([FOREIGN], 1)
    client.put(f"{KILDE}/category/journaldokumenter/template/{FOREIGN}")
    assert client.get(f"{KILDE}/category").json()["unregistered"]["compositions"] == 0
    assert [one["uid"] for one in listed(client, ehr_id, "journaldokumenter")["compositions"]] == [uid]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{KILDE}/category/allergies", 404),
        (f"{KILDE}/category/allergies/template", 404),
        (f"{KILDE}/ehr/{{ehr}}/category/allergies", 404),
        (f"{KILDE}/ehr/7d44b88c-4199-4bad-97dc-d78268e01398/category/journaldokumenter", 404),
        (f"{KILDE}/ehr/7d44b88c-4199-4bad-97dc-d78268e01398/category", 404),
        (f"{KILDE}/ehr/{{ehr}}/category/journaldokumenter?offset=-1", 400),
        (f"{KILDE}/ehr/{{ehr}}/category/journaldokumenter?limit=0", 400),
        (f"{KILDE}/ehr/{{ehr}}/category/journaldokumenter?drafts=maybe", 400),
    ],
)
def test_what_cannot_be_listed_says_why(client: httpx.Client, ehr_id: str, address: str, status: int) -> None:
    answer = client.get(address.replace("{ehr}", ehr_id))
    assert (answer.status_code, bool(answer.json()["message"])) == (status, True)


def test_a_read_by_category_is_in_the_access_log(client: httpx.Client, ehr_id: str) -> None:
    listed(client, ehr_id, "journaldokumenter")
    newest = client.get(f"{KILDE}/access-log", params={"ehr_id": ehr_id, "limit": "1"}).json()["entries"][0]
    assert (newest["action"], newest["resource"], newest["detail"]) == ("read", "CATEGORY", "journaldokumenter")


@pytest.fixture
def hidden(tenant_store: TenantStore) -> Iterator[tuple[httpx.Client, list[AccessFilter]]]:
    """A client of a caller who may see what the last filter of the list lets pass."""
    filters = [AccessFilter.everything()]
    context = dataclasses.replace(services_over(tenant_store).context, policy=lambda caller: filters[-1])
    services = build_services(context, query=query_service_over(tenant_store, context))
    with client_of(create_app(services, ApiSettings())) as client:
        yield client, filters


def test_lists_and_counts_hold_only_what_the_caller_may_see(
    hidden: tuple[httpx.Client, list[AccessFilter]], client: httpx.Client, ehr_id: str, three: list[str]
) -> None:
    key, seeing = "undersokelser_malinger_funn", hidden[0]
    upload(client, source_of("tjenestevedtak"))
    post(client, ehr_id, example("tjenestevedtak"))

    def counts(access: AccessFilter) -> tuple[int, int]:
        hidden[1].append(access)
        whole = seeing.get(f"{KILDE}/category").json()["categories"]
        own = seeing.get(f"{KILDE}/ehr/{ehr_id}/category/{key}")
        return whole[1]["composition_count"], own.json()["total"] if own.status_code == 200 else -own.status_code

    assert counts(AccessFilter.everything()) == (3, 3)
    assert counts(AccessFilter(hidden_objects=frozenset({three[0].split("::")[0]}))) == (2, 2)
    assert counts(AccessFilter(hidden_templates=frozenset({template_id_of(composition())}))) == (0, 0)
    assert counts(AccessFilter(hidden_ehrs=frozenset({ehr_id}))) == (0, -404)
    assert counts(AccessFilter(ehrs=frozenset())) == (0, -404)
    assert counts(AccessFilter(ehrs=frozenset({ehr_id}))) == (3, 3)
