"""The nodes of a constraint tree by path, with the way back up.

Comes from `OperationalTemplate.index`. Every node has one path; siblings that share their node id are told apart by
their name where the template constrains it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cdr.am.constraints import CAttribute, CComplexObject, CObject

_LONG_NAME = re.compile(r"\s+and\s+name/value\s*=\s*")
_COMMA = re.compile(r"(\[[^\[\]',]+),\s*(['\"])")
_NAME = re.compile(r", '[^']*'\]")
_QUOTED = re.compile(r"\"([^\"]*)\"\]")


class NodeIndex:
    """Paths, parents and holding attributes of the nodes below a root."""

    __slots__ = ("_at", "_holder", "_order", "_parent", "_path")

    def __init__(self, root: CObject) -> None:
        self._order: list[CObject] = []
        self._parent: dict[int, CComplexObject | None] = {}
        self._holder: dict[int, CAttribute | None] = {}
        self._path: dict[int, str] = {}
        self._at: dict[str, list[CObject]] = {}
        self._add(root, "", "")

    def _add(self, root: CObject, path: str, short: str) -> None:
        stack: list[tuple[CObject, CComplexObject | None, CAttribute | None, str, str]]
        stack = [(root, None, None, path, short)]
        while stack:
            node, parent, holder, path, short = stack.pop()
            key = id(node)
            self._order.append(node)
            self._parent[key] = parent
            self._holder[key] = holder
            self._path[key] = path or "/"
            self._at.setdefault(path or "/", []).append(node)
            if short != path:
                self._at.setdefault(short, []).append(node)
            if not isinstance(node, CComplexObject):
                continue
            for attribute in reversed(node.attributes):
                counts = Counter(child.archetype_node_id for child in attribute.children)
                for child in reversed(attribute.children):
                    step, named = _steps(attribute, child, is_shared=counts[child.archetype_node_id] > 1)
                    stack.append((child, node, attribute, path + "/" + named, short + "/" + step))

    def nodes(self) -> Iterator[CObject]:
        """Yield the nodes, depth first."""
        return iter(self._order)

    def at(self, path: str) -> tuple[CObject, ...]:
        """Return the nodes at a path; names in the path that tell nothing apart are passed over."""
        wanted = normal_path(path)
        found = self._at.get(wanted)
        return tuple(found if found is not None else self._at.get(_NAME.sub("]", wanted), ()))

    def path_of(self, node: CObject) -> str:
        """Return the path of a node."""
        return self._path[id(node)]

    def parent_of(self, node: CObject) -> CComplexObject | None:
        """Return the node that contains a node."""
        return self._parent[id(node)]

    def attribute_of(self, node: CObject) -> CAttribute | None:
        """Return the attribute constraint that holds a node."""
        return self._holder[id(node)]


def _steps(attribute: CAttribute, child: CObject, *, is_shared: bool) -> tuple[str, str]:
    """Return a path step without and with the name."""
    node_id = child.archetype_node_id
    if not node_id:
        return attribute.name, attribute.name
    step = f"{attribute.name}[{node_id}]"
    names = child.names if is_shared and isinstance(child, CComplexObject) else ()
    return step, f"{attribute.name}[{node_id}, '{names[0]}']" if len(names) == 1 else step


def normal_path(path: str) -> str:
    """Return a path as this index writes it: no predicate on the root, names in the short form.

    >>> normal_path("[openEHR-EHR-COMPOSITION.report.v1]/content[at0001 and name/value='Pulse']/data")
    "/content[at0001, 'Pulse']/data"
    """
    if path.startswith("["):
        path = path[path.find("]") + 1 :]
    path = _QUOTED.sub(r"'\1']", _LONG_NAME.sub(", ", path)) if "name" in path or '"' in path else path
    if "," in path:
        path = _COMMA.sub(r"\1, \2", path)
    path = path.rstrip("/") if len(path) > 1 else path
    return path if path.startswith("/") else "/" + path
