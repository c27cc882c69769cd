"""Assertions: what slots include and exclude, and the invariants of an archetype.

`read_expression` reads one assertion at a cursor. Binding strength, weakest first: implies, or and xor, and, not and
exists, comparisons, plus and minus, times and divided by, power.
Source: AM Release-2.3.0, ADL 1.4, section Assertions.
"""

from __future__ import annotations

import re

from cdr.am.adl.cadl_primitives import read_primitive
from cdr.am.adl.cursor import Cursor
from cdr.am.adl.source import AdlSyntaxError
from cdr.am.assertions import Assertion, Expression, ExprLeaf, ExprOperator
from cdr.am.primitives import CBoolean, CInteger, CPrimitive, CReal, CString

MAX_DEPTH = 60

_TAG = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*:(?![:=])")
_LEVELS: tuple[tuple[re.Pattern[str], dict[str, str]], ...] = (
    (re.compile(r"implies\b|⇒"), {"⇒": "implies"}),
    (re.compile(r"(?:or|xor)\b|[∨⊻]"), {"∨": "or", "⊻": "xor"}),
    (re.compile(r"and\b|∧"), {"∧": "and"}),
)
_UNARY = re.compile(r"(not|exists|for_all)\b|([∼~¬∃∀])(?!matches)")
_UNARY_NAMES = {"~": "not", "∼": "not", "¬": "not", "∃": "exists", "∀": "for_all"}
_COMPARISON = re.compile(r"(?:~?matches|~?is_in)\b|[∈∉]|!=|<=|>=|[=<>≠≤≥]")
_COMPARISON_NAMES = {
    "is_in": "matches",
    "∈": "matches",
    "~is_in": "~matches",
    "∉": "~matches",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
}
_SUM = re.compile(r"[+-]")
_PRODUCT = re.compile(r"[*/](?=\s)|[*]")
_POWER = re.compile(r"\^(?=\s*[0-9A-Za-z($/])")
_PATH = re.compile(
    r"(?:\$?[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?)?(?:/[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?)+|\$?[A-Za-z_][A-Za-z0-9_]*"
)


def read_assertion(cursor: Cursor) -> Assertion:
    """Return the assertion at the cursor with its text, its expression and its tag."""
    start = cursor.position
    tag = cursor.take(_TAG)
    expression = _binary(cursor, level=0, depth=0)
    text = cursor.text[start : cursor.position].rstrip()
    # A comment after the assertion was skipped with it and does not belong to its text.
    text = re.sub(r"\s*--[^\n]*$", "", text)
    return Assertion(text=text, expression=expression, tag=tag.group(1) if tag else "")


def _binary(cursor: Cursor, *, level: int, depth: int) -> Expression:
    if depth > MAX_DEPTH:
        raise AdlSyntaxError(f"at most {MAX_DEPTH} levels of parentheses", cursor.position)
    if level == len(_LEVELS):
        return _unary(cursor, depth=depth)
    pattern, names = _LEVELS[level]
    left = _binary(cursor, level=level + 1, depth=depth)
    while (match := cursor.take(pattern)) is not None:
        right = _binary(cursor, level=level + 1, depth=depth)
        left = ExprOperator(names.get(match.group(0), match.group(0)), (left, right))
    return left


def _unary(cursor: Cursor, *, depth: int) -> Expression:
    if (match := cursor.take(_UNARY)) is not None:
        name = match.group(1) or _UNARY_NAMES[match.group(2)]
        return ExprOperator(name, (_unary(cursor, depth=depth + 1),))
    return _comparison(cursor, depth=depth)


def _comparison(cursor: Cursor, *, depth: int) -> Expression:
    left = _sum(cursor, depth=depth)
    if (match := cursor.take(_COMPARISON)) is None:
        return left
    name = _COMPARISON_NAMES.get(match.group(0), match.group(0))
    if name in ("matches", "~matches"):
        cursor.expect("{")
        if cursor.accept("*"):
            constraint = ExprLeaf("any", "*", "constraint")
        else:
            primitive = read_primitive(cursor)
            constraint = ExprLeaf(_type_name(primitive), primitive, "constraint")
        cursor.expect("}")
        return ExprOperator(name, (left, constraint))
    return ExprOperator(name, (left, _sum(cursor, depth=depth)))


def _sum(cursor: Cursor, *, depth: int) -> Expression:
    left = _product(cursor, depth=depth)
    while (match := cursor.take(_SUM)) is not None:
        left = ExprOperator(match.group(0), (left, _product(cursor, depth=depth)))
    return left


def _product(cursor: Cursor, *, depth: int) -> Expression:
    left = _leaf(cursor, depth=depth)
    while (match := cursor.take(_PRODUCT) or cursor.take(_POWER)) is not None:
        left = ExprOperator(match.group(0), (left, _leaf(cursor, depth=depth)))
    return left


def _leaf(cursor: Cursor, *, depth: int) -> Expression:
    if cursor.accept("("):
        inner = _binary(cursor, level=0, depth=depth + 1)
        cursor.expect(")")
        if isinstance(inner, ExprOperator):
            return ExprOperator(inner.operator, inner.operands, is_precedence_overridden=True)
        return inner
    if cursor.at('"') or cursor.peek(re.compile(r"[-+]?[0-9]|(?:true|false)\b", re.I)):
        constant = _constant(cursor)
        return ExprLeaf(_type_name(constant), constant, "constant")
    match = cursor.require(_PATH, "a path, a constant or an expression in parentheses")
    return ExprLeaf("path", match.group(0), "attribute")


_CONSTANT = re.compile(r'"((?:[^"\\]|\\.)*)"|([-+]?[0-9]+(?:\.[0-9]+)?)|(true|false)\b', re.I)


def _constant(cursor: Cursor) -> CPrimitive:
    match = cursor.require(_CONSTANT, "a constant")
    text, number, truth = match.groups()
    if text is not None:
        return CString(values=(re.sub(r"\\(.)", r"\1", text),))
    if truth is not None:
        return CBoolean(true_valid=truth.lower() == "true", false_valid=truth.lower() == "false")
    return CReal(values=(float(number),)) if "." in number else CInteger(values=(int(number),))


def _type_name(primitive: CPrimitive) -> str:
    return "C_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(primitive).__name__[1:]).upper()
