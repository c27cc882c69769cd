"""The result as a markdown table."""

from __future__ import annotations

from collections.abc import Sequence

from bench.measure import Row


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the rows under a heading."""
    lines = ["| what | measured | target |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.what} | {row.figures} | {row.target} |" for row in rows)])
