"""A composition of one evaluation, in step with the templates of `tests.support.templates`: start valid, break one."""

from __future__ import annotations

from typing import Any

from cdr import rm
from cdr.rm import RmObject
from tests.support.builders import archetyped, build, text

COMPOSITION = "openEHR-EHR-COMPOSITION.report.v1"
EVALUATION = "openEHR-EHR-EVALUATION.goal.v1"
TREE = f"/content[{EVALUATION}]/data[at0001]"


def goal(*items: RmObject, **attributes: Any) -> rm.Composition:
    """Return a composition with one goal, whose item tree has the members; keywords replace its attributes."""
    members: Any = list(items) or None
    tree = build(rm.ItemTree, archetype_node_id="at0001", items=members)
    return composition(evaluation(data=tree), **attributes)


def evaluation(**attributes: Any) -> rm.Evaluation:
    """Return a goal."""
    root = {"archetype_node_id": EVALUATION, "archetype_details": archetyped(EVALUATION), "name": text("Goal")}
    return build(rm.Evaluation, **(root | attributes))


def composition(*content: RmObject, **attributes: Any) -> rm.Composition:
    """Return a report with the content."""
    details = archetyped(COMPOSITION)
    details.template_id = rm.TemplateId(value="goals.v1")
    root: dict[str, Any] = {
        "archetype_node_id": COMPOSITION,
        "archetype_details": details,
        "name": text("Report"),
        "content": list(content) or None,
    }
    return build(rm.Composition, **(root | attributes))


def element(value: RmObject | None = None, *, node_id: str = "at0004", **attributes: Any) -> rm.Element:
    """Return an element with a value."""
    return build(rm.Element, **({"archetype_node_id": node_id, "name": text("Target"), "value": value} | attributes))


def cluster(archetype_id: str, *items: RmObject) -> rm.Cluster:
    """Return the root of a cluster archetype."""
    members: Any = list(items) or [element(text("x"), node_id="at0001")]
    return build(rm.Cluster, archetype_node_id=archetype_id, archetype_details=archetyped(archetype_id), items=members)
