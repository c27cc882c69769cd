"""The grammar of openEHR paths and of the predicates in their brackets, over the token cursor.

Called by `aql.path.parse_path` for a path that stands alone, and inherited by the query parser.

    path      : '/'? segment ('/' segment)*            segment : attribute ('[' any ']')?
    any       : all (OR all)*                          all     : test (AND test)*
    test      : '(' any ')' | node (',' name)? | path operator operand | path MATCHES '{/' pattern '/}'
    node      : archetype id | node id | $parameter    name    : string | node id | term code | $parameter
    operand   : literal | $parameter | node id | archetype id | term code | path
"""

from __future__ import annotations

from aql.errors import AqlNotSupported, AqlSyntaxError, AqlTooExpensive
from aql.lexer import Token, TokenCursor, TokenKind
from aql.path import (
    AllTests,
    AnyTest,
    IndexTest,
    Literal,
    NodeId,
    NodeTest,
    ObjectPath,
    Parameter,
    PathSegment,
    PathTest,
    PatternTest,
    Predicate,
    TermCode,
)

MAX_SEGMENTS = 100
"""Steps of one path."""

_NODE_KINDS = frozenset({TokenKind.NODE_ID, TokenKind.ARCHETYPE_ID})
_NAME_KINDS = frozenset({TokenKind.WORD, TokenKind.NODE_ID})


class PathParser(TokenCursor):
    """A parser of paths. A query parser adds the clauses around them."""

    __slots__ = ("_allows_index",)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._allows_index = False

    def parse(self) -> ObjectPath:
        """Return the path that is the whole text."""
        self._allows_index = True
        path = self.object_path()
        if self.token.kind is not TokenKind.END:
            raise self.failure("/", "[", "the end of the path")
        return path

    def object_path(self) -> ObjectPath:
        """Read a path that begins with an attribute or with `/`."""
        first = self.token
        if not self.accept("/"):
            return ObjectPath(self.segments(), False, self.span_from(first))
        segments = self.segments() if self.token.kind in _NAME_KINDS else ()
        return ObjectPath(segments, True, self.span_from(first))

    def segments(self) -> tuple[PathSegment, ...]:
        """Read one or more steps, joined with `/`."""
        segments = [self._segment()]
        while self.token.key == "/":
            self.advance()
            segments.append(self._segment())
            if len(segments) > MAX_SEGMENTS:
                raise AqlTooExpensive(
                    f"A path may have {MAX_SEGMENTS} steps.", limit="path", text=self.text, offset=self.token.start
                )
        return tuple(segments)

    def predicate(self) -> Predicate | None:
        """Read a predicate in brackets, if there is one."""
        if self.token.key != "[":
            return None
        self.advance()
        predicate = self.any_test()
        self.expect("]")
        return predicate

    def any_test(self) -> Predicate:
        """Read tests joined with OR and AND."""
        first = self.token
        self.enter()
        terms = [self._all_tests()]
        while self.accept("OR"):
            terms.append(self._all_tests())
        self.leave()
        return terms[0] if len(terms) == 1 else AnyTest(tuple(terms), self.span_from(first))

    def parameter(self) -> Parameter:
        """Take a parameter."""
        token = self.advance()
        return Parameter(token.text[1:], self.span_from(token))

    def _segment(self) -> PathSegment:
        token = self.token
        if token.kind not in _NAME_KINDS or "." in token.text:
            raise self.failure("an attribute")
        self.advance()
        predicate = self.predicate() if self.token.key == "[" else None
        return PathSegment(token.text, predicate, self.span_from(token))

    def _all_tests(self) -> Predicate:
        first = self.token
        terms = [self._test()]
        while self.accept("AND"):
            terms.append(self._test())
        return terms[0] if len(terms) == 1 else AllTests(tuple(terms), self.span_from(first))

    def _test(self) -> Predicate:
        token = self.token
        if token.kind in _NODE_KINDS or token.kind is TokenKind.PARAMETER:
            return self._node_test(token)
        if token.key == "(":
            self.advance()
            inner = self.any_test()
            self.expect(")")
            return inner
        if token.kind is TokenKind.INTEGER:
            if not self._allows_index:
                raise AqlNotSupported("AQL has no positions.", feature="position", text=self.text, offset=token.start)
            position = self.integer()
            if position < 1:
                raise AqlSyntaxError("Positions count from 1.", text=self.text, offset=token.start)
            return IndexTest(position, self.span_from(token))
        if token.kind is TokenKind.WORD or token.key == "/":
            return self._path_test(token)
        raise self.failure("an archetype id", "a node id", "a parameter", "a path")

    def _node_test(self, token: Token) -> Predicate:
        node_id = self.parameter() if token.kind is TokenKind.PARAMETER else self._node_id()
        name = self._name() if self.accept(",") else None
        return NodeTest(node_id, name, self.span_from(token))

    def _name(self) -> Literal | NodeId | TermCode | Parameter:
        token = self.token
        if token.kind is TokenKind.STRING:
            literal = self.literal()
            if literal is not None:
                return literal
        if token.kind is TokenKind.PARAMETER:
            return self.parameter()
        if token.kind is TokenKind.TERM_CODE:
            return self._term_code()
        if token.kind is TokenKind.NODE_ID:
            return self._node_id()
        raise self.failure("a name in quotes", "a node id", "a term code", "a parameter")

    def _path_test(self, token: Token) -> Predicate:
        path = self.object_path()
        operator = self.operator()
        if operator is not None:
            operand = self._operand()
            return PathTest(path, operator, operand, self.span_from(token))
        if self.accept("MATCHES"):
            pattern = self.pattern()
            return PatternTest(path, pattern, self.span_from(token))
        raise self.failure("a comparison operator", "MATCHES")

    def pattern(self) -> str:
        """Take a regular expression in `{/ /}`, or fail."""
        if self.token.kind is not TokenKind.PATTERN:
            raise self.failure("{/regular expression/}")
        return self.advance().text[1:-1].strip()[1:-1]

    def _operand(self) -> Literal | Parameter | NodeId | TermCode | ObjectPath:
        literal = self.literal()
        if literal is not None:
            return literal
        kind = self.token.kind
        if kind is TokenKind.PARAMETER:
            return self.parameter()
        if kind in _NODE_KINDS:
            return self._node_id()
        if kind is TokenKind.TERM_CODE:
            return self._term_code()
        if kind is TokenKind.WORD or self.token.key == "/":
            return self.object_path()
        raise self.failure("a value", "a parameter", "a path")

    def _node_id(self) -> NodeId:
        token = self.advance()
        return NodeId(token.text, self.span_from(token))

    def _term_code(self) -> TermCode:
        token = self.advance()
        code, _, rubric = token.text.partition("|")
        terminology, _, code = code.partition("::")
        return TermCode(terminology, code, rubric[:-1] if rubric else None, self.span_from(token))
