"""EXPLAIN says which way a query is answered and why, and with `run` what each step did."""

from __future__ import annotations

import random

from tests.engine.conftest import CALLER, Site
from tests.engine.populations import composition, store_composition

POPULATION = (
    "SELECT COUNT(*) FROM EHR e CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.pulse.v1] WHERE o/name/value != 'x'"
)


def _fill(site: Site) -> str:
    ehr_id = str(site.client.post("/rest/openehr/v1/ehr").headers["location"].rsplit("/", 1)[1])
    for seed in range(5):
        store_composition(site, ehr_id, composition(random.Random(seed)))
    site.store.versions.paths.flush(force=True)
    return ehr_id


def test_columns_are_named_once_they_are_there(site: Site) -> None:
    _fill(site)
    assert "way: columns, which are filled first" in site.query.explain(CALLER, POPULATION)
    site.query.run(CALLER, POPULATION)
    assert "way: columns of " in site.query.explain(CALLER, POPULATION)


def test_reasons_against_columns_are_told(site: Site) -> None:
    ehr_id = _fill(site)
    wanted = {
        f"SELECT c FROM EHR e[ehr_id/value='{ehr_id}'] CONTAINS COMPOSITION c": "since EHRs are named",
        "SELECT c FROM EHR e CONTAINS COMPOSITION c WHERE EXISTS c/context/location": "whether a path exists",
        "SELECT c/uid/value FROM EHR e CONTAINS (COMPOSITION c AND EHR_STATUS s)": "rows are built EHR by EHR",
        "SELECT v FROM EHR e CONTAINS VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c": "it asks for versions",
    }
    for text, reason in wanted.items():
        lines = site.query.explain(CALLER, text).splitlines()
        assert any(line.startswith("way: object by object") and reason in line for line in lines), (text, lines)


def test_what_is_stored_is_estimated(site: Site) -> None:
    _fill(site)
    told = site.query.explain(CALLER, POPULATION)
    assert "of openEHR-EHR-OBSERVATION.pulse.v1" in told
    assert "stored: about 0 " not in told


def test_steps_are_told_when_the_query_is_run(site: Site) -> None:
    _fill(site)
    assert "step:" not in site.query.explain(CALLER, POPULATION)
    body = {"q": POPULATION, "explain": "run"}
    told = site.client.post("/rest/openehr/v1/query/aql", json=body).text
    assert "step: bring columns up to date, " in told
    assert "step: condition, order and page over columns, 1: " in told
    single = site.client.get(
        "/rest/openehr/v1/query/aql", params={"q": "SELECT c FROM COMPOSITION c LIMIT 2", "explain": "run"}
    )
    assert "step: read and evaluate objects, 2: " in single.text
