"""How objects of each RM class are walked and checked: made once for a class, from the catalogue and its rules."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from cdr.issue import Severity
from cdr.rm import RmObject
from cdr.rm.catalog import CATALOG, fields
from cdr.rm.invariants import MISSING, rules_for
from cdr.rm.invariants.rule import Rule
from cdr.terminology import TerminologyRule, terminology_rules_for
from cdr.validation.report import Finding


class ClassPlan:
    """One RM class: what it requires, which attributes hold objects, its invariants, those on codes apart.

    `required` and `children` give tuples of values, in the order of `required_names` and `child_names`.
    """

    __slots__ = ("child_names", "children", "codes", "missing", "name", "required", "required_names", "rules")

    def __init__(self, rm_class: type[RmObject]) -> None:
        known = fields(rm_class)
        self.name = rm_class.rm_name()
        self.required_names = tuple(name for name, attribute in known.items() if attribute.is_mandatory)
        self.required = _values(self.required_names)
        self.child_names = tuple(name for name, attribute in known.items() if attribute.choices)
        self.children = _values(self.child_names)
        self.missing = {
            name: Finding(MISSING, f"{_article(name)} in {self.name}, which requires it", name, is_missing=True)
            for name in self.required_names
        }
        self.rules: tuple[tuple[Callable[[Any], bool], Finding], ...] = tuple(  # checks take objects of the class
            (rule.check, _finding(rule)) for rule in rules_for(rm_class)
        )
        self.codes = tuple((rule.check, _code_findings(rule)) for rule in terminology_rules_for(rm_class))


def _article(name: str) -> str:
    return f"the attribute {name}"


def _finding(rule: Rule) -> Finding:
    return Finding(rule.code, rule.expected, rule.attribute, severity=rule.severity)


def _code_findings(rule: TerminologyRule) -> dict[Severity, Finding]:
    return {severity: Finding(rule.code, rule.expected, rule.attribute, severity=severity) for severity in Severity}


def _values(names: tuple[str, ...]) -> Callable[[RmObject], tuple[Any, ...]]:  # attributes of any type
    """Return a getter of several attributes that always gives a tuple."""
    if not names:
        return lambda obj: ()
    getter = attrgetter(*names)
    return getter if len(names) > 1 else lambda obj: (getter(obj),)


_PLANS: dict[type[RmObject], ClassPlan] = {}


def plan_of(rm_class: type[RmObject]) -> ClassPlan:
    """Return the plan of a class, made at its first use."""
    plan = _PLANS.get(rm_class)
    if plan is None:
        plan = _PLANS.setdefault(rm_class, ClassPlan(rm_class))
    return plan


def classes_of(rm_type: str) -> frozenset[type[RmObject]]:
    """Return the Python classes whose objects conform to an RM type."""
    return frozenset(CATALOG.python_class(name) for name in CATALOG.subtypes(rm_type))
