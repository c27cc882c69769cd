"""The page on conformance names every openEHR address of the server, and only tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

from cdr.api.roles import ROLES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_exists() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "http").glob("test_*.py"))
    existing = set(re.findall(r"^(?:async )?def (test_\w+)", source, re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 60
    assert named - existing == set()


def test_the_page_names_every_openehr_address() -> None:
    left_out = ("/demographic", "/tags", "/adl2", "/query", "/admin/status")
    missing = []
    for name in ROLES:
        method, _, address = name.partition(" ")
        if not address.startswith("{openehr}/") or any(part in address for part in left_out):
            continue
        plain = address.removeprefix("{openehr}").replace(":path}", "}")
        if f"| {method} `{plain}` |" not in PAGE:
            missing.append(name)
    assert missing == []
