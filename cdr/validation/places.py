"""From findings to issues: data paths, template paths and labels. Runs only where something is wrong.

A step is written with the node's archetype id or at-code; among siblings that share it, the position is added, counted
from 1: `/items[at0004, 2]`. Names are left out, since a name in the data may be the patient's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cdr.am.constraints import CObject
from cdr.am.template import OperationalTemplate
from cdr.issue import Issue, Severity, Stage
from cdr.rm import RmObject
from cdr.validation.report import Located, Trail

_AT_CODE = r"(?:at|id)[0-9.]{1,40}"
_ARCHETYPE_ID = r"[A-Za-z0-9_]+-[A-Za-z0-9_]+-[A-Z_]+\.[A-Za-z0-9_-]+\.v[0-9][A-Za-z0-9.+-]*"
_NODE_ID = re.compile(f"{_AT_CODE}|{_ARCHETYPE_ID}")


def issues_of(located: Iterable[Located], template: OperationalTemplate | None, *, is_draft: bool) -> tuple[Issue, ...]:
    """Return the issues; in a draft what is missing is only a warning."""
    return tuple(_issue(item, template, is_draft=is_draft) for item in located)


def _issue(item: Located, template: OperationalTemplate | None, *, is_draft: bool) -> Issue:
    finding = item.finding
    path = data_path(item.trail)
    if finding.attribute:
        path = f"{path.rstrip('/')}/{finding.attribute}"
    node = item.node or _nearest(item.trail)
    is_relaxed = is_draft and finding.is_missing
    return Issue(
        code=finding.code,
        path=path,
        expected=finding.expected,
        node=template.path_of(node) if template is not None and node is not None else "",
        label=template.label(node) if template is not None and node is not None else "",
        severity=Severity.WARNING if is_relaxed else finding.severity,
        stage=Stage.RULE,
    )


def _nearest(trail: Trail) -> CObject | None:
    """Return the nearest constraint on the way up."""
    current: Trail | None = trail
    while current is not None:
        if current[3] is not None:
            return current[3]
        current = current[0]
    return None


def data_path(trail: Trail) -> str:
    """Return the path of an object in its data; `/` for the root."""
    steps: list[str] = []
    parent, attribute, obj, _ = trail
    while parent is not None:
        steps.append(_step(parent[2], attribute, obj))
        parent, attribute, obj, _ = parent
    return "/" + "/".join(reversed(steps))


def _step(parent: RmObject, attribute: str, obj: RmObject) -> str:
    held = getattr(parent, attribute, None)
    node_id = _node_id(obj)
    if not isinstance(held, list):
        return f"{attribute}[{node_id}]" if node_id else attribute
    alike = [member for member in held if _node_id(member) == node_id]
    position = next(number for number, member in enumerate(alike, start=1) if member is obj)
    if not node_id:
        return f"{attribute}[{position}]"
    return f"{attribute}[{node_id}, {position}]" if len(alike) > 1 else f"{attribute}[{node_id}]"


def _node_id(obj: RmObject) -> str:
    """Return the node id if it has the form of one: anything else that a sender put there is not repeated."""
    node_id = getattr(obj, "archetype_node_id", None)
    return node_id if isinstance(node_id, str) and _NODE_ID.fullmatch(node_id) else ""
