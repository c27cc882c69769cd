"""Markdown pages as tests read them: fenced blocks, code spans and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.tree import CHECKOUT

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it is, its language and its text."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(CHECKOUT)}:{self.line}"


def pages() -> list[Path]:
    """Return the project's own pages."""
    return [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks of these languages on all pages."""
    return [block for page in pages() for block in _blocks(page) if block.language in languages]


def spans(page: Path) -> list[str]:
    """Return the code spans of a page outside its blocks."""
    return _SPAN.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def links(page: Path) -> list[str]:
    """Return the targets of a page's links outside its blocks and code spans."""
    return _LINK.findall(_SPAN.sub("", _FENCE.sub("", page.read_text(encoding="utf-8"))))


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        yield Block(page, text[: found.start()].count("\n") + 1, found.group(1), found.group(2))
