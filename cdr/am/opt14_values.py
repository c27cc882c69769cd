"""Leaf constraints of operational templates: intervals, primitives, code phrases, quantities, ordinals, assertions.

Called by `opt14_nodes`; everything takes the reader and the element, and notes what is wrong in the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lxml import etree

from cdr.am.assertions import Assertion, Expression, ExprLeaf, ExprOperator
from cdr.am.constraints import OrdinalItem, QuantityItem, ScaleItem, State, Transition
from cdr.am.intervals import REQUIRED_ONCE, Cardinality, Interval, Multiplicity
from cdr.am.opt14_xml import NAMESPACE, OptReader, content, local_name, xsi_type
from cdr.am.primitives import (
    CBoolean,
    CDate,
    CDateTime,
    CDuration,
    CInteger,
    CPrimitive,
    CReal,
    CString,
    CTime,
    Validity,
)
from cdr.am.terms import Code

_T = TypeVar("_T")

_OPERATORS = {
    "2001": "=",
    "2002": "!=",
    "2003": "<=",
    "2004": "<",
    "2005": ">=",
    "2006": ">",
    "2007": "matches",
    "2010": "not",
    "2011": "and",
    "2012": "or",
    "2013": "xor",
    "2014": "implies",
    "2015": "for_all",
    "2016": "exists",
    "2020": "+",
    "2021": "-",
    "2022": "*",
    "2023": "/",
    "2024": "^",
}


def interval(
    reader: OptReader, element: etree._Element, bound: Callable[[etree._Element], _T | None]
) -> Interval[_T] | None:
    """Return the interval in an element; a bound that is marked unbounded, or missing, is open."""
    parts = {local_name(child): child for child in element}
    lower = _bound(reader, parts, "lower", bound)
    upper = _bound(reader, parts, "upper", bound)
    result: Interval[_T] = Interval(
        lower, upper, lower_included=_is_true(parts, "lower"), upper_included=_is_true(parts, "upper")
    )
    # Durations and dates are strings here: whoever compares them knows their order.
    if isinstance(lower, int | float) and isinstance(upper, int | float) and lower > upper:
        reader.wrong("OPT_INTERVAL", element, f"a lower bound not above the upper one in <{local_name(element)}>")
        return None
    return result


def _bound(
    reader: OptReader, parts: dict[str, etree._Element], side: str, bound: Callable[[etree._Element], _T | None]
) -> _T | None:
    unbounded = parts.get(f"{side}_unbounded")
    found = parts.get(side)
    if unbounded is not None and content(unbounded) in ("true", "1"):
        return None
    if found is None:
        # Some tools leave both the bound and its flag out for an open interval.
        if unbounded is not None:
            reader.wrong("OPT_INTERVAL", unbounded, f"<{side}> where <{side}_unbounded> is false")
        return None
    return bound(found)


def _is_true(parts: dict[str, etree._Element], side: str) -> bool:
    included = parts.get(f"{side}_included")
    return included is None or content(included) in ("true", "1")


def multiplicity(reader: OptReader, element: etree._Element) -> Multiplicity:
    """Return how often something may be there. Excluded bounds are moved to included ones."""
    lower, upper = 0, None
    is_lower_open = is_upper_open = is_lower_excluded = is_upper_excluded = False
    for child in element:
        name, value = str(child.tag)[len(NAMESPACE) :], content(child)
        if name == "lower":
            lower = reader.integer(child) or 0
        elif name == "upper":
            upper = reader.integer(child)
        elif name == "lower_unbounded":
            is_lower_open = value == "true"
        elif name == "upper_unbounded":
            is_upper_open = value == "true"
        elif name == "lower_included":
            is_lower_excluded = value == "false"
        elif name == "upper_included":
            is_upper_excluded = value == "false"
    if is_lower_open:
        lower = 0
    elif is_lower_excluded:
        lower += 1
    if is_upper_open:
        upper = None
    elif upper is None:
        reader.wrong("OPT_INTERVAL", element, f"<upper> where <upper_unbounded> is not true in <{local_name(element)}>")
    elif is_upper_excluded:
        upper -= 1
    if lower < 0 or (upper is not None and upper < lower):
        reader.wrong("OPT_INTERVAL", element, f"a lower bound from 0 to the upper one in <{local_name(element)}>")
        return REQUIRED_ONCE
    return Multiplicity(lower, upper)


def cardinality(reader: OptReader, element: etree._Element) -> Cardinality:
    """Return a cardinality."""
    found = reader.required(element, "interval")
    return Cardinality(
        multiplicity(reader, found) if found is not None else Multiplicity(0, None),
        is_ordered=reader.boolean(element, "is_ordered", default=True),
        is_unique=reader.boolean(element, "is_unique", default=False),
    )


def code_phrase(reader: OptReader, element: etree._Element) -> Code:
    """Return the code in a CODE_PHRASE element."""
    terminology = reader.child(element, "terminology_id")
    return Code(
        reader.text(terminology, "value") if terminology is not None else "", reader.text(element, "code_string")
    )


def primitive(reader: OptReader, element: etree._Element) -> CPrimitive | None:
    """Return the constraint in `<item xsi:type="C_...">` of a primitive object."""
    kind = xsi_type(element)
    build = _PRIMITIVES.get(kind)
    if build is None:
        reader.wrong("OPT_TYPE", element, f"a primitive constraint, one of {', '.join(_PRIMITIVES)}")
        return None
    return build(reader, element)


def _string(reader: OptReader, element: etree._Element) -> CString:
    # Inner blanks of permitted values matter, so these texts are not trimmed.
    return CString(
        pattern=reader.text(element, "pattern") or None,
        values=tuple(item.text or "" for item in element.findall(NAMESPACE + "list")),
        is_open=reader.boolean(element, "list_open", default=False),
        assumed=_assumed(reader, element, content),
    )


def _integer(reader: OptReader, element: etree._Element) -> CInteger:
    values = [reader.integer(item) for item in element.findall(NAMESPACE + "list")]
    return CInteger(
        values=tuple(value for value in values if value is not None),
        range=_range(reader, element, reader.integer),
        assumed=_assumed(reader, element, reader.integer),
    )


def _real(reader: OptReader, element: etree._Element) -> CReal:
    values = [reader.real(item) for item in element.findall(NAMESPACE + "list")]
    return CReal(
        values=tuple(value for value in values if value is not None),
        range=_range(reader, element, reader.real),
        assumed=_assumed(reader, element, reader.real),
    )


def _boolean(reader: OptReader, element: etree._Element) -> CBoolean:
    assumed = reader.text(element, "assumed_value")
    return CBoolean(
        true_valid=reader.boolean(element, "true_valid", default=True),
        false_valid=reader.boolean(element, "false_valid", default=True),
        assumed=assumed in ("true", "1") if assumed else None,
    )


def _date(reader: OptReader, element: etree._Element) -> CDate:
    pattern, timezone = reader.text(element, "pattern") or None, _timezone(reader, element)
    range_, assumed = _range(reader, element, content), _assumed(reader, element, content)
    return CDate(pattern=pattern, timezone=timezone, range=range_, assumed=assumed)


def _time(reader: OptReader, element: etree._Element) -> CTime:
    pattern, timezone = reader.text(element, "pattern") or None, _timezone(reader, element)
    range_, assumed = _range(reader, element, content), _assumed(reader, element, content)
    return CTime(pattern=pattern, timezone=timezone, range=range_, assumed=assumed)


def _date_time(reader: OptReader, element: etree._Element) -> CDateTime:
    pattern, timezone = reader.text(element, "pattern") or None, _timezone(reader, element)
    range_, assumed = _range(reader, element, content), _assumed(reader, element, content)
    return CDateTime(pattern=pattern, timezone=timezone, range=range_, assumed=assumed)


def _duration(reader: OptReader, element: etree._Element) -> CDuration:
    return CDuration(
        pattern=reader.text(element, "pattern") or None,
        range=_range(reader, element, content),
        assumed=_assumed(reader, element, content),
    )


_PRIMITIVES: dict[str, Callable[[OptReader, etree._Element], CPrimitive]] = {
    "C_STRING": _string,
    "C_INTEGER": _integer,
    "C_REAL": _real,
    "C_BOOLEAN": _boolean,
    "C_DATE": _date,
    "C_TIME": _time,
    "C_DATE_TIME": _date_time,
    "C_DURATION": _duration,
}


def _range(
    reader: OptReader, element: etree._Element, bound: Callable[[etree._Element], _T | None]
) -> Interval[_T] | None:
    found = reader.child(element, "range")
    return interval(reader, found, bound) if found is not None else None


def _assumed(reader: OptReader, element: etree._Element, read: Callable[[etree._Element], _T | None]) -> _T | None:
    found = reader.child(element, "assumed_value")
    return read(found) if found is not None else None


def _timezone(reader: OptReader, element: etree._Element) -> Validity | None:
    found = reader.text(element, "timezone_validity")
    if not found:
        return None
    for validity in Validity:
        if found in (str(validity.value), validity.name.lower()):
            return validity
    reader.wrong("OPT_VALUE", element, "1001, 1002 or 1003 in <timezone_validity>")
    return None


def quantity_item(reader: OptReader, element: etree._Element) -> QuantityItem:
    """Return one permitted unit with its ranges."""
    magnitude, precision = reader.child(element, "magnitude"), reader.child(element, "precision")
    if reader.child(element, "units") is None:
        reader.wrong("OPT_MISSING", element, "<units> in <list>")
    return QuantityItem(
        reader.text(element, "units"),
        interval(reader, magnitude, reader.real) if magnitude is not None else None,
        interval(reader, precision, reader.integer) if precision is not None else None,
        reader.text(element, "units_system"),
        reader.text(element, "units_display_name"),
    )


def ordinal_item(reader: OptReader, element: etree._Element) -> OrdinalItem:
    """Return one step of an ordinal."""
    value = reader.required(element, "value")
    symbol, text = _symbol(reader, element)
    return OrdinalItem((reader.integer(value) or 0) if value is not None else 0, symbol, text)


def scale_item(reader: OptReader, element: etree._Element) -> ScaleItem:
    """Return one step of a scale."""
    value = reader.required(element, "value")
    symbol, text = _symbol(reader, element)
    return ScaleItem((reader.real(value) or 0.0) if value is not None else 0.0, symbol, text)


def _symbol(reader: OptReader, element: etree._Element) -> tuple[Code, str]:
    symbol = reader.required(element, "symbol")
    code = reader.required(symbol, "defining_code") if symbol is not None else None
    text = reader.text(symbol, "value") if symbol is not None else ""
    return (code_phrase(reader, code) if code is not None else Code("", "")), text


def states(reader: OptReader, element: etree._Element) -> tuple[State, ...]:
    """Return the states of a C_DV_STATE."""
    machine = reader.required(element, "value")
    found: list[State] = []
    for state in machine.findall(NAMESPACE + "states") if machine is not None else ():
        transitions = []
        for transition in state.findall(NAMESPACE + "transitions"):
            target = reader.child(transition, "next_state")
            transitions.append(
                Transition(
                    reader.text(transition, "event"),
                    reader.text(transition, "action"),
                    reader.text(transition, "guard"),
                    reader.text(target, "name") if target is not None else "",
                )
            )
        found.append(State(reader.text(state, "name"), tuple(transitions)))
    return tuple(found)


def assertion(reader: OptReader, element: etree._Element) -> Assertion:
    """Return an assertion with its expression."""
    expression = reader.child(element, "expression")
    return Assertion(
        text=reader.text(element, "string_expression"),
        expression=_expression(reader, expression) if expression is not None else None,
        tag=reader.text(element, "tag"),
    )


def _expression(reader: OptReader, element: etree._Element) -> Expression | None:
    kind = xsi_type(element)
    if kind == "EXPR_LEAF":
        item = reader.child(element, "item")
        value: str | CPrimitive | None = None
        if item is not None:
            value = primitive(reader, item) if xsi_type(item) in _PRIMITIVES else content(item)
        return ExprLeaf(reader.text(element, "type"), value, reader.text(element, "reference_type"))
    if kind in ("EXPR_BINARY_OPERATOR", "EXPR_UNARY_OPERATOR"):
        operator = reader.text(element, "operator")
        if operator not in _OPERATORS:
            reader.wrong("OPT_VALUE", element, "an operator number from 2001 to 2024 in <operator>")
        children = (reader.child(element, name) for name in ("left_operand", "right_operand", "operand"))
        operands = (_expression(reader, child) for child in children if child is not None)
        return ExprOperator(
            _OPERATORS.get(operator, operator),
            tuple(operand for operand in operands if operand is not None),
            reader.boolean(element, "precedence_overridden", default=False),
        )
    reader.wrong("OPT_TYPE", element, "an expression, one of EXPR_LEAF, EXPR_UNARY_OPERATOR, EXPR_BINARY_OPERATOR")
    return None
