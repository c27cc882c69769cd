"""Validation of RM objects against the reference model, a template and terminologies.

`validate` is the one entry; services call it before every commit.
"""

from __future__ import annotations

from dataclasses import replace

from cdr.am.template import OperationalTemplate
from cdr.issue import Severity
from cdr.rm import RmObject
from cdr.validation import identity
from cdr.validation.places import issues_of
from cdr.validation.program import program_of
from cdr.validation.report import Located, Report, Trail
from cdr.validation.value_sets import ValueSets, ValueSetService
from cdr.validation.walk import Walk

__all__ = ["Report", "ValueSetService", "validate"]


def validate(
    root: RmObject,
    template: OperationalTemplate | None,
    *,
    terminology: ValueSetService | None = None,
    is_draft: bool = False,
) -> Report:
    """Return everything that is wrong with an object, in one pass.

    Without a template only the reference model and its terminologies count. `is_draft` is for what is stored with the
    lifecycle state 553 (incomplete): what is missing is then a warning. `terminology` resolves value sets outside the
    template; without it, or where it cannot, there is a warning for each code that could not be checked.
    """
    walk = Walk(ValueSets(terminology))
    trail: Trail = (None, "", root, template.root if template is not None else None)
    if template is None:
        walk.free(root, trail)
    else:
        walk.found.extend(Located(finding, trail) for finding in identity.findings(root, template))
        walk.constrained(root, template.derived(program_of), trail)
        if identity.is_in_another_language(root, template):
            walk.found = [_softened(located) for located in walk.found]
    return Report(issues_of(walk.found, template, is_draft=is_draft))


def _softened(located: Located) -> Located:
    """Make a warning of a text that a template could not know, since it is in another language."""
    if located.finding.code != "TPL_RUBRIC":
        return located
    return replace(located, finding=replace(located.finding, severity=Severity.WARNING))
