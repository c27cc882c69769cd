"""Conditions in annotations: rules across fields with what is absent or imprecise, code systems, sizes, and faults."""

from __future__ import annotations

import pytest

from cdr import rm
from cdr.am.change import Kind
from cdr.am.conditions import conditions_of
from cdr.am.diff import compare
from cdr.am.opt14 import read_opt
from cdr.am.opt14_write import write_opt
from cdr.errors import BadInput
from cdr.issue import Severity
from cdr.rm import RmObject
from cdr.validation import validate
from tests.support.builders import build, coded, text
from tests.support.goals import element, goal
from tests.support.noted import noted, of_type

FIRST, SECOND = "/data[at0001]/items[at0004]", "/data[at0001]/items[at0005]"
SNOMED = "http://snomed.info/sct"


def _breaks(rule: str, *values: RmObject | None, rm_type: str) -> bool:
    """Tell whether values of at0004, at0005 ... break a rule of their entry."""
    template = noted(*[of_type(rm_type)] * max(len(values), 2), entry={"rule as the template says": rule})
    members = [
        element(value, node_id=f"at000{number}") for number, value in enumerate(values, start=4) if value is not None
    ]
    found = [issue for issue in validate(goal(*members), template).issues if issue.severity is Severity.ERROR]
    assert all(issue.code == "TPL_RULE" and issue.expected == "as the template says" for issue in found)
    return bool(found)


@pytest.mark.parametrize(
    ("first", "second", "is_broken"),
    [
        ("2024-03-15", "2024-03-14", True),
        ("2024-03-15", "2024-03-15", False),
        ("2024-03-15", "2024", False),
        ("2024-03", "2024-03-01", False),
        ("2024-03", "2024-02-28", True),
        ("2024", "2023-12-31", True),
    ],
)
def test_partial_dates_break_an_order_only_when_they_must(first: str, second: str, is_broken: bool) -> None:
    values = rm.DvDate(value=first), rm.DvDate(value=second)
    assert _breaks(f"{SECOND}/value >= {FIRST}/value", *values, rm_type="DV_DATE") is is_broken


def test_a_date_beside_a_date_time_is_the_day_where_that_was_written() -> None:
    day, moment = rm.DvDate(value="2024-03-01"), rm.DvDateTime(value="2024-03-01T00:30:00+01:00")
    template = noted(
        of_type("DV_DATE"), of_type("DV_DATE_TIME"), entry={"rule not before": f"{SECOND}/value >= {FIRST}/value"}
    )
    assert validate(goal(element(day), element(moment, node_id="at0005")), template).issues == ()


def test_what_is_absent_breaks_no_comparison() -> None:
    assert not _breaks(f"{SECOND}/value >= {FIRST}/value", rm.DvCount(magnitude=3), None, rm_type="DV_COUNT")


def test_an_implication_asks_for_what_its_condition_needs() -> None:
    rule = f'{FIRST}/value/value = "ended" implies exists {SECOND}'
    assert _breaks(rule, text("ended"), None, rm_type="DV_TEXT")
    assert not _breaks(rule, text("ended"), text("2024"), rm_type="DV_TEXT")
    assert not _breaks(rule, text("ongoing"), None, rm_type="DV_TEXT")


def test_what_a_rule_asks_for_may_be_absent_in_a_draft() -> None:
    template = noted(of_type("DV_TEXT"), of_type("DV_TEXT"), entry={"rule both": f"exists {FIRST} and exists {SECOND}"})
    report = validate(goal(element(text("a"))), template, is_draft=True)
    assert [(issue.code, issue.severity) for issue in report.issues] == [("TPL_RULE", Severity.WARNING)]


def test_a_sum_is_compared_when_all_its_parts_are_there() -> None:
    rule = f"{FIRST}/value = {SECOND}/value + /data[at0001]/items[at0006]/value"
    one, two, three = (rm.DvCount(magnitude=number) for number in (1, 2, 3))
    assert not _breaks(rule, three, one, two, rm_type="DV_COUNT")
    assert _breaks(rule, three, one, one, rm_type="DV_COUNT")
    assert not _breaks(rule, three, one, None, rm_type="DV_COUNT")


def test_quantities_of_other_units_are_not_compared() -> None:
    metre, gram = rm.DvQuantity(magnitude=1.0, units="m"), rm.DvQuantity(magnitude=9.0, units="g")
    assert not _breaks(f"{FIRST}/value >= {SECOND}/value", metre, gram, rm_type="DV_QUANTITY")


@pytest.mark.parametrize(
    ("rule", "is_broken"),
    [
        (f'{FIRST}/value/value matches {{"a", "b"}}', False),
        (f'{FIRST}/value/value matches {{"b", "c"}}', True),
        (f"{FIRST}/value/value matches {{/[a-c]/}}", False),
        (f"{FIRST}/value/value matches {{/[x-z]/}}", True),
        (f'not {FIRST}/value/value = "a"', True),
        (f"exists {FIRST} xor exists {SECOND}", False),
        (f'{FIRST}/value/value = "b" or exists {SECOND}', True),
    ],
)
def test_every_operator_has_its_meaning(rule: str, is_broken: bool) -> None:
    assert _breaks(rule, text("a"), None, rm_type="DV_TEXT") is is_broken


@pytest.mark.parametrize("name", [SNOMED, "SNOMED-CT"])
def test_a_code_system_may_go_by_any_of_its_names(name: str) -> None:
    template = noted(of_type("DV_TEXT"), element={"code-systems": f"{SNOMED} http://loinc.org"})
    assert validate(goal(element(coded("a", "1", name))), template).is_valid


def test_free_text_stays_beside_code_systems() -> None:
    template = noted(of_type("DV_TEXT"), element={"code-systems": SNOMED})
    assert validate(goal(element(text("a"))), template).issues == ()


def test_an_encapsulated_text_is_measured_in_bytes() -> None:
    template = noted(of_type("DV_PARSABLE"), element={"max-bytes": "4"})
    short, long = (build(rm.DvParsable, value=value, formalism="text/plain") for value in ("åå", "ååå"))
    assert validate(goal(element(short)), template).is_valid
    assert [issue.code for issue in validate(goal(element(long)), template).issues] == ["TPL_SIZE"]


@pytest.mark.parametrize(
    ("element", "entry", "expected"),
    [
        ({"max-length": "many"}, None, "a whole number above 0 in max-length"),
        ({"code-systems": "SNOMED"}, None, "the URIs of code systems, separated by a space"),
        (
            {"lenght": "3"},
            None,
            "code-systems, max-length, max-bytes, media-types, example, name, says or a rule after kilde:",
        ),
        (None, {"max-length": "3"}, "max-length on an ELEMENT"),
        (None, {"rule x": "exists /data[at0001]/items[at0099]"}, "a path that leads somewhere from the node"),
        (None, {"rule x": "/data[at0001]/itemz = 1"}, "a path that leads somewhere from the node"),
        (None, {"rule x": "exists"}, "an assertion of ADL 1.4"),
        (None, {"rule x": f"exists {FIRST} and"}, "an assertion of ADL 1.4"),
        (None, {"rule x": f"for_all {FIRST}"}, "an operator that conditions know"),
        (None, {"rule x": f"{FIRST}/value/value matches {{/(/}}"}, "a regular expression"),
    ],
)
def test_a_condition_that_cannot_be_is_refused_with_the_template(
    element: dict[str, str] | None, entry: dict[str, str] | None, expected: str
) -> None:
    template = noted(of_type("DV_TEXT"), element=element, entry=entry)
    assert any(problem.startswith(expected) for _, problem in conditions_of(template).problems)
    with pytest.raises(BadInput) as refused:
        read_opt(write_opt(template))
    assert {issue.code for issue in refused.value.issues} == {"OPT_ANNOTATION"}


def test_conditions_outlive_the_way_through_xml() -> None:
    template = noted(of_type("DV_TEXT"), element={"max-length": "3", "code-systems": SNOMED})
    again = read_opt(write_opt(template))
    assert list(conditions_of(again).by_node.values()) == list(conditions_of(template).by_node.values())


def test_annotations_of_others_are_left_alone() -> None:
    template = noted(of_type("DV_TEXT"), element={"example": "a"})
    assert conditions_of(template).problems == []
    assert validate(goal(element(text("something else"))), template).issues == ()


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({"max-length": "3"}, {"max-length": "4"}, Kind.CONDITION_RELAXED),
        ({"max-length": "3"}, {"max-length": "2"}, Kind.CONDITION_TIGHTENED),
        ({"code-systems": SNOMED}, {"code-systems": f"{SNOMED} http://loinc.org"}, Kind.CONDITION_RELAXED),
        ({"code-systems": SNOMED}, {"code-systems": "http://loinc.org"}, Kind.CONDITION_TIGHTENED),
        ({"rule one": "exists /value"}, {"rule two": "exists /null_flavour"}, Kind.CONDITION_TIGHTENED),
        ({"example": "a"}, {"max-length": "2"}, Kind.CONDITION_TIGHTENED),
        ({"max-length": "2"}, {"example": "a"}, Kind.CONDITION_RELAXED),
    ],
)
def test_a_changed_condition_has_its_verdict(before: dict[str, str], after: dict[str, str], kind: Kind) -> None:
    old, new = (noted(of_type("DV_TEXT"), element=conditions) for conditions in (before, after))
    assert [change.kind for change in compare(old, new)] == [kind]


def test_words_of_a_rule_and_examples_change_nothing() -> None:
    old = noted(of_type("DV_TEXT"), element={"rule one": "exists /value", "example": "a"})
    new = noted(of_type("DV_TEXT"), element={"rule other words": "exists /value", "example": "b"})
    assert compare(old, new) == []
