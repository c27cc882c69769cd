"""Commands that talk to a server: templates, EHRs, compositions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.demo.residents import residents
from cli.demo.vitals import TEMPLATE_ID, Json, compositions
from tests.command.conftest import TEMPLATE
from tests.support.command import Server, kilde


@pytest.fixture
def composition() -> Json:
    """A valid composition with a blood pressure."""
    return next(
        each for each in compositions(next(residents(1))) if "blood_pressure" in each["content"][0]["archetype_node_id"]
    )


def _written(folder: Path, composition: Json) -> str:
    path = folder / "composition.json"
    path.write_text(json.dumps(composition), encoding="utf-8")
    return str(path)


def _with_systolic(composition: Json, magnitude: float) -> Json:
    items = composition["content"][0]["data"]["events"][0]["data"]["items"]
    items[0]["value"]["magnitude"] = magnitude
    return composition


def test_an_uploaded_template_is_listed(server: Server) -> None:
    listed = kilde("template", "list", "--json", "--server", server.url)
    assert TEMPLATE_ID in [each["template_id"] for each in listed.json]


def test_a_listing_for_people_has_a_heading(server: Server) -> None:
    lines = kilde("template", "list", KILDE_SERVER=server.url).out.splitlines()
    assert lines[0].split() == ["template_id", "concept", "archetype_id", "created_timestamp"]
    assert any(line.startswith(TEMPLATE_ID) for line in lines)


def test_a_template_uploaded_twice_is_refused(server: Server) -> None:
    again = kilde("template", "upload", str(TEMPLATE), "--server", server.url)
    assert (again.status, again.out) == (1, "")
    assert again.err.startswith("kilde: ")


def test_a_template_comes_back_as_it_was_sent(server: Server) -> None:
    got = kilde("template", "get", TEMPLATE_ID, "--server", server.url)
    assert got.out.rstrip() == TEMPLATE.read_text(encoding="utf-8").rstrip()


def test_a_web_template_names_the_template(server: Server) -> None:
    assert (
        kilde("template", "get", TEMPLATE_ID, "--web-template", "--server", server.url).json["templateId"]
        == TEMPLATE_ID
    )


def test_an_unknown_template_is_status_1(server: Server) -> None:
    assert kilde("template", "get", "no.such.template", "--server", server.url).status == 1


def test_a_template_file_is_checked_without_a_server() -> None:
    checked = kilde("template", "validate", str(TEMPLATE), "--json", KILDE_SERVER="http://127.0.0.1:9")
    assert (checked.status, checked.json[0]["template_id"]) == (0, TEMPLATE_ID)


def test_a_broken_template_file_is_told_from_a_good_one(tmp_path: Path) -> None:
    broken = tmp_path / "broken.opt"
    broken.write_text("<template/>")
    checked = kilde("template", "validate", str(TEMPLATE), str(broken), "--json")
    assert checked.status == 1
    assert [each["valid"] for each in checked.json] == [True, False]
    assert str(broken) in checked.err


def test_an_ehr_is_found_by_its_subject(server: Server) -> None:
    created = kilde("ehr", "create", "--subject", "p1", "--namespace", "test", "--json", "--server", server.url)
    found = kilde("ehr", "get", "--subject", "p1", "--namespace", "test", "--json", "--server", server.url)
    assert found.json["ehr_id"] == created.json["ehr_id"]


def test_an_ehr_gets_the_id_it_was_given(server: Server) -> None:
    wanted = "0f3f2d3e-59a3-4f0a-9a1c-0d5f2c7d2a11"
    created = kilde("ehr", "create", "--ehr-id", wanted, "--json", "--server", server.url)
    assert created.json["ehr_id"]["value"] == wanted


def test_looking_up_an_ehr_needs_an_id_or_a_subject(server: Server) -> None:
    assert kilde("ehr", "get", "--server", server.url).status == 2


def test_a_deleted_ehr_is_gone(server: Server, ehr_id: str) -> None:
    assert kilde("ehr", "delete", ehr_id, "--yes", "--server", server.url).status == 0
    assert kilde("ehr", "get", ehr_id, "--server", server.url).status == 1


def test_deleting_an_ehr_asks_first(server: Server, ehr_id: str) -> None:
    assert kilde("ehr", "delete", ehr_id, "--server", server.url, stdin="n\n").status == 1
    assert kilde("ehr", "get", ehr_id, "--server", server.url).status == 0


def test_a_committed_composition_comes_back(server: Server, ehr_id: str, composition: Json, tmp_path: Path) -> None:
    committed = kilde("composition", "commit", _written(tmp_path, composition), "--ehr", ehr_id, "--server", server.url)
    uid = committed.out.strip()
    assert uid.endswith("::local.kilde::1"), committed.err
    got = kilde("composition", "get", uid, "--ehr", ehr_id, "--server", server.url).json
    assert got.pop("uid")["value"] == uid
    assert got["content"] == composition["content"]


def test_a_refused_commit_says_every_issue(server: Server, ehr_id: str, composition: Json, tmp_path: Path) -> None:
    del composition["composer"]
    path = _written(tmp_path, _with_systolic(composition, 900.0))
    refused = kilde("composition", "commit", path, "--ehr", ehr_id, "--server", server.url)
    assert (refused.status, refused.out) == (1, "")
    assert len(refused.err.splitlines()) >= 3
    assert "900" not in refused.err


def test_a_valid_composition_is_status_0_without_a_server(composition: Json, tmp_path: Path) -> None:
    checked = kilde(
        "composition", "validate", _written(tmp_path, composition), "--template", TEMPLATE_ID, "--json",
        KILDE_SERVER="http://127.0.0.1:9",
    )  # fmt: skip
    assert (checked.status, checked.json) == (0, [])


def test_an_invalid_composition_is_status_1_with_the_place(composition: Json, tmp_path: Path) -> None:
    path = _written(tmp_path, _with_systolic(composition, 900.0))
    checked = kilde("composition", "validate", path, "--template", str(TEMPLATE), "--json")
    assert checked.status == 1
    (issue,) = checked.json
    assert "at0004" in issue["path"]
    assert "40" in issue["expected"]


def test_a_composition_that_is_no_object_is_status_1(tmp_path: Path) -> None:
    path = tmp_path / "composition.json"
    path.write_text('{"_type": "COMPOSITION", "name": 3}')
    checked = kilde("composition", "validate", str(path), "--template", TEMPLATE_ID, "--json")
    assert checked.status == 1
    assert checked.json


def test_validate_fetches_a_template_that_only_the_server_has(
    server: Server, composition: Json, tmp_path: Path
) -> None:
    source = TEMPLATE.read_text(encoding="utf-8").replace(TEMPLATE_ID, "no.test.other.v1")
    (tmp_path / "other.opt").write_text(source, encoding="utf-8")
    assert kilde("template", "upload", str(tmp_path / "other.opt"), "--server", server.url).status == 0
    composition["archetype_details"]["template_id"]["value"] = "no.test.other.v1"
    path = _written(tmp_path, composition)
    checked = kilde("composition", "validate", path, "--template", "no.test.other.v1", "--server", server.url)
    assert checked.status == 0, checked.out + checked.err


def test_a_template_that_is_nowhere_is_status_1(server: Server, composition: Json, tmp_path: Path) -> None:
    path = _written(tmp_path, composition)
    assert kilde("composition", "validate", path, "--template", "nowhere", "--server", server.url).status == 1
