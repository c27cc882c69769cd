"""Regular expressions of archetypes and templates, run by RE2 so that no pattern can take exponential time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import re2


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> Callable[[str], bool] | None:
    """Return a test of whether a whole string matches, or None where the pattern cannot be read.

    Delimiters (`/.../`) that some tools leave in the XML are taken off.

    >>> matcher("/a|b/")("b"), matcher("a|b")("ab"), matcher("(")
    (True, False, None)
    """
    text = pattern[1:-1] if len(pattern) > 1 and pattern[0] == pattern[-1] == "/" else pattern
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(text, options)
    except re2.error:
        return None
    return lambda value: compiled.fullmatch(value) is not None


def is_pattern(pattern: str) -> bool:
    """Tell whether the pattern can be read."""
    return matcher(pattern) is not None
