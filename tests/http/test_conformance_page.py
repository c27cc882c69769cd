"""The page on conformance names every openEHR address of the server, all that the specification asks of it, and only
tests that there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

from cdr.api.roles import ROLES
from tests.support.corpus import shared

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_exists() -> None:
    paths = [path for folder in ("http", "engine") for path in (ROOT / "tests" / folder).glob("test_*.py")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
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


_ROW = re.compile(r"\| (?:(OPTIONS|GET|POST|PUT|DELETE) `([^`]*)`)? *\| ([\d, ]+) \| ([^|]*)\|")
# What the page leaves out or settles otherwise, with the reason, in its last two tables.
_LEFT_OUT = ("/demographic", "/tags", "/adl2")
_OTHERWISE = {
    ("DELETE", "/admin/ehr/{}", "202"),
    ("DELETE", "/admin/ehr/all", "202"),
    ("DELETE", "/admin/ehr/all", "405"),
}
_ITEM_TAGS = {"openehr-item-tag", "openehr-version-item-tag"}


def without_names(address: str) -> str:
    """Return an address whose parameters have no names, and no query."""
    return re.sub(r"\{[^}]*\}", "{}", re.sub(r"\{\?[^}]*\}", "", address))


def rows_of_the_page() -> dict[tuple[str, str, str], set[str]]:
    """Return the headers of each method, address and status of the page."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    method = address = ""
    for line in PAGE.splitlines():
        match = _ROW.match(line)
        if match is None:
            continue
        if match[1]:
            method, address = match[1], without_names(match[2])
        for status in match[3].split(","):
            found[method, address, status.strip()] |= {header.strip() for header in match[4].split(",")}
    return found


def rows_of_the_specification() -> dict[tuple[str, str, str], set[str]]:
    """Return the headers of each method, address and status of the specification's OpenAPI documents."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for path in sorted((shared() / "spec" / "REST" / "openapi").glob("*.yaml")):
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        for address, methods in document.get("paths", {}).items():
            for method in {"get", "put", "post", "delete", "options"} & set(methods):
                for status, answer in methods[method]["responses"].items():
                    if "$ref" in answer:
                        answer = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
                    key = (method.upper(), without_names(address), status)
                    found[key] = set(answer.get("headers") or {}) - {"Content-Type"} - _ITEM_TAGS
    return found


def test_the_page_has_every_status_and_header_of_the_specification() -> None:
    page, missing = rows_of_the_page(), []
    specification = rows_of_the_specification()
    assert len(specification) > 250
    for (method, address, status), headers in specification.items():
        if any(part in address for part in _LEFT_OUT) or (method, address, status) in _OTHERWISE:
            continue
        # Location on reads and deletions: "Where the texts disagree".
        wanted = headers - {"Location"} if method == "GET" or (method, status) == ("DELETE", "204") else headers
        if (method, address, status) not in page or wanted - page[method, address, status]:
            missing.append((method, address, status, sorted(wanted)))
    assert missing == []
