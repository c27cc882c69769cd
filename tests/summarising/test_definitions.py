"""The definitions that come with Kilde: they follow their schemas, ask legal AQL, and read nodes that archetypes have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aql.analyse import analyse
from aql.parser import parse
from cdr import resources
from cdr.errors import BadInput
from cdr.formats.summary import json_schema
from cdr.rm.catalog import CATALOG
from cdr.services.summary.definition import Definition, FactFile, installed_library, read_library, schema
from cdr.services.summary.reading import Reader, entries

FOLDER = resources.folder("templates") / "summaries"
SERVICES = sorted((FOLDER / "services").glob("*.json"))
ARCHETYPES = {path.stem: path for path in (resources.folder("archetypes")).rglob("*.adl")}

each = pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "made"),
    [("definition", schema(Definition)), ("facts", schema(FactFile)), ("summary", json_schema())],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_the_schema_beside_the_files_is_that_of_the_code(name: str, made: dict[str, Any]) -> None:
    assert _read(FOLDER / f"{name}.schema.json") == json.loads(json.dumps(made))


@each
def test_a_definition_follows_the_schema(path: Path) -> None:
    jsonschema.validate(_read(path), _read(FOLDER / "definition.schema.json"))
    assert _read(path)["key"] == path.stem


def test_the_facts_follow_the_schema() -> None:
    jsonschema.validate(_read(FOLDER / "facts.json"), _read(FOLDER / "facts.schema.json"))


@each
def test_the_queries_are_legal_and_give_compositions_of_one_resident(path: Path) -> None:
    for query in _read(path)["queries"].values():
        checked = analyse(parse(query["aql"]), CATALOG)
        assert len(checked.columns) == 1
        assert "e/ehr_id/value = $ehr_id" in query["aql"]


@each
def test_titles_are_in_norwegian_and_english_and_critical_sections_come_first(path: Path) -> None:
    definition = _read(path)
    assert set(definition["title"]) == set(definition["about"]) == {"nb", "en"}
    assert all(set(section["title"]) == {"nb", "en"} for section in definition["sections"])
    critical = [section.get("is_critical", False) for section in definition["sections"]]
    assert critical == sorted(critical, reverse=True)
    assert critical[0] is True


@each
def test_every_query_finds_the_archetypes_of_its_sections(path: Path) -> None:
    definition = _read(path)
    facts = _read(FOLDER / "facts.json")["facts"]
    for section in definition["sections"]:
        asked = definition["queries"][section["query"]]["aql"]
        for fact in section["facts"]:
            inside = facts[fact]["each"].split("[")[-1].rstrip("]") if "COMPOSITION" in facts[fact]["entry"] else ""
            assert "CONTAINS COMPOSITION c WHERE" in asked or (inside or facts[fact]["entry"]) in asked


def test_every_fact_reads_codes_that_its_archetype_has() -> None:
    facts = _read(FOLDER / "facts.json")["facts"]
    missing = []
    for key, fact in facts.items():
        for path in _paths({name: value for name, value in fact.items() if name not in ("name", "topic", "kind")}):
            inside = [fact["entry"], *re.findall(r"openEHR-EHR-[A-Z_]+\.[a-z_0-9]+\.v\d+", fact.get("each", "") + path)]
            sources = [ARCHETYPES[one].read_text(encoding="utf-8") for one in inside if one in ARCHETYPES]
            if len(sources) < len(inside):
                continue
            codes = re.findall(r"\[(at\d+)\]", path)
            missing += [(key, path) for code in codes if not any(f"[{code}]" in source for source in sources)]
    assert missing == []


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, str) and "[" in value:
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in ("codes", "words", "templates", "label"):
                yield from _paths(one)


def test_a_definition_that_names_an_unknown_fact_is_refused(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for name in ("facts.json", "concepts.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    definition = _read(SERVICES[0])
    definition["sections"][0]["facts"] = ["nothing"]
    (tmp_path / "services" / "one.json").write_text(json.dumps(definition), encoding="utf-8")
    with pytest.raises(BadInput, match="nothing"):
        read_library(tmp_path)


def test_a_definition_with_an_unknown_member_is_refused(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for name in ("facts.json", "concepts.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    definition = {**_read(SERVICES[0]), "script": "os.system"}
    (tmp_path / "services" / "one.json").write_text(json.dumps(definition), encoding="utf-8")
    with pytest.raises(BadInput, match="schema"):
        read_library(tmp_path)


def test_there_is_a_service_for_each_trial_a_clinical_summary_and_one_a_category() -> None:
    found = installed_library().definitions
    assert {"tjenesteoversikt", "diagnoser_behandling", "klinisk_oppsummering"} <= set(found)
    assert len({one.category for one in found.values() if one.category}) == 9


EXAMPLES = sorted((resources.folder("templates") / "examples").glob("*/full.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_entry_of_a_shipped_template_is_read_into_some_category_view(path: Path) -> None:
    library = installed_library()
    views = [one for one in library.definitions.values() if one.category]
    shown = tuple(dict.fromkeys(key for one in views for section in one.sections for key in section.facts))
    composition = _read(path)
    composition["uid"] = {"value": "5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11::test::1"}
    found = list(Reader(library.facts, shown, "2024-06-01").statements(composition))
    places = {one.id.partition("/")[2].partition("#")[0].partition(";")[0] for one in found}
    assert {place for place, _ in entries(composition)} <= places
    assert found or path.parent.name == "gjennomgang"
