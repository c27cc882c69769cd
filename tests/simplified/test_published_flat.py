"""FLAT and STRUCTURED files that other servers have published: read, written again, compared with canonical data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cdr import rm
from cdr.errors import BadInput
from cdr.formats import canonical_json, canonical_xml, flat, structured
from tests.simplified.gold import BETTER, INTEGRATION, SDK, read_json, template_at, templates_by_root, tree
from tests.support.corpus import files, names, shared

_NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)
_CONFORMANCE = files(
    "*.json",
    "ehrbase+openEHR_SDK",
    "test-data",
    "src",
    "main",
    "resources",
    "composition",
    "flat",
    "simSDT",
    "conformance",
)
_TRIPLES = [path.stem for path in files("*.json", *BETTER.split("/")[1:], "compatibility", "compositions", "flat")]

_INPUTS = [path.stem for path in files("*.json", *BETTER.split("/")[1:], "compatibility", "compositions", "input")]


@pytest.mark.parametrize("path", _CONFORMANCE, ids=list(names(_CONFORMANCE)))
def test_conformance_file_comes_back_with_the_same_keys_and_values(path: Path) -> None:
    web_template, template = template_at(f"{SDK}/operationaltemplate/conformance_ehrbase.de.v0.opt")
    keys = read_json(path)
    composition = flat.decode(keys, web_template, template, now=_NOW)
    assert flat.encode(composition, web_template, template) == keys


@pytest.mark.parametrize(
    ("name", "template_name"),
    [
        ("corona", "corona_anamnese"),
        ("corona_with_feeder_audit", "corona_anamnese"),
        ("corona_with_other_participation", "corona_anamnese"),
        ("AlternativeEvents", "AlternativeEvents"),
        ("AlternativeEvents2", "AlternativeEvents"),
        ("ism_missing_transition", "test-ism.vitagroup.de.v1"),
        ("ism_wrong_current_state", "test-ism.vitagroup.de.v1"),
        ("ehrb_adbm_op_consult_record", "EHRN-ABDM-OPConsultRecord.v2.0"),
    ],
)
def test_sdk_file_comes_back_with_the_same_keys_and_values(name: str, template_name: str) -> None:
    web_template, template = template_at(f"{SDK}/operationaltemplate/{template_name}.opt")
    keys = read_json(shared(*f"{SDK}/composition/flat/simSDT/{name}.json".split("/")))
    composition = flat.decode(keys, web_template, template, now=_NOW)
    assert flat.encode(composition, web_template, template) == {
        key: value for key, value in keys.items() if value != ""
    }


def test_raw_stands_for_the_keys_it_replaces() -> None:
    web_template, template = template_at(f"{SDK}/operationaltemplate/corona_anamnese.opt")
    folder = f"{SDK}/composition/flat/simSDT"
    keys = {name: read_json(shared(*f"{folder}/{name}.json".split("/"))) for name in ("corona", "corona_with_raw")}
    made = {name: flat.decode(keys[name], web_template, template, now=_NOW) for name in keys}
    written = {name: flat.encode(made[name], web_template, template) for name in made}
    assert len(written["corona_with_raw"]) > len(keys["corona_with_raw"])
    event = "bericht/risikogebiet/reisefall:0/beliebiges_intervallereignis:0/letzte_reise|code"
    assert written["corona_with_raw"][event] == "at0006"


def test_structured_sdk_file_gives_the_composition_of_its_flat_twin() -> None:
    web_template, template = template_at(f"{SDK}/operationaltemplate/corona_anamnese.opt")
    nested = read_json(shared(*f"{SDK}/composition/flat/structured/corona.json".split("/")))
    keys = read_json(shared(*f"{SDK}/composition/flat/simSDT/corona.json".split("/")))
    first = structured.decode(nested, web_template, template, now=_NOW)
    assert tree(first) == tree(flat.decode(keys, web_template, template, now=_NOW))


# The triples were written by a server of this dialect; what its FLAT files do not carry:
_REASONS = {
    "/external_ref/type": "ANY is no PARTY_REF.type of the RM, and the files do not say it; PARTY is written",
    "/uid/_type": "the files type a version uid as HIER_OBJECT_ID",
}


def _differences(left: Any, right: Any, path: str = "") -> Iterator[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in left.keys() | right.keys():
            yield from _differences(left.get(key), right.get(key), f"{path}/{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for first, second in zip(left, right, strict=True):
            yield from _differences(first, second, path)
    elif left != right:
        yield path


def _triple(stem: str) -> tuple[dict[str, Any], dict[str, Any], rm.Composition, Any]:
    folder = f"{BETTER}/compatibility"
    name = stem.partition("(")[0]
    source = f"{folder}/templates/{name}.xml"
    if name == "Falls care plan":
        source = f"{BETTER}/convert/templates/{name}.opt"
    keys = read_json(shared(*f"{folder}/compositions/flat/{stem}.json".split("/")))
    nested = read_json(shared(*f"{folder}/compositions/structured/{stem}.json".split("/")))
    raw = shared(*f"{folder}/compositions/raw/{stem}.xml".split("/")).read_bytes()
    return keys, nested, canonical_xml.decode(raw, rm.Composition), template_at(source)


@pytest.mark.parametrize("stem", _TRIPLES)
def test_flat_file_gives_the_raw_composition(stem: str) -> None:
    keys, _, raw, (web_template, template) = _triple(stem)
    made = flat.decode(keys, web_template, template, now=_NOW, dialect=flat.BETTER)
    unexplained = [path for path in _differences(tree(raw), tree(made)) if not path.endswith(tuple(_REASONS))]
    assert unexplained == []


@pytest.mark.parametrize("stem", _TRIPLES)
def test_structured_file_gives_the_raw_composition(stem: str) -> None:
    _, nested, raw, (web_template, template) = _triple(stem)
    made = structured.decode(nested, web_template, template, now=_NOW, dialect=flat.BETTER)
    expected, got = tree(raw), tree(made)
    # The nested files write 12:14, the others 12:14:00, of the same moment.
    unexplained = [
        path
        for path in _differences(_whole_minutes(expected), _whole_minutes(got))
        if not path.endswith(tuple(_REASONS))
    ]
    assert unexplained == []


def _whole_minutes(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole_minutes(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_whole_minutes(member) for member in value]
    if isinstance(value, str) and value[4:5] == "-" and value[16:20] == ":00+":
        return value[:16] + value[19:]
    return value


@pytest.mark.parametrize("stem", _INPUTS)
def test_input_of_a_form_gives_the_raw_composition(stem: str) -> None:
    _, _, raw, (web_template, template) = _triple(stem)
    sent = read_json(shared(*f"{BETTER}/compatibility/compositions/input/{stem}.json".split("/")))
    made = structured.decode(sent, web_template, template, now=_NOW, dialect=flat.BETTER)
    different = set(_differences(_whole_minutes(tree(raw)), _whole_minutes(tree(made))))
    assert {path for path in different if not path.endswith(tuple(_REASONS))} == set()


@pytest.mark.parametrize("stem", _TRIPLES)
def test_raw_composition_gives_the_flat_file(stem: str) -> None:
    keys, _, raw, (web_template, template) = _triple(stem)
    written = flat.encode(raw, web_template, template, dialect=flat.BETTER)
    # A type of reference that is not PARTY is not in the files.
    assert {key: value for key, value in written.items() if not key.endswith("|id_type")} == keys


@pytest.mark.parametrize("stem", _TRIPLES)
def test_raw_composition_gives_the_structured_file(stem: str) -> None:
    _, nested, raw, (web_template, template) = _triple(stem)
    written = structured.flatten(structured.encode(raw, web_template, template, dialect=flat.BETTER))
    assert _spelt_alike(written) == _spelt_alike(structured.flatten(nested))


def _spelt_alike(keys: dict[str, Any]) -> dict[str, Any]:
    """Return keys without what the nested files spell in a second way: minutes, `|value` beside a proportion's parts,
    and the feeder audit of a form, which `ctx/generic_fields` stands for."""
    return {
        key.removesuffix("|value") if key.removesuffix("|value") + "|numerator" in keys else key: _whole_minutes(value)
        for key, value in keys.items()
        if not key.endswith("|id_type") and "/_feeder_audit" not in key and key != "ctx/generic_fields"
    }


@pytest.mark.parametrize("stem", _TRIPLES)
def test_nesting_and_flattening_a_published_file_gives_it_back(stem: str) -> None:
    keys, _, _, (web_template, template) = _triple(stem)
    again = structured.flatten(structured.nest(keys))
    first = flat.decode(keys, web_template, template, now=_NOW)
    assert tree(flat.decode(again, web_template, template, now=_NOW)) == tree(first)


_FLAT = [*files("*.json", *INTEGRATION.split("/")[1:], "compositions", "FLAT"), *files("*.json", *INTEGRATION.split("/")[1:], "compositions", "STRUCTURED"), *files("*", "openEHR+specifications-CNF", "tests", "platform", "robot", "_resources", "test_data_sets", "flat_compositions")]  # fmt: skip

_NEST = "nesting/nested/nested/current_activity/ordinal"
_CONTEXT = "persistent_minimal/context"
_DATE = "test_all_types/test_all_types3/section_2/section_3/test_all_types/current_activity/partial_date"
_DATE_IN_PARTS = [
    ("FLAT_UNKNOWN_KEY", f"{_DATE}/year"),
    ("FLAT_UNKNOWN_KEY", f"{_DATE}/month"),
    # A code of a list that is open, without its text.
    ("FLAT_CODE", "test_all_types/test_all_types/coded_text|value"),
]

# Files with keys that no template and no specification knows: they are refused, and this is what is said.
_REFUSED: dict[str, list[tuple[str, str]]] = {
    "nested.en.v1__full.json": [("FLAT_UNKNOWN_KEY", f"{_NEST}|terminology_id")],
    # A persistent composition whose template has no context.
    "persistent_minimal.en.v1__full.json": [
        ("FLAT_UNKNOWN_KEY", f"{_CONTEXT}/{key}")
        for key in (
            "_end_time",
            "_health_care_facility|id",
            "_health_care_facility|id_namespace",
            "_health_care_facility|id_scheme",
            "_health_care_facility|name",
            "_participation|function",
            "_participation|id",
            "_participation|id_namespace",
            "_participation|id_scheme",
            "_participation|mode",
            "_participation|name",
            "setting|code",
            "setting|terminology",
            "setting|value",
            "start_time",
        )
    ],
    "test_all_types.en.v1.instance_flat_output_1.json": _DATE_IN_PARTS,
    "test_all_types.en.v1.instance_flat_output_2.json": _DATE_IN_PARTS,
}


def _without_numbers(key: str) -> str:
    return re.sub(r":\d+", "", key)


@pytest.mark.parametrize("path", _FLAT, ids=[path.name for path in _FLAT])
def test_every_key_of_an_integration_file_is_understood_or_refused(path: Path) -> None:
    if path.name.endswith("invalid_wrong_structure.json"):
        with pytest.raises(ValueError, match="unexpected"):
            read_json(path)  # the file is no JSON
        return
    keys = structured.flatten(read_json(path))
    roots = [key.split("/")[0] for key in keys if not key.startswith("ctx/")]
    candidates = templates_by_root()[max(set(roots), key=roots.count)]
    composition, chosen = None, None
    refusals: list[BadInput] = []
    for source in candidates:
        web_template, template = template_at(source)
        try:
            composition, chosen = flat.decode(keys, web_template, template, now=_NOW), source
            break
        except BadInput as error:
            refusals.append(error)
    if path.name in _REFUSED:
        nearest = min(refusals, key=lambda refusal: len(refusal.issues))
        assert {(issue.code, _without_numbers(issue.path)) for issue in nearest.issues} == set(_REFUSED[path.name])
        return
    assert composition is not None and chosen is not None, f"{len(refusals)} refusals with {candidates}"
    written = {key.replace(":0", "") for key in flat.encode(composition, *template_at(chosen))}
    sent = {key.replace(":0", "") for key, value in keys.items() if not key.startswith("ctx/") and value != ""}
    lost = {key for key in sent - written if f"{key}|id" not in written and key.removesuffix("|value") not in written}
    assert lost == set()


# Every stem that exists in four formats. What the simplified files say otherwise than their canonical twins:
_STEMS: dict[str, tuple[str, set[str]]] = {
    "consult_record__": ("EHRN-ABDM-OPConsultRecord.v2.0", set()),
    "family_history.v2__": ("family_history", set()),
    "family_history__": ("family_history", {"/content/encoding/code_string", "/content/provider"}),
    # The uid is typed as a version's and has one part only.
    "family_history__with_uid": (
        "family_history",
        {"/content/encoding/code_string", "/content/provider", "/uid/_type"},
    ),
}


@pytest.mark.parametrize("stem", list(_STEMS))
def test_canonical_files_of_one_stem_agree(stem: str) -> None:
    folder = f"{INTEGRATION}/compositions"
    as_json = shared(*f"{folder}/CANONICAL_JSON/{stem}.json".split("/")).read_bytes()
    as_xml = shared(*f"{folder}/CANONICAL_XML/{stem}.xml".split("/")).read_bytes()
    assert canonical_json.decode(as_json, rm.Composition) == canonical_xml.decode(as_xml, rm.Composition)


# The FLAT files of the three family histories are of other people than the canonical ones.
@pytest.mark.parametrize(("stem", "form"), [("consult_record__", "FLAT"), *((stem, "STRUCTURED") for stem in _STEMS)])
def test_simplified_and_canonical_file_of_one_stem_agree(stem: str, form: str) -> None:
    folder = f"{INTEGRATION}/compositions"
    keys = structured.flatten(read_json(shared(*f"{folder}/{form}/{stem}.json".split("/"))))
    root = next(key.split("/")[0] for key in keys if not key.startswith("ctx/"))
    expected = canonical_json.decode(
        shared(*f"{folder}/CANONICAL_JSON/{stem}.json".split("/")).read_bytes(), rm.Composition
    )
    template_id, other = _STEMS[stem]
    web_template, template = next(
        found for found in map(template_at, templates_by_root()[root]) if found[1].template_id == template_id
    )
    made = flat.decode(keys, web_template, template, now=_NOW)
    # The canonical files name another RM release, which the keys cannot say.
    assert {p for p in _differences(tree(expected), tree(made)) if not p.endswith("/rm_version")} == other
