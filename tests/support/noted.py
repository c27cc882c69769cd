"""Templates of one evaluation whose nodes carry conditions in annotations."""

from __future__ import annotations

from dataclasses import replace

from cdr.am.constraints import CComplexObject, CObject
from cdr.am.template import Annotation, OperationalTemplate
from tests.support import templates as t
from tests.support.goals import EVALUATION, TREE


def noted(
    *values: CObject, element: dict[str, str] | None = None, entry: dict[str, str] | None = None
) -> OperationalTemplate:
    """Return a template of elements at0004, at0005 ... with a value each; conditions on the first and on the entry."""
    nodes = [t.element(value, node_id=f"at000{number}") for number, value in enumerate(values, start=4)]
    annotations = []
    if element:
        annotations.append(Annotation(f"{TREE}/items[at0004]", _own(element)))
    if entry:
        annotations.append(Annotation(f"/content[{EVALUATION}]", _own(entry)))
    return replace(t.template_of(*nodes), annotations=tuple(annotations))


def of_type(rm_type: str) -> CComplexObject:
    """Return a constraint that allows every value of a type."""
    return CComplexObject(rm_type=rm_type)


def _own(conditions: dict[str, str]) -> dict[str, str]:
    return {f"kilde:{key}": text for key, text in conditions.items()}
