"""Issue codes: every code that the program can give is registered, and the page of them is that of this program."""

from __future__ import annotations

import re

from cdr.validation.codes import all_codes
from tests.support.code_page import ISSUE_CODES, issue_codes_page
from tests.support.tree import CHECKOUT

_CODE = re.compile(r'"((?:TPL|OPT|FMT|FLAT)_[A-Z_]+)"')


def test_the_page_of_issue_codes_is_that_of_this_program() -> None:
    assert ISSUE_CODES.read_text(encoding="utf-8") == issue_codes_page(), "write it anew with `make docs`"


def test_every_code_in_the_source_is_registered() -> None:
    used = {code for path in (CHECKOUT / "cdr").rglob("*.py") for code in _CODE.findall(path.read_text("utf-8"))}
    assert used - set(all_codes()) == set()


def test_every_registered_code_is_used() -> None:
    source = "".join(path.read_text("utf-8") for path in (CHECKOUT / "cdr").rglob("*.py") if path.name != "codes.py")
    written = {code for code in all_codes() if code.startswith(("TPL_", "OPT_", "FMT_", "FLAT_"))}
    assert {code for code in written if code not in source} == set()
