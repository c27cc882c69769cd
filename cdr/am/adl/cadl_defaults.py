"""What cADL leaves to the reference model: whether an attribute is multiple, and its existence."""

from __future__ import annotations

from cdr.am.intervals import OPTIONAL, REQUIRED_ONCE, Multiplicity
from cdr.rm.catalog import CATALOG


def rm_attribute(rm_type: str, name: str) -> tuple[bool, Multiplicity]:
    """Return whether the RM attribute is multiple, and its existence; an unknown one is single and mandatory."""
    rm_class = rm_type.split("<", 1)[0]
    attribute = CATALOG.attributes(rm_class).get(name) if CATALOG.is_class(rm_class) else None
    if attribute is None:
        return False, REQUIRED_ONCE
    return attribute.is_multiple, REQUIRED_ONCE if attribute.is_mandatory else OPTIONAL
