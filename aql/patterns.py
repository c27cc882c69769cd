"""Matching text: LIKE patterns and regular expressions, both in time linear in the text.

Pure rules over values, used by the interpreter and the engine alike.

Source: AQL 1.1.0, LIKE, matches.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

from aql.values import Value, text_of


def like(value: Value, pattern: str) -> bool | None:
    """Return whether the text of a value matches a LIKE pattern as a whole; None if the value has no text."""
    text = text_of(value)
    return None if text is None else _like_pattern(pattern).match(text) is not None


def full_match(pattern: str, value: Value) -> bool | None:
    """Return whether the text of a value matches a regular expression as a whole; None if the value has no text.

    Patterns are those of RE2, which takes time in proportion to the text whatever the pattern is.
    """
    text = text_of(value)
    return None if text is None else _regular_expression(pattern).fullmatch(text) is not None


def is_pattern(pattern: str) -> bool:
    """Tell whether the text is a regular expression that `full_match` takes."""
    try:
        _regular_expression(pattern)
    except re2.error:
        return False
    return True


@lru_cache(maxsize=512)
def _like_pattern(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a LIKE pattern.

    The parts between two `*` are atomic groups: the first place where a part fits is always good enough, so matching
    never tries others and takes time in proportion to text and pattern.
    """
    parts, current, escaped = [], "", False
    for character in pattern:
        if escaped or character not in "\\?*":
            current += re.escape(character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "?":
            current += "."
        else:
            parts.append(current)
            current = ""
    if escaped:
        current += re.escape("\\")
    if not parts:
        return re.compile(current + r"\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in parts[1:] if part)
    return re.compile(f"{parts[0]}{middle}.*{current}\\Z", re.DOTALL)


@lru_cache(maxsize=512)
def _regular_expression(pattern: str) -> Any:  # re2 has no types
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options=options)
