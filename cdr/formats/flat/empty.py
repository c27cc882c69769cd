"""Structures that no key speaks of and the RM requires all the same: the empty data of an entry, for instance.

The decoder adds them from the template; the encoder leaves them out where they are exactly what the decoder would add.
"""

from __future__ import annotations

from cdr import rm
from cdr.am.constraints import CComplexObject, CObject
from cdr.am.template import OperationalTemplate
from cdr.formats.flat.values.text import coded_text
from cdr.rm.catalog import CATALOG
from cdr.webtemplate.model import Step

REQUIRED_STRUCTURES = ("data", "description")
_CONCRETE = {"ITEM_STRUCTURE": rm.ItemTree, "EVENT": rm.PointEvent}


def default_name(step: Step) -> rm.DvText:
    """Return the name that a node has unless the data says otherwise; coded where the template codes it."""
    if step.name_code is None:
        return rm.DvText(value=step.name)
    return coded_text(step.name_code.terminology, step.name_code.code, step.name)


def sibling_name(step: Step, number: int) -> rm.DvText:
    """Return the name of a repeated node where names are numbered; `number` counts from 0. Coded names stay."""
    name = default_name(step)
    if number and not isinstance(name, rm.DvCodedText):
        name.value = f"{step.name} #{number + 1}"
    return name


def empty_structure(template: OperationalTemplate, holder: CObject | None, attribute: str) -> rm.Locatable | None:
    """Return the structure that an attribute of a constrained object needs, None where the template names none."""
    wanted = holder.attribute(attribute) if isinstance(holder, CComplexObject) else None
    child = next((child for child in wanted.children if isinstance(child, CComplexObject)), None) if wanted else None
    if child is None:
        return None
    rm_class = _CONCRETE.get(child.rm_type) or CATALOG.python_class(child.rm_type)
    found = rm_class()
    if not isinstance(found, rm.Locatable):
        return None
    found.name = rm.DvText(value=template.own_label(child) or child.archetype_node_id)
    found.archetype_node_id = child.archetype_node_id
    return found
