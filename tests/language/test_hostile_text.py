"""Whatever the text is, the answer is a tree or an error of the language, and quickly."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aql import AqlError, analyse, bind, parse, parse_path, unparse
from cdr.rm.catalog import CATALOG

PIECES = [
    *(
        "SELECT",
        "DISTINCT",
        "FROM",
        "WHERE",
        "ORDER BY",
        "LIMIT",
        "OFFSET",
        "CONTAINS",
        "NOT",
        "AND",
        "OR",
        "AS",
        "TOP",
    ),
    *(
        "EXISTS",
        "LIKE",
        "MATCHES",
        "COUNT",
        "MAX",
        "LENGTH",
        "TERMINOLOGY",
        "NULL",
        "true",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
    ),
    *(
        ",",
        "/",
        "*",
        "=",
        "!=",
        "<",
        ">=",
        "'x'",
        '"y"',
        "1",
        "-2.5",
        "$p",
        "at0001",
        "at0002.1",
        "local::at0003|x|",
        "--",
    ),
    *(
        "openEHR-EHR-OBSERVATION.a.v1",
        "EHR",
        "COMPOSITION",
        "VERSION",
        "LATEST_VERSION",
        "OBSERVATION",
        "ELEMENT",
        "c",
        "e",
    ),
    *("name", "value", "data", "items", "uid", "ehr_id", "{/a+/}", "terminology://x/y", ";", "\n", "'", "\\", "é", "#"),
]
QUERY = [
    "SELECT",
    "c/uid/value",
    "AS",
    "x,",
    "MAX(c/context/start_time)",
    "FROM",
    "EHR",
    "e[ehr_id/value=$p]",
    "CONTAINS",
    "COMPOSITION",
    "c[openEHR-EHR-COMPOSITION.a.v1]",
    "CONTAINS",
    "(OBSERVATION",
    "o",
    "OR",
    "NOT",
    "ELEMENT",
    "l[at0001,",
    "'x'])",
    "WHERE",
    "NOT",
    "(c/name/value",
    "LIKE",
    "'a*'",
    "AND",
    "EXISTS",
    "o/data)",
    "OR",
    "c/uid/value",
    "MATCHES",
    "{'a',",
    "$p}",
    "ORDER",
    "BY",
    "x",
    "DESC",
    "LIMIT",
    "5",
    "OFFSET",
    "1",
]


def _answer(text: str) -> None:
    try:
        query = parse(text)
        assert parse(unparse(query)) == query
        analyse(bind(query, {"p": "x"}), CATALOG)
    except AqlError as error:
        assert error.message


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_query_or_an_error(text: str) -> None:
    _answer(text)
    _answer(f"SELECT c FROM COMPOSITION c WHERE {text}")
    _answer(f"SELECT c FROM {text}")


@given(st.lists(st.tuples(st.integers(0, len(QUERY)), st.sampled_from([*PIECES, ""])), min_size=1, max_size=4))
@settings(max_examples=400, deadline=None)
def test_a_broken_query_is_a_query_or_an_error(changes: list[tuple[int, str]]) -> None:
    words = list(QUERY)
    for place, word in changes:
        words[place : place + 1] = [word]
    _answer(" ".join(words))


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text(max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_path_or_an_error(text: str) -> None:
    try:
        path = parse_path(text)
    except AqlError:
        return
    assert parse_path(str(path)) == path
