"""Every invariant of the class tables is a rule, a terminology rule or in the list of those that none checks."""

from __future__ import annotations

import re
from collections import Counter

from cdr import rm
from cdr.rm.catalog import CATALOG, is_concrete, python_class
from cdr.rm.invariants import RULES, UNCHECKED, missing_attributes, rules_for, violations
from cdr.rm.navigate import descendants, walk
from tests.model.mutations import MUTATIONS
from tests.support.builders import build
from tests.support.corpus import shared

CONCRETE = sorted(name for name in CATALOG.class_names() if is_concrete(python_class(name)))

# BASE.Interval is inherited by DV_INTERVAL, which states these again or gets them from there.
INHERITED = {"INTERVAL": "DV_INTERVAL", "VERSION": "ORIGINAL_VERSION"}
# Class tables of types that neither an EHR nor a demographic store holds, or that only describe a primitive's text.
NOT_OURS = re.compile(
    r"ISO8601_|POINT_INTERVAL|PROPER_INTERVAL|AUTHORED_RESOURCE|RESOURCE_DESCRIPTION|TRANSLATION_DETAILS"
)


def test_builder_gives_a_valid_object_of_every_class() -> None:
    for name in CONCRETE:
        for path, obj in walk(build(name)):
            assert [rule.code for rule in violations(obj)] == [], (name, path)
            assert missing_attributes(obj) == (), (name, path)


def test_every_rule_has_a_mutation_and_no_mutation_is_left_over() -> None:
    assert set(MUTATIONS) == {rule.code for rule in RULES}


def test_each_mutation_breaks_exactly_its_rule() -> None:
    for rule in RULES:
        for obj in MUTATIONS[rule.code]():
            assert rule in rules_for(type(obj)), rule.code
            assert [broken.code for broken in violations(obj)] == [rule.code]


def test_no_rule_breaks_on_an_object_without_any_attribute() -> None:
    expected = {
        "RM_HISTORY_EVENTS_VALID",
        "RM_PARTY_IDENTIFIED_BASIC_VALIDITY",
        "RM_DV_MULTIMEDIA_NOT_EMPTY",
        "RM_ELEMENT_INV_NULL_FLAVOUR_INDICATED",
        "RM_PARTY_UID_MANDATORY",
    }
    for name in CONCRETE:
        broken = {rule.code for rule in violations(python_class(name)()) if rule.name != "Is_archetype_root"}
        assert broken <= expected, name


def test_codes_are_unique_and_expectations_are_clauses() -> None:
    assert [code for code, count in Counter(rule.code for rule in RULES).items() if count > 1] == []
    for rule in RULES:
        assert re.fullmatch(r"RM_[A-Z0-9_]+", rule.code)
        assert rule.expected[0].islower() or rule.expected.split()[0] == "UCUM", rule.code
        assert not rule.expected.endswith(".")
        assert rule.attribute == "" or rule.attribute in CATALOG.attributes(rule.rm_type), rule.code
        assert "/Release-" in rule.source


def test_missing_attributes_are_those_that_the_class_requires() -> None:
    assert missing_attributes(rm.DvQuantity()) == ("magnitude", "units")
    assert missing_attributes(rm.DvCodedText(value="x")) == ("defining_code",)
    assert missing_attributes(build(rm.Composition)) == ()


def test_relationship_alone_identifies_a_related_party() -> None:
    assert list(violations(build(rm.PartyRelated, name=None))) == []
    assert [rule.name for rule in violations(build(rm.PartyRelated, name=None, relationship=None))] == [
        "Basic_validity"
    ]


def test_limit_without_flag_is_included() -> None:
    interval = rm.DvInterval(lower=rm.DvCount(magnitude=1), lower_unbounded=False, upper_unbounded=True)
    assert (interval.lower_included, interval.upper_included) == (True, False)
    assert missing_attributes(rm.DvInterval()) == (
        "lower_unbounded",
        "upper_unbounded",
        "lower_included",
        "upper_included",
    )


def test_rules_of_ancestors_are_inherited() -> None:
    names = {rule.name for rule in rules_for(rm.Observation)}
    assert {"Links_valid", "Is_archetype_root", "Other_participations_valid"} <= names


def test_violations_do_not_look_below_the_object() -> None:
    element = build(rm.Element, value=rm.DvProportion(numerator=1.0, denominator=0.0, type=0))
    assert list(violations(element)) == []
    assert [rule.name for obj in descendants(element) for rule in violations(obj)] == ["Valid_denominator"]


def test_every_invariant_of_the_class_tables_is_accounted_for() -> None:
    stated = _stated_invariants()
    assert len(stated) > 120
    covered = {(rule.rm_type, rule.name.lower()) for rule in RULES} | {
        (known.rm_type, known.name.lower()) for known in UNCHECKED
    }
    terminology = {
        (rm_type, name)
        for rm_type, name, text in stated
        if "Terminology" in text or "erminology (" in text or "code_set" in text
    }
    open_ones = {
        (INHERITED.get(rm_type, rm_type), name) for rm_type, name, _ in stated if (rm_type, name) not in terminology
    }
    assert sorted(open_ones - covered) == []


def test_no_rule_claims_an_invariant_that_the_tables_do_not_state() -> None:
    stated = {(INHERITED.get(rm_type, rm_type), name) for rm_type, name, _ in _stated_invariants()}
    ours = {"Value_valid", "Type_valid", "Units_system_valid", "Relationships_validity"}
    invented = [
        rule.code
        for rule in RULES
        if (rule.rm_type, rule.name.lower()) not in stated and not rule.is_ours and rule.name not in ours
    ]
    assert invented == []
    assert [known for known in UNCHECKED if (known.rm_type, known.name.lower()) not in stated] == []


def _stated_invariants() -> set[tuple[str, str, str]]:
    found = set()
    for part in ("RM", "BASE"):
        for path in sorted(shared("spec", part, "classes").glob("*.adoc")):
            if re.search(r"ehr_extract|\.entity\.|\.support\.", path.name):
                continue
            source = path.read_text("utf-8")
            title = re.search(r"^=== (\S+) Class", source, re.MULTILINE)
            if title is None or NOT_OURS.search(title[1].upper()):
                continue
            for name, text in re.findall(r"__(\w[\w ]*?)__: `(.*?)`", source[source.find("*Invariants*") :], re.DOTALL):
                found.add((title[1].upper().split("<")[0], name.replace(" ", "").lower(), text))
    return found
