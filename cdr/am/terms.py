"""Codes and the terms that archetypes define for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a terminology: `Code("local", "at0004")`, `Code("openehr", "433")`."""

    terminology: str
    code: str

    def __str__(self) -> str:
        """Return `terminology::code`."""
        return f"{self.terminology}::{self.code}"


@dataclass(frozen=True, slots=True)
class Term:
    """What a code means in one language; `others` holds further items such as `comment`."""

    text: str
    description: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
