"""The archetypes that come with Kilde: in two languages, and equal to the published models node by node.

Where a model is published, everything that data depends on has to be the published one; the explaining texts have to be
the project's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cdr import resources
from cdr.am.adl.reader import read_archetype
from cdr.am.adl.rules import check
from cdr.am.adl.writer import write_archetype
from cdr.am.archetype import Archetype
from cdr.am.constraints import CObject, TermTable, walk
from tests.support.corpus import files, shared
from tests.support.trees import dump

ARCHETYPES = sorted(resources.folder("archetypes").rglob("*.adl"))
OWN_NAMESPACE = "no.kommune"
_REPOSITORIES = {"Arketyper.no (Norwegian CKM)": "Arketyper-no+ckm", "openEHR CKM": "openEHR+CKM-mirror"}
# Where a published file names nodes with the protected wording of a test, ours say what the answer is about.
_NAMES_QUOTE_A_TEST = {"openEHR-EHR-OBSERVATION.mmse_nr3_no.v1"}

each = pytest.mark.parametrize("path", ARCHETYPES, ids=[path.stem for path in ARCHETYPES])
_PUBLISHED = [path for path in ARCHETYPES if f'<"{OWN_NAMESPACE}">' not in path.read_text(encoding="utf-8")]
each_published = pytest.mark.parametrize("path", _PUBLISHED, ids=[path.stem for path in _PUBLISHED])


@cache
def _read(path: Path) -> Archetype:
    return read_archetype(path.read_bytes())


@cache
def _published(path: Path) -> Archetype:
    """Return the published archetype that a file of ours restates, from the repository that the file names."""
    shared()
    repository = _REPOSITORIES[str(_details(_read(path))["origin"])]
    found = (
        files(path.name, repository, "local") if repository.startswith("Arketyper") else files(path.name, repository)
    )
    return _read(found[0])


def _details(archetype: Archetype) -> dict[str, object]:
    details = archetype.description["other_details"]
    assert isinstance(details, dict)
    return dict(details)


def _tables(archetype: Archetype) -> Iterator[TermTable]:
    yield archetype.terms
    yield archetype.constraint_terms


def _codes(archetype: Archetype) -> list[set[str]]:
    """Return the codes that the terms and the constraint definitions explain in the original language."""
    return [set(table.get(archetype.original_language, {})) for table in _tables(archetype)]


def _used_codes(node: CObject) -> set[str]:
    """Return every at- and ac-code that a definition mentions."""
    return {code for line in dump(node) for code in re.findall(r"'(a[ct]\d+)'", line)}


def _sentences(archetype: Archetype) -> Iterator[str]:
    """Yield the explaining texts: purposes, uses and descriptions, whatever their language."""
    for table in _tables(archetype):
        for terms in table.values():
            for term in terms.values():
                yield term.description
                yield from term.others.values()
    details = archetype.description["details"]
    assert isinstance(details, dict)
    for language in details.values():
        assert isinstance(language, dict)
        yield from (text for key in ("purpose", "use", "misuse") if isinstance(text := language.get(key), str))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def test_there_are_archetypes_of_our_own_and_published_ones() -> None:
    assert _PUBLISHED
    assert len(ARCHETYPES) > len(_PUBLISHED)


@each
def test_a_file_has_the_name_of_its_archetype_and_lies_with_its_class(path: Path) -> None:
    archetype = _read(path)
    assert path.stem == archetype.archetype_id
    assert path.parent.name == archetype.definition.rm_type.lower()


@each
def test_an_archetype_obeys_the_rules(path: Path) -> None:
    assert [issue.message for issue in check(_read(path))] == []


@each
def test_an_archetype_is_written_as_the_writer_writes_it(path: Path) -> None:
    assert write_archetype(_read(path)) == path.read_text(encoding="utf-8")


@each
def test_every_code_has_a_text_and_a_sentence_in_both_languages(path: Path) -> None:
    archetype = _read(path)
    assert set(archetype.languages) == {"nb", "en"}
    assert _used_codes(archetype.definition) <= set().union(*_codes(archetype))
    for table, codes in zip(_tables(archetype), _codes(archetype), strict=True):
        for terms in table.values():
            assert set(terms) == codes
        for language in ("nb", "en") if codes else ():
            for code, term in table[language].items():
                assert term.text.strip(), code
                assert re.fullmatch(r"\S.*\.", term.description), (code, term.description)


@each
def test_purpose_and_use_are_there_in_both_languages(path: Path) -> None:
    details = _read(path).description["details"]
    assert isinstance(details, dict)
    assert set(details) == {"nb", "en"}
    for language in details.values():
        assert isinstance(language, dict)
        assert language["purpose"]
        assert language["use"]


@each
def test_the_sources_name_the_archetype_and_its_revision(path: Path) -> None:
    archetype = _read(path)
    lines = (resources.folder("archetypes") / "SOURCES.md").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if f"`{archetype.archetype_id}`" in line]
    assert f"| {_details(archetype)['revision']} |" in line


@each_published
def test_the_definition_is_the_published_one(path: Path) -> None:
    ours, published = _read(path), _published(path)
    assert ours.archetype_id == published.archetype_id
    assert ours.concept == published.concept
    assert ours.parent_id == published.parent_id
    assert ours.adl_version == published.adl_version
    assert dump(ours.definition) == dump(published.definition)
    assert ours.invariants == published.invariants


@each_published
def test_codes_names_and_bindings_are_the_published_ones(path: Path) -> None:
    ours, published = _read(path), _published(path)
    assert _codes(ours) == _codes(published)
    language = "en" if "en" in published.terms else "nb"
    for mine, theirs in zip(_tables(ours), _tables(published), strict=True):
        names = {code: term.text.strip() for code, term in theirs.get(language, {}).items()}
        different = {code for code, name in names.items() if mine[language][code].text != name}
        assert not different or ours.archetype_id in _NAMES_QUOTE_A_TEST
    assert ours.term_bindings == published.term_bindings
    assert ours.constraint_bindings == published.constraint_bindings


@each_published
def test_revision_state_and_custodian_are_the_published_ones(path: Path) -> None:
    ours, published = _details(_read(path)), _details(_published(path))
    assert _read(path).description["lifecycle_state"] == _published(path).description["lifecycle_state"]
    for key in (
        "revision",
        "custodian_organisation",
        "custodian_namespace",
        "original_namespace",
        "original_publisher",
    ):
        assert ours[key] == published[key]


@each_published
def test_no_sentence_is_that_of_a_published_file(path: Path) -> None:
    shared()
    known: set[str] = set()
    for repository in _REPOSITORIES.values():
        for file in files(path.name, repository):
            known.update(words for text in _sentences(_read(file)) if len((words := _words(text)).split()) > 3)
    assert [text for text in _sentences(_read(path)) if _words(text) in known] == []


def test_every_node_of_a_definition_is_walked() -> None:
    """The comparison is of whole trees: `dump` gives at least a line for each node."""
    for path in ARCHETYPES:
        definition = _read(path).definition
        assert len(dump(definition)) >= len(list(walk(definition)))
