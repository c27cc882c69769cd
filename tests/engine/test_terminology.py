"""TERMINOLOGY() and terminology URIs, asked of the openEHR groups that every installation knows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.conftest import Site
from tests.engine.populations import store_composition
from tests.engine.test_access import _CLINICAL
from tests.language import small_records as small
from tests.support.http import BASE

CODE = "c/context/setting/defining_code/code_string"
QUERY = f"SELECT {CODE} FROM EHR e CONTAINS COMPOSITION c WHERE"
SETTINGS = "TERMINOLOGY('expand', 'hl7.org/fhir/4.0', 'terminology://openehr/setting')"


@pytest.fixture
def asked(site: Site) -> Any:
    """A question over two compositions: one of secondary medical care, one of a setting that is no member."""
    ehr_id = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    for code in ("232", "999"):
        document = {**_CLINICAL, **small.composition(name=code)}
        del document["content"]
        phrase = {"terminology_id": {"value": "openehr"}, "code_string": code}
        document["context"]["setting"] = {"_type": "DV_CODED_TEXT", "value": "x", "defining_code": phrase}
        store_composition(site, ehr_id, document)
    return lambda condition: site.client.post(f"{BASE}/query/aql", json={"q": f"{QUERY} {condition}"})


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        (f"{CODE} MATCHES {SETTINGS}", ["232"]),
        (f"{CODE} MATCHES {{'999', {SETTINGS}}}", ["232", "999"]),
        (f"NOT {CODE} MATCHES {SETTINGS}", ["999"]),
        (f"{CODE} MATCHES {{terminology://openehr/setting}}", ["232"]),
        ("TERMINOLOGY('validate', 'hl7.org/fhir/r4', 'system=openehr&code=232&url=setting') = true", ["232", "999"]),
        ("TERMINOLOGY('validate', 'hl7.org/fhir/r4', 'system=openehr&code=999&url=setting') = true", []),
        ("TERMINOLOGY('subsumes', 'hl7.org/fhir/4.0', 'system=openehr&codeA=232&codeB=232') = true", ["232", "999"]),
        (
            "TERMINOLOGY('lookup', 'hl7.org/fhir/4.0', 'system=openehr&code=232') = 'secondary medical care'",
            ["232", "999"],
        ),
        (f"{CODE} MATCHES TERMINOLOGY('map', 'hl7.org/fhir/4.0', 'system=openehr&code=232&targetsystem=x')", []),
    ],
)
def test_what_the_terminology_says_decides(asked: Any, condition: str, codes: list[str]) -> None:
    answer = asked(condition)
    assert answer.status_code == 200, answer.text
    assert sorted(row[0] for row in answer.json()["rows"]) == codes


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (f"{CODE} MATCHES TERMINOLOGY('expand', 'hl7.org/fhir/4.0', 'http://example.org/unknown')", "a value set"),
        (f"{CODE} MATCHES {{terminology://example.org/unknown}}", "a value set"),
        (f"{CODE} MATCHES TERMINOLOGY('expand', 'apelon.dts.org/4.7.1', 'setting')", "hl7.org/fhir/4.0"),
        (f"{CODE} MATCHES TERMINOLOGY('guess', 'hl7.org/fhir/4.0', 'setting')", "'expand', 'validate'"),
        ("TERMINOLOGY('validate', 'hl7.org/fhir/4.0', 'setting') = true", "`system=...`"),
        ("TERMINOLOGY('subsumes', 'hl7.org/fhir/4.0', 'system=x&codeA=1&codeB=2') = true", "system that the service"),
    ],
)
def test_what_it_does_not_know_is_refused_and_not_left_out(asked: Any, condition: str, said: str) -> None:
    answer = asked(condition)
    assert 400 <= answer.status_code < 500
    assert said in answer.text
