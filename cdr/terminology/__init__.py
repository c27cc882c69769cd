"""Terminology: openEHR groups and code sets, and the service that external value sets are asked of.

Callers import from here. `bundled_terminology()` is the service that knows only what ships with Kilde;
`cdr.terminology.fhir` adds a FHIR R4 server.
"""

from __future__ import annotations

from cdr.terminology.local import LocalTerminology, bundled_terminology
from cdr.terminology.openehr import (
    code_set_codes,
    code_sets,
    external_id,
    group_codes,
    groups,
    is_code_in_set,
    is_in_group,
    label,
)
from cdr.terminology.rules import RULES, TerminologyRule, terminology_rules_for, terminology_violations
from cdr.terminology.service import Answer, Equivalence, Mapping, Term, TerminologyService

__all__ = [
    "RULES",
    "Answer",
    "Equivalence",
    "LocalTerminology",
    "Mapping",
    "Term",
    "TerminologyRule",
    "TerminologyService",
    "bundled_terminology",
    "code_set_codes",
    "code_sets",
    "external_id",
    "group_codes",
    "groups",
    "is_code_in_set",
    "is_in_group",
    "label",
    "terminology_rules_for",
    "terminology_violations",
]
