"""Text and tree are two forms of one query."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from aql import AqlSyntaxError, parse, unparse
from aql.ast import SelectQuery
from aql.errors import AqlNotSupported
from tests.support.aql_strategies import queries
from tests.support.corpus import files, shared


@given(query=queries())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_tree_survives_its_text(query: SelectQuery) -> None:
    assert parse(unparse(query)) == query


@pytest.mark.torture
@given(query=queries())
@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_many_trees_survive_their_text(query: SelectQuery) -> None:
    assert parse(unparse(query)) == query


def test_text_is_canonical_after_one_round() -> None:
    text = 'select  c/a as X from EHR e contains (COMPOSITION c and (COMPOSITION d)) where not (c/a="b") or exists c/d'
    once = unparse(parse(text))
    assert once == (
        "SELECT c/a AS X FROM EHR e CONTAINS COMPOSITION c AND COMPOSITION d WHERE NOT c/a = 'b' OR EXISTS c/d"
    )
    assert unparse(parse(once)) == once


def _queries_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("q", "aql", "query") and isinstance(member, str):
                yield member
            else:
                yield from _queries_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from _queries_in(member)


def test_the_queries_of_the_categories_are_parsed_and_printed() -> None:
    texts = [query["aql"] for query in json.loads(shared("modelling", "categories.json").read_bytes())["aql"]]
    assert len(texts) == 45
    for text in texts:
        assert parse(unparse(parse(text))) == parse(text)


def test_the_published_queries_are_parsed_and_printed() -> None:
    shared("data")
    texts: set[str] = set()
    for path in [
        *files("*aql*.json"),
        *(path for path in files("*.json") if "/query/" in path.as_posix() or "/aql/" in path.as_posix()),
    ]:
        if path.stat().st_size < 2_000_000:
            try:
                texts.update(_queries_in(json.loads(path.read_bytes())))
            except ValueError:
                continue
    # `${...}` are holes of the test scripts that the queries were published in, to be filled before use.
    whole = [text for text in texts if "${" not in text and text.strip()]
    assert len(whole) > 400
    obsolete = 0
    for text in whole:
        try:
            assert parse(unparse(parse(text))) == parse(text)
        except AqlNotSupported:
            obsolete += "TIMEWINDOW" in text
        except AqlSyntaxError as error:
            raise AssertionError(text) from error
    assert obsolete > 0
