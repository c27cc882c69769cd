"""Assertions of archetypes: what a slot includes and excludes.

The expression tree is kept as the source gives it. What slots need of it, the pattern on the archetype id, is
extracted once.
Source: AM 1.4, AOM1.4 section 4, ASSERTION.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from cdr.am.primitives import CPrimitive, CString


@dataclass(frozen=True, slots=True)
class ExprLeaf:
    """A leaf: a path (`reference_type` is `attribute`), a constant, or a constraint."""

    type: str
    item: str | CPrimitive | None
    reference_type: str = ""


@dataclass(frozen=True, slots=True)
class ExprOperator:
    """An operator by its name (`matches`, `and`, `not`, `=`...) with one or two operands."""

    operator: str
    operands: tuple[Expression, ...]
    is_precedence_overridden: bool = False


Expression: TypeAlias = ExprLeaf | ExprOperator


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One assertion: its text as written, its expression, and its tag if it has one."""

    text: str = ""
    expression: Expression | None = None
    tag: str = ""

    @property
    def archetype_id_pattern(self) -> str | None:
        """Return the regular expression on `archetype_id/value` (anchored by its user), or None if there is none."""
        return _pattern_of(self.expression)


def _pattern_of(expression: Expression | None) -> str | None:
    match expression:
        case ExprOperator("matches", (ExprLeaf(item=str(path)), ExprLeaf(item=CString(pattern=pattern)))):
            # The left side is written archetype_id/value, archetype/archetype_id/value or short_concept_name.
            return pattern if path.endswith("archetype_id/value") else None
        case _:
            return None
