"""The errors of the query language: what is wrong with a query, and where.

A query can be wrong in different ways, and each has a class of its own: not AQL at all, AQL that means nothing, AQL
that this engine does not answer, AQL that would cost too much. Literals of a query may be identity numbers, so no
message repeats one; messages name keywords, variables, attributes, types and parameters only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class AqlError(Exception):
    """A query that cannot be answered, with the place in its text.

    `offset` is 0-based and counts characters; `line` and `column` are 1-based. All three are None when the error has
    no place (a parameter that is not in the query). `expected` lists what would have been right at that place.
    """

    code: ClassVar[str] = "AQL_ERROR"

    def __init__(
        self,
        message: str,
        *,
        text: str | None = None,
        offset: int | None = None,
        expected: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = tuple(expected)
        self.offset = offset
        self.line: int | None = None
        self.column: int | None = None
        if text is not None and offset is not None:
            self.line, self.column = line_and_column(text, offset)

    def __str__(self) -> str:
        if self.line is None:
            return self.message
        return f"{self.message} (line {self.line}, column {self.column})"


class AqlSyntaxError(AqlError):
    """The text is not AQL."""

    code = "AQL_SYNTAX"


class AqlSemanticError(AqlError):
    """The text is AQL but illegal: an unknown variable, an attribute the class does not have, a mixed aggregate."""

    code = "AQL_ILLEGAL"


class AqlParameterError(AqlSemanticError):
    """A parameter is missing, or its value cannot stand where the query uses it."""

    code = "AQL_PARAMETER"

    def __init__(
        self,
        message: str,
        *,
        parameter: str,
        text: str | None = None,
        offset: int | None = None,
        expected: Sequence[str] = (),
    ) -> None:
        super().__init__(message, text=text, offset=offset, expected=expected)
        self.parameter = parameter


class AqlNotSupported(AqlError):
    """The query is legal and this engine does not answer it; `feature` is a key of `aql.features`."""

    code = "AQL_NOT_SUPPORTED"

    def __init__(
        self,
        message: str,
        *,
        feature: str,
        text: str | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(message, text=text, offset=offset)
        self.feature = feature


class AqlTooExpensive(AqlError):
    """The query passes a limit; `limit` names the limit (`query_length`, `nesting`, `classes`, `rows`...)."""

    code = "AQL_TOO_EXPENSIVE"

    def __init__(
        self,
        message: str,
        *,
        limit: str,
        text: str | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(message, text=text, offset=offset)
        self.limit = limit


class AqlIncomparable(AqlError):
    """Values met while answering cannot be put in one order or sum: MIN over `kg` and `mm[Hg]`, for instance."""

    code = "AQL_INCOMPARABLE"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of a character offset.

    Example:
        >>> line_and_column("SELECT c\\nFROM", 9)
        (2, 1)
    """
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
