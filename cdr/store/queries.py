"""Stored queries of one tenant: the collection `query`, {_id, name, version, text, t0, purpose, author, parameters,
category, purposes}; the last two are absent in what older releases stored.
"""

from __future__ import annotations

import re
from datetime import UTC

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from cdr.errors import Conflict
from cdr.ports import QueryRecord
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.layout import QUERY


class MongoQueryStore:
    """The `QueryStore` of one tenant."""

    def __init__(self, database: Database[Document]) -> None:
        self._queries = database[QUERY]

    def add(self, query: QueryRecord) -> None:
        """Store one version; `Conflict` when it exists."""
        document = {
            "name": query.name,
            "version": query.version,
            "text": query.text,
            "t0": query.time_created,
            "purpose": query.purpose,
            "author": query.author,
            # As pairs: a parameter's name may hold what a field's name may not.
            "parameters": None if query.parameters is None else [list(pair) for pair in query.parameters.items()],
            "category": query.category,
            "purposes": None if query.purposes is None else dict(query.purposes),
        }
        with store_failures():
            try:
                self._queries.insert_one(document)
            except DuplicateKeyError:
                raise Conflict(
                    "A stored query should have a new version; this one exists.", code="QueryExists"
                ) from None

    def versions(self, name: str) -> list[QueryRecord]:
        """Return all versions of one name, oldest first."""
        with store_failures():
            return sorted(map(_record, self._queries.find({"name": name})), key=_order)

    def list(self, prefix: str = "") -> list[QueryRecord]:
        """Return all stored queries whose name starts with the prefix, by name and version."""
        found = {"name": {"$regex": "^" + re.escape(prefix)}} if prefix else {}
        with store_failures():
            return sorted(map(_record, self._queries.find(found)), key=_order)

    def remove(self, name: str, version: str) -> bool:
        """Remove one version; False when there is none."""
        with store_failures():
            return self._queries.delete_one({"name": name, "version": version}).deleted_count > 0


def _record(document: Document) -> QueryRecord:
    parameters = document["parameters"]
    return QueryRecord(
        name=document["name"],
        version=document["version"],
        text=document["text"],
        time_created=document["t0"].replace(tzinfo=UTC),
        purpose=document["purpose"],
        author=document["author"],
        parameters=None if parameters is None else dict(parameters),
        category=document.get("category", ""),
        purposes=document.get("purposes"),
    )


def _order(query: QueryRecord) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Order by name, then by version with its numbers as numbers."""
    parts = tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.+-]", query.version))
    return query.name, parts
