"""The tree of a template while it is being compiled: nodes that can still be changed.

`draft_of` copies the definition of an archetype (expanding internal references on the way), rules change the copy, and
`DraftNode.finish` gives the immutable constraint nodes of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aql.path import AllTests, Literal, NodeTest, ObjectPath, PathSegment, PathTest, Predicate, parse_path
from cdr.am.archetype import Archetype
from cdr.am.constraints import (
    ArchetypeInternalRef,
    CArchetypeRoot,
    CAttribute,
    CCodeReference,
    CComplexObject,
    CObject,
    ConstraintRef,
    CPrimitiveObject,
)
from cdr.am.intervals import OPTIONAL, REQUIRED_ONCE, Cardinality, Multiplicity
from cdr.am.node_index import NodeIndex
from cdr.am.primitives import CString
from cdr.am.terms import Term

_PROHIBITED = Multiplicity(0, 0)


@dataclass(slots=True, eq=False)
class DraftAttribute:
    """An attribute with its draft children."""

    name: str
    existence: Multiplicity
    is_multiple: bool
    cardinality: Cardinality | None
    children: list[DraftNode]
    match_negated: bool = False

    def finish(self) -> CAttribute:
        """Return the immutable attribute."""
        return CAttribute(
            name=self.name,
            existence=self.existence,
            is_multiple=self.is_multiple,
            cardinality=self.cardinality,
            children=tuple(child.finish() for child in self.children),
            match_negated=self.match_negated,
        )


@dataclass(slots=True, eq=False)
class DraftNode:
    """An object constraint: a complex one with attributes, or a leaf that is replaced as a whole.

    `archetype` is set on the root of an archetype, `extra_terms` are codes of other terminologies with their texts.
    A removed node stays until `prune`, since sources go on to write rules for what is below it.
    """

    rm_type: str
    node_id: str
    occurrences: Multiplicity
    attributes: list[DraftAttribute] = field(default_factory=list)
    leaf: CObject | None = None
    archetype: Archetype | None = None
    slot_id: str = ""
    template_id: str = ""
    extra_terms: dict[str, Term] = field(default_factory=dict)
    is_removed: bool = False

    def attribute(self, name: str) -> DraftAttribute | None:
        """Return the attribute with a name, or None."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    @property
    def archetype_node_id(self) -> str:
        """Return what `archetype_node_id` will hold in data."""
        return self.archetype.archetype_id if self.archetype is not None else self.node_id

    @property
    def name(self) -> str:
        """Return the one text to which the name is constrained, or ""."""
        attribute = self.attribute("name")
        for child in attribute.children if attribute else ():
            value = child.attribute("value")
            for item in value.children if value else ():
                if isinstance(item.leaf, CPrimitiveObject) and isinstance(item.leaf.item, CString):
                    return item.leaf.item.values[0] if len(item.leaf.item.values) == 1 else ""
        return ""

    def rename(self, name: str) -> None:
        """Constrain the name to one text."""
        leaf = CPrimitiveObject(rm_type="STRING", item=CString(values=(name,)))
        item = DraftNode("STRING", "", REQUIRED_ONCE, leaf=leaf)
        value = DraftAttribute("value", REQUIRED_ONCE, False, None, [item])
        text = DraftNode("DV_TEXT", "", REQUIRED_ONCE, attributes=[value])
        self.attributes = [attribute for attribute in self.attributes if attribute.name != "name"]
        self.attributes.insert(0, DraftAttribute("name", REQUIRED_ONCE, False, None, [text]))

    def copy(self) -> DraftNode:
        """Return a copy of the node and all below it; leaves and archetypes are shared, since they never change."""
        attributes = [
            DraftAttribute(
                attribute.name,
                attribute.existence,
                attribute.is_multiple,
                attribute.cardinality,
                [child.copy() for child in attribute.children],
                attribute.match_negated,
            )
            for attribute in self.attributes
        ]
        return DraftNode(
            self.rm_type,
            self.node_id,
            self.occurrences,
            attributes,
            self.leaf,
            self.archetype,
            self.slot_id,
            self.template_id,
            dict(self.extra_terms),
            self.is_removed,
        )

    def finish(self) -> CObject:
        """Return the immutable node."""
        if self.leaf is not None:
            return replace(self.leaf, occurrences=self.occurrences)
        attributes = tuple(attribute.finish() for attribute in self.attributes)
        if self.archetype is None:
            return CComplexObject(
                rm_type=self.rm_type, node_id=self.node_id, occurrences=self.occurrences, attributes=attributes
            )
        terms = {language: dict(table) for language, table in self.archetype.terms.items()}
        for table in terms.values():
            table.update(self.extra_terms)
        return CArchetypeRoot(
            rm_type=self.rm_type,
            node_id=self.node_id,
            occurrences=self.occurrences,
            attributes=attributes,
            archetype_id=self.archetype.archetype_id,
            template_id=self.template_id,
            slot_node_id=self.slot_id,
            term_definitions=terms,
            constraint_definitions=self.archetype.constraint_terms,
            term_bindings=self.archetype.term_bindings,
            constraint_bindings=self.archetype.constraint_bindings,
        )


def draft_of(archetype: Archetype) -> DraftNode:
    """Return a fresh draft of an archetype's definition."""
    uris = {code: uri for codes in archetype.constraint_bindings.values() for code, uri in codes.items()}
    root = _draft(archetype.definition, NodeIndex(archetype.definition), uris, depth=0)
    root.archetype = archetype
    return root


def _draft(node: CObject, index: NodeIndex, uris: Mapping[str, str], *, depth: int) -> DraftNode:
    if isinstance(node, ArchetypeInternalRef):
        target = next(iter(index.at(node.target_path)), None)
        # A reference into itself, or to nowhere, stays as it is: the archetype's own rules report it.
        if isinstance(target, CComplexObject) and depth < 60:
            expanded = _draft(target, index, uris, depth=depth + 1)
            expanded.occurrences = node.occurrences if node.occurrences != REQUIRED_ONCE else target.occurrences
            return expanded
    if isinstance(node, ConstraintRef) and node.reference in uris:
        # A template has no place for the archetype's own indirection: the value set itself takes it.
        node = CCodeReference(rm_type="CODE_PHRASE", reference_set_uri=uris[node.reference])
    if not isinstance(node, CComplexObject):
        return DraftNode(node.rm_type, node.node_id, node.occurrences, leaf=node)
    attributes = [
        DraftAttribute(
            attribute.name,
            attribute.existence,
            attribute.is_multiple,
            attribute.cardinality,
            [_draft(child, index, uris, depth=depth) for child in attribute.children],
            attribute.match_negated,
        )
        for attribute in node.attributes
    ]
    return DraftNode(node.rm_type, node.node_id, node.occurrences, attributes)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A node with the attribute that holds it and the node above."""

    node: DraftNode
    holder: DraftAttribute
    parent: DraftNode


def find(root: DraftNode, path: str) -> list[Found]:
    """Return the nodes at a path below a root, several where siblings share their id and the path has no name."""
    parsed = parse_path(path)
    return _find(root, parsed)


def _find(root: DraftNode, path: ObjectPath) -> list[Found]:
    current: list[DraftNode] = [root]
    found: list[Found] = []
    for segment in path:
        found = []
        for parent in current:
            holder = parent.attribute(segment.attribute)
            for child in holder.children if holder is not None else ():
                if _matches(child, segment, holder):
                    found.append(Found(child, holder, parent))  # type: ignore[arg-type]  # children imply a holder
        current = [item.node for item in found]
    return found


def _matches(node: DraftNode, segment: PathSegment, holder: DraftAttribute | None) -> bool:
    predicate = segment.predicate
    return predicate is None or _satisfies(node, predicate)


def _satisfies(node: DraftNode, predicate: Predicate) -> bool:
    if isinstance(predicate, AllTests):
        return all(_satisfies(node, term) for term in predicate.terms)
    if isinstance(predicate, NodeTest):
        name = predicate.name.value if isinstance(predicate.name, Literal) else None
        return str(predicate.node_id) in (node.archetype_node_id, node.node_id) and name in (None, node.name)
    if isinstance(predicate, PathTest) and str(predicate.path) == "name/value":
        return isinstance(predicate.operand, Literal) and predicate.operand.value == node.name
    return False


def prune(node: DraftNode) -> None:
    """Take away all removed nodes below; an attribute that is left empty by it allows nothing any more."""
    for attribute in node.attributes:
        kept = [child for child in attribute.children if not child.is_removed]
        if attribute.children and not kept:
            _close(attribute)
        attribute.children = kept
        for child in kept:
            prune(child)


def _close(attribute: DraftAttribute) -> None:
    if attribute.is_multiple:
        is_ordered = attribute.cardinality.is_ordered if attribute.cardinality else True
        attribute.cardinality = Cardinality(_PROHIBITED, is_ordered=is_ordered)
        attribute.existence = OPTIONAL
    else:
        attribute.existence = _PROHIBITED
