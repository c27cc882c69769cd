"""The stored queries that come with Kilde: files of `templates/queries`, each a header of AQL comments and the query.

Shape of a header, one line each: `-- key: S1`, `-- name: no.kommune::tjenesteoversikt`, `-- version: 1.0.0`,
`-- category: <key>`, `-- purpose nb: ...`, `-- purpose en: ...` and `-- parameter ehr_id: ehr_id` for each parameter,
with the type of its values. What follows the empty line is what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cdr import resources
from cdr.errors import BadInput

PARAMETER_TYPES = ("ehr_id", "date_time", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedQuery:
    """One query; `key` is its short name in the model, `purposes` and `parameters` are by language and by name."""

    key: str
    name: str
    version: str
    category: str
    purposes: Mapping[str, str]
    parameters: Mapping[str, str]
    text: str


def shipped_queries() -> tuple[ShippedQuery, ...]:
    """Return the queries that come with this installation, by name. Errors: `BadInput` for a file that is none."""
    files = (resources.folder("templates") / "queries").glob("*.aql")
    return tuple(sorted(map(_read, files), key=lambda query: query.name))


def read_query(source: str) -> ShippedQuery:
    """Return the query in the text of a file; `BadInput` when its header lacks something."""
    header, _, text = source.replace("\r\n", "\n").partition("\n\n")
    fields: dict[str, str] = {}
    for line in header.splitlines():
        name, colon, value = line.removeprefix("--").partition(":")
        if not line.startswith("--") or not colon:
            raise BadInput(
                "A query file should begin with lines '-- name: value' and an empty line.", code="QUERY_FILE"
            )
        fields[name.strip()] = value.strip()
    absent = [name for name in ("key", "name", "version", "category") if not fields.get(name)]
    if absent or not text.strip():
        raise BadInput(f"A query file should say its {', '.join(absent) or 'query'}.", code="QUERY_FILE")
    return ShippedQuery(
        key=fields["key"],
        name=fields["name"],
        version=fields["version"],
        category=fields["category"],
        purposes=_below(fields, "purpose "),
        parameters=_below(fields, "parameter "),
        text=text.strip(),
    )


def _read(file: Path) -> ShippedQuery:
    return read_query(file.read_text(encoding="utf-8"))


def _below(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in fields.items() if name.startswith(prefix)}
