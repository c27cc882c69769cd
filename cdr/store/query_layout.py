"""The path dictionary as the query compiler sees it: `DocumentLayout` of `aql.mongo.layout`.

Numbers are read for each query, under its snapshot: a cache could miss an archetype that another process has just
used for the first time, and with it rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pymongo.client_session import ClientSession
from pymongo.database import Database

from aql.archetypes import conforms
from aql.mongo.layout import LeafPlace
from cdr.store.client import Document
from cdr.store.ids import StoredId, pack_id
from cdr.store.layout import PATHS


class ArchetypeNames:
    """The archetype ids behind numbers: they never change, so what is known stays known. Safe for many threads."""

    def __init__(self, database: Database[Document]) -> None:
        self._paths = database[PATHS]
        self._known: dict[int, str | None] = {}

    def of(self, numbers: Iterable[int], session: ClientSession) -> list[str]:
        """Return the archetype ids among the numbers; those of templates are left out."""
        known = self._known
        unknown = [number for number in numbers if number not in known]
        if unknown:
            found = self._paths.find({"_id": {"$in": unknown}}, {"kind": 1, "name": 1}, session=session)
            for document in found:
                known[document["_id"]] = document["name"] if document["kind"] == "archetype" else None
        return [name for number in numbers if (name := known.get(number)) is not None]


class QueryLayout:
    """The numbers that one query needs; not for several threads."""

    def __init__(self, database: Database[Document], session: ClientSession) -> None:
        self._paths = database[PATHS]
        self._session = session
        self._archetypes: dict[str, frozenset[int]] = {}
        self._templates: dict[str, int | None] = {}
        self._leaves: dict[tuple[str, str], tuple[LeafPlace, ...]] = {}

    def archetype_numbers(self, archetype_id: str) -> frozenset[int]:
        """Return the numbers of the archetype and of its specialisations, those that occur in data."""
        known = self._archetypes.get(archetype_id)
        if known is None:
            qualified, _, rest = archetype_id.partition(".")
            begins = re.escape(f"A {qualified}.{rest.partition('.')[0]}")
            found = self._paths.find({"key": {"$regex": f"^{begins}[.-]"}}, {"name": 1}, session=self._session)
            known = frozenset(document["_id"] for document in found if conforms(document["name"], archetype_id))
            self._archetypes[archetype_id] = known
        return known

    def count(self, archetype_id: str) -> int:
        """Return about how many nodes of the archetype and of its specialisations are stored."""
        found = self._paths.find({"_id": {"$in": sorted(self.archetype_numbers(archetype_id))}}, {"n": 1})
        return sum(document.get("n", 0) for document in found)

    def leaf_places(self, archetype_id: str, path: str) -> tuple[LeafPlace, ...]:
        """Return where a path below the root of an archetype, or of a specialisation, has values.

        Entries whose root has a code for a node id stand under that code, whatever archetype their details name.
        """
        key = (archetype_id, path)
        known = self._leaves.get(key)
        if known is None:
            qualified, _, rest = archetype_id.partition(".")
            begins = re.escape(f"L {qualified}.{rest.partition('.')[0]}")
            found = self._paths.find(
                {"$or": [{"key": {"$regex": f"^{begins}[.-]"}}, {"key": {"$regex": "^L [a-z]+[0-9]"}}], "path": path},
                session=self._session,
            )
            known = tuple(
                LeafPlace(each["m"], each["scalar"], each.get("n", 0), each.get("lo"), each.get("hi"))
                for each in found
                if "-" not in each["root"] or conforms(each["root"], archetype_id)
            )
            self._leaves[key] = known
        return known

    def template_number(self, template_id: str) -> int | None:
        """Return the number of a template id, None where no data uses it."""
        if template_id not in self._templates:
            found = self._paths.find_one({"key": f"T {template_id}"}, {"_id": 1}, session=self._session)
            self._templates[template_id] = None if found is None else found["_id"]
        return self._templates[template_id]

    def stored_id(self, text: str) -> StoredId:
        """Return an EHR id or the id of a versioned object as documents hold it."""
        return pack_id(text)
