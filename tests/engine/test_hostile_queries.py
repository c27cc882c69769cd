"""Queries that mean harm: operators where values belong, quotes and escapes in literals, and work without end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aql.path import Literal, literal_text
from cdr.store.tenant import TenantStore
from tests.engine.conftest import CALLER, Site, site_over
from tests.engine.populations import store_composition
from tests.engine.test_access import _CLINICAL
from tests.language import small_records as small
from tests.support.http import BASE
from tests.support.mongo import fresh_tenant_name

NAMES = (
    "plain",
    "O'Hara",
    'say "hi"',
    "back\\slash",
    "-- comment",
    "x' OR '1'='1",
    "$ne",
    "a.b",
    "%",
    "*",
    "?",
    "’typographic’",
    "line\nbreak",
    "æøå",
    "😀",
)


@pytest.fixture(scope="module")
def site(mongo_client: Any) -> Iterator[Site]:
    """A server with one composition for each of the names."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    for made in site_over(store, system_id="engine.kilde"):
        ehr_id = made.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
        for name in NAMES:
            document = {**_CLINICAL, **small.composition(name=name)}
            del document["content"]
            store_composition(made, ehr_id, document)
        yield made
    mongo_client.drop_database(store.database.name)


def found(site: Site, text: str, **parameters: Any) -> list[Any]:
    return [row[0] for row in site.query.run(CALLER, text, parameters=parameters).rows]


@pytest.mark.parametrize("value", [{"$ne": 1}, {"$gt": ""}, [{"$ne": 1}], {"a": {"$where": "1"}}, [["x"]], None])
@pytest.mark.parametrize(
    "text",
    [
        "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value = $p",
        "SELECT c/name/value FROM EHR e[ehr_id/value = $p] CONTAINS COMPOSITION c",
        "SELECT c/name/value FROM COMPOSITION c[$p]",
        "SELECT c/name/value FROM COMPOSITION c[openEHR-EHR-COMPOSITION.report.v1, $p]",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/uid/value = $p",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value LIKE $p",
        "SELECT c/name/value FROM COMPOSITION c LIMIT $p",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/archetype_details/template_id/value MATCHES {$p}",
    ],
)
def test_an_operator_of_the_database_is_no_value_of_a_parameter(site: Site, text: str, value: Any) -> None:
    answer = site.client.post(f"{BASE}/query/aql", json={"q": text, "query_parameters": {"p": value}})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "AQL_PARAMETER"


MARK = "never-in-a-filter"
OPERATORS = [{"$ne": MARK}, {"$gt": MARK}, {"$where": MARK}, {"$regex": MARK}, [{"$ne": MARK}], [[MARK]]]


def test_no_operator_of_a_request_reaches_the_database(site: Site) -> None:
    database = site.store.database
    ehr_id = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    database.command("profile", 2)
    try:
        for value in OPERATORS:
            nested = json.dumps({"p": value})
            text = "SELECT c FROM COMPOSITION c WHERE c/name/value = $p"
            query = {"q": text, "query_parameters": nested}
            for asked in (
                site.client.post(f"{BASE}/query/aql", json={"q": text, "query_parameters": {"p": value}}),
                site.client.post(f"{BASE}/query/aql", json={"q": text, "ehr_id": value}),
                site.client.get(f"{BASE}/query/aql", params=query),
                site.client.get(f"{BASE}/query/aql", params={"q": text, "p[$ne]": MARK}),
                site.client.get(f"{BASE}/ehr", params={"subject_id[$gt]": MARK, "subject_namespace[$ne]": MARK}),
                site.client.put(f"{BASE}/definition/query/x", json={"q": text, "parameters": {"p": value}}),
                site.client.get(f"{BASE}/ehr/{ehr_id}/composition/{nested}"),
            ):
                assert asked.status_code in (400, 404, 405, 422), (asked.request.url, asked.text[:200])
        assert found(site, "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value = 'plain'") == ["plain"]
        seen = [json.dumps(entry, default=str) for entry in database["system.profile"].find()]
    finally:
        database.command("profile", 0)
        database.drop_collection("system.profile")
    assert seen, "the profiler sees what reaches the database"
    assert not [entry for entry in seen if MARK in entry]


@pytest.mark.parametrize("field", ["ehr_id", "offset", "fetch", "q"])
def test_an_object_is_refused_where_a_string_or_number_belongs(site: Site, field: str) -> None:
    body = {"q": "SELECT c FROM COMPOSITION c", field: {"$gt": ""}}
    assert site.client.post(f"{BASE}/query/aql", json=body).status_code == 400


@pytest.mark.parametrize("name", NAMES)
def test_a_literal_and_a_parameter_match_only_themselves(site: Site, name: str) -> None:
    text = "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value ="
    assert found(site, f"{text} {literal_text(Literal.of(name))}") == [name]
    assert found(site, f"{text} $name", name=name) == [name]
    assert found(site, "SELECT c/name/value FROM COMPOSITION c[name/value = $name]", name=name) == [name]


_TEXTS = st.text(max_size=20) | st.text("'\"\\$-*?%{}[]() =", max_size=12)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=_TEXTS)
def test_no_text_means_more_than_itself(site: Site, text: str) -> None:
    means_itself(site, text)


@pytest.mark.torture
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=_TEXTS)
def test_no_text_of_a_thousand_means_more_than_itself(site: Site, text: str) -> None:
    means_itself(site, text)


def means_itself(site: Site, text: str) -> None:
    """Assert that a text, as a literal and as a parameter, finds what is named so and nothing else."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        return
    wanted = [name for name in NAMES if name == text]
    asked = "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value ="
    assert found(site, f"{asked} $name", name=text) == wanted
    assert found(site, f"{asked} {literal_text(Literal.of(text))}") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "SELECT c FROM COMPOSITION c WHERE " + "(" * 10_000 + "c/name/value = 'x'" + ")" * 10_000,
        "SELECT c FROM COMPOSITION c" + "".join(f" CONTAINS SECTION s{number}" for number in range(500)),
        "SELECT c FROM COMPOSITION c WHERE " + "NOT " * 5_000 + "c/name/value = 'x'",
        "SELECT c" + "/name" * 5_000 + " FROM COMPOSITION c",
        "SELECT c FROM COMPOSITION c WHERE c/name/value = '" + "x" * 2_000_000 + "'",
    ],
    ids=["parentheses", "containment", "negation", "path", "length"],
)
def test_a_query_without_measure_is_refused_at_once(site: Site, text: str) -> None:
    start = time.monotonic()
    answer = site.client.post(f"{BASE}/query/aql", json={"q": text})
    assert answer.status_code in (400, 413, 422), answer.status_code
    assert time.monotonic() - start < 2


def test_two_hundred_alternatives_are_answered(site: Site) -> None:
    terms = " OR ".join(f"c/name/value = 'n{number}'" for number in range(200))
    assert found(site, f"SELECT c/name/value FROM COMPOSITION c WHERE {terms} OR c/name/value = 'plain'") == ["plain"]


def test_like_with_many_wildcards_takes_no_time(site: Site) -> None:
    start = time.monotonic()
    pattern = "*a" * 30 + "*b"
    assert found(site, "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value LIKE $p", p=pattern) == []
    assert time.monotonic() - start < 2


def test_a_regular_expression_takes_no_time(site: Site) -> None:
    start = time.monotonic()
    found(site, "SELECT c/name/value FROM COMPOSITION c[name/value MATCHES {/(a+)+$/}]")
    assert time.monotonic() - start < 2


def test_a_limit_beyond_all_rows_gives_all(site: Site) -> None:
    assert len(found(site, f"SELECT c/name/value FROM COMPOSITION c LIMIT {2**31}")) == len(NAMES)


def test_combinations_without_end_are_cut(site: Site) -> None:
    classes = " AND ".join(f"COMPOSITION c{number}" for number in range(12))
    columns = ", ".join(f"c{number}/name/value" for number in range(12))
    start = time.monotonic()
    answer = site.client.post(f"{BASE}/query/aql", json={"q": f"SELECT {columns} FROM EHR e CONTAINS ({classes})"})
    assert answer.status_code in (408, 422), answer.text[:300]
    assert time.monotonic() - start < 45


def test_no_error_repeats_a_literal_of_the_query(site: Site) -> None:
    secret = "01017012345"
    for text in (
        f"SELECT c FROM COMPOSITION c WHERE c/name/value = '{secret}' AND",
        f"SELECT c/{'x' + secret} FROM COMPOSITION c[name/value='{secret}'",
        f"SELECT c FROM COMPOSITION c WHERE LENGTH('{secret}', 1) = 2",
    ):
        answer = site.client.post(f"{BASE}/query/aql", json={"q": text})
        assert answer.status_code == 400
        assert f"'{secret}'" not in json.dumps(answer.json())
