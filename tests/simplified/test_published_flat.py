"""FLAT and STRUCTURED files that other servers have published: read, written again, compared with canonical data."""

from __future__ import annotations

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


# Where the raw file of a triple holds something that its FLAT twin does not say.
_REASONS = {
    "/external_ref/type": "ANY is no PARTY_REF.type of the RM, and the files do not say it; PARTY is written",
    "/uid/_type": "the files type a version uid as HIER_OBJECT_ID",
    "/value/precision": "the keys do not carry it; a precision that nobody sent is not invented",
    "/name/value": "repeated siblings are called '... #2' there; the template's name is used here",
    "/ism_transition": "the keys leave the state out; 'completed' is not assumed of a clinical action",
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
    made = flat.decode(keys, web_template, template, now=_NOW)
    unexplained = [path for path in _differences(tree(raw), tree(made)) if not path.endswith(tuple(_REASONS))]
    assert unexplained == []


@pytest.mark.parametrize("stem", _TRIPLES)
def test_structured_file_gives_the_raw_composition(stem: str) -> None:
    _, nested, raw, (web_template, template) = _triple(stem)
    made = structured.decode(nested, web_template, template, now=_NOW)
    expected, got = tree(raw), tree(made)
    # The nested files write 12:14, the others 12:14:00, of the same moment.
    unexplained = [
        path
        for path in _differences(_whole_minutes(expected), _whole_minutes(got))
        if not path.endswith((*_REASONS, "/ism_transition/current_state"))
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


@pytest.mark.parametrize("stem", _TRIPLES)
def test_raw_composition_gives_the_flat_file(stem: str) -> None:
    keys, _, raw, (web_template, template) = _triple(stem)
    written = flat.encode(raw, web_template, template)
    different = {key for key in keys.keys() | written.keys() if keys.get(key) != written.get(key)}
    # The files write an identifier's id at the bare key; the specification's table says |id, and both are read.
    bare = {key for key in different if f"{key}|id" in different}
    different -= bare | {f"{key}|id" for key in bare}
    # A precision, and a type of reference that is not PARTY, are not in the files.
    unexplained = {
        key
        for key in different
        if not key.endswith(("|precision", "|id_type", "/_name")) and "/ism_transition/" not in key
    }
    assert unexplained == set()


@pytest.mark.parametrize("stem", _TRIPLES)
def test_nesting_and_flattening_a_published_file_gives_it_back(stem: str) -> None:
    keys, _, _, (web_template, template) = _triple(stem)
    again = structured.flatten(structured.nest(keys))
    first = flat.decode(keys, web_template, template, now=_NOW)
    assert tree(flat.decode(again, web_template, template, now=_NOW)) == tree(first)


_FLAT = [*files("*.json", *INTEGRATION.split("/")[1:], "compositions", "FLAT"), *files("*.json", *INTEGRATION.split("/")[1:], "compositions", "STRUCTURED"), *files("*", "openEHR+specifications-CNF", "tests", "platform", "robot", "_resources", "test_data_sets", "flat_compositions")]  # fmt: skip

# Files with keys that no template and no specification knows: they are refused, and this is what is said.
_REFUSED = {
    "nested.en.v1__full.json": "|terminology_id is no suffix",
    "persistent_minimal.en.v1__full.json": "a persistent composition has no context",
    "test_all_types.en.v1.instance_flat_output_1.json": "a date in parts",
    "test_all_types.en.v1.instance_flat_output_2.json": "a date in parts",
}


@pytest.mark.parametrize("path", _FLAT, ids=[path.name for path in _FLAT])
def test_every_key_of_an_integration_file_is_understood_or_refused(path: Path) -> None:
    if path.name.endswith("invalid_wrong_structure.json"):
        with pytest.raises(ValueError, match="unexpected"):
            read_json(path)  # the file is no JSON
        return
    keys = structured.flatten(read_json(path))
    roots = [key.split("/")[0] for key in keys if not key.startswith("ctx/")]
    candidates = templates_by_root()[max(set(roots), key=roots.count)]
    fewest, composition, chosen = 10_000, None, None
    for source in candidates:
        web_template, template = template_at(source)
        try:
            composition, fewest, chosen = flat.decode(keys, web_template, template, now=_NOW), 0, source
            break
        except BadInput as error:
            fewest = min(fewest, len(error.issues))
    if path.name in _REFUSED:
        assert fewest > 0
        return
    assert composition is not None and chosen is not None, f"{fewest} issues with {candidates}"
    written = {key.replace(":0", "") for key in flat.encode(composition, *template_at(chosen))}
    sent = {key.replace(":0", "") for key, value in keys.items() if not key.startswith("ctx/") and value != ""}
    lost = {key for key in sent - written if f"{key}|id" not in written and key.removesuffix("|value") not in written}
    assert lost == set()


@pytest.mark.parametrize("name", ["consult_record__", "family_history.v2__"])
def test_structured_and_canonical_file_of_one_stem_agree(name: str) -> None:
    folder = f"{INTEGRATION}/compositions"
    keys = structured.flatten(read_json(shared(*f"{folder}/STRUCTURED/{name}.json".split("/"))))
    root = next(key.split("/")[0] for key in keys)
    body = shared(*f"{folder}/CANONICAL_JSON/{name}.json".split("/")).read_bytes()
    expected = canonical_json.decode(body, rm.Composition)
    for source in templates_by_root()[root]:
        web_template, template = template_at(source)
        if expected.archetype_details.template_id.value != template.template_id:
            continue
        made = flat.decode(keys, web_template, template, now=_NOW)
        # The canonical files name another RM release, which the keys cannot say.
        assert {p for p in _differences(tree(expected), tree(made)) if not p.endswith("/rm_version")} == set()
        return
    pytest.fail("no template with the id that the file names")
