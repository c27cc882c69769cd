"""How many: existence of attributes, cardinality and uniqueness of containers, occurrences of their members.

Source: AM 1.4, AOM1.4 section 4.2: existence says whether an attribute is there, cardinality how many members a
container has, occurrences how often one constraint may be met in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cdr.am.constraints import ANY_NUMBER, ArchetypeSlot, CAttribute, CObject
from cdr.rm import RmObject
from cdr.validation.report import Finding


class MultiplicityRules:
    """The rules of one attribute; every method gives the findings for a count."""

    __slots__ = ("_cardinality", "_existence", "_is_unique", "_missing", "_name", "_prohibited")

    def __init__(self, attribute: CAttribute, *, parent: str) -> None:
        self._name = attribute.name
        self._existence = attribute.existence
        held = attribute.cardinality
        self._cardinality = held.interval if held is not None else ANY_NUMBER
        self._is_unique = held is not None and held.is_unique
        self._missing = Finding(
            "TPL_MISSING", f"{attribute.name} in {parent}, which the template requires", attribute.name, is_missing=True
        )
        self._prohibited = Finding(
            "TPL_PROHIBITED", f"no {attribute.name} in {parent}, which the template leaves out", attribute.name
        )

    @property
    def is_required(self) -> bool:
        """Tell whether the attribute has to be there."""
        return self._existence.lower > 0

    def absent(self) -> Finding | None:
        """Return what is wrong when the attribute is not there."""
        return self._missing if self._existence.lower > 0 else None

    def present(self) -> Finding | None:
        """Return what is wrong when the attribute is there."""
        return self._prohibited if self._existence.upper == 0 else None

    def members(self, members: Sequence[RmObject]) -> list[Finding]:
        """Return what is wrong with the number of members and with equal ones."""
        found: list[Finding] = []
        if not self._cardinality.contains(len(members)):
            found.append(
                Finding(
                    "TPL_CARDINALITY",
                    f"{self._cardinality} members",
                    self._name,
                    is_missing=len(members) < self._cardinality.lower,
                )
            )
        if self._is_unique and len({msgspec.json.encode(member) for member in members}) < len(members):
            found.append(Finding("TPL_UNIQUE", "members that all differ", self._name))
        return found


def occurrences(node: CObject, count: int, *, attribute: str) -> Finding | None:
    """Return what is wrong when a constraint is met a number of times in an attribute."""
    allowed = node.occurrences
    if allowed.contains(count):
        return None
    what = "archetypes for the slot" if isinstance(node, ArchetypeSlot) else "occurrences"
    node_id = node.archetype_node_id
    place = f"{attribute}[{node_id}]" if node_id else attribute
    return Finding("TPL_OCCURRENCES", f"{allowed} {what}", place, is_missing=count < allowed.lower)
