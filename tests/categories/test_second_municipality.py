"""A second municipality is made equal to the first by one command, and takes the same content afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from pymongo import MongoClient

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from cli.client import Client
from cli.setup_steps import copied
from tests.categories.conftest import strict_client_over
from tests.categories.town import FOREIGN, KILDE, example, foreign_composition, foreign_template, post
from tests.support.command import kilde
from tests.support.http import BASE, Json, client_over, services_over, serving, upload
from tests.support.mongo import fresh_tenant_name
from tests.support.tree import CHECKOUT

ARCHETYPE = CHECKOUT / "archetypes" / "cluster" / "openEHR-EHR-CLUSTER.municipal_service.v0.adl"
SOURCE = {"title": "Fastlegen", "supplier": "EPJ AS", "templates": ["no.kommune.journaldokument.v1"]}


@pytest.fixture(scope="module")
def stores(mongo_client: MongoClient[Document]) -> Iterator[tuple[TenantStore, TenantStore]]:
    """The stores of two municipalities, both empty."""
    made = [TenantStore(mongo_client, fresh_tenant_name()) for _ in range(2)]
    for store in made:
        store.ensure_indexes()
    yield made[0], made[1]
    for store in made:
        mongo_client.drop_database(store.database.name)


@pytest.fixture(scope="module")
def first(stores: tuple[TenantStore, TenantStore]) -> Iterator[httpx.Client]:
    """A municipality with what comes with Kilde and things of its own, among them a resident."""
    with client_over(stores[0]) as client:
        for item in client.get(f"{KILDE}/content").json()["content"]:
            client.post(f"{KILDE}/content/{item['kind']}/{item['name']}")
        upload(client, foreign_template())
        own = [
            client.post(f"{KILDE}/archetype", content=ARCHETYPE.read_bytes()),
            client.put(
                f"{KILDE}/category/undersokelser_malinger_funn/template/{FOREIGN}", json={"national_source": "SFM"}
            ),
            client.put(f"{KILDE}/template/no.kommune.journalnotat.v1/deprecated"),
            client.put(f"{BASE}/definition/query/vendor::own", json={"q": "SELECT e FROM EHR e"}),
            client.put(f"{KILDE}/receive/fastlege", json=SOURCE),
            client.post(f"{BASE}/ehr"),
        ]
        assert all(answer.is_success for answer in own), [answer.text for answer in own]
        yield client


@pytest.fixture(scope="module")
def second(first: httpx.Client, stores: tuple[TenantStore, TenantStore]) -> Iterator[httpx.Client]:
    """A municipality that was made like the first and takes registered templates only."""
    with strict_client_over(stores[1]) as client:
        for step in copied(Client(first), Client(client)):
            assert (step.state, step.do(False)) == ("absent", "added"), (step.kind, step.name)
        yield client


def listed(client: httpx.Client, address: str) -> list[Json]:
    """Return a list of definitions without who stored them, and when."""
    rows: list[Json] = client.get(address).json()
    return [{key: value for key, value in row.items() if key not in _OWN} for row in rows]


_OWN = ("saved", "author", "created_timestamp")


@pytest.mark.parametrize(
    "address", [f"{BASE}/definition/template/adl1.4", f"{BASE}/definition/query", f"{KILDE}/archetype"]
)
def test_the_second_lists_what_the_first_does(first: httpx.Client, second: httpx.Client, address: str) -> None:
    assert listed(second, address) == listed(first, address) != []


def test_a_copied_template_is_the_same_byte_for_byte(first: httpx.Client, second: httpx.Client) -> None:
    address, accept = f"{BASE}/definition/template/adl1.4/{FOREIGN}", {"accept": "application/xml"}
    assert second.get(address, headers=accept).content == first.get(address, headers=accept).content


def test_a_registration_a_deprecation_and_a_source_come_along(second: httpx.Client) -> None:
    shown = second.get(f"{KILDE}/category/undersokelser_malinger_funn/template").json()["templates"]
    [own] = [one for one in shown if one["template_id"] == FOREIGN]
    assert (own["declared"], own["national_sources"]) == (False, ["SFM"])
    notes = second.get(f"{KILDE}/category/journaldokumenter/template").json()["templates"]
    assert {one["template_id"]: one["deprecated"] for one in notes}["no.kommune.journalnotat.v1"] is True
    [source] = second.get(f"{KILDE}/receive").json()["sources"]
    assert {**source, **SOURCE, "key": "fastlege"} == source


def test_nothing_about_residents_comes_along_and_the_same_content_is_taken(second: httpx.Client) -> None:
    assert second.get(f"{KILDE}/ehr").json()["ehr_ids"] == []
    ehr_id = second.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    marked = foreign_composition() | {
        "feeder_audit": {
            "_type": "FEEDER_AUDIT",
            "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "SFM"},
        }
    }
    assert [post(second, ehr_id, each).status_code for each in (example("tjenestevedtak"), marked)] == [201, 201]


def test_again_there_is_nothing_to_do_and_a_difference_is_seen(first: httpx.Client, second: httpx.Client) -> None:
    assert {step.state for step in copied(Client(first), Client(second))} == {"present"}
    path = f"{KILDE}/category/undersokelser_malinger_funn/template/{FOREIGN}"
    second.put(path, json={"national_source": "PLL"})
    [changed] = [step for step in copied(Client(first), Client(second)) if step.state != "present"]
    assert (changed.kind, changed.name, changed.state) == ("category", FOREIGN, "different")
    assert changed.do(False) == "different"
    assert changed.do(True) == "replaced"
    assert {step.state for step in copied(Client(first), Client(second))} == {"present"}


def test_the_command_copies_from_an_address(first: httpx.Client, stores: tuple[TenantStore, TenantStore]) -> None:
    apps = [create_app(services_over(store), ApiSettings()) for store in stores]
    with ExitStack() as stack:
        source, target = (stack.enter_context(serving(app)) for app in apps)
        done = kilde("setup", "--like", source, "--server", target, "--json")
        assert done.status == 0, done.err
        assert {row["kind"] for row in done.json} == {"archetype", "template", "category", "query", "source"}
    assert kilde("setup", "--like", "http://127.0.0.1:9", "--server", "http://127.0.0.1:9").status == 3
    assert kilde("setup", "--like-user", "ada").status == 2
