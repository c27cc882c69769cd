"""The path dictionary: a number for every archetype id, template id, node path and leaf path that data use.

The extraction asks it for numbers, the query planner for the paths behind them. It grows with archetypes and
templates, not with data, and holds no names of instances and no values except the least and greatest number or time of
a leaf. Numbers are given outside the commit, under a unique index, and never change; counts only advise.

Shape of a document of the collection `paths`:
    {_id: number, key: unique text, kind: "archetype"|"template", name: the id, n}
    {_id, key, kind: "node", root: archetype id where the path begins, path: node path from there ("" for the root
     itself, "/data[at0001]/events[at0006]"), parent: number or 0, attr, node: node or archetype id, type: RM type,
     group: is it a group, m: place of the group instances that it is or lies in ("g5.g8"), n}
    {_id, key, kind: "leaf", root, path ("/data[at0001]/.../items[at0004]/value/magnitude"), parent: number of the node,
     attr: path from the node ("value/magnitude"), type: RM type of the value ("DV_QUANTITY"; `value` of a text is
     DV_TEXT whether coded or not), scalar: number|text|time|clock|duration|boolean|raw, m: "g5.g8.k9", n, lo, hi}
`raw` leaves are in `r` only; time, clock and duration are numbers in `m` and the written text in `r`.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from zoneinfo import ZoneInfo

from pymongo import UpdateOne, WriteConcern
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from cdr.store.client import Document
from cdr.store.counters import take_numbers
from cdr.store.layout import DEFAULT_ZONE, PATHS
from cdr.store.structure import NodeClass

_FLUSH_SECONDS = 5.0
_DUPLICATE = 11000


class Entry:
    """One entry of the dictionary as this process knows it; `number` is 0 until the database has given one."""

    __slots__ = ("count", "document", "field", "high", "key", "low", "number", "parent")

    def __init__(self, key: str, document: Document, *, parent: PathNode | None = None) -> None:
        self.parent = parent
        self.key = key
        self.document = document
        self.number = 0
        self.field = "k" if document.get("kind") == "leaf" else "g"
        self.count = 0
        self.low: float | None = None
        self.high: float | None = None

    def give(self, number: int) -> None:
        """Set the number, once."""
        self.field = ("k" if self.document["kind"] == "leaf" else "g") + str(number)
        self.number = number


class PathNode(Entry):
    """A node path with the node paths and leaves below it."""

    __slots__ = ("children", "is_group", "is_top", "leaves")

    def __init__(self, key: str, document: Document, *, parent: PathNode | None, is_group: bool, is_top: bool) -> None:
        super().__init__(key, document, parent=parent)
        self.is_group = is_group
        self.is_top = is_top
        self.children: dict[tuple[str, str, type], PathNode] = {}
        self.leaves: dict[str, Entry] = {}


class PathDictionary:
    """The dictionary of one tenant, cached in this process; safe for several threads.

    `zone` is the time zone of dates and times without an offset: the numbers of such leaves depend on it.
    Entries are made without a number by `node`, `leaf`, `archetype` and `template`; `allocate` gives the numbers.
    """

    def __init__(self, database: Database[Document], *, zone: tzinfo | None = None) -> None:
        self.zone = zone or ZoneInfo(DEFAULT_ZONE)
        self._database = database
        self._paths = database[PATHS]
        self._lock = threading.Lock()
        self._next_flush = time.monotonic() + _FLUSH_SECONDS
        self.reset()

    def reset(self) -> None:
        """Forget what this process knows; the numbers are read again when needed."""
        self.root = PathNode("", {"path": "", "root": ""}, parent=None, is_group=False, is_top=False)
        self._archetypes: dict[str, Entry] = {}
        self._templates: dict[str, Entry] = {}

    def archetype(self, archetype_id: str) -> Entry:
        """Return the entry of an archetype id."""
        return self._archetypes.get(archetype_id) or self._archetypes.setdefault(
            archetype_id, Entry(f"A {archetype_id}", {"kind": "archetype", "name": archetype_id})
        )

    def template(self, template_id: str) -> Entry:
        """Return the entry of a template id."""
        return self._templates.get(template_id) or self._templates.setdefault(
            template_id, Entry(f"T {template_id}", {"kind": "template", "name": template_id})
        )

    def node(self, parent: PathNode, attribute: str, node_id: str, rm_type: type, kind: NodeClass) -> PathNode:
        """Return the entry of a node below another; directly below `root` a path begins."""
        known = parent.children.get((attribute, node_id, rm_type))
        if known is not None:
            return known
        name = rm_type.__struct_config__.tag  # type: ignore[attr-defined]  # all are msgspec structs
        is_root = parent is self.root
        root = node_id if is_root else parent.document["root"]
        path = "" if is_root else f"{parent.document['path']}/{attribute}[{node_id}]"
        document = {"kind": "node", "root": root, "path": path, "attr": attribute, "node": node_id, "type": name}
        entry = PathNode(f"N {root} {path} {name}", document, parent=parent, is_group=kind.is_group, is_top=kind.is_top)
        return parent.children.setdefault((attribute, node_id, rm_type), entry)

    def leaf(self, node: PathNode, label: str) -> Entry:
        """Return the entry of a leaf; `label` is `path type scalar`, for instance `value/units DV_QUANTITY raw`."""
        known = node.leaves.get(label)
        if known is not None:
            return known
        attribute, rm_type, scalar = label.split(" ")
        path = f"{node.document['path']}/{attribute}"
        root = node.document["root"]
        document = {"kind": "leaf", "root": root, "path": path, "attr": attribute, "type": rm_type, "scalar": scalar}
        key = f"L {root} {path} {node.document['type']} {rm_type} {scalar}"
        return node.leaves.setdefault(label, Entry(key, document, parent=node))

    def allocate(self, entries: Iterable[Entry]) -> None:
        """Give a number to each of the entries, parents before what lies in them: the one the database has, or a new.

        Safe under concurrent workers: the first to insert a key decides its number.
        """
        wanted = {entry.key: entry for entry in entries if not entry.number}
        if not wanted:
            return
        # Level by level: an entry is written with the numbers of what it lies in, which another worker may have given.
        with self._lock:
            for _, level in itertools.groupby(sorted(wanted.values(), key=_depth), key=_depth):
                self._allocate_level(list(level))

    def _allocate_level(self, entries: list[Entry]) -> None:
        known = self._numbers(entries)
        absent = [entry for entry in entries if entry.key not in known]
        if absent:
            first = take_numbers(self._database, "paths", len(absent))
            self._insert([_document(entry, number) for number, entry in enumerate(absent, first)])
            known |= self._numbers(absent)
        for entry in entries:
            entry.give(known[entry.key])

    def flush(self, *, force: bool = False) -> None:
        """Add this process's counts to the stored ones: every few seconds at most, or now and for good if forced."""
        if not force and time.monotonic() < self._next_flush:
            return
        self._next_flush = time.monotonic() + _FLUSH_SECONDS
        updates = []
        for entry in self._counted():
            # Threads may count in between; a lost count does no harm, since counts only advise.
            change: Document = {"$inc": {"n": entry.count}}
            if entry.low is not None:
                change |= {"$min": {"lo": entry.low}, "$max": {"hi": entry.high}}
            entry.count, entry.low, entry.high = 0, None, None
            updates.append(UpdateOne({"_id": entry.number}, change))
        if updates:
            # Lost counts only make plans worse; they must not make a commit that went through look failed.
            with contextlib.suppress(PyMongoError):
                paths = self._paths if force else self._paths.with_options(write_concern=WriteConcern(w=1))
                paths.bulk_write(updates, ordered=False)

    def clear_counts(self) -> None:
        """Set all counts to nothing, before everything is counted again."""
        for entry in self._counted():
            entry.count, entry.low, entry.high = 0, None, None
        self._paths.update_many({}, {"$unset": {"n": "", "lo": "", "hi": ""}})

    def _numbers(self, entries: Iterable[Entry]) -> dict[str, int]:
        found = self._paths.find({"key": {"$in": [entry.key for entry in entries]}}, {"key": 1})
        return {document["key"]: document["_id"] for document in found}

    def _insert(self, documents: list[Document]) -> None:
        """Insert entries; where another worker was first, its entry stays."""
        try:
            self._paths.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if any(failure["code"] != _DUPLICATE for failure in error.details["writeErrors"]):
                raise

    def _counted(self) -> Iterator[Entry]:
        for node in [*self._nodes(self.root)]:
            for entry in (node, *list(node.leaves.values())):
                if entry.count and entry.number:
                    yield entry
        for entry in [*self._archetypes.values(), *self._templates.values()]:
            if entry.count and entry.number:
                yield entry

    def _nodes(self, node: PathNode) -> Iterator[PathNode]:
        for child in list(node.children.values()):
            yield child
            yield from self._nodes(child)


def _document(entry: Entry, number: int) -> Document:
    """Return the stored form of a new entry; what it lies in has its number already."""
    document: Document = {"_id": number, "key": entry.key, **entry.document}
    if entry.parent is None:
        return document
    document["parent"] = entry.parent.number
    places = []
    if isinstance(entry, PathNode):
        document["group"] = entry.is_group
        if entry.is_group:
            places.append(f"g{number}")
        around = None if entry.is_top else entry.parent
    else:
        places.append(f"k{number}")
        around = entry.parent
    while around is not None:
        if around.is_group:
            places.append(around.field)
        around = None if around.is_top else around.parent
    document["m"] = ".".join(reversed(places))
    return document


def _depth(entry: Entry) -> int:
    """Return how many entries an entry lies in."""
    depth = 0
    while entry.parent is not None:
        entry = entry.parent
        depth += 1
    return depth
