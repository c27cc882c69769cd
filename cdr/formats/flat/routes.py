"""The way from an RM object to the nodes below it: which members of which attribute belong to which node.

Computed once per web template. Siblings that share their node id are told apart by name, as in the template.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cdr import rm
from cdr.formats.flat.inexpressible import Inexpressible
from cdr.rm.catalog import CATALOG
from cdr.webtemplate.model import Step, WebTemplate, WebTemplateNode


@dataclass(slots=True, eq=False)
class Route:
    """One member of an attribute: either a node, or a structure without one and what lies below it."""

    step: Step
    node: WebTemplateNode | None = None
    below: dict[str, list[Route]] = field(default_factory=dict)


Routes: TypeAlias = Mapping[str, list[Route]]
_KNOWN: weakref.WeakKeyDictionary[WebTemplate, dict[WebTemplateNode, Routes]] = weakref.WeakKeyDictionary()


def routes_of(web_template: WebTemplate) -> dict[WebTemplateNode, Routes]:
    """Return the routes below every node that has children, computed at the first use."""
    found = _KNOWN.get(web_template)
    if found is None:
        found = {node: _routes(node) for node in web_template.root.walk() if not node.rm_type.startswith("DV_")}
        _KNOWN[web_template] = found
    return found


def match(member: rm.RmObject | str, candidates: list[Route], attribute: str) -> Route:
    """Return the route of a member: by node id, then by name, then by type. Errors: Inexpressible for no match."""
    if not isinstance(member, rm.Locatable):
        return candidates[0]
    same = [route for route in candidates if route.step.node_id == member.archetype_node_id]
    if not same:
        raise Inexpressible(f"{attribute}[{member.archetype_node_id}]")
    if len(same) > 1:
        name = member.name.value if member.name is not None else ""
        named = [route for route in same if route.step.name == name]
        same = named or [route for route in same if not route.step.is_named] or same
    if len(same) > 1:
        rm_type = member.rm_name()
        same = [route for route in same if _fits(rm_type, route.step.rm_type)] or same
    if not _fits(member.rm_name(), same[0].step.rm_type):
        raise Inexpressible(f"{attribute}[{member.archetype_node_id}]")
    return same[0]


def _fits(rm_type: str, declared: str) -> bool:
    plain = declared.partition("<")[0]
    return rm_type == plain or (CATALOG.is_class(plain) and rm_type in CATALOG.subtypes(plain))


def _routes(node: WebTemplateNode) -> Routes:
    found: dict[str, list[Route]] = {}
    for child in node.children:
        steps = child.steps
        if len(steps) > 1 and steps[-2].rm_type == "ELEMENT":
            steps = steps[:-1]
        level = found
        for step in steps[:-1]:
            level = _transparent(level, step).below
        level.setdefault(steps[-1].attribute, []).append(Route(steps[-1], child))
    return found


def _transparent(level: dict[str, list[Route]], step: Step) -> Route:
    """Return the route of a structure without a node, made once."""
    siblings = level.setdefault(step.attribute, [])
    for route in siblings:
        if route.step is step:
            return route
    siblings.append(Route(step))
    return siblings[-1]
