"""`kilde demo-data`: a synthetic municipality for any server, for a folder, and as files."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from cli.demo.identity import SYSTEM
from cli.demo.residents import residents
from cli.demo.town.lives.life import lives
from tests.support.command import Server, kilde, serving


def _versions(count: int, *, seed: int) -> int:
    return sum(len(record.versions) for life in lives(count, seed=seed) for record in life.records)


def test_residents_are_sent_to_a_running_server_with_their_subjects(server: Server) -> None:
    sent = kilde("demo-data", "--residents", "3", "--seed", "77", "--server", server.url)
    expected = f"3 synthetic residents with {_versions(3, seed=77)} versions of compositions\n"
    assert (sent.status, sent.out) == (0, expected), sent.err
    resident = next(residents(1, seed=77))
    found = kilde("ehr", "get", "--subject", resident.identity, "--namespace", SYSTEM, "--json", "--server", server.url)
    assert found.json["ehr_id"]["value"] == resident.ehr_id


def test_the_queries_that_come_with_kilde_are_there_afterwards(server: Server) -> None:
    assert kilde("demo-data", "--residents", "1", "--seed", "76", "--server", server.url).status == 0
    ehr_id = next(residents(1, seed=76)).ehr_id
    path = "/rest/openehr/v1/query/no.kommune::blodtrykk"
    assert httpx.get(server.url + path, params={"ehr_id": ehr_id}).json()["rows"]


def test_the_same_residents_are_not_sent_twice(server: Server) -> None:
    options = ("demo-data", "--residents", "1", "--seed", "78", "--server", server.url)
    assert kilde(*options).status == 0
    assert kilde(*options).status == 1


def test_residents_are_loaded_into_a_data_folder(tmp_path: Path) -> None:
    loaded = kilde("demo-data", "--residents", "2", "--seed", "75", "--data", str(tmp_path), "--json")
    assert loaded.json == {"residents": 2, "versions": _versions(2, seed=75), "seed": 75}, loaded.err
    with serving(data=tmp_path) as server:
        listed = httpx.get(server.url + "/rest/kilde/v1/ehr").json()
        assert sorted(listed["ehr_ids"]) == sorted(one.ehr_id for one in residents(2, seed=75))


def test_files_hold_the_data_and_what_queries_must_answer(server: Server, tmp_path: Path) -> None:
    written = kilde("demo-data", "--residents", "2", "--seed", "79", "--out", str(tmp_path))
    assert written.out == f"2 synthetic residents with {_versions(2, seed=79)} versions of compositions\n", written.err
    done = kilde("import", str(tmp_path / "compositions.ndjson"), "--create-ehrs", "--server", server.url)
    lines = (tmp_path / "compositions.ndjson").read_text().splitlines()
    assert done.out == f"{len(lines)} compositions stored\n", done.err
    answers = json.loads((tmp_path / "expected.json").read_text())
    assert (answers["seed"], answers["residents"], len(answers["queries"])) == (79, 2, 45)


def test_files_of_a_seed_are_the_same_to_the_byte(tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert kilde("demo-data", "--residents", "4", "--seed", "5", "--out", str(tmp_path / name)).status == 0
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == ["changes.ndjson", "compositions.ndjson", "ehrs.ndjson", "expected.json"]
    assert all((tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes() for name in files)


def test_files_and_a_folder_at_once_are_refused(tmp_path: Path) -> None:
    refused = kilde("demo-data", "--out", str(tmp_path / "a"), "--data", str(tmp_path / "b"))
    assert refused.status == 2
    assert "--out" in refused.err
