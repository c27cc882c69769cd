"""Where in an object nodes of a class can be: the reference model as a graph.

Searches leave out what cannot hold what they look for. A composition has thousands of nodes; an OBSERVATION can only be
under `content` and the `items` of sections. `Reach` answers, for a set of wanted classes, which attributes of which
class lead to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from aql.catalog import Attribute, RmCatalog

ROOT_KINDS: Mapping[str, str] = {
    "COMPOSITION": "COMPOSITION",
    "EHR_STATUS": "EHR_STATUS",
    "FOLDER": "FOLDER",
    "PARTY": "PARTY",
}
"""Kinds of versioned objects and the class of what they hold."""

EHR_KINDS = ("COMPOSITION", "EHR_STATUS", "FOLDER")

_NARROWER: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("GENERIC_ENTRY", "data"): ("ITEM", "ITEM_TREE"),
    ("EHR", "ehr_status"): ("EHR_STATUS",),
    ("EHR", "ehr_access"): ("EHR_ACCESS",),
    ("EHR", "directory"): ("FOLDER",),
    ("EHR", "folders"): ("FOLDER",),
    ("EHR", "compositions"): ("COMPOSITION",),
    ("ORIGINAL_VERSION", "data"): ("COMPOSITION", "EHR_STATUS", "FOLDER", "EHR_ACCESS", "PARTY"),
    ("IMPORTED_VERSION", "item"): ("ORIGINAL_VERSION",),
}
"""Attributes that hold something narrower than their declared class: there it is the nearest common ancestor of what
is allowed, or a reference that a path through an EHR follows."""


class Reach:
    """The graph of one catalog. Safe for many threads."""

    def __init__(self, catalog: RmCatalog) -> None:
        self._catalog = catalog
        self._routes = lru_cache(maxsize=256)(self._find_routes)
        self._below = lru_cache(maxsize=1024)(self._find_below)

    def concrete(self, rm_type: str) -> frozenset[str]:
        """Return the concrete classes that conform to a class."""
        return self._catalog.subtypes(rm_type)

    def is_many(self, types: frozenset[str], attribute: str) -> bool:
        """Tell whether the attribute of any of the classes has many values."""
        return any(
            found.is_multiple
            for rm_type in types
            if (found := self._catalog.attributes(rm_type).get(attribute)) is not None
        )

    def below(self, types: frozenset[str], attribute: str) -> frozenset[str]:
        """Return the concrete classes that an attribute of the classes can hold; empty where none has it."""
        return self._below(types, attribute)

    def routes(self, targets: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
        """Return, by concrete class, the attributes through which a target can be met, at any depth."""
        return self._routes(targets)

    def kinds_with(self, targets: frozenset[str]) -> tuple[str, ...]:
        """Return the kinds of versioned objects that can be or hold one of the classes.

        Demographic objects are only searched for classes that no object of an EHR can hold.
        """
        routes = self.routes(targets)
        found = tuple(
            kind
            for kind, root in ROOT_KINDS.items()
            if any(rm_type in targets or rm_type in routes for rm_type in self.concrete(root))
        )
        of_ehr = tuple(kind for kind in found if kind in EHR_KINDS)
        return of_ehr or found

    def _find_below(self, types: frozenset[str], attribute: str) -> frozenset[str]:
        result: set[str] = set()
        for rm_type in types:
            found = self._catalog.attributes(rm_type).get(attribute)
            if found is not None:
                result |= self._held(rm_type, found)
        return frozenset(result)

    def _held(self, rm_type: str, attribute: Attribute) -> frozenset[str]:
        declared = _NARROWER.get((rm_type, attribute.name), (attribute.rm_type,))
        return frozenset().union(*(self._catalog.subtypes(name) for name in declared))

    def _find_routes(self, targets: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
        everything = self._everything()
        leading = set(targets)
        routes: dict[str, tuple[str, ...]] = {}
        while True:
            routes = {
                rm_type: attributes
                for rm_type, edges in everything.items()
                if (attributes := tuple(name for name, below in edges.items() if not below.isdisjoint(leading)))
            }
            grown = leading | routes.keys()
            if grown == leading:
                return routes
            leading = grown

    def _everything(self) -> dict[str, dict[str, frozenset[str]]]:
        """Return the classes that can be inside a versioned object, with what their attributes can hold."""
        found: dict[str, dict[str, frozenset[str]]] = {}
        waiting = [rm_type for root in ROOT_KINDS.values() for rm_type in self.concrete(root)]
        while waiting:
            rm_type = waiting.pop()
            if rm_type in found:
                continue
            found[rm_type] = {
                name: self._held(rm_type, attribute) for name, attribute in self._catalog.attributes(rm_type).items()
            }
            waiting.extend(other for below in found[rm_type].values() for other in below)
        return found
