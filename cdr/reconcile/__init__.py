"""Reconciliation: what several sources say about one resident, grouped by what it is about, with the contradictions.

Pure: statements and reviews in, groups and flags out. Nothing is read or stored, nothing is left out, and nothing is
decided by which statement is the newest. `cdr.services.summary` calls `reconcile`.
"""

from cdr.reconcile.concepts import Concepts, read_concepts
from cdr.reconcile.model import (
    Code,
    Detail,
    Flag,
    FlagCode,
    Group,
    Kind,
    Mapping,
    Match,
    Origin,
    Outcome,
    Reconciled,
    Review,
    Side,
    Statement,
    Status,
)
from cdr.reconcile.reconcile import reconcile

__all__ = [
    "Code",
    "Concepts",
    "Detail",
    "Flag",
    "FlagCode",
    "Group",
    "Kind",
    "Mapping",
    "Match",
    "Origin",
    "Outcome",
    "Reconciled",
    "Review",
    "Side",
    "Statement",
    "Status",
    "read_concepts",
    "reconcile",
]
