"""What a spreadsheet would take for a formula is only text in CSV, and nothing else is changed."""

from __future__ import annotations

import pytest

from cdr.formats.spreadsheet import guarded


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "@SUM(A1)",
        "-2+3",
        "-cmd|' /C calc'!A0",
        "\t=1",
        "\rx",
        "\n=1",
        " =1",
        "\ufeff=1",
        "\uff1d1",
        "\uff0d1",
    ],
)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Uro", "-1", "-1.5", "-1,5", "a=b", "'=1", " Uro", "1+1", "æ - ø"])
def test_any_other_text_stays(text: str) -> None:
    assert guarded(text) == text
