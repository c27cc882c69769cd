"""Archetypes of one tenant. Shape: archetype {_id: archetype id, src: zstd, concept, langs, t0}."""

from __future__ import annotations

from datetime import UTC

import zstandard
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from cdr.errors import Conflict
from cdr.ports import ArchetypeRecord
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.layout import ARCHETYPE


class MongoArchetypeStore:
    """The `ArchetypeStore` of one tenant."""

    def __init__(self, database: Database[Document]) -> None:
        self._archetypes = database[ARCHETYPE]

    def add(self, archetype: ArchetypeRecord) -> None:
        """Store a new archetype; `Conflict` when the id is taken."""
        document = {
            "_id": archetype.archetype_id,
            "src": zstandard.ZstdCompressor(level=9).compress(archetype.source),
            "concept": archetype.concept,
            "langs": list(archetype.languages),
            "t0": archetype.time_created,
        }
        with store_failures():
            try:
                self._archetypes.insert_one(document)
            except DuplicateKeyError:
                raise Conflict("a new archetype has an id that is not taken", code="ARCHETYPE_EXISTS") from None

    def current(self, archetype_id: str) -> ArchetypeRecord | None:
        """Return an archetype, or None."""
        with store_failures():
            found = self._archetypes.find_one({"_id": archetype_id})
        return _record(found) if found is not None else None

    def list(self) -> list[ArchetypeRecord]:
        """Return all archetypes by id."""
        with store_failures():
            return [_record(document) for document in self._archetypes.find(sort=[("_id", 1)])]

    def remove(self, archetype_id: str) -> bool:
        """Remove an archetype; False when there is none."""
        with store_failures():
            return self._archetypes.delete_one({"_id": archetype_id}).deleted_count > 0


def _record(document: Document) -> ArchetypeRecord:
    return ArchetypeRecord(
        archetype_id=document["_id"],
        source=zstandard.ZstdDecompressor().decompress(document["src"]),
        concept=document["concept"],
        languages=tuple(document["langs"]),
        time_created=document["t0"].replace(tzinfo=UTC),
    )
