"""What the two dialects do where the specification of FLAT is silent, and precisions that a template fixes."""

from __future__ import annotations

from typing import Any

import pytest

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.formats import flat, structured
from cdr.resources import templates
from cdr.webtemplate import build
from tests.simplified.vital_signs import EVENT, KEYS, NOW, decode_keys, value, vital_signs


def _own(name: str) -> Any:
    template = read_opt(next(path for path in templates() if path.stem == name).read_bytes())
    return build(template), template


def _names(keys: dict[str, Any], dialect: flat.Dialect) -> list[str]:
    composition = flat.decode(keys, *vital_signs(), now=NOW, dialect=dialect)
    assert flat.encode(composition, *vital_signs(), dialect=dialect).keys() >= keys.keys() - {
        key for key in keys if key.startswith("ctx/")
    }
    return [entry.name.value for entry in composition.content or [] if entry.name is not None]


def _twice() -> dict[str, Any]:
    second = {key.replace("blodtrykk:0", "blodtrykk:1"): found for key, found in KEYS.items() if "blodtrykk:0" in key}
    return KEYS | second


def test_repeated_siblings_share_the_name_of_the_template_or_are_numbered() -> None:
    assert _names(_twice(), flat.SPECIFICATION) == ["Blodtrykk", "Blodtrykk"]
    assert _names(_twice(), flat.BETTER) == ["Blodtrykk", "Blodtrykk #2"]


@pytest.mark.parametrize("dialect", [flat.SPECIFICATION, flat.BETTER], ids=["specification", "better"])
@pytest.mark.parametrize("name", ["Blodtrykk", "Blodtrykk #2", "Stående"])
def test_a_name_that_is_sent_stays_and_comes_back(dialect: flat.Dialect, name: str) -> None:
    keys = _twice() | {"vitale_målinger/blodtrykk:1/_name": name}
    composition = flat.decode(keys, *vital_signs(), now=NOW, dialect=dialect)
    assert composition.content is not None
    assert composition.content[1].name == rm.DvText(value=name)
    written = flat.encode(composition, *vital_signs(), dialect=dialect)
    assert flat.decode(written, *vital_signs(), now=NOW, dialect=dialect) == composition
    nested = structured.encode(composition, *vital_signs(), dialect=dialect)
    assert structured.decode(nested, *vital_signs(), now=NOW, dialect=dialect) == composition


def test_an_action_without_a_state_is_completed_only_in_the_dialect_that_says_so() -> None:
    web, template = _own("prosedyre")
    keys = {
        "ctx/language": "nb",
        "ctx/territory": "NO",
        "ctx/composer_name": "Kari Nordmann",
        f"{web.root.id}/prosedyre:0/prosedyrenavn": "Skiftet bandasje",
    }
    plain = flat.decode(keys, web, template, now=NOW).content
    assert plain is not None
    assert isinstance(plain[0], rm.Action)
    assert plain[0].ism_transition is None
    composition = flat.decode(keys, web, template, now=NOW, dialect=flat.BETTER)
    assert composition.content is not None
    completed = composition.content[0]
    assert isinstance(completed, rm.Action)
    assert completed.ism_transition.current_state.defining_code.code_string == "532"
    written = flat.encode(composition, web, template, dialect=flat.BETTER)
    assert not any("ism_transition" in key for key in written)
    assert any("ism_transition" in key for key in flat.encode(composition, web, template))


def test_a_precision_that_the_template_fixes_need_not_be_sent() -> None:
    composition = decode_keys(KEYS)
    assert value(composition).precision == 0
    written = flat.encode(composition, *vital_signs())
    assert not any(key.endswith("|precision") for key in written)


def test_a_quantity_without_the_fixed_precision_comes_back_without_it() -> None:
    composition = decode_keys(KEYS)
    value(composition).precision = None
    written = flat.encode(composition, *vital_signs())
    assert written[f"{EVENT}/systolisk|precision"] == -1
    assert flat.decode(written, *vital_signs(), now=NOW) == composition
