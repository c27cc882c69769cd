"""Texts in CSV that a spreadsheet would take for formulas.

Source: the OWASP page on CSV injection; the wide forms of the signs count as the signs do in some languages.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[\ufeff\u200b\s]*(?:[=+@\uff1d\uff0b\uff0d\uff20]|-(?!\d+(?:[.,]\d+)?\Z))|[\t\r\n]", re.ASCII)


def guarded(text: str) -> str:
    """Return a text as it is, with an apostrophe in front where a spreadsheet would take it for a formula.

    >>> guarded("=1+1"), guarded("-1"), guarded("Uro - natt")
    ("'=1+1", '-1', 'Uro - natt')
    """
    return f"'{text}" if _FORMULA.match(text) else text
