"""The templates that come with Kilde: of the right form, true to the archetypes, in two languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from cdr import resources, rm
from cdr.am.constraints import CArchetypeRoot, walk
from cdr.am.opt14 import read_opt
from cdr.formats.canonical_json import decode
from cdr.validation import validate
from cli.demo.load import lines_of
from cli.demo.residents import SEED, residents
from cli.demo.vitals import TEMPLATE_ID
from tests.support.corpus import shared

NS = {"o": "http://schemas.openehr.org/v1"}
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
TEMPLATES = resources.templates()
SCHEMA = ("data", "ehrbase+openEHR_SDK", "opt-1.4", "src", "main", "xsd", "Template.xsd")

named = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)


def _archetypes(path: Path) -> dict[str, etree._Element]:
    """Return the archetype roots of a template by archetype id."""
    roots = etree.parse(path).xpath("//*[o:archetype_id]", namespaces=NS)
    return {root.findtext("o:archetype_id/o:value", namespaces=NS): root for root in roots}


def _own_codes(root: etree._Element) -> set[str]:
    """Return the codes of one archetype that its nodes and value sets use, without those of archetypes below."""
    found: set[str] = set()
    for child in root:
        if child.get(TYPE) == "C_ARCHETYPE_ROOT":
            continue
        if child.tag.endswith(("}node_id", "}code_list")) and (child.text or "").startswith("at"):
            found.add(str(child.text))
        found |= _own_codes(child)
    return found


def test_there_are_templates() -> None:
    assert TEMPLATES


@named
def test_a_template_follows_the_schema(path: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared(*SCHEMA)))
    schema.validate(etree.parse(path))
    assert [f"line {error.line}: {error.message}" for error in schema.error_log] == []


@named
def test_a_template_says_where_its_facts_come_from(path: Path) -> None:
    sources = (path.parent / "SOURCES.md").read_text(encoding="utf-8")
    assert path.name in sources
    assert [archetype for archetype in _archetypes(path) if archetype not in sources] == []


@named
def test_every_code_has_a_text_in_both_languages(path: Path) -> None:
    for root in walk(read_opt(path.read_bytes()).root):
        if isinstance(root, CArchetypeRoot):
            used = _own_codes(_archetypes(path)[root.archetype_id])
            for language in ("nb", "en"):
                terms = root.term_definitions[language]
                assert used <= set(terms), (root.archetype_id, language)
                assert all(term.text.strip() and term.description.strip() for term in terms.values())
            assert set(root.term_definitions["nb"]) == set(root.term_definitions["en"])


@named
def test_a_template_uses_only_nodes_of_its_archetypes(path: Path) -> None:
    for archetype, root in _archetypes(path).items():
        text = _source(archetype)
        definition = text[text.index("\ndefinition") : text.index("\nontology")]
        known = set(re.findall(r"\bat\d+(?:\.\d+)*\b", definition))
        assert _own_codes(root) - known == set(), archetype


@named
def test_a_template_keeps_the_units_of_its_archetypes(path: Path) -> None:
    for archetype, root in _archetypes(path).items():
        allowed = set(re.findall(r'units = <"([^"]+)">', _source(archetype)))
        own = {unit for child in root for unit in _units(child)}
        assert own <= allowed, archetype


def _source(archetype: str) -> str:
    """Return the text of an archetype; that it states the published facts is proved where archetypes are tested."""
    (file,) = resources.folder("archetypes").rglob(f"{archetype}.adl")
    return file.read_text(encoding="utf-8")


def test_synthetic_records_are_valid() -> None:
    (path,) = [path for path in TEMPLATES if TEMPLATE_ID in path.read_text(encoding="utf-8")]
    template = read_opt(path.read_bytes())
    count = 0
    for resident in residents(40):
        for line in lines_of(resident, seed=SEED):
            body = line[line.index(b'"composition": ') + len(b'"composition": ') : -1]
            report = validate(decode(body, rm.Composition), template)
            assert report.issues == ()
            count += 1
    assert count > 100


def _units(element: etree._Element) -> set[str]:
    """Return the units below an element, without those of archetypes below."""
    if element.get(TYPE) == "C_ARCHETYPE_ROOT":
        return set()
    own = {str(element.text)} if element.tag.endswith("}units") else set()
    return own.union(*(_units(child) for child in element))
