"""What the templates decide beyond their archetypes: each rule is broken once, in an example that is valid otherwise."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from cdr import resources
from cdr.am.opt14 import read_opt
from cdr.errors import BadInput
from cdr.formats import flat
from cdr.issue import Severity
from cdr.validation import validate
from cdr.webtemplate import build

_NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)


def _example(template: str, detail: str) -> dict[str, object]:
    file = resources.folder("templates") / "examples" / template / f"{detail}.flat.json"
    keys: dict[str, object] = json.loads(file.read_bytes())
    return keys


def _codes(template: str, keys: dict[str, object]) -> set[str]:
    """Return the codes of what is wrong with FLAT data, whether it is noticed at decoding or by validation."""
    read = read_opt((resources.folder("templates") / f"{template}.opt").read_bytes())
    try:
        composition = flat.decode(keys, build(read), read, now=_NOW)
    except BadInput as refused:
        return {issue.code for issue in refused.issues}
    return {issue.code for issue in validate(composition, read).issues if issue.severity is Severity.ERROR}


def _without(keys: dict[str, object], part: str) -> dict[str, object]:
    """Return the keys without those that go through a node, which has to be there."""
    kept = {key: value for key, value in keys.items() if part not in key}
    assert len(kept) < len(keys)
    return kept


@pytest.mark.parametrize(
    ("template", "node"),
    [
        ("tjenestevedtak", "/rapport_id"),
        ("tjenestevedtak", "/context/status"),
        ("tjenestevedtak", "/vedtaks-id"),
        ("tjenestevedtak", "/utfall"),
        ("tjenestevedtak", "/vedtaksdato"),
        ("tjenestevedtak", "/beslutningsenhet"),
        ("tjenestevedtak", "/kommunal_tjeneste"),
        ("tjenestevedtak", "/tjeneste-id"),
        ("tjenestevedtak", "/tjenestetype"),
        ("tjenestevedtak", "/kommunal_tjeneste:0/status"),
        ("tjenestevedtak", "/ansvarlig_enhet"),
        ("tjenestehendelse", "/tjenestenavn"),
        ("tjenestehendelse", "/rekvisisjonsidentifikator"),
        ("tjenestehendelse", "/kommunal_tjeneste"),
        ("diagnosehistorikk", "/rapport_id"),
        ("diagnosehistorikk", "/problem_diagnosenavn"),
        ("problemliste", "/aktiv_inaktiv"),
        ("kritisk_informasjon", "/verifikasjonsstatus"),
        ("kritisk_informasjon", "/hlr-beslutning"),
    ],
)
def test_a_mandatory_node_may_not_be_left_out(template: str, node: str) -> None:
    keys = _example(template, "full")
    assert _codes(template, keys) == set()
    assert _codes(template, _without(keys, node)) != set()


def test_a_granted_amount_beyond_the_hours_of_a_week_is_refused() -> None:
    keys = _example("tjenestevedtak", "full")
    amount = next(key for key in keys if key.endswith("/tildelt_mengde|magnitude"))
    assert _codes("tjenestevedtak", {**keys, amount: 168.0}) == set()
    assert _codes("tjenestevedtak", {**keys, amount: 168.5}) != set()


def test_a_granted_amount_a_day_is_refused_in_a_decision() -> None:
    keys = _example("tjenestevedtak", "full")
    unit = next(key for key in keys if key.endswith("/tildelt_mengde|unit"))
    assert _codes("tjenestevedtak", {**keys, unit: "d/wk", unit.replace("unit", "magnitude"): 7.0}) == set()
    assert _codes("tjenestevedtak", {**keys, unit: "1/d"}) != set()


def test_the_status_of_a_decision_is_final_amended_or_cancelled() -> None:
    keys = _example("tjenestevedtak", "full")
    status = "vedtak_om_kommunal_tjeneste/context/status"
    assert all(
        _codes("tjenestevedtak", {**keys, status: value}) == set() for value in ("final", "amended", "cancelled")
    )
    assert _codes("tjenestevedtak", {**keys, status: "draft"}) != set()
