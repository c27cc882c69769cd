"""Assertions over RM objects: the rules across fields that a template's annotations state.

`rule` makes a check of an expression once; the check walks the object and gives True, False or None, where None says
that something needed for the answer is absent or too imprecise (a year against a day). Only False is a violation.
Comparisons over several values hold if they hold for each.
Source: AM 2.3.0, ADL 1.4, Assertions.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any, TypeAlias

from aql.path import parse_path
from cdr.am.assertions import Expression, ExprOperator
from cdr.am.conditions import constants_of, pattern_of
from cdr.am.patterns import matcher
from cdr.rm import DvDate, DvDateTime, DvOrdered, DvOrdinal, DvProportion, DvQuantified, DvQuantity, RmObject
from cdr.rm.navigate import items_at_path
from cdr.rm.temporal import Instantaneous, lower_bound, parse_date, parse_date_time, upper_bound

Truth: TypeAlias = bool | None
Values: TypeAlias = tuple[object, ...]
_Truth: TypeAlias = Callable[[RmObject], Truth]
_Read: TypeAlias = Callable[[RmObject], Values]
_Comparison: TypeAlias = Callable[[Any, Any], bool]  # any two values of one kind

_COMPARISONS: dict[str, _Comparison] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def rule(expression: Expression) -> _Truth:
    """Return the check of an expression whose paths start at the object."""
    if not isinstance(expression, ExprOperator):
        read = _reader(expression)
        return lambda obj: _single_truth(read(obj))
    name, operands = expression.operator, expression.operands
    if name == "exists":
        read = _reader(operands[0])
        return lambda obj: bool(read(obj))
    if name == "not":
        inner = rule(operands[0])
        return lambda obj: None if (truth := inner(obj)) is None else not truth
    if name in ("and", "or", "xor", "implies"):
        return _connective(name, rule(operands[0]), rule(operands[1]))
    left, right = _reader(operands[0]), _reader(operands[1])
    if name == "matches":
        pattern = pattern_of(operands[1])
        fits = matcher(pattern) if pattern is not None else None
        if fits is not None:
            return lambda obj: _all_fit(left(obj), fits)
        return lambda obj: _matches(left(obj), right(obj))
    holds = _COMPARISONS[name]
    return lambda obj: _compare(left(obj), right(obj), holds)


def _connective(name: str, left: _Truth, right: _Truth) -> _Truth:
    """Return a connective of three-valued logic: what cannot be told is neither true nor false."""

    def conjunction(obj: RmObject) -> Truth:
        first = left(obj)
        second = False if first is False else right(obj)
        return False if second is False else None if None in (first, second) else True

    def disjunction(obj: RmObject) -> Truth:
        first = left(obj)
        second = True if first is True else right(obj)
        return True if second is True else None if None in (first, second) else False

    def implication(obj: RmObject) -> Truth:
        first = left(obj)
        if first is False:
            return True
        second = right(obj)
        return True if second is True else None if None in (first, second) else False

    def exclusive(obj: RmObject) -> Truth:
        first, second = left(obj), right(obj)
        return None if first is None or second is None else first != second

    return {"and": conjunction, "or": disjunction, "implies": implication, "xor": exclusive}[name]


def _single_truth(values: Values) -> Truth:
    return values[0] if len(values) == 1 and isinstance(values[0], bool) else None


def _reader(expression: Expression) -> _Read:
    """Return what gives the values of an operand: of a path, a constant or a calculation."""
    if isinstance(expression, ExprOperator):
        if expression.operator not in _ARITHMETIC:
            truth = rule(expression)
            return lambda obj: () if (found := truth(obj)) is None else (found,)
        left, right = _reader(expression.operands[0]), _reader(expression.operands[1])
        calculate = _ARITHMETIC[expression.operator]
        return lambda obj: _calculated(left(obj), right(obj), calculate)
    if expression.reference_type == "attribute":
        path = parse_path(str(expression.item).lstrip("/"))
        return lambda obj: tuple(items_at_path(obj, path))
    constants = constants_of(expression)
    return lambda obj: constants


def _matches(values: Values, listed: Values) -> Truth:
    return None if not values else all(value in listed for value in values)


def _all_fit(values: Values, fits: Callable[[str], bool]) -> Truth:
    return None if not values else all(isinstance(value, str) and fits(value) for value in values)


def _compare(left: Values, right: Values, holds: _Comparison) -> Truth:
    if not left or not right:
        return None
    truths = {_holds(first, second, holds) for first in left for second in right}
    return False if False in truths else None if None in truths else True


def _holds(left: object, right: object, holds: _Comparison) -> Truth:
    moments = _moment(left), _moment(right)
    if moments[0] is not None and moments[1] is not None:
        return _moments_hold(moments[0], moments[1], holds)
    numbers = _number(left), _number(right)
    if numbers[0] is not None and numbers[1] is not None:
        if isinstance(left, DvQuantity) and isinstance(right, DvQuantity) and left.units != right.units:
            return None
        return holds(numbers[0], numbers[1])
    if isinstance(left, str) and isinstance(right, str):
        return holds(left, right)
    return None


def _moments_hold(left: Instantaneous, right: Instantaneous, holds: _Comparison) -> Truth:
    """Compare moments that may be partial: None where the parts that are missing would decide.

    A date has no offset: beside a date-time it means the day where that was written.
    """
    offset = getattr(left, "offset", None) or getattr(right, "offset", None) or 0
    zone = timezone(timedelta(minutes=offset))
    first = lower_bound(left, zone), upper_bound(left, zone) - 1
    second = lower_bound(right, zone), upper_bound(right, zone) - 1
    if left.precision == right.precision:
        return holds(first[0], second[0])
    if holds in (operator.eq, operator.ne):
        is_apart = first[1] < second[0] or second[1] < first[0]
        return (holds is operator.ne) if is_apart else None
    truths = {holds(first[0], second[1]), holds(first[1], second[0])}
    return truths.pop() if len(truths) == 1 else None


def _moment(value: object) -> Instantaneous | None:
    try:
        if isinstance(value, DvDate) and isinstance(value.value, str):
            return parse_date(value.value)
        if isinstance(value, DvDateTime) and isinstance(value.value, str):
            return parse_date_time(value.value)
    except ValueError:
        return None
    return None


def _number(value: object) -> Decimal | None:
    if isinstance(value, DvOrdinal):
        value = value.value
    elif isinstance(value, DvProportion):
        value = value.numerator
    elif isinstance(value, (DvQuantified, DvOrdered)):
        value = getattr(value, "magnitude", None)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    return Decimal(str(value))


def _calculated(left: Values, right: Values, calculate: Callable[[Decimal, Decimal], Decimal]) -> Values:
    if len(left) != 1 or len(right) != 1:
        return ()
    first, second = _number(left[0]), _number(right[0])
    if first is None or second is None:
        return ()
    try:
        return (calculate(first, second),)
    except ArithmeticError:
        return ()
