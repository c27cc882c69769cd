"""Text of a query or a path in, tokens out; and the cursor that the parsers move over them.

One regular expression splits the text. Words carry their upper-case form, since keywords are not case-sensitive and
most of them are keywords only in some places: `length` and `order` are good attribute names. Each alternative is
bounded, so lexing is linear in the length of the text.

Source: AQL 1.1.0, Reserved words and characters, Built-in types.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import NamedTuple

from aql.errors import AqlSyntaxError, AqlTooExpensive
from aql.path import Literal, LiteralKind, Operator, Span

MAX_QUERY_LENGTH = 65_536
"""Characters of a query. Long lists of codes come as parameters, which this does not count."""

MAX_NESTING = 60
"""Levels of parentheses, CONTAINS, NOT and function calls together."""


class TokenKind(Enum):
    """What a token is. SYMBOL covers operators and brackets."""

    END = "end of query"
    WORD = "name"
    NODE_ID = "node id"
    ARCHETYPE_ID = "archetype id"
    TERM_CODE = "term code"
    PARAMETER = "parameter"
    STRING = "string"
    INTEGER = "integer"
    REAL = "real number"
    PATTERN = "regular expression"
    URI = "URI"
    SYMBOL = "symbol"
    WRONG = "unknown character"


class Token(NamedTuple):
    """One token. `key` is the upper-case word or the symbol, and empty for the other kinds."""

    kind: TokenKind
    text: str
    start: int
    key: str

    @property
    def end(self) -> int:
        """Return the offset behind the token."""
        return self.start + len(self.text)


# The order of the alternatives matters: longer forms first. A word that runs on with a hyphen is no word, a number that
# runs on with a letter is no number: such text is wrong at once, so no long run is looked through more than once.
_ALTERNATIVES: tuple[tuple[TokenKind, str], ...] = (
    (TokenKind.URI, r"[A-Za-z][A-Za-z0-9+.-]{0,30}:/[^\s{}\[\]'\"]+"),
    (
        TokenKind.ARCHETYPE_ID,
        r"(?:[A-Za-z][\w.-]{0,200}::)?[A-Za-z]\w{0,60}-\w{1,60}-\w{1,60}\.[\w-]{1,200}\.v\d+(?:\.\d+){0,2}"
        r"(?:-(?:rc|alpha|beta|unstable)(?:\.\d+)?|draft)?(?:\+[\w.]{1,80})?(?![\w-])",
    ),
    (TokenKind.TERM_CODE, r"\w[\w.-]{0,100}(?:\([^()\s]{0,100}\))?::[^\s\[\]|,{}()'\"]{1,400}(?:\|[^|\[\]]{0,400}\|)?"),
    (TokenKind.NODE_ID, r"(?:at|id|ac)\d+(?:\.\d+){0,40}(?![\w.-])"),
    (TokenKind.WORD, r"[^\W\d]\w*(?!-\w)"),
    (TokenKind.STRING, r"'(?:[^'\\\r\n]|\\[^\r\n])*'|\"(?:[^\"\\\r\n]|\\[^\r\n])*\""),
    (TokenKind.PARAMETER, r"\$\w+"),
    (TokenKind.REAL, r"-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?![\w.])"),
    (TokenKind.INTEGER, r"-?\d+(?![\w.])"),
    (TokenKind.PATTERN, r"\{\s*/(?:[^/\\\r\n]|\\[^\r\n])+/\s*\}"),
    (TokenKind.SYMBOL, r"!=|<=|>=|[=<>()\[\]{},/*;]"),
    (TokenKind.END, r"\Z"),
    (TokenKind.WRONG, r"."),
)
_KINDS = (None, *(kind for kind, _ in _ALTERNATIVES))
_TOKEN = re.compile(
    r"[\s\ufeff]*(?:--[^\r\n]*[\s\ufeff]*)*(?:" + "|".join(f"({pattern})" for _, pattern in _ALTERNATIVES) + ")",
    re.DOTALL,
)

_OPERATORS = {operator.value: operator for operator in Operator}
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)")
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}


def tokenise(text: str) -> list[Token]:
    """Return the tokens of the text; the last is END.

    Errors: AqlTooExpensive when the text is longer than `MAX_QUERY_LENGTH`, AqlSyntaxError at the first character that
    begins no token.
    """
    if len(text) > MAX_QUERY_LENGTH:
        raise AqlTooExpensive(f"A query may have {MAX_QUERY_LENGTH} characters.", limit="query_length")
    tokens: list[Token] = []
    append = tokens.append
    for match in _TOKEN.finditer(text):
        index = match.lastindex or 0
        kind = _KINDS[index]
        token_text = match[index]
        if kind is TokenKind.WORD:
            append(Token(TokenKind.WORD, token_text, match.start(index), token_text.upper()))
        elif kind is TokenKind.SYMBOL:
            append(Token(TokenKind.SYMBOL, token_text, match.start(index), token_text))
        elif kind is TokenKind.WRONG or kind is None:
            raise _wrong_character(text, match.start(index))
        else:
            append(Token(kind, token_text, match.start(index), ""))
            if kind is TokenKind.END:
                break
    return tokens


def _wrong_character(text: str, offset: int) -> AqlSyntaxError:
    """Say what is wrong at a character that begins no token, without repeating what may be a literal."""
    character = text[offset]
    if character in "'\"":
        message = "A string has to be closed on its line."
    elif character.isdigit() or character == "-":
        message = "A number is written like 12, -1.5 or 2.0e-3, and ends before the next name."
    elif character.isidentifier():
        message = (
            "A name has letters, digits and underscores; an archetype id is written like openEHR-EHR-CLUSTER.a.v1."
        )
    else:
        message = "This character has no meaning here."
    return AqlSyntaxError(message, text=text, offset=offset)


class TokenCursor:
    """A place in the tokens of one text, with the tests and errors all parsers share."""

    __slots__ = ("_depth", "_index", "end", "text", "token", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenise(text)
        self.token = self.tokens[0]
        self.end = 0
        self._index = 0
        self._depth = 0

    def advance(self) -> Token:
        """Return the current token and go to the next; `end` is then the offset behind the returned one."""
        token = self.token
        self.end = token.start + len(token.text)
        if token.kind is not TokenKind.END:
            self._index += 1
            self.token = self.tokens[self._index]
        return token

    def peek(self) -> Token:
        """Return the token after the current one."""
        return self.tokens[min(self._index + 1, len(self.tokens) - 1)]

    def accept(self, key: str) -> bool:
        """Go past the keyword or symbol if it is the current token."""
        if self.token.key == key:
            self.advance()
            return True
        return False

    def expect(self, key: str) -> Token:
        """Go past the keyword or symbol, or fail."""
        if self.token.key != key:
            raise self.failure(key)
        return self.advance()

    def failure(self, *expected: str) -> AqlSyntaxError:
        """Return the error that something else was expected here."""
        wanted = expected[0] if len(expected) == 1 else ", ".join(expected[:-1]) + " or " + expected[-1]
        token = self.token
        found = token.text if token.key and len(token.text) < 30 else token.kind.value
        return AqlSyntaxError(
            f"Expected {wanted}, found {found}.", text=self.text, offset=token.start, expected=expected
        )

    def enter(self) -> None:
        """Go one level deeper; fails at the limit. `leave` goes back."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise AqlTooExpensive(
                f"A query may be nested {MAX_NESTING} levels deep.",
                limit="nesting",
                text=self.text,
                offset=self.token.start,
            )

    def leave(self) -> None:
        """Come back from a deeper level."""
        self._depth -= 1

    def operator(self) -> Operator | None:
        """Take a comparison operator if there is one."""
        operator = _OPERATORS.get(self.token.key)
        if operator is not None:
            self.advance()
        return operator

    def literal(self) -> Literal | None:
        """Take a literal if there is one: a string, a number, true, false or NULL."""
        token = self.token
        kind = token.kind
        if kind is TokenKind.STRING:
            self.advance()
            return Literal(unescape(token.text[1:-1]), LiteralKind.STRING, self.span_from(token))
        if kind is TokenKind.INTEGER:
            self.advance()
            return Literal(self._integer(token), LiteralKind.INTEGER, self.span_from(token))
        if kind is TokenKind.REAL:
            self.advance()
            return Literal(self._real(token), LiteralKind.REAL, self.span_from(token))
        if token.key in _CONSTANTS and self.peek().key not in ("/", "[", "("):
            self.advance()
            value = _CONSTANTS[token.key]
            return Literal(value, LiteralKind.NULL if value is None else LiteralKind.BOOLEAN, self.span_from(token))
        return None

    def integer(self) -> int:
        """Take an integer, or fail."""
        if self.token.kind is not TokenKind.INTEGER:
            raise self.failure("an integer")
        return self._integer(self.advance())

    def span_from(self, token: Token) -> Span:
        """Return the span from the start of the token to the end of what was read last."""
        return (token.start, self.end)

    def _integer(self, token: Token) -> int:
        # 64 bits: what the data types and the store hold.
        value = int(token.text) if len(token.text) <= 20 else 1 << 64
        if not -(1 << 63) <= value < 1 << 63:
            raise AqlSyntaxError("An integer has 64 bits.", text=self.text, offset=token.start)
        return value

    def _real(self, token: Token) -> float:
        value = float(token.text)
        if math.isinf(value):
            raise AqlSyntaxError("A real number has 64 bits (IEEE 754).", text=self.text, offset=token.start)
        return value


def unescape(text: str) -> str:
    r"""Return the value of a string literal without its quotes.

    `\\`, `\'`, `\"`, `\n`, `\r`, `\t`, `\b`, `\f` and `\uXXXX` stand for one character. Any other backslash stays, so
    that the `\*` and `\?` of a LIKE pattern arrive there.

    Example:
        >>> unescape(r"it\'s \*")
        "it's \\*"
    """
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _SIMPLE_ESCAPES.get(escape, match[0])
