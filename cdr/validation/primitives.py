"""Constraints on strings, numbers and booleans.

A check takes the value and gives a finding or None; it is made once for a template.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from cdr.am.constraints import CPrimitiveObject
from cdr.am.intervals import Interval
from cdr.am.patterns import matcher
from cdr.am.primitives import CBoolean, CInteger, CReal, CString
from cdr.validation import temporal
from cdr.validation.report import Finding

Check = Callable[[object], Finding | None]
_MAX_LISTED = 12


def check_of(node: CPrimitiveObject, *, is_pattern: bool = False) -> Check | None:
    """Return the check of a primitive constraint, or None where it allows everything.

    `is_pattern` is for values that are regular expressions: the template's own pattern is one of them, and so is
    `/.*/`, which forms write where nobody asked for more.
    """
    item = node.item
    if item is None:
        return None
    if isinstance(item, CString):
        return _string(item, is_pattern=is_pattern)
    if isinstance(item, CBoolean):
        return _boolean(item)
    if isinstance(item, CInteger):
        return _number("TPL_INTEGER", item.values, item.range)
    if isinstance(item, CReal):
        return _number("TPL_REAL", item.values, item.range)
    return temporal.check_of(item)


def listed(values: Collection[object]) -> str:
    """Return permitted values for a sentence, the first dozen of them."""
    shown = ", ".join(f'"{value}"' if isinstance(value, str) else f"{value}" for value in list(values)[:_MAX_LISTED])
    more = len(values) - _MAX_LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def _string(item: CString, *, is_pattern: bool) -> Check | None:
    if item.values and not item.is_open:
        allowed = frozenset(item.values)
        wrong = Finding("TPL_STRING", f"one of {listed(item.values)}")
        return lambda value: None if value in allowed else wrong
    if item.pattern is not None and item.pattern.strip("/") != ".*":
        matches = matcher(item.pattern)
        if matches is not None:
            return _pattern(matches, item.pattern, is_pattern=is_pattern)
    return None


def _pattern(matches: Callable[[str], bool], pattern: str, *, is_pattern: bool) -> Check:
    wrong = Finding("TPL_PATTERN", f"a text that matches {pattern}")
    patterns = {pattern.strip("/"), ".*"} if is_pattern else set()

    def check(value: object) -> Finding | None:
        if isinstance(value, str) and (matches(value) or value.strip("/") in patterns):
            return None
        return wrong

    return check


def _boolean(item: CBoolean) -> Check | None:
    if item.true_valid and item.false_valid:
        return None
    wrong = Finding("TPL_BOOLEAN", "true" if item.true_valid else "false" if item.false_valid else "no value")
    return lambda value: None if (item.true_valid if value else item.false_valid) else wrong


def _number(
    code: str,
    values: Sequence[float],
    range_: Interval[Any] | None,  # of int or float
) -> Check | None:
    if not values and range_ is None:
        return None
    allowed = frozenset(values)
    wrong_value = Finding(code, f"one of {listed(values)}")
    wrong_range = Finding(code, f"a number from the range {range_}")

    def check(value: object) -> Finding | None:
        if not isinstance(value, int | float):
            return None
        if allowed and value not in allowed:
            return wrong_value
        return None if range_ is None or range_.contains(value) else wrong_range

    return check
