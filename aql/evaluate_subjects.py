"""Rows about somebody else: entries whose subject is not the subject of the EHR (a foetus, a parent, a donor).

A row is about somebody else when a node it is made of is such an entry or is inside one. A row that shows a whole
composition is not, whatever the composition holds.
"""

from __future__ import annotations

from typing import Any

from aql.objects import Bound, Node, Unit, Value
from aql.plan import Plan
from aql.reach import Reach

_MARKS = (b'"subject":{"_type":"PARTY_RELATED"', b'"subject":{"_type":"PARTY_IDENTIFIED"')


class OtherSubjects:
    """Remembers, for the unit at hand, which nodes are inside entries about somebody else."""

    def __init__(self, plan: Plan, reach: Reach, *, leaves_out: bool) -> None:
        entries = reach.concrete("ENTRY")
        self._routes = reach.routes(entries)
        self._entries = entries
        self._columns = plan.subject_columns
        self._nodes: set[int] = set()
        self.leaves_out = leaves_out
        self.left_out = 0

    def look_at(self, unit: Unit) -> None:
        """Collect the nodes of the unit that are inside an entry about somebody else; usually there are none."""
        self._nodes.clear()
        for objects in unit.objects:
            for each in objects:
                # What nobody looked into, and no path goes into, shows nothing of an entry.
                if each.kind != "COMPOSITION" or not (each.is_decoded or self._columns):
                    continue
                content = each.content
                if content is not None and any(mark in content for mark in _MARKS):
                    self._collect(each.root)

    def is_about_other(self, binding: tuple[Bound, ...], row: tuple[Value, ...]) -> bool:
        """Tell whether a row is about somebody else."""
        nodes = self._nodes
        if not nodes:
            return False
        return any(id(bound) in nodes for bound in binding) or any(id(row[column]) in nodes for column in self._columns)

    def _collect(self, node: Node | None) -> None:
        if node is None:
            return
        if node.get("_type") in self._entries:
            if (node.get("subject") or {}).get("_type") not in (None, "PARTY_SELF"):
                self._add(node)
            return
        for attribute in self._routes.get(node.get("_type", ""), ()):
            below = node.get(attribute)
            for each in below if isinstance(below, list) else [below]:
                self._collect(each)

    def _add(self, value: Any) -> None:  # JSON values have no common type
        if isinstance(value, dict):
            self._nodes.add(id(value))
            for below in value.values():
                self._add(below)
        elif isinstance(value, list):
            for below in value:
                self._add(below)
