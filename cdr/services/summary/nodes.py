"""Values below a node of canonical JSON: paths compiled once, data values as text.

The paths are openEHR paths as `aql.path` reads them, with an archetype id or code as the only predicate.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from aql.path import NodeTest, parse_path
from cdr.errors import BadInput

# Canonical JSON has no narrower common type.
Node: TypeAlias = dict[str, Any]
Steps: TypeAlias = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def steps_of(path: str) -> Steps:
    """Return a path as attributes and node ids; an empty id where the path has none. Errors: `BadInput`."""
    found = []
    for segment in parse_path(path.lstrip("/")):
        test = segment.predicate
        if test is not None and not isinstance(test, NodeTest):
            raise BadInput("a path of a summary has node ids as its only predicates", code="SUMMARY_DEFINITION")
        found.append((segment.attribute, "" if test is None else str(test.node_id)))
    return tuple(found)


def find(node: Node, path: str) -> list[Any]:  # nodes, or plain values
    """Return everything that a path leads to."""
    return _find(node, steps_of(path))


def first(node: Node, path: str) -> Any:  # a node, a plain value or None
    """Return the first thing that a path leads to, None without one."""
    found = _find(node, steps_of(path))
    return found[0] if found else None


def _find(node: Node, steps: Steps) -> list[Any]:
    current: list[Any] = [node]
    for attribute, node_id in steps:
        found: list[Any] = []
        for one in current:
            if not isinstance(one, dict):
                continue
            value = one.get(attribute)
            if value is None:
                continue
            if isinstance(value, list):
                found.extend(each for each in value if not node_id or is_node(each, node_id))
            elif not node_id or is_node(value, node_id):
                found.append(value)
        if not found:
            return found
        current = found
    return current


def is_node(node: Any, node_id: str) -> bool:
    """Tell whether a node has an id, or is one of a specialisation of that archetype."""
    own = node.get("archetype_node_id") if isinstance(node, dict) else None
    if own == node_id or own is None:
        return own == node_id
    if node_id[:2] == "at":
        return bool(own.startswith(node_id + "."))
    kind, _, rest = node_id.partition(".")
    concept, _, version = rest.partition(".")
    return bool(own.startswith(f"{kind}.{concept}-") and own.endswith(f".{version}"))


def text_of(value: Any) -> str:
    """Return a data value as people read it; empty for none."""
    if value is None:
        return ""
    if not isinstance(value, dict):
        return _plain(value)
    match value.get("_type"):
        case "DV_QUANTITY":
            return f"{_plain(value.get('magnitude'))} {value.get('units', '')}".strip()
        case "DV_COUNT":
            return _plain(value.get("magnitude"))
        case "DV_PROPORTION":
            numerator, denominator = value.get("numerator"), value.get("denominator")
            return f"{_plain(numerator)} %" if denominator == 100 else f"{_plain(numerator)}/{_plain(denominator)}"
        case "DV_ORDINAL" | "DV_SCALE":
            symbol = text_of(value.get("symbol"))
            return f"{_plain(value.get('value'))} {symbol}".strip()
        case "DV_IDENTIFIER":
            return _plain(value.get("id"))
        case "DV_MULTIMEDIA":
            return text_of(value.get("alternate_text")) or _plain((value.get("media_type") or {}).get("code_string"))
        case "DV_INTERVAL":
            return f"{text_of(value.get('lower'))}–{text_of(value.get('upper'))}"
        case "ELEMENT":
            return text_of(value.get("value"))
    return _plain(value.get("value", value.get("name", value.get("id"))))


def code_of(value: Any) -> tuple[str, str]:
    """Return terminology and code of a coded text or ordinal; empty ones for anything else."""
    if not isinstance(value, dict):
        return "", ""
    phrase = value.get("defining_code") or (value.get("symbol") or {}).get("defining_code")
    if not isinstance(phrase, dict):
        return "", ""
    return str((phrase.get("terminology_id") or {}).get("value", "")), str(phrase.get("code_string", ""))


def _plain(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return text_of(value) if isinstance(value, dict) else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
