"""What a new version of a template changes in FLAT keys: ids follow from names, so a new name breaks old keys.

Comes on top of `cdr.am.diff.compare`, which sees constraints and not ids.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdr.am.change import Change, Kind
from cdr.am.template import OperationalTemplate
from cdr.webtemplate.build import build
from cdr.webtemplate.model import WebTemplateNode


def flat_changes(old: OperationalTemplate, new: OperationalTemplate) -> list[Change]:
    """Return a change for each FLAT id path that is gone while its node is still there, or that is new."""
    was, now = dict(_keys(build(old).root, "")), dict(_keys(build(new).root, ""))
    at_path: dict[str, list[str]] = {}
    for key, path in now.items():
        at_path.setdefault(path, []).append(key)
    changes = [
        Change(Kind.FLAT_ID_CHANGED, path, before=key, after=", ".join(at_path[path]))
        for key, path in was.items()
        if key not in now and path in at_path
    ]
    known = {*was, *(key for change in changes for key in change.after.split(", "))}
    changes.extend(Change(Kind.FLAT_ID_ADDED, path, after=key) for key, path in now.items() if key not in known)
    return changes


def _keys(node: WebTemplateNode, prefix: str) -> Iterator[tuple[str, str]]:
    key = f"{prefix}/{node.id}" if prefix else node.id
    yield key, node.aql_path
    for child in node.children:
        yield from _keys(child, key)
