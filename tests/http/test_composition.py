"""Compositions over HTTP: statuses, headers and bodies of every endpoint."""

from __future__ import annotations

import httpx
import pytest

from tests.support.http import BASE, SYSTEM_ID, TEMPLATE_ID, Json, as_bytes, composition, uid_in

JSON = {"content-type": "application/json"}


@pytest.fixture
def client(shared_client: httpx.Client) -> httpx.Client:
    """The server that the tests of this file share: each test has an EHR of its own."""
    return shared_client


@pytest.fixture
def template() -> str:
    """The id of the template that the shared server has."""
    return TEMPLATE_ID


def test_create_answers_201_with_the_headers_of_a_new_resource(
    client: httpx.Client, ehr_id: str, template: str
) -> None:
    answer = client.post(f"{BASE}/ehr/{ehr_id}/composition", content=as_bytes(composition()), headers=JSON)
    assert answer.status_code == 201
    assert answer.content == b""
    uid = uid_in(answer)
    assert answer.headers["etag"] == f'W/"{uid}"'
    assert uid.endswith(f"::{SYSTEM_ID}::1")
    assert answer.headers["location"] == f"http://testserver{BASE}/ehr/{ehr_id}/composition/{uid}"
    assert answer.headers["last-modified"].endswith("GMT")
    assert "preference-applied" not in answer.headers


def test_prefer_representation_gives_the_stored_composition(client: httpx.Client, ehr_id: str, template: str) -> None:
    answer = client.post(
        f"{BASE}/ehr/{ehr_id}/composition", json=composition(), headers={"prefer": "return=representation"}
    )
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "return=representation"
    assert answer.json()["uid"]["value"] == uid_in(answer)
    assert client.get(answer.headers["location"]).content == answer.content


def test_prefer_identifier_gives_the_uid_alone(client: httpx.Client, ehr_id: str, template: str) -> None:
    answer = client.post(
        f"{BASE}/ehr/{ehr_id}/composition", json=composition(), headers={"prefer": "return=identifier"}
    )
    assert answer.json() == {"uid": uid_in(answer)}
    assert answer.headers["preference-applied"] == "return=identifier"


@pytest.mark.parametrize("prefer", ["return={representation|minimal}", "nonsense", "", "return=everything"])
def test_a_prefer_that_cannot_be_read_means_minimal(
    client: httpx.Client, ehr_id: str, template: str, prefer: str
) -> None:
    answer = client.post(f"{BASE}/ehr/{ehr_id}/composition", json=composition(), headers={"prefer": prefer})
    assert (answer.status_code, answer.content) == (201, b"")
    assert "preference-applied" not in answer.headers


def test_what_was_sent_is_read_back_with_only_the_uid_added(client: httpx.Client, stored: Json) -> None:
    read = client.get(f"{stored['path']}/{stored['uid']}").json()
    assert read.pop("uid") == {"_type": "OBJECT_VERSION_ID", "value": stored["uid"]}
    assert _without_types(read) == _without_types(composition())


def test_a_read_by_object_id_gives_the_newest_version(client: httpx.Client, stored: Json) -> None:
    put = client.put(f"{stored['path']}/{stored['object_id']}", json=composition(), headers={"if-match": stored["uid"]})
    newest = client.get(f"{stored['path']}/{stored['object_id']}")
    assert newest.status_code == 200
    assert newest.json()["uid"]["value"] == uid_in(put) == uid_in(newest)
    assert "location" not in newest.headers


@pytest.mark.parametrize("form", ["{uid}", '"{uid}"', 'W/"{uid}"', "{{{uid}}}", "w/{uid}"])
def test_if_match_may_be_bare_quoted_weak_or_in_braces(client: httpx.Client, stored: Json, form: str) -> None:
    answer = client.put(
        f"{stored['path']}/{stored['object_id']}",
        json=composition(),
        headers={"if-match": form.format(uid=stored["uid"])},
    )
    assert answer.status_code == 204
    assert uid_in(answer).endswith("::2")
    assert answer.headers["location"].endswith("::2")


def test_update_with_representation_answers_200(client: httpx.Client, stored: Json) -> None:
    answer = client.put(
        f"{stored['path']}/{stored['object_id']}",
        json=composition(),
        headers={"if-match": stored["uid"], "prefer": "return=representation"},
    )
    assert answer.status_code == 200
    assert answer.json()["uid"]["value"].endswith("::2")


def test_update_without_if_match_answers_400(client: httpx.Client, stored: Json) -> None:
    answer = client.put(f"{stored['path']}/{stored['object_id']}", json=composition())
    assert answer.status_code == 400
    assert answer.json()["code"] == "PRECEDING_VERSION_MISSING"


def test_update_with_a_stale_if_match_answers_412_and_names_the_latest(client: httpx.Client, stored: Json) -> None:
    address, headers = f"{stored['path']}/{stored['object_id']}", {"if-match": stored["uid"]}
    first = client.put(address, json=composition(), headers=headers)
    second = client.put(address, json=composition(), headers=headers)
    assert (first.status_code, second.status_code) == (204, 412)
    assert uid_in(second) == uid_in(first)
    assert second.headers["location"] == first.headers["location"]


def test_update_with_another_uid_in_the_body_answers_400(client: httpx.Client, stored: Json) -> None:
    other = composition(uid={"_type": "HIER_OBJECT_ID", "value": "5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11"})
    answer = client.put(f"{stored['path']}/{stored['object_id']}", json=other, headers={"if-match": stored["uid"]})
    assert answer.status_code == 400
    assert answer.json()["code"] == "UID_MISMATCH"


def test_update_of_an_unknown_composition_answers_404(client: httpx.Client, stored: Json) -> None:
    other = "5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11"
    answer = client.put(
        f"{stored['path']}/{other}", json=composition(), headers={"if-match": f"{other}::{SYSTEM_ID}::1"}
    )
    assert answer.status_code == 404


def test_delete_answers_204_and_reads_answer_204_from_then_on(client: httpx.Client, stored: Json) -> None:
    gone = client.delete(f"{stored['path']}/{stored['uid']}")
    assert gone.status_code == 204
    assert uid_in(gone).endswith("::2")
    read = client.get(f"{stored['path']}/{stored['object_id']}")
    assert (read.status_code, uid_in(read)) == (204, uid_in(gone))
    assert client.get(f"{stored['path']}/{stored['uid']}").status_code == 200


def test_delete_of_a_deleted_composition_answers_400(client: httpx.Client, stored: Json) -> None:
    gone = client.delete(f"{stored['path']}/{stored['uid']}")
    assert client.delete(f"{stored['path']}/{uid_in(gone)}").status_code == 400


def test_delete_by_a_version_that_is_not_the_latest_answers_409_and_names_it(
    client: httpx.Client, stored: Json
) -> None:
    put = client.put(f"{stored['path']}/{stored['object_id']}", json=composition(), headers={"if-match": stored["uid"]})
    answer = client.delete(f"{stored['path']}/{stored['uid']}")
    assert answer.status_code == 409
    assert uid_in(answer) == uid_in(put)
    assert answer.headers["location"] == put.headers["location"]


@pytest.mark.parametrize("path", ["{object_id}", "{object_id}::" + SYSTEM_ID, "nothing"])
def test_delete_without_a_whole_version_uid_answers_400(client: httpx.Client, stored: Json, path: str) -> None:
    answer = client.delete(f"{stored['path']}/{path.format(object_id=stored['object_id'])}")
    assert answer.status_code == 400
    assert client.get(f"{stored['path']}/{stored['uid']}").status_code == 200


def test_a_deleted_composition_is_changed_only_by_a_restoration(client: httpx.Client, stored: Json) -> None:
    address = f"{stored['path']}/{stored['object_id']}"
    gone = uid_in(client.delete(f"{stored['path']}/{stored['uid']}"))
    refused = client.put(address, json=composition(), headers={"if-match": gone})
    restored = client.put(
        address,
        json=composition(),
        headers={"if-match": gone, "openehr-audit-details": 'change_type.code_string="816"'},
    )
    assert (refused.status_code, restored.status_code) == (404, 204)
    assert client.get(address).json()["uid"]["value"].endswith("::3")


def test_the_version_at_a_time_is_the_one_that_was_newest_then(client: httpx.Client, stored: Json) -> None:
    address = f"{stored['path']}/{stored['object_id']}"
    version = f"{BASE}/ehr/{stored['ehr_id']}/versioned_composition/{stored['object_id']}/version"
    committed = client.get(version).json()["commit_audit"]["time_committed"]["value"]
    client.put(address, json=composition(), headers={"if-match": stored["uid"]})
    then = client.get(address, params={"version_at_time": committed})
    assert then.json()["uid"]["value"] == stored["uid"]
    assert client.get(version, params={"version_at_time": committed}).json()["uid"]["value"] == stored["uid"]
    assert client.get(address, params={"version_at_time": "2001-01-01T00:00:00Z"}).status_code == 404
    assert client.get(f"{address}?version_at_time=2001-01-01T00:00:00+01:00").status_code == 404
    assert client.get(address, params={"version_at_time": "yesterday"}).status_code == 400


def test_the_container_names_its_ehr(client: httpx.Client, stored: Json) -> None:
    answer = client.get(f"{BASE}/ehr/{stored['ehr_id']}/versioned_composition/{stored['object_id']}").json()
    assert answer["_type"] == "VERSIONED_COMPOSITION"
    assert answer["uid"]["value"] == stored["object_id"]
    assert answer["owner_id"]["id"]["value"] == stored["ehr_id"]


def test_the_revision_history_lists_every_version_the_newest_last(client: httpx.Client, stored: Json) -> None:
    client.put(f"{stored['path']}/{stored['object_id']}", json=composition(), headers={"if-match": stored["uid"]})
    history = client.get(
        f"{BASE}/ehr/{stored['ehr_id']}/versioned_composition/{stored['object_id']}/revision_history"
    ).json()
    assert [item["version_id"]["value"][-1] for item in history["items"]] == ["1", "2"]
    codes = [item["audits"][0]["change_type"]["defining_code"]["code_string"] for item in history["items"]]
    assert codes == ["249", "251"]


def test_container_and_history_have_an_etag(client: httpx.Client, stored: Json) -> None:
    container = f"{BASE}/ehr/{stored['ehr_id']}/versioned_composition/{stored['object_id']}"
    status = f"{BASE}/ehr/{stored['ehr_id']}/versioned_ehr_status"
    first = client.get(container)
    assert first.headers["etag"] == f'W/"{stored["object_id"]}"'
    assert "last-modified" in first.headers
    assert client.get(f"{container}/revision_history").headers["etag"] == f'W/"{stored["uid"]}"'
    client.put(f"{stored['path']}/{stored['object_id']}", json=composition(), headers={"if-match": stored["uid"]})
    assert client.get(container).headers["etag"] == first.headers["etag"]
    assert client.get(f"{container}/revision_history").headers["etag"].endswith('::2"')
    assert uid_in(client.get(status)) == client.get(status).json()["uid"]["value"]
    assert uid_in(client.get(f"{status}/revision_history")).endswith("::1")


def test_a_deleted_version_is_read_as_a_version_without_data(client: httpx.Client, stored: Json) -> None:
    gone = uid_in(client.delete(f"{stored['path']}/{stored['uid']}"))
    base = f"{BASE}/ehr/{stored['ehr_id']}/versioned_composition/{stored['object_id']}/version"
    for address in (base, f"{base}/{gone}"):
        version = client.get(address).json()
        assert version["lifecycle_state"]["defining_code"]["code_string"] == "523"
        assert version["preceding_version_uid"]["value"] == stored["uid"]
        assert "data" not in version


def test_committal_headers_are_merged_into_the_audit(client: httpx.Client, ehr_id: str, template: str) -> None:
    answer = client.post(
        f"{BASE}/ehr/{ehr_id}/composition",
        json=composition(),
        headers=[
            ("openEHR-VERSION", 'lifecycle_state.code_string="553"'),
            ("openEHR-AUDIT_DETAILS", 'description.value="a draft"'),
            ("openehr-audit-details", 'committer.name="Nina",committer.external_ref.id="42"'),
        ],
    )
    assert answer.status_code == 201, answer.text
    object_id = uid_in(answer).split("::")[0]
    version = client.get(f"{BASE}/ehr/{ehr_id}/versioned_composition/{object_id}/version").json()
    assert version["lifecycle_state"]["defining_code"]["code_string"] == "553"
    assert version["commit_audit"]["description"]["value"] == "a draft"
    assert version["commit_audit"]["committer"]["name"] == "Nina"
    assert version["commit_audit"]["committer"]["external_ref"]["id"]["value"] == "42"
    assert version["commit_audit"]["system_id"] == SYSTEM_ID


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize(
    "headers",
    [
        [("openehr-audit-details", 'description.value="rettet \\"Åse\\"", committer.name="Åse Bø"')],
        [
            ("openEHR-VERSION.lifecycle_state", 'code_string="532"'),
            ("openEHR-AUDIT_DETAILS.change_type", 'code_string="249"'),
            ("openEHR-AUDIT_DETAILS.description", 'value="rettet \\"Åse\\""'),
            ("openEHR-AUDIT_DETAILS.committer", 'name="Åse Bø", external_ref.id="42"'),
        ],
    ],
)
def test_committal_headers_of_all_releases_keep_every_letter(
    client: httpx.Client, ehr_id: str, template: str, headers: list[tuple[str, str]], encoding: str
) -> None:
    sent = [(name.encode(), text.encode(encoding)) for name, text in headers]
    answer = client.post(f"{BASE}/ehr/{ehr_id}/composition", json=composition(), headers=sent)
    assert answer.status_code == 201, answer.text
    address = f"{BASE}/ehr/{ehr_id}/versioned_composition/{uid_in(answer).split('::')[0]}/version"
    audit = client.get(address).json()["commit_audit"]
    assert audit["description"]["value"] == 'rettet "Åse"'
    assert audit["committer"]["name"] == "Åse Bø"


def test_a_draft_may_lack_what_a_complete_version_needs(client: httpx.Client, ehr_id: str, template: str) -> None:
    unfinished = composition()
    del unfinished["composer"]
    address = f"{BASE}/ehr/{ehr_id}/composition"
    assert client.post(address, json=unfinished).status_code == 422
    draft = client.post(address, json=unfinished, headers={"openehr-version": 'lifecycle_state.code_string="553"'})
    assert draft.status_code == 201, draft.text


def test_a_locked_ehr_takes_no_composition(client: httpx.Client, stored: Json) -> None:
    base = f"{BASE}/ehr/{stored['ehr_id']}/ehr_status"
    status = client.get(base)
    locked = client.put(base, json={**status.json(), "is_modifiable": False}, headers={"if-match": uid_in(status)})
    assert locked.status_code == 204, locked.text
    for answer in (
        client.post(stored["path"], json=composition()),
        client.put(f"{stored['path']}/{stored['object_id']}", json=composition(), headers={"if-match": stored["uid"]}),
        client.delete(f"{stored['path']}/{stored['uid']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "EHR_LOCKED")


def test_an_idempotency_key_makes_a_create_safe_to_repeat(client: httpx.Client, ehr_id: str, template: str) -> None:
    address, headers = f"{BASE}/ehr/{ehr_id}/composition", {"idempotency-key": "k-1"}
    answers = [client.post(address, json=composition(), headers=headers) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({uid_in(answer) for answer in answers}) == 1
    other = client.post(address, json=composition(language=_language("en")), headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "CONTRIBUTION_TAKEN")


@pytest.mark.parametrize("part", ["unknown-ehr", "unknown-composition"])
def test_unknown_ids_answer_404(client: httpx.Client, stored: Json, part: str) -> None:
    other = "5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11"
    ehr = other if part == "unknown-ehr" else stored["ehr_id"]
    object_id = other if part == "unknown-composition" else stored["object_id"]
    for address in (
        f"composition/{object_id}",
        f"composition/{object_id}::{SYSTEM_ID}::1",
        f"versioned_composition/{object_id}",
        f"versioned_composition/{object_id}/revision_history",
        f"versioned_composition/{object_id}/version",
        f"versioned_composition/{object_id}/version/{object_id}::{SYSTEM_ID}::1",
    ):
        answer = client.get(f"{BASE}/ehr/{ehr}/{address}")
        assert answer.status_code == 404, address
        assert set(answer.json()) == {"message", "code", "error", "errors"}
    if part == "unknown-ehr":
        assert client.post(f"{BASE}/ehr/{ehr}/composition", json=composition()).status_code == 404


def _language(code: str) -> Json:
    return {
        "_type": "CODE_PHRASE",
        "terminology_id": {"_type": "TERMINOLOGY_ID", "value": "ISO_639-1"},
        "code_string": code,
    }


def _without_types(tree: object) -> object:
    """Return a JSON tree without `_type`, which the canonical encoding always writes."""
    if isinstance(tree, dict):
        return {key: _without_types(value) for key, value in tree.items() if key != "_type"}
    if isinstance(tree, list):
        return [_without_types(value) for value in tree]
    return tree
