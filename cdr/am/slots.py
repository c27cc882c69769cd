"""Which archetypes may fill a slot.

Source: AM 1.4, ADL1.4 section 5.3.4 (archetype slots) and AOM1.4, ARCHETYPE_SLOT.
"""

from __future__ import annotations

from collections.abc import Iterable

from cdr.am.assertions import Assertion
from cdr.am.constraints import ArchetypeSlot
from cdr.am.patterns import matcher


def may_fill(slot: ArchetypeSlot, archetype_id: str) -> bool:
    """Tell whether an archetype may fill the slot.

    Inclusions allow; with inclusions given, "everything" as an exclusion only says that nothing else is allowed. A slot
    without inclusions takes what is not excluded. An assertion about anything but the archetype id allows: it cannot be
    judged from the id.
    """
    if slot.includes:
        return _is_met(slot.includes, archetype_id) and not _is_excluded(slot, archetype_id)
    return not slot.excludes or not _is_excluded(slot, archetype_id)


def _is_met(assertions: Iterable[Assertion], archetype_id: str) -> bool:
    for assertion in assertions:
        pattern = assertion.archetype_id_pattern
        matches = matcher(pattern) if pattern is not None else None
        if matches is None or matches(archetype_id):
            return True
    return False


def _is_excluded(slot: ArchetypeSlot, archetype_id: str) -> bool:
    for assertion in slot.excludes:
        pattern = assertion.archetype_id_pattern
        if pattern is None or (pattern.strip("/") == ".*" and slot.includes):
            continue
        matches = matcher(pattern)
        if matches is not None and matches(archetype_id):
            return True
    return False
