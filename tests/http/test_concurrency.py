"""Many requests at once: exactly one wins, and nothing is lost or stored twice."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.http import BASE, TEMPLATE_ID, Json, composition, status, template_source, uid_in


@pytest.fixture
def client(shared_client: httpx.Client) -> httpx.Client:
    """The server that the tests of this file share: each test has an EHR of its own."""
    return shared_client


@pytest.fixture
def template() -> str:
    """The id of the template that the shared server has."""
    return TEMPLATE_ID


def together(count: int, call: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """Return the answers to calls that run at the same time."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def race_on_one_version(client: httpx.Client, stored: Json, *, rounds: int, with_deletes: bool) -> None:
    """Let 20 writers change the same version at once, round after round, and check that one wins each."""
    address, latest = f"{stored['path']}/{stored['object_id']}", stored["uid"]
    for turn in range(rounds):
        before = latest

        def change(at: int, before: str = before) -> httpx.Response:
            if with_deletes and at % 5 == 4:
                return client.delete(f"{stored['path']}/{before}")
            return client.put(address, json=composition(), headers={"if-match": before})

        answers = together(20, change)
        won = [answer for answer in answers if answer.status_code < 300]
        assert len(won) == 1, Counter(answer.status_code for answer in answers)
        assert {answer.status_code for answer in answers if answer.status_code >= 300} <= {400, 404, 409, 412}
        latest = uid_in(won[0])
        assert latest.endswith(f"::{turn + 2}")
        if won[0].request.method == "DELETE":
            break
    history = f"{BASE}/ehr/{stored['ehr_id']}/versioned_composition/{stored['object_id']}/revision_history"
    numbers = [int(item["version_id"]["value"].split("::")[2]) for item in client.get(history).json()["items"]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_of_twenty_parallel_changes_with_one_if_match_one_wins(client: httpx.Client, stored: Json) -> None:
    race_on_one_version(client, stored, rounds=3, with_deletes=False)


def test_changes_and_deletions_at_once_have_one_winner(client: httpx.Client, stored: Json) -> None:
    race_on_one_version(client, stored, rounds=2, with_deletes=True)


@pytest.mark.torture
def test_one_wins_in_each_of_200_rounds(client: httpx.Client, stored: Json) -> None:
    race_on_one_version(client, stored, rounds=200, with_deletes=False)


def test_of_fifty_parallel_ehrs_for_one_subject_one_is_made(client: httpx.Client) -> None:
    subject = str(uuid.uuid4())
    answers = together(50, lambda _: client.post(f"{BASE}/ehr", json=status(subject)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}


def test_of_twenty_parallel_ehrs_with_one_id_one_is_made(client: httpx.Client) -> None:
    ehr_id = str(uuid.uuid4())
    answers = together(20, lambda _: client.put(f"{BASE}/ehr/{ehr_id}"))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}


def test_of_parallel_directories_one_is_made(client: httpx.Client, ehr_id: str) -> None:
    body = {"_type": "FOLDER", "name": {"value": "root"}, "archetype_node_id": "openEHR-EHR-FOLDER.generic.v1"}
    answers = together(8, lambda _: client.post(f"{BASE}/ehr/{ehr_id}/directory", json=body))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}


def test_of_parallel_uploads_of_one_template_one_is_stored(client: httpx.Client) -> None:
    source = template_source().replace(TEMPLATE_ID.encode(), b"at.once")
    headers = {"content-type": "application/xml"}
    address = f"{BASE}/definition/template/adl1.4"
    answers = together(8, lambda _: client.post(address, content=source, headers=headers))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}


def test_a_request_sent_many_times_at_once_with_one_key_is_stored_once(
    client: httpx.Client, ehr_id: str, template: str
) -> None:
    address, headers = f"{BASE}/ehr/{ehr_id}/composition", {"idempotency-key": "same"}
    answers = together(10, lambda _: client.post(address, json=composition(), headers=headers))
    assert {answer.status_code for answer in answers} == {201}
    assert len({uid_in(answer) for answer in answers}) == 1


def test_parallel_commits_to_different_objects_all_succeed(client: httpx.Client, ehr_id: str, template: str) -> None:
    address = f"{BASE}/ehr/{ehr_id}/composition"
    answers = together(40, lambda _: client.post(address, json=composition()))
    assert {answer.status_code for answer in answers} == {201}
    assert len({uid_in(answer) for answer in answers}) == 40


def status_and_directory_at_once(client: httpx.Client, ehr: str) -> list[int]:
    """Change the status of an EHR and make its directory at the same time, and return both answers' statuses."""
    before = {"if-match": uid_in(client.get(f"{ehr}/ehr_status"))}
    body = {"_type": "FOLDER", "name": {"value": "root"}, "archetype_node_id": "openEHR-EHR-FOLDER.generic.v1"}

    def change(at: int) -> httpx.Response:
        if at:
            return client.post(f"{ehr}/directory", json=body)
        return client.put(f"{ehr}/ehr_status", json=status(is_queryable=False), headers=before)

    return [answer.status_code for answer in together(2, change)]


def test_a_status_and_a_directory_at_once_are_both_kept(client: httpx.Client) -> None:
    for _ in range(5):
        ehr_id = uid_in(client.post(f"{BASE}/ehr", json=status()))
        assert status_and_directory_at_once(client, f"{BASE}/ehr/{ehr_id}") == [204, 201]
        assert "directory" in client.get(f"{BASE}/ehr/{ehr_id}").json()
        query = {"q": f"SELECT e/ehr_id/value FROM EHR e WHERE e/ehr_id/value = '{ehr_id}'"}
        assert client.get(f"{BASE}/query/aql", params=query).json()["rows"] == []
