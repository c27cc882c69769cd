"""Synthetic lives: the same for the same seed, valid, and with the awkward cases that real records have."""

from __future__ import annotations

from functools import cache

import pytest

from cdr import resources, rm
from cdr.am.opt14 import read_opt
from cdr.formats import canonical_json
from cdr.validation import validate
from cli.demo.residents import TODAY
from cli.demo.town.composing import composition_json
from cli.demo.town.lives.codes import ICD_10, ICPC_2, ONGOING
from cli.demo.town.lives.life import lives
from cli.demo.town.sources import SOURCES
from cli.demo.town.statements import (
    Allergy,
    Coded,
    Decision,
    Diagnosis,
    Document,
    E,
    Exclusion,
    Life,
    Pressure,
    State,
)

SEED = 11
COUNT = 120


@cache
def _town() -> tuple[Life, ...]:
    return tuple(lives(COUNT, seed=SEED))


def _documents(life: Life) -> list[tuple[str, Document]]:
    """Return the documents of all versions with their keys."""
    return [(one.key, version.document) for one in life.records for version in one.versions if version.document]


def _shown(life: Life, kind: type[E]) -> list[tuple[Document, E]]:
    return [(document, entry) for _, document in life.shown() for entry in document.of(kind)]


def test_the_same_seed_writes_the_same_bytes() -> None:
    first, second = (
        [composition_json(document, key) for life in lives(5, seed=3) for key, document in _documents(life)]
        for _ in range(2)
    )
    assert first == second


def test_more_residents_begin_with_the_same_lives() -> None:
    assert list(lives(3, seed=SEED)) == list(_town()[:3])


def test_every_document_is_valid() -> None:
    templates = {path.stem: read_opt(path.read_bytes()) for path in resources.templates()}
    for life in _town()[:40]:
        for key, document in _documents(life):
            composition = canonical_json.decode(composition_json(document, key), rm.Composition)
            assert validate(composition, templates[document.template]).issues == (), document.template


def test_all_categories_and_sources_are_there() -> None:
    written = [document for life in _town() for _, document in _documents(life)]
    assert {document.source for document in written} == set(SOURCES)
    templates = {
        document.template: read_opt(_opt(document)) for document in {one.template: one for one in written}.values()
    }
    categories = {template.description.other_details["category"] for template in templates.values()}
    assert len(categories) == 9


def _opt(document: Document) -> bytes:
    return (resources.folder("templates") / f"{document.template}.opt").read_bytes()


def test_a_composition_says_which_system_it_comes_from_and_what_it_is_a_copy_of() -> None:
    copied = set()
    for life in _town()[:40]:
        for key, document in _documents(life):
            audit = canonical_json.decode(composition_json(document, key), rm.Composition).feeder_audit
            assert audit is not None and audit.originating_system_audit is not None
            assert audit.originating_system_audit.system_id == document.source == key.partition("/")[0]
            assert [item.id for item in audit.originating_system_item_ids or ()] == [key]
            assert audit.original_content is not None
            if audit.feeder_system_audit is not None:
                copied.add((document.template, audit.feeder_system_audit.system_id))
    assert copied == {
        ("kritisk_informasjon", "Kjernejournal"),
        ("legemiddelliste", "e-resept"),
        ("levevaner_familie", "SYSVAK"),
    }


def test_keys_and_times_of_a_life_are_its_own() -> None:
    for life in _town():
        keys = [record.key for record in life.records]
        assert len(set(keys)) == len(keys)
        starts = [record.versions[0].document.start for record in life.records if record.versions[0].document]
        assert starts == sorted(starts, key=lambda one: one[:10])


def test_nothing_is_in_the_future() -> None:
    assert all(document.start[:10] <= TODAY.isoformat() for life in _town() for _, document in _documents(life))


def test_one_illness_has_codes_of_two_systems() -> None:
    found = 0
    for life in _town():
        systems = {entry.name.system for _, entry in _shown(life, Diagnosis) if isinstance(entry.name, Coded)}
        found += systems == {ICPC_2, ICD_10}
    assert found > COUNT / 8


def test_an_allergy_is_contradicted_by_a_newer_source() -> None:
    found = 0
    for life in _town():
        allergic = [document.start for document, entry in _shown(life, Allergy) if entry.kind]
        denied = [one.start for one, entry in _shown(life, Exclusion) if entry.about_what == "allergies"]
        found += bool(allergic) and bool(denied) and max(denied) > min(allergic)
    assert found


def test_a_service_has_two_active_decisions() -> None:
    found = 0
    for life in _town():
        active = [
            service.kind
            for _, entry in _shown(life, Decision)
            for service in entry.services
            if service.status == ONGOING
        ]
        found += len(set(active)) < len(active)
    assert found


@pytest.mark.parametrize(
    "states",
    [
        (State.COMPLETE, State.COMPLETE),
        (State.COMPLETE, State.DELETED),
        (State.COMPLETE, State.DRAFT),
        (State.DRAFT,),
    ],
    ids=["corrected", "deleted", "draft of a correction", "draft"],
)
def test_records_are(states: tuple[State, ...]) -> None:
    assert any(
        tuple(version.state for version in record.versions) == states for life in _town() for record in life.records
    )


def test_dates_are_partial() -> None:
    lengths = {len(entry.onset) for life in _town() for _, entry in _shown(life, Diagnosis) if entry.onset}
    assert {4, 7, 10} <= lengths


def test_parts_are_missing() -> None:
    shown = [document for life in _town() for _, document in life.shown()]
    assert any(document.facility is None for document in shown)
    assert any(entry.diastolic is None for life in _town() for _, entry in _shown(life, Pressure))
    assert any(isinstance(entry.name, str) for life in _town() for _, entry in _shown(life, Diagnosis))


def test_some_entries_are_about_somebody_else() -> None:
    assert any(entry.about for life in _town() for _, entry in _shown(life, Diagnosis))


def test_a_deleted_record_shows_nothing_and_a_draft_what_was_before() -> None:
    for life in _town():
        for record in life.records:
            states = [version.state for version in record.versions]
            if states[-1] is State.DELETED:
                assert record.shown is None
            if states == [State.COMPLETE, State.DRAFT]:
                assert record.shown is record.versions[0].document
