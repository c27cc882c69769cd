"""An RM object as the searched part of its index document: one walk, no copies of the object.

Comes in: a COMPOSITION, EHR_STATUS, FOLDER or party, valid or a draft. Goes out: the fields a, s, w, m and r of
`cdr.store.layout`. Called in each commit before the transaction, and by `cdr.store.reindex`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdr import rm
from cdr.errors import TooLarge
from cdr.store.intervals import pack
from cdr.store.layout import DEEPEST_GROUP
from cdr.store.paths import Entry, PathDictionary, PathNode
from cdr.store.structure import ELEMENT, NODE_CLASSES, NodeClass

# Group instances hold scalars, arrays and group instances.
Instance = dict[str, Any]

_ARCHETYPE_PREFIX = "openEHR-"


@dataclass(frozen=True, slots=True)
class IndexFields:
    """The searched part of an index document: see `cdr.store.layout` for each field."""

    a: list[int]
    s: bytes
    w: list[str]
    m: Instance
    r: Instance


def index_fields(root: rm.RmObject, *, template_id: str | None, paths: PathDictionary) -> IndexFields:
    """Return the index fields of an object, giving new paths their numbers on the way.

    `TooLarge` when clusters are nested deeper than a document can hold.
    """
    while True:
        walk = _Walk(paths)
        walk.begin(root)
        entries = [paths.archetype(archetype) for archetype in walk.archetypes]
        if template_id is not None:
            entries.append(paths.template(template_id))
        missing = walk.missing + [entry for entry in entries if not entry.number]
        if not missing:
            break
        paths.allocate(missing)
    for entry in entries:
        entry.count += 1
    return IndexFields(
        sorted(entry.number for entry in entries), pack(walk.numbers, walk.ends), walk.names, walk.m, walk.r
    )


class _Walk:
    """One walk over one object; the sink of its leaves."""

    __slots__ = (
        "_groups",
        "_m",
        "_node",
        "_paths",
        "_r",
        "archetypes",
        "ends",
        "m",
        "missing",
        "names",
        "numbers",
        "r",
        "zone",
    )

    def __init__(self, paths: PathDictionary) -> None:
        self._paths = paths
        self.zone = paths.zone
        self._groups = 0
        self._node: PathNode = paths.root
        self._m: Instance = {}
        self._r: Instance = {}
        self.m: Instance = {}
        self.r: Instance = {}
        self.numbers: list[int] = []
        self.ends: list[int] = []
        self.names: list[str] = []
        self.archetypes: dict[str, None] = {}
        self.missing: list[Entry] = []

    def begin(self, root: rm.RmObject) -> None:
        """Walk the whole object."""
        try:
            self._visit(root, self._paths.root, "", self.m, self.r, {})
        except RecursionError:
            raise _too_deep() from None

    def searched(self, label: str, scalar: float | str) -> None:
        """Keep a scalar in `m`."""
        leaf = self._node.leaves.get(label) or self._paths.leaf(self._node, label)
        if not leaf.number:
            self.missing.append(leaf)
            return
        leaf.count += 1
        if not isinstance(scalar, str):
            if leaf.low is None or scalar < leaf.low:
                leaf.low = scalar
            if leaf.high is None or scalar > leaf.high:
                leaf.high = scalar
        self._m[leaf.field] = scalar

    def kept(self, label: str, scalar: float | str) -> None:
        """Keep a scalar in `r`."""
        leaf = self._node.leaves.get(label) or self._paths.leaf(self._node, label)
        if not leaf.number:
            self.missing.append(leaf)
        self._r[leaf.field] = scalar

    def listed(self, label: str, scalars: list[str]) -> None:
        """Keep all values of an attribute with many in `m`."""
        leaf = self._node.leaves.get(label) or self._paths.leaf(self._node, label)
        if not leaf.number:
            self.missing.append(leaf)
        leaf.count += len(scalars)
        self._m[leaf.field] = scalars

    def _feeder_audit(self, audit: rm.FeederAudit) -> None:
        """Note the archetypes in the details of source systems: CONTAINS sees them, though nothing there is a leaf."""
        for source in (audit.originating_system_audit, audit.feeder_system_audit):
            waiting: list[Any] = [] if source is None or source.other_details is None else [source.other_details]
            while waiting:
                node = waiting.pop()
                if "-" in (node.archetype_node_id or ""):
                    self.archetypes[node.archetype_node_id] = None
                for attribute in ("items", "item", "rows"):
                    below = getattr(node, attribute, None)
                    waiting.extend(below if isinstance(below, list) else [] if below is None else [below])

    def _visit(
        self, item: Any, parent: PathNode, attribute: str, m: Instance, r: Instance, seen: dict[PathNode, int]
    ) -> None:
        """Walk one node: `m` and `r` are the group instance around it, `seen` counts the elements met in that."""
        rm_type = type(item)
        kind = NODE_CLASSES.get(rm_type)
        if kind is None:
            return
        node_id = item.archetype_node_id or ""
        if kind.is_top and (node_id[:8] == _ARCHETYPE_PREFIX or rm_type not in (rm.Section, rm.Folder)):
            parent, attribute = self._paths.root, ""
        node = parent.children.get((attribute, node_id, rm_type)) or self._paths.node(
            parent, attribute, node_id, rm_type, kind
        )
        if not node.number:
            self.missing.append(node)
        node.count += 1
        position = len(self.numbers)
        self.numbers.append(node.number)
        self.ends.append(position + 1)
        name = item.name
        self.names.append((name.value or "") if name is not None else "")
        details = item.archetype_details
        if details is not None and details.archetype_id is not None and details.archetype_id.value:
            self.archetypes[details.archetype_id.value] = None
        # Some senders write another archetype in the details; a query may name either.
        if "-" in node_id:
            self.archetypes[node_id] = None
        if item.feeder_audit is not None:
            self._feeder_audit(item.feeder_audit)
        if kind is ELEMENT:
            self._element(item, node, m, r, seen)
            return
        if kind.is_group:
            self._groups += 1
            if self._groups > DEEPEST_GROUP:
                raise _too_deep()
            instance: Instance = {}
            raw: Instance = {"i": position}
            (self.m if kind.is_top else m).setdefault(node.field, []).append(instance)
            (self.r if kind.is_top else r).setdefault(node.field, []).append(raw)
            m, r, seen = instance, raw, {}
        if kind.leaves is not None:
            self._node, self._m, self._r = node, m, r
            kind.leaves(self, item)
        self._children(item, kind, node, m, r, seen)
        if kind.is_group:
            self._groups -= 1
        self.ends[position] = len(self.numbers)

    def _children(
        self, item: Any, kind: NodeClass, node: PathNode, m: Instance, r: Instance, seen: dict[PathNode, int]
    ) -> None:
        for path, first, second in kind.inner:
            child = getattr(getattr(item, first), second, None)
            if child is not None:
                self._visit(child, node, path, m, r, seen)
        for attribute, is_list in kind.children:
            child = getattr(item, attribute)
            if child is None:
                continue
            if is_list:
                for member in child:
                    self._visit(member, node, attribute, m, r, seen)
            else:
                self._visit(child, node, attribute, m, r, seen)

    def _element(self, item: rm.Element, node: PathNode, m: Instance, r: Instance, seen: dict[PathNode, int]) -> None:
        """Keep the leaves of an element; from the second with the same path on they become arrays of slots."""
        before = seen.get(node, 0)
        seen[node] = before + 1
        self._node = node
        assert ELEMENT.leaves is not None
        if not before:
            self._m, self._r = m, r
            ELEMENT.leaves(self, item)
            return
        self._m, self._r = {}, {}
        ELEMENT.leaves(self, item)
        for leaf in list(node.leaves.values()):
            _add_slot(m, leaf.field, before, self._m)
            _add_slot(r, leaf.field, before, self._r)


def _add_slot(instance: Instance, field: str, before: int, added: Instance) -> None:
    """Append one slot for a leaf to its array, made of the `before` slots there were."""
    if field in instance:
        slots = instance[field] if before > 1 else [instance[field]]
    elif field in added:
        slots = [None] * before
    else:
        return
    slots.append(added.get(field))
    instance[field] = slots


def _too_deep() -> TooLarge:
    return TooLarge(f"Clusters and sections should be nested at most {DEEPEST_GROUP} deep.", code="NestedTooDeep")
