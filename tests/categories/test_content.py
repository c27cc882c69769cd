"""What comes with Kilde is stored item by item, never over something else unless that is asked for."""

from __future__ import annotations

import httpx
import pytest

from cdr import resources
from tests.categories.town import KILDE, example, post, source_of
from tests.support.http import BASE, upload

VEDTAK = "no.kommune.tjenestevedtak.v1"
XML = {"accept": "application/xml"}


def load(client: httpx.Client, kind: str, name: str, **query: str) -> httpx.Response:
    """Store one item."""
    return client.post(f"{KILDE}/content/{kind}/{name}", params=query)


def state(client: httpx.Client, name: str) -> str:
    """Return what the server has of an item."""
    [item] = [one for one in client.get(f"{KILDE}/content").json()["content"] if one["name"] == name]
    return str(item["state"])


def older() -> bytes:
    """Return the template of decisions as an earlier release might have had it."""
    return source_of("tjenestevedtak").replace(b"<description>", b"<!-- older --><description>", 1)


def reworded() -> bytes:
    """Return the template of decisions with another word for a final report, which the shipped one refuses."""
    return source_of("tjenestevedtak").replace(b">final<", b">endelig<")


def test_everything_that_is_shipped_is_listed_templates_first(client: httpx.Client) -> None:
    kinds = [one["kind"] for one in client.get(f"{KILDE}/content").json()["content"]]
    assert kinds == ["template"] * len(resources.templates()) + ["query"] * 45
    only = client.get(f"{KILDE}/content", params={"kind": "query"}).json()["content"]
    assert {one["kind"] for one in only} == {"query"}


def test_an_item_is_added_once(client: httpx.Client) -> None:
    assert state(client, VEDTAK) == "absent"
    assert load(client, "template", VEDTAK).json()["outcome"] == "added"
    assert state(client, VEDTAK) == "present"
    assert load(client, "template", VEDTAK, replace="true").json()["outcome"] == "present"
    assert client.get(f"{BASE}/definition/template/adl1.4/{VEDTAK}", headers=XML).content == source_of("tjenestevedtak")


def test_a_different_template_stays_until_it_may_be_replaced(client: httpx.Client) -> None:
    upload(client, older())
    assert state(client, VEDTAK) == "different"
    assert load(client, "template", VEDTAK).json()["outcome"] == "different"
    assert client.get(f"{BASE}/definition/template/adl1.4/{VEDTAK}", headers=XML).content == older()
    assert load(client, "template", VEDTAK, replace="true").json()["outcome"] == "replaced"
    assert state(client, VEDTAK) == "present"


def test_a_template_in_use_is_not_replaced_by_one_that_breaks_its_data(client: httpx.Client, ehr_id: str) -> None:
    upload(client, reworded())
    document = example("tjenestevedtak")
    status = next(
        item for item in document["context"]["other_context"]["items"] if item["archetype_node_id"] == "at0005"
    )
    status["value"]["value"] = "endelig"
    assert post(client, ehr_id, document).status_code == 201
    answer = load(client, "template", VEDTAK, replace="true")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "TPL_BREAKING_CHANGE")
    assert state(client, VEDTAK) == "different"


def test_a_different_query_under_the_same_version_stays(client: httpx.Client) -> None:
    name = "no.kommune::vekt"
    client.put(f"{BASE}/definition/query/{name}/1.0.0", json={"q": "SELECT e FROM EHR e"})
    assert load(client, "query", name).json()["outcome"] == "different"
    assert load(client, "query", name, replace="true").status_code == 409
    assert client.get(f"{BASE}/definition/query/{name}/1.0.0").json()["q"] == "SELECT e FROM EHR e"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("content/weather/oslo", 404),
        ("content/template/no.such.template", 404),
        ("content/query/no.kommune::vekt?replace=maybe", 400),
    ],
)
def test_what_is_not_shipped_is_said(client: httpx.Client, address: str, status: int) -> None:
    answer = client.post(f"{KILDE}/{address}")
    assert (answer.status_code, bool(answer.json()["message"])) == (status, True)
    assert client.get(f"{KILDE}/content", params={"kind": "weather"}).status_code == 404
