"""Every invariant of the class tables as a named rule, one file a package of the reference model.

The validator walks an object and asks `missing_attributes` and `violations` of each node; neither looks below the node.
Rules about codes of the openEHR terminology stand in `cdr.terminology.rules`; invariants that no rule checks are listed
with their reasons in `cdr.rm.invariants.unchecked`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from cdr.rm import RmObject
from cdr.rm.catalog import CATALOG, fields
from cdr.rm.invariants import (
    composition,
    data_structures,
    demographic,
    ehr,
    encapsulated,
    identification,
    quantity,
    record_keeping,
    text,
)
from cdr.rm.invariants.rule import Rule
from cdr.rm.invariants.unchecked import UNCHECKED, Unchecked

__all__ = ["MISSING", "RULES", "UNCHECKED", "Rule", "Unchecked", "missing_attributes", "rules_for", "violations"]

MISSING = "RM_MISSING"
"""The code of a required attribute that is absent."""

RULES: tuple[Rule, ...] = (
    *identification.RULES,
    *text.RULES,
    *quantity.RULES,
    *encapsulated.RULES,
    *data_structures.RULES,
    *record_keeping.RULES,
    *composition.RULES,
    *ehr.RULES,
    *demographic.RULES,
)


@cache
def rules_for(rm_class: type[RmObject]) -> tuple[Rule, ...]:
    """Return the rules that objects of the class must satisfy, those of its ancestors included."""
    ancestors = CATALOG.supertypes(rm_class.rm_name())
    return tuple(rule for rule in RULES if rule.rm_type in ancestors)


def violations(obj: RmObject) -> Iterator[Rule]:
    """Yield the rules that the object itself breaks; objects inside it are not looked at."""
    for rule in rules_for(type(obj)):
        if not rule.check(obj):
            yield rule


def missing_attributes(obj: RmObject) -> tuple[str, ...]:
    """Return the names of the required attributes that the object lacks, in RM order; their code is `MISSING`."""
    return tuple(name for name in _mandatory(type(obj)) if getattr(obj, name) is None)


@cache
def _mandatory(rm_class: type[RmObject]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(rm_class).values() if field.is_mandatory)
