"""Every family of template constraints: a valid object passes, one that breaks it in one place is told so, and where."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cdr import rm
from cdr.am.assertions import Assertion, ExprLeaf, ExprOperator
from cdr.am.constraints import (
    ArchetypeSlot,
    CCodePhrase,
    CCodeReference,
    CComplexObject,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CDvState,
    CObject,
    OrdinalItem,
    QuantityItem,
    ScaleItem,
    State,
)
from cdr.am.intervals import ANY_NUMBER, Interval, Multiplicity
from cdr.am.primitives import CBoolean, CDate, CDateTime, CDuration, CInteger, CPrimitive, CReal, CString, CTime
from cdr.am.template import OperationalTemplate
from cdr.am.terms import Code
from cdr.issue import Severity
from cdr.rm import RmObject
from cdr.validation import validate
from cdr.validation.codes import TEMPLATE_CODES
from tests.support import templates as t
from tests.support.builders import build, code, coded, text
from tests.support.goals import EVALUATION, TREE, cluster, composition, element, evaluation, goal
from tests.support.noted import noted

DEVICE = "openEHR-EHR-CLUSTER.device.v1"
SPECIMEN = "openEHR-EHR-CLUSTER.specimen.v1"
VALUE = f"{TREE}/items[at0004]/value"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A template, an object that satisfies it, one that breaks it, and where the break is reported."""

    name: str
    code: str
    template: OperationalTemplate
    valid: RmObject
    broken: RmObject
    path: str


class _ValueSet:
    """A value set of one code."""

    def is_member(self, uri: str, terminology: str, code: str) -> bool | None:
        """Know one value set."""
        return code == "1" if uri.endswith("subset=known") else None


def _noted(code_: str, rm_type: str, condition: dict[str, str], valid: RmObject, broken: RmObject) -> Case:
    """A case about a condition in an annotation on an element."""
    return Case(
        name="a condition",
        code=code_,
        template=noted(CComplexObject(rm_type=rm_type), element=condition),
        valid=goal(element(valid)),
        broken=goal(element(broken)),
        path=VALUE,
    )


def _file(media_type: str, size: int) -> rm.DvMultimedia:
    return build(rm.DvMultimedia, media_type=code(media_type, "IANA_media-types"), size=size, uri=rm.DvUri(value="a:b"))


def _value(name: str, code_: str, node: CObject, valid: RmObject, broken: RmObject, *, path: str = "") -> Case:
    """A case about the value of an element."""
    template = t.template_of(t.element(node))
    return Case(
        name=name,
        code=code_,
        template=template,
        valid=goal(element(valid)),
        broken=goal(element(broken)),
        path=f"{VALUE}/{path}".rstrip("/"),
    )


def _held(rm_type: str, attribute: str, child: CObject) -> CComplexObject:
    return CComplexObject(rm_type=rm_type, attributes=(t.single(attribute, child),))


def _primitive(
    name: str, code_: str, rm_type: str, kind: str, item: CPrimitive, valid: RmObject, bad: RmObject
) -> Case:
    attribute = "magnitude" if rm_type == "DV_COUNT" else "numerator" if rm_type == "DV_PROPORTION" else "value"
    return _value(name, code_, _held(rm_type, attribute, t.primitive(kind, item)), valid, bad, path=attribute)


def _date(pattern: str, valid: str, bad: str) -> Case:
    item = CDate(pattern=pattern)
    return _primitive(
        f"date {pattern} {bad}", "TPL_DATE", "DV_DATE", "DATE", item, rm.DvDate(value=valid), rm.DvDate(value=bad)
    )


def _time(pattern: str, valid: str, bad: str) -> Case:
    item = CTime(pattern=pattern)
    return _primitive(
        f"time {pattern} {bad}", "TPL_TIME", "DV_TIME", "TIME", item, rm.DvTime(value=valid), rm.DvTime(value=bad)
    )


def _date_time(item: CDateTime, valid: str, bad: str) -> Case:
    return _primitive(
        f"date-time {item.pattern} {bad}",
        "TPL_DATE_TIME",
        "DV_DATE_TIME",
        "DATE_TIME",
        item,
        rm.DvDateTime(value=valid),
        rm.DvDateTime(value=bad),
    )


def _duration(item: CDuration, valid: str, bad: str) -> Case:
    return _primitive(
        f"duration {item.pattern} {bad}",
        "TPL_DURATION",
        "DV_DURATION",
        "DURATION",
        item,
        rm.DvDuration(value=valid),
        rm.DvDuration(value=bad),
    )


def _quantity(name: str, code_: str, bad: rm.DvQuantity, path: str) -> Case:
    items = (
        QuantityItem("cm", Interval(0.0, 300.0), Interval(0, 1)),
        QuantityItem("m", Interval(0.0, 3.0, upper_included=False)),
    )
    node = CDvQuantity(rm_type="DV_QUANTITY", items=items)
    return _value(name, code_, node, rm.DvQuantity(magnitude=300.0, units="cm", precision=1), bad, path=path)


def _coded(name: str, code_: str, node: CCodePhrase, valid: str, bad: tuple[str, str], path: str) -> Case:
    return _value(
        name,
        code_,
        _held("DV_CODED_TEXT", "defining_code", node),
        coded("x", valid, node.terminology or "SNOMED-CT"),
        coded("x", bad[1], bad[0]),
        path=f"defining_code/{path}".rstrip("/"),
    )


def _slot(pattern: str) -> ArchetypeSlot:
    leaf = ExprLeaf("String", "archetype_id/value")
    matches = ExprOperator("matches", (leaf, ExprLeaf("String", CString(pattern=pattern))))
    return ArchetypeSlot(
        rm_type="CLUSTER", node_id="at0020", occurrences=ANY_NUMBER, includes=(Assertion(expression=matches),)
    )


_TEXT = CComplexObject(rm_type="DV_TEXT")
_ITEMS = "/data[at0001]/items"
_LOCAL = CCodePhrase(rm_type="CODE_PHRASE", terminology="local", codes=("at0010", "at0011"))
_KNOWN = CCodeReference(rm_type="CODE_PHRASE", reference_set_uri="terminology:SNOMED-CT?subset=known")
_LOW, _HIGH = Code("local", "at0010"), Code("local", "at0011")
_ORDINAL = CDvOrdinal(rm_type="DV_ORDINAL", items=(OrdinalItem(1, _LOW), OrdinalItem(2, _HIGH)))
_SCALE = CDvScale(rm_type="DV_SCALE", items=(ScaleItem(0.5, _LOW), ScaleItem(1.5, _HIGH)))
_STATE = CDvState(rm_type="DV_STATE", states=(State("planned"), State("done")))
_NAMED = t.element(_TEXT, extra=(t.named("First"),)), t.element(_TEXT, extra=(t.named("Second"),))
_TWO = (element(text("a"), name=text("First")), element(text("b"), name=text("Second")))

CASES = [
    Case(
        name="another archetype at the root",
        code="TPL_ARCHETYPE",
        template=t.template_of(t.element(_TEXT)),
        valid=goal(element(text("a"))),
        broken=goal(element(text("a")), archetype_node_id="openEHR-EHR-COMPOSITION.encounter.v1"),
        path="/archetype_node_id",
    ),
    Case(
        name="another template",
        code="TPL_TEMPLATE",
        template=t.composition_template(t.evaluation()),
        valid=composition(evaluation()),
        broken=composition(
            evaluation(),
            archetype_details=rm.Archetyped(
                archetype_id=rm.ArchetypeId(value="openEHR-EHR-COMPOSITION.report.v1"),
                template_id=rm.TemplateId(value="other.v1"),
                rm_version="1.1.0",
            ),
        ),
        path="/archetype_details/template_id",
    ),
    _primitive("boolean", "TPL_BOOLEAN", "DV_BOOLEAN", "BOOLEAN", CBoolean(false_valid=False), rm.DvBoolean(value=True), rm.DvBoolean(value=False)),
    Case(
        name="too many members",
        code="TPL_CARDINALITY",
        template=t.template_of(t.element(_TEXT, occurrences=ANY_NUMBER), cardinality=Multiplicity(1, 2)),
        valid=goal(element(text("a")), element(text("b"))),
        broken=goal(element(text("a")), element(text("b")), element(text("c"))),
        path=f"{TREE}/items",
    ),
    Case(
        name="equal members",
        code="TPL_UNIQUE",
        template=t.template_of(t.element(_TEXT, occurrences=ANY_NUMBER), is_unique=True),
        valid=goal(element(text("a")), element(text("b"))),
        broken=goal(element(text("a")), element(text("a"))),
        path=f"{TREE}/items",
    ),
    _coded("a code outside the list", "TPL_CODE", _LOCAL, "at0011", ("local", "at0012"), "code_string"),
    _coded("a code of another terminology", "TPL_TERMINOLOGY", _LOCAL, "at0011", ("LOINC", "at0011"), "terminology_id"),
    _coded("a code outside the value set", "TPL_VALUE_SET", _KNOWN, "1", ("SNOMED-CT", "2"), "code_string"),
    _coded(
        "an unknown value set",
        "TPL_VALUE_SET_UNKNOWN",
        CCodeReference(rm_type="CODE_PHRASE", reference_set_uri="terminology:SNOMED-CT?subset=other", codes=()),
        "1",
        ("SNOMED-CT", "2"),
        "",
    ),
    _date("yyyy-mm-dd", "2024-05-17", "2024-05"),
    _date("yyyy-mm-??", "2024-05", "2024"),
    _date("yyyy-??-XX", "2024-05", "2024-05-17"),
    _date("yyyy-XX-XX", "2024", "2024-05"),
    _time("HH:MM:SS", "10:15:30,5", "10:15"),
    _time("HH:??:XX", "10", "10:15:30"),
    _date_time(CDateTime(pattern="yyyy-mm-ddTHH:MM:SS"), "2024-05-17T10:15:30Z", "2024-05-17T10:15"),
    _date_time(CDateTime(pattern="yyyy-mm-ddTHH:??:??"), "2024-05-17T10", "2024-05-17"),
    _date_time(CDateTime(pattern="yyyy-mm-ddTXX:XX:XX"), "2024-05-17", "2024-05-17T10"),
    _date_time(CDateTime(range=Interval("2024-01-01T00:00:00Z", None)), "2024-05-17T10:00:00Z", "2023-12-31T23:59:59Z"),
    _duration(CDuration(pattern="PTHM"), "-PT2H30M", "P1DT2H"),
    _duration(CDuration(pattern="PW"), "P4W", "P4D"),
    _duration(CDuration(range=Interval("PT0S", "PT24H")), "P1D", "PT24H1S"),
    _primitive("integer list", "TPL_INTEGER", "DV_COUNT", "INTEGER", CInteger(values=(1, 3)), rm.DvCount(magnitude=3), rm.DvCount(magnitude=2)),
    _primitive("integer range", "TPL_INTEGER", "DV_COUNT", "INTEGER", CInteger(range=Interval(0, None)), rm.DvCount(magnitude=0), rm.DvCount(magnitude=-1)),
    _primitive("real range", "TPL_REAL", "DV_PROPORTION", "REAL", CReal(range=Interval(0.0, 1.0)), rm.DvProportion(numerator=1.0, denominator=2.0, type=0), rm.DvProportion(numerator=1.5, denominator=2.0, type=0)),
    _primitive("string list", "TPL_STRING", "DV_TEXT", "STRING", CString(values=("a", "b")), text("b"), text("c")),
    _primitive("string pattern", "TPL_PATTERN", "DV_TEXT", "STRING", CString(pattern="[0-9]{4}"), text("1234"), text("12345")),
    Case(
        name="a required attribute",
        code="TPL_MISSING",
        template=t.composition_template(t.evaluation(t.single("protocol", CComplexObject(rm_type="ITEM_TREE", node_id="at0030")))),
        valid=composition(evaluation(protocol=build(rm.ItemTree, archetype_node_id="at0030"))),
        broken=composition(evaluation()),
        path=f"/content[{EVALUATION}]/protocol",
    ),
    Case(
        name="an attribute left out",
        code="TPL_PROHIBITED",
        template=t.composition_template(t.evaluation(t.single("protocol", existence=Multiplicity(0, 0)))),
        valid=composition(evaluation()),
        broken=composition(evaluation(protocol=build(rm.ItemTree, archetype_node_id="at0030"))),
        path=f"/content[{EVALUATION}]/protocol",
    ),
    Case(
        name="another name",
        code="TPL_NAME",
        template=t.template_of(t.element(_TEXT, extra=(t.named("First", "Second"),))),
        valid=goal(element(text("a"), name=text("Second"))),
        broken=goal(element(text("a"), name=text("Third"))),
        path=f"{TREE}/items[at0004]/name",
    ),
    Case(
        name="too few occurrences",
        code="TPL_OCCURRENCES",
        template=t.template_of(t.element(_TEXT, occurrences=Multiplicity(1, 2)), t.element(_TEXT, node_id="at0005")),
        valid=goal(element(text("a"))),
        broken=goal(element(text("a"), node_id="at0005")),
        path=f"{TREE}/items[at0004]",
    ),
    Case(
        name="too many occurrences of one of two named siblings",
        code="TPL_OCCURRENCES",
        template=t.template_of(*_NAMED),
        valid=goal(*_TWO),
        broken=goal(*_TWO, element(text("c"), name=text("Second"))),
        path=f"{TREE}/items[at0004]",
    ),
    _value("ordinal", "TPL_ORDINAL", _ORDINAL, rm.DvOrdinal(value=1, symbol=coded("x", "at0010", "local")), rm.DvOrdinal(value=2, symbol=coded("x", "at0010", "local"))),
    _value("scale", "TPL_SCALE", _SCALE, rm.DvScale(value=0.5, symbol=coded("x", "at0010", "local")), rm.DvScale(value=1.0, symbol=coded("x", "at0010", "local"))),
    _value("state", "TPL_STATE", _STATE, rm.DvState(value=coded("done", "1"), is_terminal=True), rm.DvState(value=coded("lost", "1"), is_terminal=True)),
    _quantity("units", "TPL_QUANTITY_UNITS", rm.DvQuantity(magnitude=1.0, units="km"), "units"),
    _quantity("magnitude", "TPL_QUANTITY_RANGE", rm.DvQuantity(magnitude=3.0, units="m"), "magnitude"),
    _quantity("precision", "TPL_QUANTITY_PRECISION", rm.DvQuantity(magnitude=3.0, units="cm", precision=2), "precision"),
    Case(
        name="the text of a code",
        code="TPL_RUBRIC",
        template=t.template_of(t.element(_held("DV_CODED_TEXT", "defining_code", _LOCAL))),
        valid=goal(element(coded("Met", "at0010", "local"))),
        broken=goal(element(coded("Not met", "at0010", "local"))),
        path=f"{VALUE}/value",
    ),
    Case(
        name="a slot",
        code="TPL_SLOT",
        template=t.template_of(_slot(r"openEHR-EHR-CLUSTER\.device(-[a-z]+)*\.v1")),
        valid=goal(cluster(DEVICE), cluster("openEHR-EHR-CLUSTER.device-pump.v1")),
        broken=goal(cluster(SPECIMEN)),
        path=f"{TREE}/items[{SPECIMEN}]",
    ),
    _value("type", "TPL_TYPE", CComplexObject(rm_type="DV_COUNT"), rm.DvCount(magnitude=1), text("one")),
    _value("bounds of an interval", "TPL_TYPE", CComplexObject(rm_type="DV_INTERVAL<DV_COUNT>"), build(rm.DvInterval, lower=rm.DvCount(magnitude=1), upper=rm.DvCount(magnitude=2)), build(rm.DvInterval, lower=rm.DvDate(value="2024"), upper=rm.DvDate(value="2025"))),
    Case(
        name="an unknown node",
        code="TPL_UNKNOWN_NODE",
        template=t.template_of(t.element(_TEXT)),
        valid=goal(element(text("a"))),
        broken=goal(element(text("a")), element(text("b"), node_id="at0099")),
        path=f"{TREE}/items[at0099]",
    ),
    _noted("TPL_LENGTH", "DV_TEXT", {"max-length": "3"}, text("abc"), text("abcd")),
    _noted("TPL_SIZE", "DV_MULTIMEDIA", {"max-bytes": "10"}, _file("text/plain", 10), _file("text/plain", 11)),
    _noted("TPL_MEDIA_TYPE", "DV_MULTIMEDIA", {"media-types": "text/plain"}, _file("text/plain", 1), _file("text/html", 1)),
    _noted("TPL_TERMINOLOGY", "DV_TEXT", {"code-systems": "http://snomed.info/sct"}, coded("a", "1", "http://snomed.info/sct"), coded("a", "1", "http://loinc.org")),
    Case(
        name="a rule across fields",
        code="TPL_RULE",
        template=noted(
            CComplexObject(rm_type="DV_COUNT"),
            CComplexObject(rm_type="DV_COUNT"),
            entry={"rule the second is not less": f"{_ITEMS}[at0005]/value >= {_ITEMS}[at0004]/value"},
        ),
        valid=goal(element(rm.DvCount(magnitude=1)), element(rm.DvCount(magnitude=2), node_id="at0005")),
        broken=goal(element(rm.DvCount(magnitude=3)), element(rm.DvCount(magnitude=2), node_id="at0005")),
        path=TREE.removesuffix("/data[at0001]"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.name}")
def test_a_break_is_reported_with_its_code_and_place(case: Case) -> None:
    sets = _ValueSet()
    report = validate(case.valid, case.template, terminology=sets)
    assert [issue for issue in report.issues if issue.severity is Severity.ERROR] == []
    (issue,) = [
        issue for issue in validate(case.broken, case.template, terminology=sets).issues if issue.code == case.code
    ]
    assert issue.path == case.path
    assert issue.expected
    assert issue.node.startswith("/")
    assert issue.label
    errors = [
        found for found in validate(case.broken, case.template, terminology=sets).issues if found.severity == "error"
    ]
    assert [found.code for found in errors] in ([case.code], []), errors


def test_every_code_of_a_template_rule_has_a_case() -> None:
    assert {case.code for case in CASES} == set(TEMPLATE_CODES)


def test_every_case_starts_from_an_object_that_the_reference_model_accepts() -> None:
    for case in CASES:
        assert validate(case.valid, None).is_valid, case.name


MISSING = [case for case in CASES if case.name in ("a required attribute", "too few occurrences")]


@pytest.mark.parametrize("case", MISSING, ids=lambda case: case.name)
def test_what_a_draft_lacks_is_a_warning(case: Case) -> None:
    report = validate(case.broken, case.template, is_draft=True)
    assert report.is_valid
    assert [issue.code for issue in report.issues] == [case.code]


def test_what_is_wrong_in_a_draft_stays_an_error() -> None:
    case = next(case for case in CASES if case.code == "TPL_CODE")
    assert not validate(case.broken, case.template, is_draft=True).is_valid


def test_the_label_is_in_the_language_of_the_template() -> None:
    template = t.template_of(t.element(CComplexObject(rm_type="DV_COUNT")), language="nb")
    (issue,) = validate(goal(element(text("a"))), template).issues
    assert issue.label == "Target"
    assert issue.node == f"/content[{EVALUATION}]/data[at0001]/items[at0004]/value"
