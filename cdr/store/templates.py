"""Templates of one tenant: immutable revisions in `template`, and which one an id points at in `template_head`.

Revisions never change, so each process keeps the last used ones; the head is read anew every time, and an upload
through another process is seen at once.

Shape: template {_id: revision, tid, src: zstd, concept, root, lang, t0}; template_head {_id: template id, rev, t0,
deprecated, cat?: registered category, nat?: registered national source}.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC

import zstandard
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from cdr.errors import Conflict, NotFound
from cdr.ports import TemplateRecord
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.layout import TEMPLATE, TEMPLATE_HEAD, VERSION

# Sources have some 100 to 500 kB.
_KEPT = 200


class MongoTemplateStore:
    """The `TemplateStore` of one tenant; safe for several threads."""

    def __init__(self, database: Database[Document]) -> None:
        self._revisions = database[TEMPLATE]
        self._heads = database[TEMPLATE_HEAD]
        self._versions = database[VERSION]
        self._kept: OrderedDict[str, TemplateRecord] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, template: TemplateRecord) -> None:
        """Store a new template; `Conflict` when the id is taken."""
        with store_failures():
            self._store_revision(template)
            try:
                self._heads.insert_one({"_id": template.template_id, **_head(template)})
            except DuplicateKeyError:
                raise Conflict("A new template should have an id that is not taken.", code="TemplateExists") from None

    def replace(self, template: TemplateRecord) -> None:
        """Point an existing id at a new revision; older revisions stay readable. `NotFound` for an unknown id."""
        with store_failures():
            self._store_revision(template)
            result = self._heads.update_one({"_id": template.template_id}, {"$set": _head(template)})
        if not result.matched_count:
            raise NotFound("A template to be replaced should exist.", code="TemplateNotFound")

    def current(self, template_id: str) -> TemplateRecord | None:
        """Return the revision that the id points at, or None."""
        with store_failures():
            head = self._heads.find_one({"_id": template_id})
            if head is None:
                return None
            record = self._revision(_key(template_id, head["rev"]))
        return None if record is None else _under(head, record)

    def revision(self, revision: str) -> TemplateRecord | None:
        """Return one revision by its hash, or None."""
        with store_failures():
            found = self._revisions.find_one({"rev": revision}, {"_id": 1})
            return None if found is None else self._revision(found["_id"])

    def list(self) -> list[TemplateRecord]:
        """Return the current revisions by id, each with its source."""
        with store_failures():
            heads = list(self._heads.find(sort=[("_id", 1)]))
            records = [(self._revision(_key(head["_id"], head["rev"])), head) for head in heads]
        return [_under(head, one) for one, head in records if one is not None]

    def revisions(self) -> Sequence[TemplateRecord]:
        """Return every revision of every template, oldest first."""
        with store_failures():
            found = self._revisions.find(sort=[("t0", 1), ("_id", 1)])
            return [_record(document) for document in found]

    def restore(self, template: TemplateRecord, *, is_current: bool) -> None:
        """Take in a revision from an export; the id points at it if it was the current one and the id is new here."""
        with store_failures():
            self._store_revision(template)
            if is_current:
                head = {**_head(template), **_registered(template.category, template.national_source)}
                self._heads.update_one({"_id": template.template_id}, {"$setOnInsert": head}, upsert=True)

    def register(self, template_id: str, *, category: str | None, national_source: str | None) -> bool:
        """Set what is registered for a template, None for nothing; False when there is no such template."""
        # A pipeline: one that takes everything away has no fields to set.
        change: list[Document] = [{"$unset": ["cat", "nat"]}, {"$set": _registered(category, national_source)}]
        with store_failures():
            return self._heads.update_one({"_id": template_id}, change).matched_count > 0

    def usage(self, template_id: str) -> int:
        """Return how many versions were stored under the template."""
        with store_failures():
            return self._versions.count_documents({"tp": template_id})

    def remove(self, template_id: str) -> bool:
        """Remove a template that no data uses; `Conflict` when it is used, False when there is none."""
        if self.usage(template_id):
            raise Conflict("A template to be removed should have no data.", code="TemplateInUse")
        with store_failures():
            removed = self._heads.delete_one({"_id": template_id}).deleted_count > 0
            self._revisions.delete_many({"tid": template_id})
        with self._lock:
            for key in [key for key, kept in self._kept.items() if kept.template_id == template_id]:
                del self._kept[key]
        return removed

    def _revision(self, key: str) -> TemplateRecord | None:
        """Return a revision by its key, from memory if it was used lately."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        document = self._revisions.find_one({"_id": key})
        if document is None:
            return None
        record = _record(document)
        with self._lock:
            self._kept[key] = record
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return record

    def _store_revision(self, template: TemplateRecord) -> None:
        document = {
            "_id": _key(template.template_id, template.revision),
            "rev": template.revision,
            "tid": template.template_id,
            "src": zstandard.ZstdCompressor(level=9).compress(template.source),
            "concept": template.concept,
            "root": template.root_archetype,
            "lang": template.language,
            "t0": template.time_created,
        }
        try:
            self._revisions.insert_one(document)
        except DuplicateKeyError:
            # The same source again: the revision is there and never changes.
            return


def _record(document: Document) -> TemplateRecord:
    """Return a revision; whether it is deprecated stands in the head."""
    return TemplateRecord(
        template_id=document["tid"],
        revision=document["rev"],
        source=zstandard.ZstdDecompressor().decompress(document["src"]),
        concept=document["concept"],
        root_archetype=document["root"],
        language=document["lang"],
        time_created=document["t0"].replace(tzinfo=UTC),
    )


def _under(head: Document, record: TemplateRecord) -> TemplateRecord:
    """Return a revision with what belongs to the id that points at it."""
    return dataclasses.replace(
        record, is_deprecated=head["deprecated"], category=head.get("cat"), national_source=head.get("nat")
    )


def _registered(category: str | None, national_source: str | None) -> Document:
    return {field: text for field, text in (("cat", category), ("nat", national_source)) if text is not None}


def _head(template: TemplateRecord) -> Document:
    return {"rev": template.revision, "t0": template.time_created, "deprecated": template.is_deprecated}


def _key(template_id: str, revision: str) -> str:
    """Return the id of a revision: two ids may point at the same source."""
    return f"{revision} {template_id}"
