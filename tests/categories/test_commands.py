"""`kilde setup`, `kilde category` and the settings: a municipality is switched on by one command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.categories.town import FOREIGN, KEYS, example, foreign_composition, foreign_template
from tests.support.command import Server, kilde, serving
from tests.support.http import Json, as_bytes


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A fresh server that only settings were given to, and one template of somebody else."""
    with serving("--shipped-content", "true", "--registered-only", "true") as running:
        yield running


@pytest.fixture
def foreign(server: Server, tmp_path: Path) -> Iterator[str]:
    """The id of a template that declares no category, on the server."""
    file = tmp_path / "foreign.opt"
    file.write_bytes(foreign_template())
    kilde("template", "upload", str(file), "--server", server.url)
    yield FOREIGN


def _file(folder: Path, document: Json) -> str:
    file = folder / "composition.json"
    file.write_bytes(as_bytes(document))
    return str(file)


def test_a_fresh_server_has_templates_queries_and_categories_by_its_settings_alone(
    server: Server, tmp_path: Path
) -> None:
    listed = kilde("category", "list", "--json", "--server", server.url).json
    assert listed["registered_only"] is True
    assert [one["key"] for one in listed["categories"]] == list(KEYS)
    assert all(one["template_count"] for one in listed["categories"])
    assert len(kilde("query", "list", "no.kommune::", "--json", "--server", server.url).json) == 45
    ehr_id = kilde("ehr", "create", "--json", "--server", server.url).json["ehr_id"]["value"]
    decision = _file(tmp_path, example("tjenestevedtak"))
    assert kilde("composition", "commit", decision, "--ehr", ehr_id, "--server", server.url).status == 0


def test_setup_has_nothing_left_to_do_where_everything_is_there(server: Server) -> None:
    again = kilde("setup", "--json", "--server", server.url)
    assert again.status == 0
    assert {row["outcome"] for row in again.json} == {"present"}


def test_setup_fills_a_bare_server_and_tells_what_differs() -> None:
    with serving() as bare:
        dry = kilde("setup", "--dry-run", "--json", "--server", bare.url)
        assert {row["outcome"] for row in dry.json} == {"absent"}
        own = ("query", "store", "no.kommune::vekt", "SELECT e FROM EHR e", "--version", "1.0.0", "--server", bare.url)
        assert kilde(*own).status == 0
        done = kilde("setup", "--server", bare.url)
        assert "added" in done.out and "44" in done.out
        assert (done.status, "no.kommune::vekt is different here" in done.err) == (1, True)
        names = [one["name"] for one in kilde("query", "list", "--json", "--server", bare.url).json]
        assert "no.kommune::tjenesteoversikt" in names
        replaced = kilde("setup", "--kind", "query", "--replace", "--json", "--server", bare.url)
        assert [row["name"] for row in replaced.json if row["outcome"] == "refused"] == ["no.kommune::vekt"]
        assert (replaced.status, "never changes" in replaced.err) == (1, True)


def test_setup_of_an_unknown_kind_is_wrong_usage(server: Server) -> None:
    assert kilde("setup", "--kind", "weather", "--server", server.url).status == 2


def test_categories_are_listed_for_people_in_norwegian_and_english(server: Server) -> None:
    nb = kilde("category", "list", "--server", server.url).out
    en = kilde("category", "list", "--language", "en", "--server", server.url).out
    assert "Journaldokumenter" in nb and "Record documents" in en


def test_a_category_says_what_it_is_and_which_templates_it_has(server: Server) -> None:
    shown = kilde("category", "show", "prosedyrer_behandlinger", "--server", server.url).out
    assert "no.kommune.legemiddelliste.v1" in shown and "e-resept" in shown
    assert "Ikke: " in shown
    assert kilde("category", "show", "allergies", "--server", server.url).status == 1


def test_a_template_of_somebody_else_is_registered_and_unregistered(
    server: Server, foreign: str, tmp_path: Path
) -> None:
    assert "(no category)" in kilde("category", "list", "--server", server.url).out
    ehr_id = kilde("ehr", "create", "--json", "--server", server.url).json["ehr_id"]["value"]
    file = _file(tmp_path, foreign_composition())
    commit = ("composition", "commit", file, "--ehr", ehr_id, "--server", server.url)
    assert kilde(*commit).status == 1
    assert kilde("category", "register", foreign, "undersokelser_malinger_funn", "--server", server.url).status == 0
    assert kilde(*commit).status == 0
    gone = kilde("category", "unregister", foreign, "undersokelser_malinger_funn", "--server", server.url)
    assert gone.status == 0
    assert kilde(*commit).status == 1


def test_the_coded_share_is_a_table(server: Server) -> None:
    lines = kilde("category", "coded", "--server", server.url).out.splitlines()
    assert lines[0].split() == ["key", "values", "coded", "share"]
    assert len(lines) == 10


def test_queries_are_listed_by_category(server: Server) -> None:
    listed = kilde("query", "list", "--category", "applikasjonsspesifikke_data", "--json", "--server", server.url).json
    assert [one["name"] for one in listed] == ["no.kommune::applikasjonsdata"]
    assert kilde("query", "list", "--category", "weather", "--server", server.url).status == 1


def test_the_settings_are_shown_and_off_by_default() -> None:
    values = kilde("config", "show", "--json").json
    assert (values["registered_only"], values["shipped_content"], values["national_copies"]) == (False, False, "accept")
