"""The pages on categories and queries say what the program has."""

from __future__ import annotations

from cdr.categories import categories
from tests.support.queries_page import QUERIES, queries_page
from tests.support.tree import CHECKOUT


def test_the_page_of_queries_is_that_of_their_files() -> None:
    assert QUERIES.read_text(encoding="utf-8") == queries_page(), "write it anew with `make docs`"


def test_the_page_of_categories_has_every_key_and_name() -> None:
    page = (CHECKOUT / "docs" / "categories.md").read_text(encoding="utf-8")
    for category in categories():
        assert f"| {category.number} | `{category.key}` | {category.name['nb']} | {category.name['en']} |" in page
