"""`kilde import`, `export`, `reindex` and queries: what goes in comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.demo.load import lines_of
from cli.demo.residents import SEED, residents
from cli.demo.vitals import TEMPLATE_ID
from tests.command.conftest import TEMPLATE
from tests.support.command import Server, kilde, serving

PEOPLE = list(residents(5, seed=99, contacts=3))
OF_ONE = "SELECT c FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of compositions of five residents."""
    path = tmp_path_factory.mktemp("lines") / "residents.ndjson"
    path.write_bytes(b"\n".join(line for each in PEOPLE for line in lines_of(each, seed=SEED)) + b"\n")
    return path


@pytest.fixture(scope="module")
def imported(server: Server, lines: Path) -> Server:
    """The server, with the residents of the file."""
    done = kilde("import", str(lines), "--create-ehrs", "--server", server.url)
    assert (done.status, done.out) == (0, "15 compositions stored\n"), done.err
    return server


def test_what_was_imported_is_exported(imported: Server, lines: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.ndjson"
    chosen = [word for each in PEOPLE for word in ("--ehr", each.ehr_id)]
    assert kilde("export", str(target), *chosen, "--server", imported.url).status == 0
    assert _contents(target.read_text()) == _contents(lines.read_text())


def test_an_export_can_be_imported_elsewhere(imported: Server, tmp_path: Path) -> None:
    exported = kilde("export", "--ehr", PEOPLE[0].ehr_id, "--server", imported.url)
    with serving() as other:
        assert kilde("template", "upload", str(TEMPLATE), "--server", other.url).status == 0
        done = kilde("import", "-", "--create-ehrs", "--json", "--server", other.url, stdin=exported.out)
        assert done.json == {"stored": 3, "refused": []}


def test_an_export_without_ehrs_holds_all_of_them(imported: Server) -> None:
    exported = kilde("export", "--server", imported.url).out
    found = {json.loads(line)["ehr_id"] for line in exported.splitlines()}
    assert found >= {each.ehr_id for each in PEOPLE}


def test_a_refused_line_is_told_and_does_not_hold_up_the_others(imported: Server, lines: Path) -> None:
    good = lines.read_text().splitlines()[0]
    bad = good.replace(TEMPLATE_ID, "no.such.template")
    done = kilde("import", "-", "--json", "--server", imported.url, stdin=f"{bad}\n\nnot json\n{good}\n")
    assert done.status == 1
    assert (done.json["stored"], [each["line"] for each in done.json["refused"]]) == (1, [1, 3])


def test_an_import_for_an_unknown_ehr_is_refused(imported: Server, lines: Path) -> None:
    line = lines.read_text().splitlines()[0].replace(PEOPLE[0].ehr_id, "0c9f8e0a-0000-4000-8000-000000000001")
    done = kilde("import", "-", "--json", "--server", imported.url, stdin=line)
    assert (done.status, done.json["stored"]) == (1, 0)


def test_a_query_prints_a_table(imported: Server) -> None:
    asked = kilde(
        "query", "run", "SELECT c/name/value AS name, e/ehr_id/value FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr",
        "--parameter", f"ehr={PEOPLE[0].ehr_id}", "--fetch", "2", "--server", imported.url,
    )  # fmt: skip
    heading, *rows = asked.out.splitlines()
    assert heading.split() == ["name", "#1"]
    assert len(rows) == 2
    assert all(PEOPLE[0].ehr_id in row for row in rows)


def test_a_query_may_come_from_standard_input(imported: Server) -> None:
    asked = kilde(
        "query", "run", "-", "--parameter", f"$ehr={PEOPLE[1].ehr_id}", "--json", "--server", imported.url, stdin=OF_ONE
    )
    assert len(asked.json["rows"]) == 3


def test_offset_passes_over_rows(imported: Server) -> None:
    asked = kilde(
        "query", "run", OF_ONE, "--parameter", f"ehr={PEOPLE[1].ehr_id}", "--offset", "2", "--fetch", "5", "--json",
        "--server", imported.url,
    )  # fmt: skip
    assert len(asked.json["rows"]) == 1


def test_a_query_that_finds_nothing_says_so_on_standard_error(imported: Server) -> None:
    asked = kilde("query", "run", OF_ONE, "--parameter", "ehr=nobody", "--server", imported.url)
    assert (asked.status, asked.out, asked.err) == (0, "", "no rows\n")


def test_a_query_with_a_fault_is_status_1_with_the_place(imported: Server) -> None:
    asked = kilde("query", "run", "SELECT FROM", "--server", imported.url)
    assert (asked.status, asked.out) == (1, "")
    assert "line 1" in asked.err


def test_a_parameter_without_a_value_is_wrong_usage(imported: Server) -> None:
    assert kilde("query", "run", OF_ONE, "--parameter", "ehr", "--server", imported.url).status == 2


def test_explaining_a_query_says_where_it_looks(imported: Server) -> None:
    explained = kilde("query", "explain", "SELECT c FROM EHR e CONTAINS COMPOSITION c", "--server", imported.url)
    assert explained.status == 0
    assert "COMPOSITION c" in explained.out


def test_reindexing_beside_a_server_changes_no_answer(tmp_path: Path, lines: Path) -> None:
    with serving(data=tmp_path) as server:
        assert kilde("template", "upload", str(TEMPLATE), "--server", server.url).status == 0
        assert kilde("import", str(lines), "--create-ehrs", "--server", server.url).status == 0
        question = (
            "query",
            "run",
            "SELECT c/uid/value FROM EHR e CONTAINS COMPOSITION c ORDER BY c/uid/value",
            "--json",
        )
        before = kilde(*question, "--server", server.url)
        done = kilde("reindex", "--data", str(tmp_path))
        assert (done.status, done.out) == (0, "20 objects indexed\n"), done.err
        after = kilde(*question, "--server", server.url)
        assert len(before.json["rows"]) == 15
        assert after.json["rows"] == before.json["rows"]


def _contents(text: str) -> list[str]:
    """Return the lines without what a store adds, in an order of their own."""
    return sorted(json.dumps(json.loads(line), sort_keys=True) for line in text.splitlines())
