"""Mapping files: those that come with Kilde fit their templates and do what their examples show; bad ones are refused."""

from __future__ import annotations

import copy
import json
import os
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cdr import resources
from cdr.am.code_systems import CODE_SYSTEMS
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput, NotFound
from cdr.formats import flat
from cdr.formats.mapping import Mapped, Mapping, apply, load_mapping
from cdr.formats.mapping.load import check_targets
from cdr.formats.mapping.paths import canonical, read_path
from cdr.issue import errors_of
from cdr.receipts import Envelope
from cdr.services.receive.sources import MappingLibrary
from cdr.services.receive.split import items_of
from cdr.terminology.local import bundled_terminology
from cdr.validation import validate
from cdr.webtemplate import WebTemplate, build
from tests.receiving.messages import Json, as_bytes, bundle, condition, decision, decisions
from tests.support.corpus import shared

FOLDER = resources.folder("templates") / "mappings"
SCHEMA = FOLDER / "mapping.schema.json"
MAPPINGS = sorted(path for path in FOLDER.glob("*.json") if path != SCHEMA)
TODAY = date(2024, 6, 1)


@cache
def templates() -> dict[str, tuple[OperationalTemplate, WebTemplate]]:
    found = [read_opt(path.read_bytes()) for path in resources.templates()]
    return {template.template_id: (template, build(template)) for template in found}


@cache
def mapping_named(name: str) -> Mapping:
    return load_mapping((FOLDER / f"{name}.json").read_bytes(), name=name)


def example_of(name: str) -> Path:
    return next(path for path in (FOLDER / "examples").glob(f"{name}.*") if not path.name.endswith(".flat.json"))


def mapped(name: str, body: bytes, *, media: str = "application/fhir+json") -> Mapped:
    """Return what a mapping makes of the only item of a message."""
    mapping = mapping_named(name)
    (item,) = items_of(body, Envelope(media=media), mappings=[mapping], today=TODAY)
    assert item.issues == ()
    return apply(mapping, item.record, place=item.place, today=TODAY, follow=item.follow)


def test_the_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_there_is_a_mapping_for_every_kind_of_resource_that_is_received() -> None:
    resources_mapped = {mapping_named(path.stem).records.resource for path in MAPPINGS}
    wanted = {"Condition", "Procedure", "AllergyIntolerance", "MedicationStatement", "MedicationRequest"}
    assert wanted <= resources_mapped


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_every_target_is_a_key_of_the_template(path: Path) -> None:
    mapping = mapping_named(path.stem)
    template, web_template = templates()[mapping.template_id]
    assert check_targets(mapping, web_template, template) == []


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_the_example_gives_the_keys_beside_it(path: Path) -> None:
    example = example_of(path.stem)
    media = "text/csv" if example.suffix == ".csv" else "application/fhir+json"
    found = mapped(path.stem, example.read_bytes(), media=media)
    assert found.issues == []
    assert found.flat == json.loads((FOLDER / "examples" / f"{path.stem}.flat.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_the_keys_of_the_example_make_a_valid_composition(path: Path) -> None:
    keys = json.loads((FOLDER / "examples" / f"{path.stem}.flat.json").read_text(encoding="utf-8"))
    template, web_template = templates()[mapping_named(path.stem).template_id]
    said = {"ctx/language": "nb", "ctx/territory": "NO", f"{web_template.root.id}/composer|name": "K", **keys}
    composition = flat.decode(said, web_template, template, now=datetime(2024, 6, 1, tzinfo=UTC))
    report = validate(composition, template, terminology=bundled_terminology())
    assert errors_of(report.issues) == []


def broken(**changes: object) -> bytes:
    document = json.loads((FOLDER / "fhir_no_known_allergy.json").read_text(encoding="utf-8"))
    return json.dumps({**document, **changes}).encode()


def test_a_misspelt_target_is_named_with_the_nearest_key() -> None:
    document = json.loads((FOLDER / "fhir_condition_bundle.json").read_text(encoding="utf-8"))
    changed = copy.deepcopy(document)
    rule = next(rule for rule in changed["set"] if rule.get("to", "").endswith("/sist_oppdatert"))
    rule["to"] = rule["to"].replace("sist_oppdatert", "sist_oppdatret")
    template, web_template = templates()[document["template"]]
    (issue,) = check_targets(load_mapping(json.dumps(changed).encode()), web_template, template)
    assert issue.path.endswith("sist_oppdatret")
    assert "problem_diagnose/sist_oppdatert" in issue.expected


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (b"{", "$"),
        (b"[]", "$"),
        (broken(version="1"), "$.version"),
        (broken(code="import os"), "$"),
        (broken(set=[{"to": "a", "from": "b", "as": "python"}]), "$.set[0]"),
        (broken(set=[{"to": "a", "from": "b..c", "as": "text"}]), "$.set[0].from"),
        (broken(set=[{"to": "a", "from": "b[c", "as": "text"}]), "$.set[0].from"),
        (broken(set=[{"to": "a:#", "from": "b", "as": "text"}]), "$.set[0].to"),
        (broken(set=[{"to": "a", "from": "b", "as": "code"}]), "$.set[0]"),
        (broken(mapping="another"), "$.mapping"),
    ],
)
def test_a_mapping_that_breaks_its_schema_is_refused_with_the_place(source: bytes, place: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_mapping(source, name="fhir_no_known_allergy")
    assert place in [issue.path for issue in caught.value.issues]


def test_code_system_aliases_become_one_uri() -> None:
    aliases = (
        "ICPC-2",
        "urn:oid:2.16.578.1.12.4.1.1.7170",
        "2.16.578.1.12.4.1.1.7170",
        "http://hl7.org/fhir/sid/icpc-2",
    )
    found = {
        mapped(
            "fhir_condition_bundle",
            as_bytes(bundle(condition(code={"coding": [{"system": alias, "code": "T90"}], "text": "Diabetes"}))),
        ).flat["diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn|terminology"]
        for alias in aliases
    }
    assert found == {"http://hl7.org/fhir/sid/icpc-2"}


def test_all_aliases_of_the_code_systems_in_use_are_known() -> None:
    facts = json.loads((shared() / "modelling" / "categories.json").read_text(encoding="utf-8"))["terminologies"]
    for facts_of_one in facts.values():
        if facts_of_one["uri"] == "openehr":
            continue
        assert facts_of_one["uri"] in CODE_SYSTEMS
        for alias in facts_of_one["aliases"]:
            assert canonical(alias) == facts_of_one["uri"]


def test_every_field_of_the_two_source_tables_is_read() -> None:
    facts = json.loads((shared() / "modelling" / "categories.json").read_text(encoding="utf-8"))["sources"]
    columns = next(source["csv_header"] for source in facts if source["key"] == "vedtak_csv").split(";")
    assert list(mapping_named("vedtak_csv").records.columns) == columns
    text = (FOLDER / "vedtak_csv.json").read_text(encoding="utf-8")
    for column in columns:
        assert text.count(f'"{column}"') + text.count(f'rows.{column}"') >= 2, column


@pytest.mark.parametrize(
    ("status", "keys"),
    [
        ("active", {"aktiv_inaktiv|code": "at0026"}),
        ("recurrence", {"aktiv_inaktiv|code": "at0026", "forekomst|code": "at0096"}),
        ("relapse", {"aktiv_inaktiv|code": "at0026", "bedringsfase|code": "at0097"}),
        ("inactive", {"aktiv_inaktiv|code": "at0027"}),
        ("remission", {"aktiv_inaktiv|code": "at0027", "remisjonsstatus|code": "at0090"}),
        (
            "resolved",
            {"aktiv_inaktiv|code": "at0027", "bedringsfase|code": "at0084", "nåværende_tidligere|code": "at0061"},
        ),
    ],
)
def test_the_clinical_status_is_mapped_as_the_table_says(status: str, keys: Json) -> None:
    body = as_bytes(bundle(condition(clinicalStatus={"coding": [{"code": status}]}, verificationStatus=None)))
    found = mapped("fhir_condition_bundle", body).flat
    below = "diagnosehistorikk/problem_diagnose:0/problem_diagnose-kvalifikator/"
    assert {key.removeprefix(below): value for key, value in found.items() if key.startswith(below)} == keys


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "AVSLUTTET"}, "at0045"),
        ({"slutt_dato": "31.05.2024"}, "at0045"),
        ({"stans_fra": "01.05.2024"}, "at0044"),
        ({"stans_fra": "01.05.2024", "stans_til": "10.05.2024"}, "at0043"),
        ({"start_dato": "02.06.2024"}, "at0042"),
        ({"start_dato": "01.06.2024"}, "at0043"),
    ],
)
def test_the_status_of_a_service_is_derived_where_the_column_is_empty(changes: dict[str, str], status: str) -> None:
    found = mapped("vedtak_csv", decisions(decision(**changes)), media="text/csv").flat
    assert [value for key, value in found.items() if key.endswith("kommunal_tjeneste:0/status|code")] == [status]


@pytest.mark.parametrize(
    ("extent", "unit", "keys"),
    [
        ("2,5", "t/uke", {"tildelt_mengde|magnitude": 2.5, "tildelt_mengde|unit": "h/wk"}),
        ("90", "min/uke", {"tildelt_mengde|magnitude": 90, "tildelt_mengde|unit": "min/wk"}),
        ("8", "t/mnd", {"tildelt_mengde|magnitude": 2, "tildelt_mengde|unit": "h/wk"}),
        ("4", "døgn/mnd", {"tildelt_mengde|magnitude": 4, "tildelt_mengde|unit": "d/mo"}),
        ("etter avtale", "", {"omfang_som_tekst": "etter avtale"}),
        ("3", "bøtter", {"omfang_som_tekst": "3 bøtter"}),
    ],
)
def test_the_extent_of_a_service_is_a_quantity_or_a_text(extent: str, unit: str, keys: Json) -> None:
    found = mapped("vedtak_csv", decisions(decision(omfang=extent, omfang_enhet=unit)), media="text/csv").flat
    assert {key.rsplit("/", 1)[1]: value for key, value in found.items() if "/omfang/" in key} == keys


def test_a_service_without_an_id_gets_one_of_its_decision_and_row() -> None:
    rows = decisions(decision(tjeneste_id=""), decision(tjeneste_id=""))
    found = mapped("vedtak_csv", rows, media="text/csv").flat
    assert [value for key, value in found.items() if key.endswith("tjeneste-id|id")] == ["V-1-1", "V-1-2"]


def test_paths_say_what_they_mean() -> None:
    record = {"a": [{"k": "x", "v": 1}, {"k": "y", "v": 2}], "b": {"c": ""}, "d": None}
    cases = {
        "a.v": [1, 2],
        "a[1].v": [2],
        "a[k=y].v": [2],
        "a[k=z].v | b.c | a[0].v": [1],
        "b.c": [],
        "d": [],
        "missing.x": [],
    }
    for text, expected in cases.items():
        assert read_path(text).values(record, root=record, follow=lambda reference, holder: None) == expected, text


def test_a_mapping_of_ones_own_is_read_again_when_its_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cdr.services.receive.sources._FRESH_SECONDS", 0.0)
    library = MappingLibrary(tmp_path)
    file = tmp_path / "fhir_allergy.json"
    document = json.loads((FOLDER / "fhir_allergy.json").read_text(encoding="utf-8"))
    shipped = library.mapping("fhir_allergy")
    for number, version in enumerate(("2.0.0", "3.0.0")):
        file.write_text(json.dumps({**document, "version": version}), encoding="utf-8")
        os.utime(file, ns=(number, number))
        assert library.mapping("fhir_allergy").version == version
    file.unlink()
    assert library.mapping("fhir_allergy") == shipped
    assert "fhir_allergy" in library.names()
    with pytest.raises(NotFound):
        library.mapping("../fhir_allergy")
