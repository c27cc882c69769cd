"""The grammar of the FROM clause: class expressions and what they contain.

    from      : all (OR all)*            all : term (AND term)*
    term      : '(' from ')' | class (NOT? CONTAINS from)?
    class     : class name variable? predicate? | VERSION variable? version?
    version   : '[' (LATEST_VERSION | ALL_VERSIONS | predicate) ']'

CONTAINS takes everything on its right: `EHR e CONTAINS COMPOSITION c CONTAINS OBSERVATION o AND EVALUATION v` asks for
a composition with both, as the grammar of the specification has it. Parentheses say otherwise.

Source: AQL 1.1.0, Containment, Class expressions.
"""

from __future__ import annotations

from aql.ast import (
    ClassExpression,
    Containment,
    ContainsAll,
    ContainsAny,
    FromExpression,
    VersionExpression,
    VersionScope,
)
from aql.errors import AqlTooExpensive
from aql.expression_parser import RESERVED, ExpressionParser
from aql.lexer import TokenKind

MAX_CLASSES = 60
"""Class expressions of one query."""

_SCOPES = {scope.value: scope for scope in VersionScope}


class ContainmentParser(ExpressionParser):
    """A parser of the FROM clause."""

    __slots__ = ("_classes",)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._classes = 0

    def source(self) -> FromExpression:
        """Read class expressions joined with CONTAINS, AND and OR."""
        first = self.token
        self.enter()
        terms = [self._all_sources()]
        while self.accept("OR"):
            terms.append(self._all_sources())
        self.leave()
        return terms[0] if len(terms) == 1 else ContainsAny(tuple(terms), self.span_from(first))

    def _all_sources(self) -> FromExpression:
        first = self.token
        terms = [self._source_term()]
        while self.accept("AND"):
            terms.append(self._source_term())
        return terms[0] if len(terms) == 1 else ContainsAll(tuple(terms), self.span_from(first))

    def _source_term(self) -> FromExpression:
        token = self.token
        if self.accept("("):
            inner = self.source()
            if not self.accept(")"):
                raise self.failure("AND", "OR", ")")
            return inner
        source = self._class_expression()
        is_excluded = self.token.key == "NOT" and self.peek().key == "CONTAINS"
        if is_excluded:
            self.advance()
        contained = self.source() if self.accept("CONTAINS") else None
        return Containment(source, contained, is_excluded, self.span_from(token))

    def _class_expression(self) -> ClassExpression | VersionExpression:
        token = self.token
        if token.kind is not TokenKind.WORD or token.key in RESERVED:
            raise self.failure("a class name", "(")
        self._count_class()
        self.advance()
        after = self.token
        is_named = after.kind is TokenKind.NODE_ID or (after.kind is TokenKind.WORD and after.key not in RESERVED)
        variable = self.name("a variable") if is_named else None
        if token.key == "VERSION":
            scope = _SCOPES.get(self.peek().key) if self.token.key == "[" else None
            if scope is not None:
                self.advance()
                self.advance()
                self.expect("]")
                return VersionExpression(variable, scope, None, self.span_from(token))
            predicate = self.predicate()
            return VersionExpression(variable, None, predicate, self.span_from(token))
        predicate = self.predicate()
        return ClassExpression(token.key, variable, predicate, self.span_from(token))

    def _count_class(self) -> None:
        self._classes += 1
        if self._classes > MAX_CLASSES:
            raise AqlTooExpensive(
                f"A query may have {MAX_CLASSES} class expressions.",
                limit="classes",
                text=self.text,
                offset=self.token.start,
            )
