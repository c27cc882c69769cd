"""Places in an ADL text and what is wrong there: `AdlSyntaxError`, and offsets turned into line and column.

The readers of ODIN, cADL and whole archetypes work on one text with offsets; only an error pays for finding its line.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdr.issue import Issue, Stage


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text: line and column, both from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


def place_of(text: str, offset: int) -> Place:
    """Return the place of an offset (0-based, in characters) in a text."""
    start = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - start + 1)


class AdlSyntaxError(Exception):
    """The text breaks the grammar; `offset` says where and `expected` what would have been right."""

    def __init__(self, expected: str, offset: int, *, code: str = "ADL_SYNTAX") -> None:
        super().__init__(expected)
        self.expected = expected
        self.offset = offset
        self.code = code

    def issue(self, text: str) -> Issue:
        """Return the error as an issue with its line and column in the text."""
        return Issue(
            code=self.code, path=str(place_of(text, self.offset)), expected=self.expected, stage=Stage.STRUCTURE
        )
