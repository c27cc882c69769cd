"""The leaf constraints of a template as OPT 1.4 elements: the writing side of `opt14_values`.

Called by `opt14_write`; everything takes the parent element and adds to it.
"""

from __future__ import annotations

from lxml import etree

from cdr.am.assertions import Assertion, Expression, ExprLeaf
from cdr.am.intervals import Cardinality, Interval, Multiplicity
from cdr.am.opt14_xml import NAMESPACE
from cdr.am.primitives import CBoolean, CDuration, CInteger, CPrimitive, CReal, CString
from cdr.am.terms import Code
from cdr.rm import DataValue, DvCodedText, DvOrdinal, DvQuantity, DvScale, RmObject
from cdr.rm.catalog import CATALOG

# What the schema puts at the end of a data value, other than the class table.
_LAST = {"DV_QUANTITY": "precision", "DV_ORDINAL": "symbol", "DV_SCALE": "symbol"}

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

_OPERATORS = {
    "=": 2001, "!=": 2002, "<=": 2003, "<": 2004, ">=": 2005, ">": 2006, "matches": 2007, "not": 2010, "and": 2011,
    "or": 2012, "xor": 2013, "implies": 2014, "for_all": 2015, "exists": 2016, "+": 2020, "-": 2021, "*": 2022,
    "/": 2023, "^": 2024,
}  # fmt: skip
_KINDS = {"CString": "C_STRING", "CInteger": "C_INTEGER", "CReal": "C_REAL", "CBoolean": "C_BOOLEAN", "CDate": "C_DATE",
          "CTime": "C_TIME", "CDateTime": "C_DATE_TIME", "CDuration": "C_DURATION"}  # fmt: skip


def add(parent: etree._Element, name: str, text: str | None = None, *, kind: str = "") -> etree._Element:
    """Add a child with a text and an `xsi:type`, and return it."""
    child = etree.SubElement(parent, NAMESPACE + name)
    if kind:
        child.set(XSI_TYPE, kind)
    if text is not None:
        child.text = text
    return child


def boolean(value: bool) -> str:
    """Return a truth value as XML Schema writes it."""
    return "true" if value else "false"


def number(value: float) -> str:
    """Return a number without a needless fraction: `120`, `0.5`."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else repr(value)


def interval(parent: etree._Element, name: str, value: Interval[float] | Interval[int] | Interval[str]) -> None:
    """Add an interval; an open bound has a flag of inclusion only where it was written with one that says no."""
    element = add(parent, name)
    lower, upper = value.lower, value.upper
    if lower is not None or not value.lower_included:
        add(element, "lower_included", boolean(value.lower_included))
    if upper is not None or not value.upper_included:
        add(element, "upper_included", boolean(value.upper_included))
    add(element, "lower_unbounded", boolean(lower is None))
    add(element, "upper_unbounded", boolean(upper is None))
    for side, bound in (("lower", lower), ("upper", upper)):
        if bound is not None:
            add(element, side, bound if isinstance(bound, str) else number(bound))


def multiplicity(parent: etree._Element, name: str, value: Multiplicity) -> None:
    """Add how often something may be there."""
    element = add(parent, name)
    add(element, "lower_included", "true")
    if value.upper is not None:
        add(element, "upper_included", "true")
    add(element, "lower_unbounded", "false")
    add(element, "upper_unbounded", boolean(value.upper is None))
    add(element, "lower", str(value.lower))
    if value.upper is not None:
        add(element, "upper", str(value.upper))


def cardinality(parent: etree._Element, value: Cardinality) -> None:
    """Add the cardinality of a container."""
    element = add(parent, "cardinality")
    add(element, "is_ordered", boolean(value.is_ordered))
    add(element, "is_unique", boolean(value.is_unique))
    multiplicity(element, "interval", value.interval)


def code_phrase(parent: etree._Element, name: str, code: Code) -> None:
    """Add a CODE_PHRASE."""
    element = add(parent, name)
    add(add(element, "terminology_id"), "value", code.terminology)
    add(element, "code_string", code.code)


def symbol(parent: etree._Element, code: Code, text: str) -> None:
    """Add the symbol of an ordinal or a scale, a DV_CODED_TEXT."""
    element = add(parent, "symbol")
    add(element, "value", text)
    code_phrase(element, "defining_code", code)


def assumed_value(parent: etree._Element, value: DataValue) -> None:
    """Add the assumed value of a quantity, an ordinal or a scale."""
    element = add(parent, "assumed_value")
    match value:
        case DvQuantity():
            add(element, "magnitude", number(value.magnitude))
            add(element, "units", value.units)
            if value.precision is not None:
                add(element, "precision", str(value.precision))
        case DvOrdinal() | DvScale():
            add(element, "value", number(value.value))
            symbol(element, _code(value.symbol), value.symbol.value)


def _code(text: DvCodedText) -> Code:
    return Code(text.defining_code.terminology_id.value, text.defining_code.code_string)


def data_value(parent: etree._Element, name: str, value: RmObject, *, declared: str = "DATA_VALUE") -> None:
    """Add an RM object as an element; its type is written where the declared one leaves it open."""
    rm_type = value.rm_name()
    element = add(parent, name, kind=rm_type if rm_type != declared else "")
    for attribute in sorted(CATALOG.attributes(rm_type).values(), key=lambda each: _LAST.get(rm_type) == each.name):
        held = getattr(value, attribute.name)
        for one in held if isinstance(held, list) else () if held is None else (held,):
            if isinstance(one, RmObject):
                data_value(element, attribute.name, one, declared=attribute.rm_type)
            elif isinstance(one, bool):
                add(element, attribute.name, boolean(one))
            else:
                add(element, attribute.name, one if isinstance(one, str) else number(one))


def primitive(parent: etree._Element, item: CPrimitive) -> None:
    """Add the `<item>` of a primitive object."""
    fill_primitive(add(parent, "item", kind=_KINDS[type(item).__name__]), item)


def fill_primitive(element: etree._Element, item: CPrimitive) -> None:
    """Add the parts of a primitive constraint to its element."""
    match item:
        case CBoolean():
            add(element, "true_valid", boolean(item.true_valid))
            add(element, "false_valid", boolean(item.false_valid))
            if item.assumed is not None:
                add(element, "assumed_value", boolean(item.assumed))
        case CString():
            if item.pattern is not None:
                add(element, "pattern", item.pattern)
            for value in item.values:
                add(element, "list", value)
            if item.is_open:
                add(element, "list_open", "true")
            if item.assumed is not None:
                add(element, "assumed_value", item.assumed)
        case CInteger() | CReal():
            for figure in item.values:
                add(element, "list", number(figure))
            if item.range is not None:
                interval(element, "range", item.range)
            if item.assumed is not None:
                add(element, "assumed_value", number(item.assumed))
        case _:
            if item.pattern is not None:
                add(element, "pattern", item.pattern)
            if not isinstance(item, CDuration) and item.timezone is not None:
                add(element, "timezone_validity", str(int(item.timezone)))
            if item.range is not None:
                interval(element, "range", item.range)
            if item.assumed is not None:
                add(element, "assumed_value", item.assumed)


def assertion(parent: etree._Element, name: str, value: Assertion) -> None:
    """Add an assertion with its expression."""
    element = add(parent, name)
    if value.tag:
        add(element, "tag", value.tag)
    if value.text:
        add(element, "string_expression", value.text)
    if value.expression is not None:
        _expression(element, "expression", value.expression)


def _expression(parent: etree._Element, name: str, value: Expression) -> None:
    if isinstance(value, ExprLeaf):
        element = add(parent, name, kind="EXPR_LEAF")
        add(element, "type", _leaf_type(value))
        if value.item is None or isinstance(value.item, str):
            add(element, "item", value.item, kind="xsd:string" if value.item is not None else "")
        else:
            fill_primitive(add(element, "item", kind=_KINDS[type(value.item).__name__]), value.item)
        add(element, "reference_type", value.reference_type)
        return
    is_unary = len(value.operands) == 1
    element = add(parent, name, kind="EXPR_UNARY_OPERATOR" if is_unary else "EXPR_BINARY_OPERATOR")
    add(element, "type", "Boolean")
    add(element, "operator", str(_OPERATORS.get(value.operator, 2007)))
    add(element, "precedence_overridden", boolean(value.is_precedence_overridden))
    for side, operand in zip(
        ("operand",) if is_unary else ("left_operand", "right_operand"), value.operands, strict=True
    ):
        _expression(element, side, operand)


def _leaf_type(leaf: ExprLeaf) -> str:
    """Return the type name that tools write for a leaf: a path has the type of the value at its end."""
    return "String" if leaf.type == "path" else leaf.type
