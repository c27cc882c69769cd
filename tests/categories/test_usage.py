"""R09: usage is counted by template, stored query and consumer."""

from __future__ import annotations

import httpx
import pytest

from tests.categories.town import KILDE, post
from tests.support.http import BASE, Json, composition, template_source, uid_in, upload


def used(client: httpx.Client, **query: str) -> list[Json]:
    """Return the rows of the usage report."""
    answer = client.get(f"{KILDE}/category/usage", params=query)
    assert answer.status_code == 200, answer.text
    rows: list[Json] = answer.json()["usage"]
    return rows


def test_r09_usage_is_counted_by_template_and_consumer(client: httpx.Client, ehr_id: str) -> None:
    template_id = upload(client, template_source())
    uids = [uid_in(post(client, ehr_id, composition())) for _ in range(2)]
    for _ in range(3):
        assert client.get(f"{BASE}/ehr/{ehr_id}/composition/{uids[0]}").status_code == 200
    rows = [row for row in used(client) if row["template_id"] == template_id]
    assert [(row["action"], row["count"], row["category"]) for row in rows] == [
        ("read", 3, "undersokelser_malinger_funn"),
        ("write", 2, "undersokelser_malinger_funn"),
    ]
    assert len({row["consumer"] for row in rows}) == 1 and rows[0]["consumer"]


def test_r09_usage_is_counted_by_stored_query(client: httpx.Client) -> None:
    client.post(f"{KILDE}/content/query/no.kommune::tjenester_i_kommunen")
    for _ in range(2):
        assert client.post(f"{BASE}/query/no.kommune::tjenester_i_kommunen", json={}).status_code == 200
    [row] = [row for row in used(client) if row["query"]]
    assert (row["query"], row["action"], row["count"]) == ("no.kommune::tjenester_i_kommunen/1.0.0", "query", 2)
    assert row["category"] == "tjenester_ytelser_hjelpemidler"


def test_usage_can_begin_at_a_time(client: httpx.Client, ehr_id: str) -> None:
    upload(client, template_source())
    post(client, ehr_id, composition())
    assert used(client, since="2020-01-01")
    assert used(client, since="2999-01-01T00:00:00Z") == []
    wrong = client.get(f"{KILDE}/category/usage", params={"since": "yesterday"})
    assert (wrong.status_code, "since" in wrong.json()["message"]) == (400, True)


@pytest.mark.parametrize("since", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_utc_cannot_hold_is_refused(client: httpx.Client, since: str) -> None:
    answer = client.get(f"{KILDE}/category/usage", params={"since": since})
    assert (answer.status_code, "since" in answer.json()["message"]) == (400, True)


def test_what_is_purged_is_still_counted_without_its_template(client: httpx.Client, ehr_id: str) -> None:
    template_id = upload(client, template_source())
    post(client, ehr_id, composition())
    assert client.delete(f"/rest/admin/ehr/{ehr_id}").status_code == 204
    rows = used(client)
    assert template_id not in {row["template_id"] for row in rows}
    assert sum(row["count"] for row in rows if row["action"] == "write") == 1
