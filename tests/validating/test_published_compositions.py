"""The published compositions are valid for their templates, but for those listed, each with the rules that it breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.formats import canonical_json, canonical_xml
from cdr.issue import errors_of
from cdr.validation import validate
from tests.support.corpus import shared
from tests.support.published import compositions, templates_for, verdict

COMPOSITIONS = compositions()
REFUSED: dict[str, list[str]] = json.loads((Path(__file__).parent / "refused_compositions.json").read_bytes())

# Data that their repository publishes to be refused: file, code, and the path that has to be named.
MEANT = [
    ("rm_validation/0_alternative_types.en.v1_000052_1.json", "RM_HISTORY_EVENTS_VALID", "/data[at0001]/events"),
    ("rm_validation/10_alternative_types.en.v1_000010_1.json", "RM_COMPOSITION_CONTENT_VALID", "/content"),
    ("rm_validation/data_validation_admin_2.json", "TPL_OCCURRENCES", "/data[at0001]/items[at0002]"),
    ("rm_validation/data_validation_admin_3.json", "TPL_CARDINALITY", "/data[at0001]/items[at0004]/items"),
    ("rm_validation/data_validation_admin_4.json", "TPL_CARDINALITY", "/data[at0001]/items[at0004]/items"),
    (
        "rm_validation/data_validation_evaluation_3.json",
        "TPL_TERMINOLOGY",
        "/items[at0007]/value/defining_code/terminology_id",
    ),
    ("canonical_json/invalid/admin.json", "RM_MISSING", "/name"),
]


def test_the_published_compositions_are_there() -> None:
    shared("data")
    assert len(COMPOSITIONS) > 180
    assert set(REFUSED) <= {name for name, _ in COMPOSITIONS}


@pytest.mark.parametrize(("name", "path"), COMPOSITIONS, ids=[name for name, _ in COMPOSITIONS])
def test_a_published_composition_is_valid_or_breaks_known_rules(name: str, path: Path) -> None:
    assert verdict(path) == REFUSED.get(name, [])


@pytest.mark.parametrize(("file", "code", "place"), MEANT, ids=[file for file, _, _ in MEANT])
def test_what_is_published_as_wrong_is_reported_at_its_place(file: str, code: str, place: str) -> None:
    shared("data")
    path = next(path for name, path in COMPOSITIONS if name.endswith(file))
    composition = canonical_json.decode(path.read_bytes(), rm.Composition)
    reports = [errors_of(validate(composition, template).issues) for template in templates_for(path)]
    found = min(reports, key=len)
    assert [(issue.code, issue.path.endswith(place)) for issue in found if issue.code == code][:1] == [(code, True)]


@pytest.mark.parametrize(("name", "path"), COMPOSITIONS, ids=[name for name, _ in COMPOSITIONS])
def test_a_draft_of_a_valid_composition_is_valid(name: str, path: Path) -> None:
    if name in REFUSED:
        assert verdict(path)
        return
    composition = canonical_json.decode(path.read_bytes(), rm.Composition)
    assert any(validate(composition, template, is_draft=True).is_valid for template in templates_for(path))


def test_a_coded_text_with_a_wrong_text_is_reported_at_its_place() -> None:
    folder = shared("data", "ehrbase+openEHR_SDK", "validation", "src", "test", "resources")
    template = read_opt((folder / "operational_templates" / "IDCR - Adverse Reaction List.v1.opt").read_bytes())
    found: dict[str, list[tuple[str, str]]] = {}
    for name in ("IDCR - Adverse Reaction List.v1.xml", "IDCR - Adverse Reaction List Bad Coded Value.v1.xml"):
        composition = canonical_xml.decode((folder / "composition" / name).read_bytes(), rm.Composition)
        errors = errors_of(validate(composition, template).issues)
        found[name] = [(issue.code, issue.path.rpartition("/items")[2]) for issue in errors]
    good, bad = found.values()
    # The template's id has two spaces where the compositions have one.
    assert good == [("TPL_TEMPLATE", "/archetype_details/template_id")]
    assert bad == [*good, ("TPL_RUBRIC", "[at0021]/value/value")]
