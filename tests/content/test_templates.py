"""The templates that come with Kilde: compiled from their sources, without faults, with examples that are valid.

`KILDE_UPDATE_GOLDEN=1` compiles the sources and writes the examples anew.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from cdr import resources, rm
from cdr.am.compile import ArchetypeLibrary, compile_template
from cdr.am.findings import Level
from cdr.am.lint import lint
from cdr.am.oet import read_oet
from cdr.am.opt14 import read_opt
from cdr.am.opt14_write import write_opt
from cdr.am.template import OperationalTemplate
from cdr.formats import canonical_json, flat
from cdr.formats.flat.example import Detail, example, mapping
from cdr.issue import Severity
from cdr.validation import validate
from cdr.webtemplate import build
from cdr.webtemplate.flat_lint import flat_lint

TEMPLATES = resources.folder("templates")
SOURCES = sorted(TEMPLATES.glob("*.oet"))
ALL = resources.templates()
CATEGORIES = {
    "klinisk_oppsummering",
    "undersokelser_malinger_funn",
    "journaldokumenter",
    "kliniske_bakgrunnsopplysninger",
    "sosialt_utdanning_bolig",
    "tjenester_ytelser_hjelpemidler",
    "prosedyrer_behandlinger",
    "problem_diagnose_behov",
    "applikasjonsspesifikke_data",
}
# Where the nation keeps the truth, a template holds copies; several sources are separated by a comma and a space.
NATIONAL_SOURCES = {
    "kritisk_informasjon": "Kjernejournal",
    "legemiddelliste": "e-resept, PLL",
    "levevaner_familie": "SYSVAK",
}
IS_UPDATE = bool(os.environ.get("KILDE_UPDATE_GOLDEN"))
_NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)
_DETAILS = {"minimal": Detail.REQUIRED, "full": Detail.MEDIUM}

each_source = pytest.mark.parametrize("source", SOURCES, ids=[path.stem for path in SOURCES])
each = pytest.mark.parametrize("path", ALL, ids=[path.stem for path in ALL])
each_detail = pytest.mark.parametrize("detail", _DETAILS)


@cache
def _library() -> ArchetypeLibrary:
    return ArchetypeLibrary([resources.folder("archetypes")])


@cache
def _template(path: Path) -> OperationalTemplate:
    return read_opt(path.read_bytes())


def _example(path: Path, name: str) -> Path:
    return TEMPLATES / "examples" / path.stem / name


def _same(path: Path, made: bytes) -> None:
    """Compare a file with what it should hold, or write it when that was asked for."""
    if IS_UPDATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
    assert path.read_bytes() == made


def _errors(composition: rm.Composition, template: OperationalTemplate) -> list[str]:
    """Return what is wrong with a composition; that a value set lies with a terminology server is no fault of it."""
    issues = validate(composition, template).issues
    assert {issue.code for issue in issues if issue.severity is not Severity.ERROR} <= {"TPL_VALUE_SET_UNKNOWN"}
    return [issue.message for issue in issues if issue.severity is Severity.ERROR]


def _indented(tree: object) -> bytes:
    return json.dumps(tree, ensure_ascii=False, indent=2).encode() + b"\n"


def test_every_template_has_a_source() -> None:
    assert {path.stem for path in ALL} == {path.stem for path in SOURCES}


@each_source
def test_the_template_is_what_its_source_compiles_to(source: Path) -> None:
    compiled = compile_template(read_oet(source.read_bytes()), _library(), language="nb")
    assert [issue.message for issue in compiled.warnings] == []
    assert compiled.template.template_id == f"no.kommune.{source.stem}.v1"
    assert set(compiled.template.languages) == {"nb", "en"}
    _same(source.with_suffix(".opt"), write_opt(compiled.template))


@each
def test_lint_has_no_warnings(path: Path) -> None:
    template = _template(path)
    found = [*lint(template), *flat_lint(template)]
    assert [(one.path, one.expected) for one in found if one.rule.level is Level.WARNING] == []


@each
def test_a_template_names_its_category_and_its_national_source(path: Path) -> None:
    details = _template(path).description.other_details
    assert details["category"] in CATEGORIES
    assert details.get("national_source", "") == NATIONAL_SOURCES.get(path.stem, "")


@each_detail
@each
def test_the_flat_example_is_that_of_the_template_and_valid(path: Path, detail: str) -> None:
    template = _template(path)
    built = build(template)
    file = _example(path, f"{detail}.flat.json")
    _same(file, _indented(mapping(built, template, detail=_DETAILS[detail])))
    composition = flat.decode(json.loads(file.read_bytes()), built, template, now=_NOW)
    assert _errors(composition, template) == []


@each_detail
@each
def test_the_canonical_example_is_that_of_the_template_and_valid(path: Path, detail: str) -> None:
    template = _template(path)
    file = _example(path, f"{detail}.json")
    made = canonical_json.encode(example(build(template), template, detail=_DETAILS[detail]))
    _same(file, _indented(json.loads(made)))
    assert _errors(canonical_json.decode(file.read_bytes(), rm.Composition), template) == []


@each
def test_both_forms_of_an_example_say_the_same(path: Path) -> None:
    template = _template(path)
    for detail in _DETAILS:
        written = json.loads(_example(path, f"{detail}.flat.json").read_bytes())
        composition = flat.decode(written, build(template), template, now=_NOW)
        kept = canonical_json.decode(_example(path, f"{detail}.json").read_bytes(), rm.Composition)
        assert canonical_json.encode(composition) == canonical_json.encode(kept)


def test_no_example_lies_there_without_its_template() -> None:
    folders = {folder.name for folder in (TEMPLATES / "examples").iterdir()}
    assert folders == {path.stem for path in ALL}
