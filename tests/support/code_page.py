"""The page of issue codes, written from the tables: `python -m tests.support.code_page` writes it, a test compares."""

from __future__ import annotations

from collections.abc import Mapping

from cdr.validation.codes import (
    FLAT_CODES,
    FORMAT_CODES,
    RECEIVE_CODES,
    REQUEST_CODES,
    SOURCE_CODES,
    TEMPLATE_CODES,
    reference_model_codes,
    terminology_codes,
)
from tests.support.tree import CHECKOUT

ISSUE_CODES = CHECKOUT / "docs" / "issue_codes.md"

_TEXT = """\
# Issue codes

Every violation that Kilde reports has a code, the path in the data, the path of the template node, the node's label and
what was expected; never the value that was found. A body with `FMT_` issues cannot be made into objects and is answered
with 400; everything else is answered with 422. Warnings refuse nothing. In a draft (lifecycle state 553) what is missing
is a warning.

This page is written from the program by `make docs`.
"""


def issue_codes_page() -> str:
    """Return docs/issue_codes.md."""
    families: list[tuple[str, Mapping[str, str]]] = [
        ("Format and structure", FORMAT_CODES),
        ("Keys of FLAT and STRUCTURED", FLAT_CODES),
        ("Reference model", reference_model_codes()),
        ("Codes of the openEHR terminology", terminology_codes()),
        ("Templates", TEMPLATE_CODES),
        ("Requests", REQUEST_CODES),
        ("Received messages", RECEIVE_CODES),
        ("Sources of operational templates", SOURCE_CODES),
    ]
    parts = [_TEXT]
    for heading, codes in families:
        parts.append(f"\n## {heading}\n\n| code | meaning |\n|---|---|\n")
        parts += [f"| `{code}` | {_cell(meaning)} |\n" for code, meaning in sorted(codes.items())]
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def write() -> None:
    """Write docs/issue_codes.md."""
    ISSUE_CODES.write_text(issue_codes_page(), encoding="utf-8")


if __name__ == "__main__":
    write()
