"""Archetypes and template sources on the command line: in processes of their own, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import kilde
from tests.support.sources import COMPOSITION, EVALUATION, SOURCE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two archetypes and the source of a template."""
    (tmp_path / "composition.adl").write_text(COMPOSITION)
    (tmp_path / "evaluation.adl").write_text(EVALUATION)
    (tmp_path / "all_values.oet").write_text(SOURCE)
    return tmp_path


def _compiled(folder: Path, name: str) -> Path:
    target = folder / name
    done = kilde(
        "template", "compile", str(folder / "all_values.oet"), "--archetypes", str(folder), "--output", str(target)
    )
    assert done.status == 0, done.err
    return target


def test_a_source_compiles_into_a_valid_template(folder: Path) -> None:
    template = _compiled(folder, "all_values.opt")
    checked = kilde("template", "validate", str(template), "--json")
    assert checked.json == [{"file": str(template), "template_id": "all_values.v1", "valid": True}]


def test_a_fault_in_a_source_is_said_with_its_line(folder: Path) -> None:
    source = folder / "all_values.oet"
    source.write_text(SOURCE.replace('all_values.v1" path', 'some_values.v1" path'))
    done = kilde("template", "compile", str(source), "--archetypes", str(folder))
    assert done.status == 1
    assert "line 6" in done.err and "openEHR-EHR-EVALUATION.some_values.v1" in done.err


def test_the_comparison_of_two_versions_says_who_is_broken(folder: Path) -> None:
    old = _compiled(folder, "old.opt")
    (folder / "evaluation.adl").write_text(EVALUATION.replace("{|0..100|}", "{|0..10|}"))
    new = _compiled(folder, "new.opt")
    same = kilde("template", "diff", str(old), str(old), "--json")
    assert same.status == 0 and same.json["changes"] == []
    done = kilde("template", "diff", str(old), str(new), "--json")
    assert done.status == 1
    assert done.json["verdict"] == {"data": "breaking", "flat": "breaking", "queries": "compatible"}
    assert [change["change"] for change in done.json["changes"]] == ["range_narrowed"]


def test_lint_fails_on_warnings_only(folder: Path) -> None:
    template = _compiled(folder, "all_values.opt")
    assert kilde("template", "lint", str(template), "--language", "en").status == 0
    done = kilde("template", "lint", str(template), "--json")
    assert done.status == 1
    assert "LINT_TRANSLATION" in {row["code"] for row in done.json}


def test_archetypes_are_validated_by_rule_line_and_column(folder: Path) -> None:
    good = folder / "evaluation.adl"
    assert kilde("archetype", "validate", str(good)).status == 0
    bad = folder / "bad.adl"
    bad.write_text(EVALUATION.replace("ELEMENT[at0004]", "ELEMENT[at0404]"))
    done = kilde("archetype", "validate", str(good), str(bad), "--json")
    assert done.status == 1
    line = bad.read_text()[: bad.read_text().index("ELEMENT[at0404]")].count("\n") + 1
    assert [(row["file"], row["code"], row["place"]) for row in done.json] == [
        (str(bad), "ADL_VATDF", f"line {line}, column 6")
    ]


def test_an_archetype_that_is_too_large_to_read_is_not_valid(folder: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.adl"
    large.write_bytes(b" " * 5_000_001)
    done = kilde("archetype", "validate", str(folder / "evaluation.adl"), str(large), "--json")
    assert done.status == 1
    assert [(row["file"], row["expected"]) for row in done.json] == [
        (str(large), "an archetype of at most 5000000 bytes")
    ]


def test_an_archetype_is_shown_with_its_nodes(folder: Path) -> None:
    done = kilde("archetype", "show", str(folder / "evaluation.adl"), "--json")
    assert done.json["archetype_id"] == "openEHR-EHR-EVALUATION.all_values.v1"
    assert {"path": "/data[at0001]/items[at0003]", "type": "ELEMENT", "occurrences": "0..1", "text": "Weight"} in (
        done.json["nodes"]
    )
