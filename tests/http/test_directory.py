"""Directories over HTTP."""

from __future__ import annotations

import httpx

from tests.support.http import BASE, folder, uid_in


def test_a_directory_is_created_read_changed_and_deleted(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    assert shared_client.get(address).status_code == 404
    made = shared_client.post(address, json=folder(), headers={"prefer": "return=representation"})
    assert made.status_code == 201, made.text
    assert made.headers["location"].endswith(f"/directory/{uid_in(made)}")
    assert shared_client.get(address).json() == made.json()
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}").json()["directory"]["type"] == "VERSIONED_FOLDER"

    changed = shared_client.put(address, json=folder("new"), headers={"if-match": uid_in(made)})
    assert (changed.status_code, uid_in(changed)[-1]) == (204, "2")
    assert shared_client.get(address).json()["name"]["value"] == "new"
    assert shared_client.get(f"{address}/{uid_in(made)}").json()["name"]["value"] == "root"

    assert shared_client.delete(address).status_code == 400
    stale = shared_client.delete(address, headers={"if-match": uid_in(made)})
    assert (stale.status_code, uid_in(stale)) == (412, uid_in(changed))
    assert stale.headers["location"].endswith(f"/ehr/{new_ehr}/directory/{uid_in(changed)}")
    gone = shared_client.delete(address, headers={"if-match": uid_in(changed)})
    assert gone.status_code == 204
    assert shared_client.get(address).status_code == 204
    assert shared_client.delete(address, headers={"if-match": uid_in(gone)}).status_code == 404
    assert shared_client.put(address, json=folder(), headers={"if-match": uid_in(gone)}).status_code == 404


def test_an_ehr_has_one_directory_and_may_get_a_new_one_after_deletion(
    shared_client: httpx.Client, new_ehr: str
) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    made = shared_client.post(address, json=folder())
    assert shared_client.post(address, json=folder()).status_code == 409
    shared_client.delete(address, headers={"if-match": uid_in(made)})
    again = shared_client.post(address, json=folder())
    assert again.status_code == 201
    assert uid_in(again).split("::")[0] != uid_in(made).split("::")[0]


def test_a_path_gives_one_folder(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    tree = folder("root", folders=[folder("episodes", folders=[folder("march")]), folder("other")])
    made = shared_client.post(address, json=tree)
    for path in ("episodes/march", "/episodes/march/"):
        for place in (address, f"{address}/{uid_in(made)}"):
            assert shared_client.get(place, params={"path": path}).json()["name"]["value"] == "march"
    assert shared_client.get(address, params={"path": "episodes/april"}).status_code == 404
    assert shared_client.get(address, params={"path": "/"}).json()["name"]["value"] == "root"


def test_a_name_with_slashes_can_be_asked_for(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    tree = folder("root", folders=[folder("a", folders=[folder("c")]), folder("a/b", folders=[folder("d")])])
    assert shared_client.post(address, json=tree).status_code == 201
    for path, name in (("a/c", "c"), ("a/b", "a/b"), ("a%2Fb/d", "d"), ("a/b/d", "d")):
        assert shared_client.get(f"{address}?path={path}").json()["name"]["value"] == name
    for path in ("b", "a/b/c", "a/d", "a/", "a//c/c"):
        assert shared_client.get(f"{address}?path={path}").status_code == (200 if path == "a/" else 404)


def test_a_directory_at_a_time_is_the_one_of_then(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    shared_client.post(address, json=folder())
    assert shared_client.get(address, params={"version_at_time": "2001-01-01T00:00:00Z"}).status_code == 404
    assert shared_client.get(address, params={"version_at_time": "2999-01-01T00:00:00Z"}).status_code == 200


def test_a_folder_without_a_name_is_refused(shared_client: httpx.Client, new_ehr: str) -> None:
    answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/directory", json={"_type": "FOLDER", "archetype_node_id": "x"})
    assert answer.status_code == 422
    assert shared_client.get(f"{BASE}/ehr/{new_ehr}/directory").status_code == 404


def test_two_folders_beside_each_other_need_different_names(shared_client: httpx.Client, new_ehr: str) -> None:
    address = f"{BASE}/ehr/{new_ehr}/directory"
    twice = folder("root", folders=[folder("a", folders=[folder("x"), folder("x")]), folder("b")])
    answer = shared_client.post(address, json=twice)
    assert answer.status_code == 422
    (issue,) = answer.json()["errors"]
    assert issue["code"] == "RM_FOLDER_FOLDER_NAMES_UNIQUE"
    assert issue["path"].startswith("/folders[")
    alike = folder("root", folders=[folder("a", folders=[folder("x")]), folder("b", folders=[folder("x")])])
    assert shared_client.post(address, json=alike).status_code == 201
