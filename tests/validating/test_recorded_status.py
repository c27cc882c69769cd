"""The recorded write requests get the class of status that the rules give: accepted, 400 or 422.

`status_deviations.json` lists the cases where that is not what the server answered, by reason; docs/deviations.md says
the same in words.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from cdr.formats import canonical_json, canonical_xml
from cdr.validation import validate
from tests.support.corpus import shared
from tests.support.recorded import StatusCase, status_cases

# 404 and 409 are about what the store holds, which validation does not know.
CASES = [
    case
    for case in status_cases()
    if (case.is_composition or case.is_ehr_status) and case.is_canonical and case.status not in (404, 409)
]
DEVIATIONS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "status_deviations.json").read_bytes())
OURS = {case_id: ours for group in DEVIATIONS.values() for case_id, ours in group["cases"].items()}


@cache
def _template(source: bytes) -> OperationalTemplate:
    return read_opt(source)


def _status(case: StatusCase) -> str:
    template = _template(case.template) if case.template is not None else None
    try:
        if case.is_composition:
            report = validate(_decode(case), template)
        else:
            report = validate(canonical_json.decode(case.body, rm.EhrStatus), None)
    except BadInput:
        return "400"
    return "accepted" if report.is_valid else "422"


def _decode(case: StatusCase) -> rm.Composition:
    decode = canonical_xml.decode if case.is_xml else canonical_json.decode
    return decode(case.body, rm.Composition)


def test_the_recorded_requests_are_there() -> None:
    shared("data")
    assert len(CASES) > 150
    assert set(OURS) <= {case.id for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id} {case.test[:60]}")
def test_a_recorded_request_gets_its_class_of_status(case: StatusCase) -> None:
    recorded = "accepted" if case.status < 300 else str(case.status)
    ours = OURS.get(case.id, recorded)
    assert _status(case) == ours
    assert case.id not in OURS or ours != recorded, "no longer a deviation"


def test_every_deviation_is_explained_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "deviations.md").read_text("utf-8")
    for name, group in DEVIATIONS.items():
        assert group["cases"], name
        assert group["source"] in page, name
