"""The page of stored queries, written from their files."""

from __future__ import annotations

from cdr.categories import categories
from cdr.categories.queries import ShippedQuery, shipped_queries
from tests.support.tree import CHECKOUT

QUERIES = CHECKOUT / "docs" / "queries.md"

_TEXT = """\
# The stored queries that come with Kilde

Stored by `kilde setup` from [../templates/queries](../templates/queries), one file each, under qualified names with a
version, what they are for, the types of their parameters and their [category](categories.md). They are run by name:
`POST /rest/openehr/v1/query/no.kommune::tjenesteoversikt` with `{"query_parameters": {"ehr_id": "..."}}`, or GET with the
parameters in the address. A stored version never changes; a new text is a new version.

| type | values |
|---|---|
| `ehr_id` | the id of an EHR |
| `date_time` | ISO 8601, whole or a date alone |
| `text` | any text |

A value of another type is refused with 400, since it would compare with nothing and look like an empty record.

This page is written from the program by `make docs`.
"""


def queries_page() -> str:
    """Return docs/queries.md."""
    queries = shipped_queries()
    parts = [_TEXT]
    for category in categories():
        rows = [_row(query) for query in queries if query.category == category.key]
        if rows:
            parts.append(f"\n## {category.number}. {category.name['nb']} / {category.name['en']}\n\n")
            parts.append("| | name | parameters | nb | en |\n|---|---|---|---|---|\n")
            parts += rows
    return "".join(parts)


def _row(query: ShippedQuery) -> str:
    parameters = ", ".join(f"`{name}` {kind}" for name, kind in query.parameters.items())
    name = query.name.partition("::")[2]
    link = f"[{query.name}](../templates/queries/{name}.aql)"
    return f"| {query.key} | {link} | {parameters} | {query.purposes['nb']} | {query.purposes['en']} |\n"
