"""Rolling out a new version of a template with the command line, against a running server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command.conftest import TEMPLATE
from tests.support.command import Server, kilde, serving
from tests.support.http import as_bytes, composition
from tests.support.sources import EVALUATION

TEMPLATE_ID = "no.kommune.vitale_malinger.v1"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose template these tests may replace, with one resident's composition in it."""
    with serving() as running:
        assert kilde("template", "upload", str(TEMPLATE), "--server", running.url).status == 0
        created = kilde("ehr", "create", "--json", "--server", running.url)
        ehr = str(created.json["ehr_id"]["value"])
        body = tmp_path_factory.mktemp("rollout") / "composition.json"
        body.write_bytes(as_bytes(composition()))
        committed = kilde("composition", "commit", str(body), "--ehr", ehr, "--server", running.url)
        assert committed.status == 0, committed.err
        yield running


def _changed(folder: Path, old: str, new: str) -> Path:
    text = TEMPLATE.read_text(encoding="utf-8")
    assert old in text
    target = folder / "new.opt"
    target.write_text(text.replace(old, new), encoding="utf-8")
    return target


def test_check_reports_stored_data_that_would_break(own_server: Server, tmp_path: Path) -> None:
    fine = kilde("template", "check", str(TEMPLATE), "--json", "--server", own_server.url)
    assert (fine.status, fine.json["checked"], fine.json["refused"]) == (0, 1, 0)
    bad = _changed(tmp_path, "<upper>300</upper>", "<upper>60</upper>")
    done = kilde("template", "check", str(bad), "--json", "--server", own_server.url)
    assert done.status == 1
    assert list(done.json["by_code"]) == ["TPL_QUANTITY_RANGE"]
    assert "would break" in done.err


def test_replace_takes_a_wider_version_and_refuses_a_narrower_one(own_server: Server, tmp_path: Path) -> None:
    bad = _changed(tmp_path, "<upper>300</upper>", "<upper>60</upper>")
    refused = kilde("template", "replace", str(bad), "--server", own_server.url)
    assert refused.status == 1
    assert "TPL_BREAKING_CHANGE" in refused.err
    good = _changed(tmp_path, "<upper>300</upper>", "<upper>350</upper>")
    assert kilde("template", "replace", str(good), "--server", own_server.url).status == 0


def test_deprecate_and_undo(own_server: Server) -> None:
    assert "takes no new data" in kilde("template", "deprecate", TEMPLATE_ID, "--server", own_server.url).out
    assert "again" in kilde("template", "deprecate", TEMPLATE_ID, "--undo", "--server", own_server.url).out
    assert kilde("template", "deprecate", "no.such.v1", "--server", own_server.url).status == 1


def test_archetypes_are_uploaded_listed_and_fetched(own_server: Server, tmp_path: Path) -> None:
    file = tmp_path / "values.adl"
    file.write_text(EVALUATION)
    assert kilde("archetype", "upload", str(file), "--server", own_server.url).status == 0
    listed = kilde("archetype", "list", "--json", "--server", own_server.url)
    assert [row["archetype_id"] for row in listed.json] == ["openEHR-EHR-EVALUATION.all_values.v1"]
    fetched = kilde("archetype", "get", "openEHR-EHR-EVALUATION.all_values.v1", "--server", own_server.url)
    assert fetched.out.strip() == EVALUATION.strip()
