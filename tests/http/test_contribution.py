"""Contributions over HTTP: many versions of any kind, all or none."""

from __future__ import annotations

import copy
import uuid

import httpx
import pytest

from tests.support.http import BASE, SYSTEM_ID, Json, composition, folder, status, uid_in


def coded(code: str, value: str = "x") -> Json:
    """Return a coded text of the openEHR terminology."""
    return {"value": value, "defining_code": {"terminology_id": {"value": "openehr"}, "code_string": code}}


def audit(code: str = "249", **more: object) -> Json:
    """Return an audit with a committer."""
    return {"change_type": coded(code), "committer": {"_type": "PARTY_IDENTIFIED", "name": "Nina"}, **more}


def version(data: Json | None, *, change: str = "249", preceding: str | None = None, **more: object) -> Json:
    """Return a version as a contribution's body holds it."""
    body: Json = {
        "_type": "ORIGINAL_VERSION",
        "commit_audit": audit(change),
        "lifecycle_state": coded("532" if data else "523"),
        **more,
    }
    if data is not None:
        body["data"] = data
    if preceding is not None:
        body["preceding_version_uid"] = {"_type": "OBJECT_VERSION_ID", "value": preceding}
    return body


def contribution(*versions: Json, **more: object) -> Json:
    """Return the body of a contribution."""
    return {"_type": "CONTRIBUTION", "versions": list(versions), "audit": audit(), **more}


def commit(client: httpx.Client, ehr_id: str, body: Json, **headers: str) -> httpx.Response:
    """Send a contribution and ask for the whole answer."""
    address = f"{BASE}/ehr/{ehr_id}/contribution"
    return client.post(address, json=body, headers={"prefer": "return=representation", **headers})


def uids_in(answer: httpx.Response) -> list[str]:
    """Return the uids of the versions in the answer to a contribution."""
    assert answer.status_code == 201, answer.text
    return [reference["id"]["value"] for reference in answer.json()["versions"]]


def test_versions_of_several_kinds_are_committed_together(shared_client: httpx.Client, new_ehr: str) -> None:
    current = shared_client.get(f"{BASE}/ehr/{new_ehr}/ehr_status").json()["uid"]["value"]
    answer = commit(
        shared_client,
        new_ehr,
        contribution(
            version(composition()),
            version(composition()),
            version(folder()),
            version(status(is_queryable=False), change="251", preceding=current),
        ),
    )
    first, second, directory, changed = uids_in(answer)
    assert answer.headers["location"].endswith(f"/contribution/{uid_in(answer)}")
    for uid in (first, second):
        assert shared_client.get(f"{BASE}/ehr/{new_ehr}/composition/{uid}").status_code == 200
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/directory").json()["uid"]["value"] == directory
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/ehr_status").json()["is_queryable"] is False
    assert changed.endswith("::2")
    read = shared_client.get(f"{BASE}/ehr/{new_ehr}/contribution/{uid_in(answer)}")
    assert read.json() == answer.json()
    assert read.json()["audit"]["change_type"]["defining_code"]["code_string"] == "249"
    assert read.json()["audit"]["system_id"] == SYSTEM_ID
    container = f"{BASE}/ehr/{new_ehr}/versioned_composition/{first.split('::')[0]}/version"
    assert shared_client.get(container).json()["contribution"]["id"]["value"] == uid_in(answer)


def test_one_invalid_version_refuses_all_and_every_issue_is_listed(shared_client: httpx.Client, new_ehr: str) -> None:
    without_composer, without_language = composition(), composition()
    del without_composer["composer"]
    del without_language["language"]
    body = contribution(version(folder()), version(without_composer), version(without_language))
    answer = commit(shared_client, new_ehr, body)
    assert answer.status_code == 422
    paths = {error["path"] for error in answer.json()["errors"]}
    assert any(path.startswith("/versions[2]/data") for path in paths), paths
    assert any(path.startswith("/versions[3]/data") for path in paths), paths
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/directory").status_code == 404


def test_modification_and_deletion_build_on_the_version_before(shared_client: httpx.Client, new_ehr: str) -> None:
    first, second = uids_in(
        commit(shared_client, new_ehr, contribution(version(composition()), version(composition())))
    )
    answer = commit(
        shared_client,
        new_ehr,
        contribution(
            version(composition(), change="250", preceding=first), version(None, change="523", preceding=second)
        ),
    )
    amended, deleted = uids_in(answer)
    assert (amended[-1], deleted[-1]) == ("2", "2")
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/composition/{second.split('::')[0]}").status_code == 204


@pytest.mark.parametrize("state", ["532", "523", None])
@pytest.mark.parametrize("has_data", [True, False])
def test_a_change_type_of_deletion_deletes_whatever_else_is_said(
    shared_client: httpx.Client, new_ehr: str, state: str | None, has_data: bool
) -> None:
    first, directory = uids_in(commit(shared_client, new_ehr, contribution(version(composition()), version(folder()))))
    more = {"lifecycle_state": coded(state) if state else None}
    deletions = (
        version(composition() if has_data else None, change="523", preceding=first, **more),
        version(folder() if has_data else None, change="523", preceding=directory, **more),
    )
    uids_in(commit(shared_client, new_ehr, contribution(*deletions)))
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/composition/{first.split('::')[0]}").status_code == 204
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/directory").status_code == 204
    address = f"{BASE}/ehr/{new_ehr}/versioned_composition/{first.split('::')[0]}/version"
    stored = shared_client.get(address).json()
    assert stored["lifecycle_state"]["defining_code"]["code_string"] == "523"
    assert "data" not in stored


@pytest.mark.parametrize("has_data", [True, False])
def test_the_status_of_an_ehr_cannot_be_deleted(shared_client: httpx.Client, new_ehr: str, has_data: bool) -> None:
    current = shared_client.get(f"{BASE}/ehr/{new_ehr}/ehr_status").json()
    deletion = version(current if has_data else None, change="523", preceding=current["uid"]["value"])
    answer = commit(shared_client, new_ehr, contribution(version(composition()), deletion))
    assert answer.status_code == 422, answer.text
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/ehr_status").json() == current


def test_a_stale_preceding_version_refuses_all(shared_client: httpx.Client, new_ehr: str) -> None:
    (first,) = uids_in(commit(shared_client, new_ehr, contribution(version(composition()))))
    change = version(composition(), change="251", preceding=first)
    assert commit(shared_client, new_ehr, contribution(change)).status_code == 201
    answer = commit(shared_client, new_ehr, contribution(version(composition()), change))
    assert answer.status_code == 409
    assert uid_in(answer).endswith("::2")


@pytest.mark.parametrize(
    ("change", "preceding", "expected"),
    [("249", True, 422), ("251", False, 422), ("999", True, 400), ("523", False, 400)],
)
def test_a_change_type_that_does_not_fit_is_refused(
    shared_client: httpx.Client, new_ehr: str, change: str, preceding: bool, expected: int
) -> None:
    (first,) = uids_in(commit(shared_client, new_ehr, contribution(version(composition()))))
    body = contribution(version(composition(), change=change, preceding=first if preceding else None))
    assert commit(shared_client, new_ehr, body).status_code == expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"versions": [], "audit": audit()},
        {"versions": [version(folder())]},
        {"versions": {}, "audit": audit()},
        {"versions": [3], "audit": audit()},
        {"versions": [{"data": folder()}], "audit": audit()},
        contribution(version({"_type": "PERSON"})),
        contribution(version({"_type": "NONSENSE"})),
        contribution(version(folder(), lifecycle_state="complete")),
        contribution(version(folder(), lifecycle_state=[])),
        contribution(version(folder()), uid={"value": "../x"}),
        contribution(version(folder(), commit_audit=audit(committer={"_type": "DV_TEXT"}))),
        contribution(version(None, change="251")),
        contribution(version(folder(), change="251", preceding="nonsense")),
    ],
)
def test_a_body_that_is_no_contribution_answers_400(shared_client: httpx.Client, new_ehr: str, body: Json) -> None:
    answer = commit(shared_client, new_ehr, body)
    assert answer.status_code == 400, answer.text
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/directory").status_code == 404


def test_the_short_spellings_of_the_specification_are_read(shared_client: httpx.Client, new_ehr: str) -> None:
    body = {
        "versions": [
            {
                "_type": "UPDATE_VERSION",
                "lifecycle_state": {"terminology_id": "openehr", "code_string": "532"},
                "commit_audit": {
                    "_type": "UPDATE_AUDIT",
                    "change_type": {"terminology_id": "openehr", "code_string": "249"},
                    "description": "short",
                    "committer": {"name": "Nina"},
                },
                "data": composition(),
            }
        ],
        "audit": {"change_type": coded("249"), "description": "whole", "committer": {"name": "Nina"}},
    }
    (uid,) = uids_in(commit(shared_client, new_ehr, body))
    version_ = shared_client.get(f"{BASE}/ehr/{new_ehr}/versioned_composition/{uid.split('::')[0]}/version").json()
    assert version_["commit_audit"]["description"]["value"] == "short"
    assert version_["commit_audit"]["committer"]["name"] == "Nina"


def test_the_same_contribution_sent_again_is_answered_and_not_stored_twice(
    shared_client: httpx.Client, new_ehr: str
) -> None:
    (first,) = uids_in(commit(shared_client, new_ehr, contribution(version(composition()))))
    uid = str(uuid.uuid4())
    body = contribution(
        version(composition()),
        version(composition(), change="251", preceding=first),
        uid={"_type": "HIER_OBJECT_ID", "value": uid},
    )
    answers = [commit(shared_client, new_ehr, copy.deepcopy(body)) for _ in range(3)]
    assert [uid_in(answer) for answer in answers] == [uid] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    history = f"{BASE}/ehr/{new_ehr}/versioned_composition/{first.split('::')[0]}/revision_history"
    assert len(shared_client.get(history).json()["items"]) == 2


def test_a_contribution_uid_of_something_else_answers_409(shared_client: httpx.Client, new_ehr: str) -> None:
    uid = {"_type": "HIER_OBJECT_ID", "value": str(uuid.uuid4())}
    assert commit(shared_client, new_ehr, contribution(version(composition()), uid=uid)).status_code == 201
    answer = commit(shared_client, new_ehr, contribution(version(folder()), uid=uid))
    assert answer.status_code == 409
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/directory").status_code == 404


def test_an_idempotency_key_works_for_contributions(shared_client: httpx.Client, new_ehr: str) -> None:
    body = contribution(version(composition()))
    answers = [commit(shared_client, new_ehr, body, **{"idempotency-key": "a"}) for _ in range(2)]
    assert uid_in(answers[0]) == uid_in(answers[1])


def test_an_attestation_is_added_to_a_version_with_the_same_content(shared_client: httpx.Client, new_ehr: str) -> None:
    (first,) = uids_in(commit(shared_client, new_ehr, contribution(version(composition()))))
    attestation = {"reason": {"_type": "DV_TEXT", "value": "signed"}, "is_pending": False}
    body = contribution(
        version(None, change="666", preceding=first, lifecycle_state=coded("532"), attestations=[attestation])
    )
    (second,) = uids_in(commit(shared_client, new_ehr, body))
    object_id = first.split("::")[0]
    found = shared_client.get(f"{BASE}/ehr/{new_ehr}/versioned_composition/{object_id}/version/{second}").json()
    assert found["attestations"][0]["reason"]["value"] == "signed"
    assert found["attestations"][0]["committer"]["name"] == "anonymous"
    before = shared_client.get(f"{BASE}/ehr/{new_ehr}/composition/{first}").json()
    assert {**found["data"], "uid": None} == {**before, "uid": None}


def test_a_version_of_another_system_is_imported_whole(shared_client: httpx.Client, new_ehr: str) -> None:
    object_id = str(uuid.uuid4())
    original = {
        "_type": "ORIGINAL_VERSION",
        "contribution": {
            "_type": "OBJECT_REF",
            "namespace": "local",
            "type": "CONTRIBUTION",
            "id": {"_type": "HIER_OBJECT_ID", "value": str(uuid.uuid4())},
        },
        "commit_audit": {
            **audit(),
            "_type": "AUDIT_DETAILS",
            "system_id": "other.system",
            "time_committed": {"value": "2020-01-01T00:00:00Z"},
        },
        "uid": {"_type": "OBJECT_VERSION_ID", "value": f"{object_id}::other.system::1"},
        "lifecycle_state": coded("532", "complete"),
        "data": composition(),
    }
    body = contribution({"_type": "IMPORTED_VERSION", "commit_audit": audit(), "item": original})
    (uid,) = uids_in(commit(shared_client, new_ehr, body))
    assert uid == f"{object_id}::other.system::1"
    found = shared_client.get(f"{BASE}/ehr/{new_ehr}/versioned_composition/{object_id}/version").json()
    assert found["_type"] == "IMPORTED_VERSION"
    assert found["item"]["commit_audit"]["system_id"] == "other.system"
    assert found["commit_audit"]["system_id"] == SYSTEM_ID
    assert found["item"]["data"]["uid"]["value"] == uid
    local = shared_client.put(
        f"{BASE}/ehr/{new_ehr}/composition/{object_id}", json=composition(), headers={"if-match": uid}
    )
    assert uid_in(local) == f"{object_id}::{SYSTEM_ID}::1.1.1"


def test_a_locked_ehr_takes_only_a_status(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/ehr_status"
    uid = uid_in(shared_client.get(address))
    locked = shared_client.put(address, json=status(is_modifiable=False), headers={"if-match": uid})
    assert commit(shared_client, new_ehr, contribution(version(composition()))).status_code == 409
    opened = contribution(version(status(), change="251", preceding=uid_in(locked)))
    assert commit(shared_client, new_ehr, opened).status_code == 201
    assert commit(shared_client, new_ehr, contribution(version(composition()))).status_code == 201


def test_an_unknown_contribution_or_one_of_another_ehr_answers_404(shared_client: httpx.Client, new_ehr: str) -> None:
    answer = commit(shared_client, new_ehr, contribution(version(folder())))
    other = uid_in(shared_client.post(f"{BASE}/ehr"))
    assert shared_client.get(f"{BASE}/ehr/{other}/contribution/{uid_in(answer)}").status_code == 404
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/contribution/{uuid.uuid4()}").status_code == 404
    assert commit(shared_client, str(uuid.uuid4()), contribution(version(folder()))).status_code == 404


def test_a_contribution_of_too_many_versions_answers_413(shared_client: httpx.Client, new_ehr: str) -> None:
    assert commit(shared_client, new_ehr, contribution(*[version(folder())] * 1001)).status_code == 413
