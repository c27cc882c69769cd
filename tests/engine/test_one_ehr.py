"""Questions about one EHR: one plan for all EHRs, and one look into the database for an answer."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from aql.analyse import analyse
from aql.params import bind
from aql.parser import parse
from aql.plan_ehr import STAND_IN, ehr_parameter, is_ehr_id, with_ehr
from aql.planner import plan
from cdr.rm.catalog import CATALOG
from tests.engine.conftest import CALLER, Site
from tests.engine.populations import composition, store_composition

EHR_ID = "7d44b88c-4199-4bad-97dc-d78268e01398"
TEXTS = (
    "SELECT c FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c LIMIT 3",
    "SELECT e/ehr_id/value, o/name/value FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c CONTAINS OBSERVATION o",
    "SELECT c/uid/value FROM EHR e[ehr_id/value=$ehr] CONTAINS (COMPOSITION c AND EHR_STATUS s)",
)
OTHERS = (
    "SELECT c FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr",
    "SELECT c FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c WHERE c/name/value = $ehr",
    "SELECT c FROM EHR e[ehr_id/value!=$ehr] CONTAINS COMPOSITION c",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_filled_in_plan_is_the_plan_of_the_filled_in_query(text: str) -> None:
    parsed = parse(text)
    name = ehr_parameter(parsed)
    assert name == "ehr"
    made = with_ehr(plan(analyse(bind(parsed, {name: STAND_IN}), CATALOG), CATALOG), EHR_ID)
    wanted = plan(analyse(bind(parsed, {name: EHR_ID}), CATALOG), CATALOG)
    assert made is not None
    assert replace(made, checked=wanted.checked) == wanted


@pytest.mark.parametrize("text", OTHERS)
def test_a_parameter_that_means_more_than_an_ehr_is_bound_as_usual(text: str) -> None:
    assert ehr_parameter(parse(text)) is None


@pytest.mark.parametrize("value", [1, None, "", "-1", "-12", "a'b-c", ["a-b"]])
def test_only_text_like_an_id_is_filled_in(value: object) -> None:
    assert not is_ehr_id(value)
    assert is_ehr_id(EHR_ID)


def test_an_ehr_with_more_versions_than_one_look_fetches_is_answered_in_full(site: Site) -> None:
    ehr_id = site.client.post("/rest/openehr/v1/ehr").headers["location"].rsplit("/", 1)[1]
    draw = random.Random(7)
    uids = {store_composition(site, ehr_id, composition(draw)) for _ in range(75)}
    text = "SELECT c/uid/value, c/name/value FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c"
    rows = site.query.run(CALLER, text, parameters={"ehr": ehr_id}).rows
    assert {row[0] for row in rows} == uids
    assert [row[0] for row in rows] == sorted(uids)
    assert all(row[1] for row in rows)


def test_an_ehr_that_is_not_queryable_gives_no_rows(site: Site) -> None:
    location = site.client.post("/rest/openehr/v1/ehr").headers["location"]
    ehr_id = location.rsplit("/", 1)[1]
    store_composition(site, ehr_id, composition(random.Random(1)))
    text = "SELECT c/uid/value FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c"
    assert len(site.query.run(CALLER, text, parameters={"ehr": ehr_id}).rows) == 1
    answer = site.client.get(f"/rest/openehr/v1/ehr/{ehr_id}/ehr_status")
    status = {**answer.json(), "is_queryable": False}
    changed = site.client.put(
        f"/rest/openehr/v1/ehr/{ehr_id}/ehr_status", json=status, headers={"If-Match": answer.headers["etag"]}
    )
    assert changed.is_success, changed.text
    assert site.query.run(CALLER, text, parameters={"ehr": ehr_id}).rows == []
