"""Examples are valid against their own template, for every template of the published data, and survive every format."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import KildeError
from cdr.formats import canonical_json, canonical_xml, flat, structured
from cdr.formats.flat.example import Detail, Kind, example, mapping
from cdr.issue import Severity
from cdr.validation import validate
from cdr.webtemplate import WebTemplate, build
from tests.simplified.gold import sources
from tests.simplified.vital_signs import TEMPLATES, vital_signs
from tests.support.corpus import names

_NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)
_SOURCES = sources()
_OWN = sorted(TEMPLATES.glob("*.opt"))

# Templates that no data made of their own nodes can satisfy, or that FLAT cannot tell apart.
_IMPOSSIBLE = {
    "Testing.opt": "a DV_EHR_URI has to be the text xyz, which is no such URI",
    "Temperature.opt": "an interval of dates has a date-time as its upper limit",
    "Referral.opt": "participations have to be there; two siblings share node id and name",
}


def _read(path: Path) -> tuple[WebTemplate, OperationalTemplate] | None:
    """Return a template with its web template; None where it is refused, or is of something else."""
    try:
        template = read_opt(path.read_bytes())
    except KildeError as refused:
        assert refused.issues
        return None
    return (build(template), template) if template.rm_type == "COMPOSITION" else None


def _check(path: Path, detail: Detail) -> None:
    read = _read(path)
    if read is None:
        return
    web_template, template = read
    made = example(web_template, template, detail=detail)
    if path.name in _IMPOSSIBLE:
        return
    errors = [issue for issue in validate(made, template).issues if issue.severity is Severity.ERROR]
    assert errors == []
    keys = flat.encode(made, web_template, template)
    assert flat.decode(keys, web_template, template, now=_NOW) == made
    assert structured.decode(structured.nest(keys), web_template, template, now=_NOW) == made


@pytest.mark.parametrize("path", _SOURCES[::8], ids=list(names(_SOURCES[::8])))
@pytest.mark.parametrize("detail", Detail)
def test_example_is_valid_and_survives_flat_and_structured(path: Path, detail: Detail) -> None:
    _check(path, detail)


@pytest.mark.torture
@pytest.mark.parametrize("path", _SOURCES, ids=list(names(_SOURCES)))
@pytest.mark.parametrize("detail", Detail)
def test_example_of_every_template_is_valid_and_survives_flat_and_structured(path: Path, detail: Detail) -> None:
    _check(path, detail)


@pytest.mark.parametrize("path", _OWN, ids=[path.stem for path in _OWN])
@pytest.mark.parametrize("detail", Detail)
@pytest.mark.parametrize("kind", Kind)
def test_examples_of_the_templates_we_ship_survive_every_format(path: Path, detail: Detail, kind: Kind) -> None:
    template = read_opt(path.read_bytes())
    web_template = build(template)
    made = example(web_template, template, detail=detail, kind=kind)
    assert validate(made, template).is_valid
    assert canonical_json.decode(canonical_json.encode(made), rm.Composition) == made
    assert canonical_xml.decode(canonical_xml.encode(made), rm.Composition) == made
    assert flat.decode(flat.encode(made, web_template, template), web_template, template, now=_NOW) == made


def test_an_example_is_the_same_every_time() -> None:
    web_template, template = vital_signs()
    assert example(web_template, template) == example(web_template, template)


def test_levels_of_detail_grow() -> None:
    web_template, template = vital_signs()
    counts = [len(mapping(web_template, template, detail=detail)) for detail in Detail]
    assert counts == sorted(counts)
    assert counts[0] < counts[1] < counts[2]


def test_an_output_has_a_uid_and_an_input_has_not() -> None:
    web_template, template = vital_signs()
    assert example(web_template, template, kind=Kind.INPUT).uid is None
    assert example(web_template, template, kind=Kind.OUTPUT).uid is not None


def test_an_example_speaks_the_language_that_is_asked_for() -> None:
    web_template, template = vital_signs()
    assert example(web_template, template).language.code_string == "nb"
    assert example(web_template, template, language="en").language.code_string == "en"


def test_a_norwegian_example_has_norwegian_people_and_words() -> None:
    keys = mapping(*vital_signs(), detail=Detail.COMPLETE)
    assert keys["ctx/composer_name"] == "Kari Nordmann"
    assert "Eksempel på kommentar" in keys.values()
