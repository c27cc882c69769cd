"""The grammar of what stands in SELECT, WHERE and ORDER BY: identified paths, functions, conditions.

    condition : all (OR all)*                          all  : unary (AND unary)*
    unary     : NOT unary | '(' condition ')' | EXISTS identified path | operand test
    test      : operator expression | LIKE pattern | MATCHES ('{' values '}' | '{' URI '}' | '{/' regex '/}' | function)
    operand   : identified path | function

Source: AQL 1.1.0, Operators, Functions, Expressions.
"""

from __future__ import annotations

from aql.ast import (
    Aggregate,
    AggregateName,
    And,
    Comparison,
    Condition,
    Exists,
    Expression,
    FunctionCall,
    IdentifiedPath,
    Like,
    MatchesPattern,
    MatchesUri,
    MatchesValues,
    Not,
    Or,
)
from aql.lexer import Token, TokenKind
from aql.path import Literal, ObjectPath, Parameter
from aql.path_parser import PathParser

RESERVED = frozenset(
    {
        *("SELECT", "AS", "FROM", "CONTAINS", "WHERE", "ORDER", "BY", "LIMIT", "OFFSET", "DISTINCT", "AND", "OR"),
        *("NOT", "LIKE", "MATCHES", "EXISTS", "TRUE", "FALSE", "NULL"),
    }
)
"""Words that cannot name a variable or a column. Function names can: `AS max` is what people write."""

_AGGREGATES = {name.value: name for name in AggregateName}


class ExpressionParser(PathParser):
    """A parser of expressions and conditions."""

    __slots__ = ()

    def identified_path(self) -> IdentifiedPath:
        """Read a variable with its predicate and path."""
        token = self.token
        name = self.name("a variable")
        predicate = self.predicate() if self.token.key == "[" else None
        if self.token.key != "/":
            return IdentifiedPath(name, ObjectPath(), predicate, self.span_from(token))
        self.advance()
        first = self.token
        segments = self.segments()
        path = ObjectPath(segments, False, self.span_from(first))
        return IdentifiedPath(name, path, predicate, self.span_from(token))

    def name(self, what: str) -> str:
        """Take a name that is no reserved word, or fail."""
        token = self.token
        if (token.kind is not TokenKind.WORD and token.kind is not TokenKind.NODE_ID) or "." in token.text:
            raise self.failure(what)
        if token.key in RESERVED:
            raise self.failure(what)
        self.advance()
        return token.text

    def expression(self) -> Expression:
        """Read a literal, a parameter, a function call or an identified path."""
        literal = self.literal()
        if literal is not None:
            return literal
        if self.token.kind is TokenKind.PARAMETER:
            return self.parameter()
        return self.operand("a value", "a parameter", "a path", "a function")

    def operand(self, *expected: str) -> IdentifiedPath | FunctionCall:
        """Read a function call or an identified path."""
        token = self.token
        if token.kind is TokenKind.WORD:
            if self.peek().key == "(" and token.key not in ("NOT", "AND", "OR", "EXISTS"):
                return self._function(token)
            if token.key not in RESERVED:
                return self.identified_path()
        elif token.kind is TokenKind.NODE_ID and "." not in token.text:
            return self.identified_path()
        raise self.failure(*(expected or ("a path", "a function")))

    def aggregate(self) -> Aggregate | None:
        """Read an aggregate function, if there is one."""
        token = self.token
        name = _AGGREGATES.get(token.key)
        if name is None or self.peek().key != "(":
            return None
        self.advance()
        self.advance()
        if name is AggregateName.COUNT and self.accept("*"):
            self.expect(")")
            return Aggregate(name, None, False, self.span_from(token))
        is_distinct = name is AggregateName.COUNT and self.accept("DISTINCT")
        argument = self.identified_path()
        self.expect(")")
        return Aggregate(name, argument, is_distinct, self.span_from(token))

    def condition(self) -> Condition:
        """Read conditions joined with OR and AND."""
        first = self.token
        self.enter()
        terms = [self._all_conditions()]
        while self.accept("OR"):
            terms.append(self._all_conditions())
        self.leave()
        return terms[0] if len(terms) == 1 else Or(tuple(terms), self.span_from(first))

    def _function(self, token: Token) -> FunctionCall:
        self.enter()
        self.advance()
        self.advance()
        arguments: list[Expression] = []
        if not self.accept(")"):
            arguments.append(self.expression())
            while self.accept(","):
                arguments.append(self.expression())
            if not self.accept(")"):
                raise self.failure(",", ")")
        self.leave()
        return FunctionCall(token.key, tuple(arguments), self.span_from(token))

    def _all_conditions(self) -> Condition:
        first = self.token
        terms = [self._unary()]
        while self.accept("AND"):
            terms.append(self._unary())
        return terms[0] if len(terms) == 1 else And(tuple(terms), self.span_from(first))

    def _unary(self) -> Condition:
        token = self.token
        if token.key == "NOT":
            self.enter()
            self.advance()
            inner = self._unary()
            self.leave()
            return Not(inner, self.span_from(token))
        if token.key == "(":
            self.advance()
            inner = self.condition()
            if not self.accept(")"):
                raise self.failure("AND", "OR", ")")
            return inner
        if token.key == "EXISTS":
            self.advance()
            path = self.identified_path()
            return Exists(path, self.span_from(token))
        return self._comparison(token, self.operand("a path", "a function", "NOT", "EXISTS", "("))

    def _comparison(self, token: Token, left: IdentifiedPath | FunctionCall) -> Condition:
        operator = self.operator()
        if operator is not None:
            right = self.expression()
            return Comparison(left, operator, right, self.span_from(token))
        if self.accept("LIKE"):
            pattern = self._pattern_operand()
            return Like(left, pattern, self.span_from(token))
        if self.accept("MATCHES"):
            return self._matches(token, left)
        raise self.failure("a comparison operator", "LIKE", "MATCHES")

    def _pattern_operand(self) -> Literal | Parameter:
        if self.token.kind is TokenKind.PARAMETER:
            return self.parameter()
        if self.token.kind is TokenKind.STRING:
            literal = self.literal()
            if literal is not None:
                return literal
        raise self.failure("a pattern in quotes", "a parameter")

    def _matches(self, token: Token, left: IdentifiedPath | FunctionCall) -> Condition:
        if self.token.kind is TokenKind.PATTERN:
            pattern = self.pattern()
            return MatchesPattern(left, pattern, self.span_from(token))
        if self.token.key != "{":
            value = self._match_value("{", "TERMINOLOGY", "a parameter")
            if isinstance(value, Literal):
                raise self.failure("{", "TERMINOLOGY", "a parameter")
            return MatchesValues(left, (value,), True, self.span_from(token))
        self.advance()
        if self.token.kind is TokenKind.URI:
            uri = self.advance().text
            self.expect("}")
            return MatchesUri(left, uri, self.span_from(token))
        values = [self._match_value("a value", "a URI", "a parameter", "TERMINOLOGY")]
        while self.accept(","):
            values.append(self._match_value("a value", "a parameter", "TERMINOLOGY"))
        if not self.accept("}"):
            raise self.failure(",", "}")
        return MatchesValues(left, tuple(values), False, self.span_from(token))

    def _match_value(self, *expected: str) -> Literal | Parameter | FunctionCall:
        token = self.token
        if token.kind is TokenKind.PARAMETER:
            return self.parameter()
        if token.key == "TERMINOLOGY" and self.peek().key == "(":
            return self._function(token)
        literal = self.literal() if token.kind is not TokenKind.WORD or token.key in RESERVED else None
        if literal is None:
            raise self.failure(*expected)
        return literal
