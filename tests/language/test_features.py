"""The table of features and what queries use of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aql import AqlError, AqlParameterError, analyse, parse
from aql.analyse_expressions import MAX_LIKE
from aql.containment_parser import MAX_CLASSES
from aql.features import FEATURES, Support, used_features
from aql.lexer import MAX_NESTING, MAX_QUERY_LENGTH
from aql.params import MAX_LIST
from aql.parser import MAX_COLUMNS
from aql.path_parser import MAX_SEGMENTS
from cdr.rm.catalog import CATALOG

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "aql.md"


@pytest.mark.parametrize(
    ("query", "used"),
    [
        ("SELECT c FROM COMPOSITION c", {"object_column"}),
        ("SELECT DISTINCT c/a FROM COMPOSITION c ORDER BY c/a LIMIT 1", {"distinct", "path", "order_by", "limit"}),
        ("SELECT TOP 1 'x' FROM EHR e", {"top", "literal_column"}),
        ("SELECT COUNT(*) FROM FOLDER f CONTAINS COMPOSITION c", {"aggregate", "folder", "containment"}),
        ("SELECT e/a FROM EHR e CONTAINS (SECTION s OR CLUSTER c)", {"path", "containment", "containment_logic"}),
        ("SELECT e/a FROM EHR e NOT CONTAINS SECTION s", {"path", "not_contains"}),
        ("SELECT v/a FROM VERSION v[ALL_VERSIONS]", {"path", "version", "all_versions"}),
        ("SELECT v/a FROM VERSION v[a = $p]", {"path", "version", "version_predicate", "parameter"}),
        ("SELECT e/a[at0001] FROM EHR e", {"path", "predicate"}),
        ("SELECT e/a[b MATCHES {/c/}] FROM EHR e", {"path", "predicate", "pattern_predicate"}),
        ("SELECT 1 FROM EHR e WHERE e/a = NULL", {"literal_column", "path", "comparison", "null"}),
        ("SELECT 1 FROM EHR e WHERE LENGTH(e/a) = 1", {"literal_column", "path", "function", "path_comparison"}),
        ("SELECT 1 FROM EHR e WHERE e/a LIKE 'x'", {"literal_column", "path", "like"}),
        ("SELECT 1 FROM EHR e WHERE e/a MATCHES {1}", {"literal_column", "path", "matches"}),
        ("SELECT 1 FROM EHR e WHERE e/a MATCHES {/x/}", {"literal_column", "path", "matches_pattern"}),
        ("SELECT 1 FROM EHR e WHERE e/a MATCHES {terminology://x/y}", {"literal_column", "path", "terminology"}),
        ("SELECT 1 FROM EHR e WHERE EXISTS e/a", {"literal_column", "path", "exists"}),
    ],
)
def test_a_query_tells_what_it_uses(query: str, used: set[str]) -> None:
    assert set(used_features(parse(query))) == used


def test_every_supported_feature_is_found_in_a_query() -> None:
    table = test_a_query_tells_what_it_uses.pytestmark[0].args[1]  # type: ignore[attr-defined]
    found = {key for row in table for key in row[1]}
    assert found == {key for key, feature in FEATURES.items() if feature.support is not Support.NONE}


def test_every_feature_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    missing = [key for key, feature in FEATURES.items() if f"| `{key}` | {feature.support.value} |" not in text]
    assert missing == []


def _blocks() -> list[str]:
    return [part.partition("```")[0] for part in DOCUMENT.read_text(encoding="utf-8").split("```aql\n")[1:]]


@pytest.mark.parametrize("query", _blocks(), ids=range(len(_blocks())))
def test_every_query_of_the_documentation_is_legal(query: str) -> None:
    analyse(parse(query), CATALOG)


@pytest.mark.parametrize(
    "limit", [MAX_QUERY_LENGTH, MAX_NESTING, MAX_CLASSES, MAX_COLUMNS, MAX_SEGMENTS, MAX_LIST, MAX_LIKE]
)
def test_every_limit_is_documented(limit: int) -> None:
    assert f"| {limit} |" in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("error", [*AqlError.__subclasses__(), AqlParameterError])
def test_every_error_code_is_documented(error: type[AqlError]) -> None:
    assert f"| `{error.code}` |" in DOCUMENT.read_text(encoding="utf-8")
