"""The invariants that ask the terminology are all there, and each can be broken."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cdr import rm
from cdr.issue import Severity
from cdr.rm.catalog import CATALOG, fields, is_concrete, python_class
from cdr.rm.navigate import walk
from cdr.terminology import (
    RULES,
    TerminologyRule,
    code_set_codes,
    external_id,
    group_codes,
    terminology_rules_for,
    terminology_violations,
)
from tests.model.test_rules import INHERITED, _stated_invariants
from tests.support.builders import build, code, coded


def _class_of(rule: TerminologyRule) -> type[rm.RmObject]:
    """Return a concrete class for which the rule holds."""
    return python_class(
        rule.rm_type if not CATALOG.is_abstract(rule.rm_type) else sorted(CATALOG.subtypes(rule.rm_type))[0]
    )


def _with(rule: TerminologyRule, phrase: rm.CodePhrase) -> rm.RmObject:
    choices = fields(_class_of(rule))[rule.attribute].choices
    value: Any = phrase if "CODE_PHRASE" in choices else rm.DvCodedText(value="x", defining_code=phrase)
    return build(_class_of(rule), **{rule.attribute: value})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_code_outside_the_vocabulary_breaks_exactly_this_rule(rule: TerminologyRule) -> None:
    broken = [found.code for found, _ in terminology_violations(_with(rule, code("no such code", "openehr")))]
    assert broken == [rule.code]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_code_of_the_vocabulary_is_accepted(rule: TerminologyRule) -> None:
    member, system = (
        (group_codes(rule.vocabulary)[0], "openehr")
        if rule.is_group
        else (code_set_codes(rule.vocabulary)[0], external_id(rule.vocabulary))
    )
    assert list(terminology_violations(_with(rule, code(member, system)))) == []


def test_code_of_another_terminology_warns_where_practice_extends_the_group() -> None:
    function = build(rm.Participation, function=coded("nurse", "106292003", "SNOMED-CT"))
    assert [severity for _, severity in terminology_violations(function)] == [Severity.WARNING]
    category = build(rm.Composition, category=coded("event", "433", "local"))
    assert [severity for _, severity in terminology_violations(category)] == [Severity.ERROR]


def test_plain_text_is_no_code() -> None:
    assert list(terminology_violations(build(rm.Participation, function=rm.DvText(value="nurse")))) == []


def test_absent_and_incomplete_codes_break_nothing() -> None:
    for name in CATALOG.class_names():
        if is_concrete(python_class(name)):
            assert list(terminology_violations(python_class(name)())) == []
    assert list(terminology_violations(rm.Composition(language=rm.CodePhrase()))) == []


def test_builders_satisfy_the_terminology_rules() -> None:
    for name in CATALOG.class_names():
        if is_concrete(python_class(name)):
            for path, obj in walk(build(name)):
                assert [rule.code for rule, _ in terminology_violations(obj)] == [], (name, path)


def test_rules_of_ancestors_are_inherited() -> None:
    assert "TERM_ENTRY_LANGUAGE_VALID" in {rule.code for rule in terminology_rules_for(rm.Observation)}
    assert "TERM_AUDIT_DETAILS_CHANGE_TYPE_VALID" in {rule.code for rule in terminology_rules_for(rm.Attestation)}


def test_every_terminology_invariant_of_the_class_tables_has_a_rule() -> None:
    stated = {
        (INHERITED.get(rm_type, rm_type), name)
        for rm_type, name, text in _stated_invariants()
        if re.search(r"erminology ?\(|code_set", text)
    }
    assert len(stated) > 20
    assert stated == {(rule.rm_type, rule.name.lower()) for rule in RULES}
