"""What published data do and other servers hold: said as a warning, and not refused."""

from __future__ import annotations

import pytest

from cdr import rm
from cdr.am.constraints import CArchetypeRoot, CAttribute, CComplexObject, CObject, CPrimitiveObject
from cdr.am.primitives import CDate
from cdr.am.template import OperationalTemplate
from cdr.issue import Severity
from cdr.validation import validate

ARCHETYPE = "openEHR-EHR-ELEMENT.tolerated.v1"


def _template(value: CObject) -> OperationalTemplate:
    root = CArchetypeRoot(
        rm_type="ELEMENT",
        node_id="at0000",
        archetype_id=ARCHETYPE,
        attributes=(CAttribute(name="value", children=(value,)),),
    )
    return OperationalTemplate(template_id="tolerated", concept="tolerated", language="en", root=root)


def _found(value: rm.DataValue, constraint: CObject) -> list[tuple[str, Severity]]:
    element = rm.Element(name=rm.DvText(value="x"), archetype_node_id=ARCHETYPE, value=value)  # type: ignore[arg-type]
    return [(issue.code, issue.severity) for issue in validate(element, _template(constraint)).issues]


def _date(pattern: str) -> CObject:
    leaf = CPrimitiveObject(rm_type="DATE", item=CDate(pattern=pattern))
    return CComplexObject(rm_type="DV_DATE", attributes=(CAttribute(name="value", children=(leaf,)),))


def test_a_text_where_only_a_uri_is_allowed() -> None:
    uri = CComplexObject(rm_type="DV_URI")
    assert _found(rm.DvText(value="see the letter"), uri) == [("TPL_TYPE", Severity.WARNING)]
    assert _found(rm.DvCount(magnitude=1), uri) == [("TPL_TYPE", Severity.ERROR)]
    assert _found(rm.DvText(value="x"), CComplexObject(rm_type="DV_COUNT")) == [("TPL_TYPE", Severity.ERROR)]


@pytest.mark.parametrize(
    ("pattern", "severity"),
    [("yyyy-??-XX", Severity.WARNING), ("yyyy-mm-XX", Severity.ERROR), ("yyyy-XX-XX", Severity.ERROR)],
)
def test_a_whole_date_where_the_month_is_free_and_the_day_is_not(pattern: str, severity: Severity) -> None:
    assert _found(rm.DvDate(value="2020-05-06"), _date(pattern)) == [("TPL_DATE", severity)]
    assert _found(rm.DvDate(value="2020"), _date("yyyy-??-XX")) == []


def test_an_odd_value_of_an_object_id() -> None:
    uid = rm.HierObjectId(value="70939d97-8add-4419-b27c-516e64b1c744 ")
    folder = rm.Folder(name=rm.DvText(value="x"), archetype_node_id="openEHR-EHR-FOLDER.generic.v1", uid=uid)
    folder.archetype_details = rm.Archetyped(
        archetype_id=rm.ArchetypeId(value="openEHR-EHR-FOLDER.generic.v1"), rm_version="1.1.0"
    )
    report = validate(folder, None)
    assert report.is_valid
    assert "RM_HIER_OBJECT_ID_LEXICAL_FORM" in {issue.code for issue in report.issues}
