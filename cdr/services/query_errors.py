"""Errors of the query language as errors of the repository: one issue with line and column, and no literal of a query.

Not AQL, meaningless, and not answered here are the asker's (400); too expensive and incomparable values depend on the
limits and the data (422).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aql.errors import AqlError, AqlIncomparable, AqlTooExpensive
from cdr.errors import BadInput, Invalid, KildeError
from cdr.issue import Issue, Stage


@contextmanager
def aql_errors() -> Iterator[None]:
    """Turn the errors of the query language that a block raises into those of the repository."""
    try:
        yield
    except AqlError as error:
        raise as_kilde_error(error) from error


def as_kilde_error(error: AqlError) -> KildeError:
    """Return the error of the repository for an error of the query language."""
    place = "" if error.line is None else f"line {error.line}, column {error.column}"
    expected = " or ".join(error.expected) or error.message
    issue = Issue(code=error.code, path=place, expected=expected, stage=Stage.STRUCTURE, sentence=str(error))
    if isinstance(error, AqlTooExpensive | AqlIncomparable):
        return Invalid(str(error), code=error.code, issues=[issue])
    return BadInput(str(error), code=error.code, issues=[issue])
