"""AQL over published compositions gives the values that stand in their files, read by plain JSON access."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdr import rm
from cdr.errors import KildeError
from cdr.formats.canonical_json import decode, encode
from tests.engine.conftest import CALLER, Site
from tests.engine.populations import store_composition
from tests.support.corpus import shared
from tests.support.http import BASE

ENTRIES = frozenset({"OBSERVATION", "EVALUATION", "INSTRUCTION", "ACTION", "ADMIN_ENTRY"})
VALUES = ("magnitude", "value", "units", "numerator", "id")


def compositions() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give published compositions, at most three of a template."""
    taken: Counter[str] = Counter()
    for path in sorted((shared("data") / "ehrbase+openEHR_SDK").rglob("*.json")):
        if path.stat().st_size > 200_000:
            continue
        try:
            document = json.loads(path.read_bytes())
        except ValueError:
            continue
        if not isinstance(document, dict) or document.get("_type") != "COMPOSITION":
            continue
        template = document.get("archetype_details", {}).get("template_id", {}).get("value")
        if template is None or taken[template] == 3:
            continue
        try:
            canonical = json.loads(encode(decode(json.dumps(document).encode(), rm.Composition)))
        except KildeError:
            continue
        taken[template] += 1
        yield path, canonical


def entries(node: Any) -> Iterator[dict[str, Any]]:
    """Give the entries below a node."""
    if isinstance(node, list):
        for member in node:
            yield from entries(member)
    elif isinstance(node, dict):
        if node.get("_type") in ENTRIES:
            yield node
        else:
            for attribute in ("content", "items"):
                yield from entries(node.get(attribute))


def leaves(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Give the paths of the values of an entry, with node ids, and the values."""
    for attribute in ("data", "state", "protocol", "description", "activities", "events", "items", "item"):
        below = node.get(attribute)
        for each in below if isinstance(below, list) else [below]:
            if not isinstance(each, dict) or "archetype_node_id" not in each:
                continue
            step = f"{path}/{attribute}[{each['archetype_node_id']}]"
            if each["_type"] == "ELEMENT":
                for name in VALUES:
                    yield f"{step}/value/{name}", (each.get("value") or {}).get(name)
            else:
                yield from leaves(each, step)


@pytest.mark.slow
def test_queries_give_the_values_in_the_files(site: Site) -> None:
    templates = set()
    count = compared = 0
    for path, document in compositions():
        ehr_id = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
        document.pop("uid", None)
        store_composition(site, ehr_id, document, template_id=document["archetype_details"]["template_id"]["value"])
        by_archetype: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for entry in entries(document.get("content")):
            by_archetype.setdefault((entry["_type"], entry["archetype_node_id"]), []).append(entry)
        for (rm_type, archetype), found in by_archetype.items():
            paths = sorted({leaf for entry in found for leaf, _ in leaves(entry)})[:15]
            for leaf in paths:
                wanted = [value for entry in found for value in [v for p, v in leaves(entry) if p == leaf] or [None]]
                text = f"SELECT o{leaf} FROM EHR e[ehr_id/value = '{ehr_id}'] CONTAINS COMPOSITION c CONTAINS {rm_type} o[{archetype}]"
                rows = [row[0] for row in site.query.run(CALLER, text).rows]
                assert Counter(map(repr, rows)) == Counter(map(repr, wanted)), (path.name, text)
                compared += 1
        templates.add(document["archetype_details"]["template_id"]["value"])
        count += 1
        if count == 15:
            break
    assert count >= 10
    assert len(templates) >= 5
    assert compared >= 100
