"""A forward cursor over one text, shared by the readers of cADL, primitives and assertions.

It skips spaces and `--` comments after everything it takes, so a reader only ever stands at something meaningful.
"""

from __future__ import annotations

import re

from cdr.am.adl.source import AdlSyntaxError

_SPACE = re.compile(r"(?:\s+|--[^\n]*)*")
_MATCHES = re.compile(r"(?:matches|is_in)\b|∈", re.I)


class Cursor:
    """A position in a text that ends at `end`."""

    __slots__ = ("end", "position", "text")

    def __init__(self, text: str, *, start: int = 0, end: int | None = None) -> None:
        self.text = text
        self.end = len(text) if end is None else end
        self.position = start
        self.skip()

    def skip(self) -> None:
        """Move over spaces and comments."""
        match = _SPACE.match(self.text, self.position, self.end)
        if match is not None:
            self.position = match.end()

    def peek(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the match of a pattern here, without moving."""
        return pattern.match(self.text, self.position, self.end)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the match of a pattern here and move past it, or None."""
        match = pattern.match(self.text, self.position, self.end)
        if match is not None:
            self.position = match.end()
            self.skip()
        return match

    def require(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        """Return the match of a pattern and move past it; its absence is a syntax error."""
        match = self.take(pattern)
        if match is None:
            raise AdlSyntaxError(expected, self.position)
        return match

    def at(self, literal: str) -> bool:
        """Tell whether a literal stands here."""
        return self.text.startswith(literal, self.position, self.end)

    def accept(self, literal: str) -> bool:
        """Move past a literal if it stands here."""
        if not self.text.startswith(literal, self.position, self.end):
            return False
        self.position += len(literal)
        self.skip()
        return True

    def expect(self, literal: str) -> None:
        """Move past a literal; its absence is a syntax error."""
        if not self.accept(literal):
            raise AdlSyntaxError(f'"{literal}"', self.position)

    def accept_matches(self) -> bool:
        """Move past `matches` in any of its spellings if it stands here."""
        return self.take(_MATCHES) is not None

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left."""
        return self.position >= self.end
