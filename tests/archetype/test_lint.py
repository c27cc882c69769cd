"""Lint: each rule finds what it is for and nothing in a template that does not deserve it."""

from __future__ import annotations

import pytest

from cdr.am.findings import Level, Rule
from cdr.am.lint import lint
from cdr.webtemplate.flat_lint import flat_lint
from tests.support.sources import all_values

_TWICE = """
    </Content>
    <Content xsi:type="EVALUATION" archetype_id="openEHR-EHR-EVALUATION.all_values.v1" path="/content[at0001]" max="1">
    </Content>
"""
_CODES = "[local::at0020, at0021, at0022]"


def _rules(*changes: tuple[str, str]) -> set[Rule]:
    template = all_values(*changes)
    return {finding.rule for finding in [*lint(template, languages=["en"]), *flat_lint(template)]}


def test_a_sound_template_has_only_notes() -> None:
    assert {rule.level for rule in _rules()} == {Level.NOTE}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ((_CODES, "[ICPC-2::A01]"), Rule.CODE_SYSTEM_WITHOUT_URI),
        (("{|0..100|}", "{|100..0|}"), Rule.UNSATISFIABLE),
        (("|0.0..200.0|", "|200.0..0.0|"), Rule.UNSATISFIABLE),
        (('units = <"g">', 'units = <"kg">'), Rule.UNSATISFIABLE),
        (("{1..2; unordered} matches {\n\t\t\t\t\t\t\tELEMENT[at0014] occurrences matches {0..2}", "{1..2; unordered} matches {\n\t\t\t\t\t\t\tELEMENT[at0014] occurrences matches {3..5}"), Rule.UNSATISFIABLE),
        (("CLUSTER[at0013] occurrences matches {0..1}", "CLUSTER[at0013] occurrences matches {0..0}"), Rule.UNREACHABLE),
        (("\n    </Content>\n", _TWICE), Rule.AMBIGUOUS_SLOTS),
        (('<"Colour">', '<"Grade">'), Rule.AMBIGUOUS_FLAT_ID),
    ],
)  # fmt: skip
def test_each_rule_finds_what_it_is_for(change: tuple[str, str], rule: Rule) -> None:
    assert rule not in _rules()
    assert rule in _rules(change)


def test_a_uri_names_its_code_system() -> None:
    assert Rule.CODE_SYSTEM_WITHOUT_URI not in _rules((_CODES, "[local_terms::A01]"))


def test_translations_are_asked_for_in_the_languages_that_readers_need() -> None:
    found = [finding for finding in lint(all_values()) if finding.rule is Rule.MISSING_TRANSLATION]
    assert [finding.expected.split()[2] for finding in found] == ["nb", "nb"]
    assert all(finding.hint.startswith("translate openEHR-EHR-") for finding in found)


def test_local_codes_without_a_binding_are_a_note() -> None:
    (finding,) = [item for item in lint(all_values(), languages=["en"]) if "at0020" in item.expected]
    assert (finding.rule, finding.rule.level) == (Rule.MISSING_BINDING, Level.NOTE)
