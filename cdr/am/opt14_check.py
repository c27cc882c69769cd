"""Whether a constraint tree fits the reference model: known classes, their attributes, references, patterns.

Called by the reader of operational templates, which says where a node stood in its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CArchetypeRoot,
    CAttribute,
    CComplexObject,
    CObject,
    CPrimitiveObject,
)
from cdr.am.patterns import is_pattern
from cdr.am.primitives import CString
from cdr.am.rm_types import attribute_of, conforms, is_known, is_primitive_name
from cdr.am.template import OperationalTemplate
from cdr.issue import Issue


def check_tree(template: OperationalTemplate, *, where: Callable[[CObject], str]) -> list[Issue]:
    """Return what in the tree does not fit the reference model; `where` gives the place of a node in the source."""
    issues: list[Issue] = []
    for node in template.nodes():
        found: list[tuple[str, str]] = []
        if not is_known(node.rm_type):
            found.append(("OPT_RM_TYPE", "a class of the reference model"))
        elif isinstance(node, CComplexObject):
            found.extend(_attributes(node))
        if isinstance(node, CArchetypeRoot):
            found.extend(_archetype_id(node))
        elif isinstance(node, ArchetypeSlot):
            found.extend(_assertions(node))
        elif isinstance(node, ArchetypeInternalRef) and template.target_of(node) is None:
            found.append(("OPT_REFERENCE", "a target path that leads to a node of the same archetype"))
        elif isinstance(node, CPrimitiveObject) and isinstance(node.item, CString) and node.item.pattern:
            if not is_pattern(node.item.pattern):
                found.append(("OPT_PATTERN", "a regular expression"))
        issues.extend(Issue(code=code, path=where(node), expected=expected) for code, expected in found)
    return issues


def _attributes(node: CComplexObject) -> Iterator[tuple[str, str]]:
    for attribute in node.attributes:
        declared = attribute_of(node.rm_type, attribute.name)
        if declared is None:
            yield "OPT_RM_ATTRIBUTE", f"an attribute of {node.rm_type}"
            continue
        if declared.is_multiple != attribute.is_multiple:
            kind = "multiple" if declared.is_multiple else "single"
            yield "OPT_RM_ATTRIBUTE", f"{node.rm_type}.{attribute.name} as a {kind} attribute"
        yield from _children(attribute, declared.rm_type, node.rm_type)


def _children(attribute: CAttribute, declared: str, parent: str) -> Iterator[tuple[str, str]]:
    for child in attribute.children:
        if is_known(child.rm_type) and not conforms(child.rm_type, declared):
            yield "OPT_RM_TYPE", f"a type that conforms to {declared} in {parent}.{attribute.name}"
        if isinstance(child, CPrimitiveObject) and not is_primitive_name(child.rm_type):
            yield "OPT_RM_TYPE", f"a primitive type in {parent}.{attribute.name}"


def _archetype_id(node: CArchetypeRoot) -> Iterator[tuple[str, str]]:
    entity = node.archetype_id.partition(".")[0].rpartition("-")[2]
    if entity != node.rm_type:
        yield "OPT_ROOT", f"an archetype id of {node.rm_type}"


def _assertions(node: ArchetypeSlot) -> Iterator[tuple[str, str]]:
    for assertion in (*node.includes, *node.excludes):
        pattern = assertion.archetype_id_pattern
        if pattern is not None and not is_pattern(pattern):
            yield "OPT_PATTERN", "a regular expression on archetype ids"
