"""Builds the web template of an operational template.

Comes in: the tree of constraints. Goes out: the tree of named nodes that forms, FLAT and STRUCTURED use. Structures
without meaning of their own vanish (rm_nodes.TRANSPARENT); an EVENT vanishes where there can be only one; an ELEMENT
is merged with its value; attributes that the RM requires are added.
Source: ITS-REST development, simplified_formats, sections Level Removal and Field Identifiers, and the web templates
that other servers publish, which settle what the text leaves open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cdr.am.constraints import (
    ArchetypeSlot,
    CArchetypeRoot,
    CAttribute,
    CComplexObject,
    CObject,
)
from cdr.am.template import OperationalTemplate
from cdr.rm.catalog import CATALOG
from cdr.webtemplate.describe import Describer, Place, name_of
from cdr.webtemplate.ids import choice_id, id_of, unique_ids
from cdr.webtemplate.inputs import Inputs, proportion_kinds
from cdr.webtemplate.model import Cardinalities, Step, WebTemplate, WebTemplateNode
from cdr.webtemplate.rm_nodes import EVENTS, NOT_NODES, RM_NODES, TRANSPARENT, RmNode

# In these types the attribute on the left is understood only with the data on the right.
_NEEDS_DATA = {"state": "data", "protocol": "data"}
_FREE_VALUES = (
    "DV_TEXT",
    "DV_CODED_TEXT",
    "DV_QUANTITY",
    "DV_COUNT",
    "DV_PROPORTION",
    "DV_ORDINAL",
    "DV_SCALE",
    "DV_BOOLEAN",
    "DV_DATE_TIME",
    "DV_DATE",
    "DV_TIME",
    "DV_DURATION",
    "DV_IDENTIFIER",
    "DV_URI",
    "DV_EHR_URI",
    "DV_MULTIMEDIA",
    "DV_PARSABLE",
)


def build(template: OperationalTemplate) -> WebTemplate:
    """Return the web template of an operational template; it is computed once and kept on the template."""
    return template.derived(build_anew)


def build_anew(template: OperationalTemplate) -> WebTemplate:
    """Return the web template of an operational template, computed now."""
    builder = _Builder(template)
    root = template.root
    step = Step(
        attribute="", rm_type=root.rm_type, node_id=root.archetype_id, name=name_of(template, root), constraint=root
    )
    draft = builder.structure(Place(constraint=root, root=root, path="", steps=(step,)), CAttribute(name=""))
    return WebTemplate(
        template_id=template.template_id,
        default_language=template.language,
        languages=template.languages or (template.language,),
        root=builder.freeze(draft, draft.wanted_id),
        sem_ver=template.description.other_details.get("sem_ver", ""),
    )


@dataclass(slots=True)
class _Draft:
    """A node before its siblings are known and ids are given."""

    node: WebTemplateNode
    wanted_id: str
    children: list[_Draft] = field(default_factory=list)
    # The attribute of the nearest structure that it came from, and the drafts it depends on.
    attribute: str = ""
    needs: list[_Draft] = field(default_factory=list)
    containers: list[tuple[int, int | None, list[_Draft]]] = field(default_factory=list)
    id: str = ""


class _Builder:
    def __init__(self, template: OperationalTemplate) -> None:
        self._template = template
        self._inputs = Inputs(template)
        self._describe = Describer(template)

    def structure(self, place: Place, attribute: CAttribute) -> _Draft:
        """Return the draft of a node with children: a composition, section, entry, event, cluster..."""
        node = self._describe.node(place, attribute)
        draft = _Draft(node, id_of(node.name) if node.name else attribute.name, attribute=attribute.name)
        draft.children.extend(self._children(replace(place, steps=()), draft))
        self._add_rm_nodes(draft, node.rm_type, place, in_path=place.path)
        return draft

    def _children(self, place: Place, owner: _Draft) -> list[_Draft]:
        constraint = place.constraint
        if not isinstance(constraint, CComplexObject):
            return []
        found: list[_Draft] = []
        by_attribute: dict[str, list[_Draft]] = {}
        for attribute in _ordered(constraint):
            made = self._attribute(place, attribute, owner)
            by_attribute[attribute.name] = made
            found.extend(made)
        for name, needed in _NEEDS_DATA.items():
            for child in by_attribute.get(name, ()):
                if not child.needs:
                    child.needs = [other for other in by_attribute.get(needed, ()) if not other.node.is_in_context]
        return found

    def _attribute(self, place: Place, attribute: CAttribute, owner: _Draft) -> list[_Draft]:
        if attribute.name == "ism_transition":
            return [self._ism_transition(place, attribute)] if attribute.children else []
        made: list[_Draft] = []
        for child in attribute.children:
            if isinstance(child, ArchetypeSlot) or child.occurrences.is_prohibited:
                continue
            names = self._describe.names(child, place.root)
            # A node with several permitted names stands once under each of them.
            for name in names if len(names) > 1 else ("",):
                made.extend(self._object(self._below(place, attribute, child, name=name), attribute, owner))
        cardinality = attribute.cardinality.interval if attribute.cardinality else None
        if cardinality and (cardinality.lower > 1 or cardinality.upper is not None) and attribute.name == "items":
            owner.containers.append((cardinality.lower, cardinality.upper, made))
        return made

    def _below(self, place: Place, attribute: CAttribute, child: CObject, *, name: str = "") -> Place:
        root = child if isinstance(child, CArchetypeRoot) else place.root
        node_id = child.archetype_node_id
        names = child.names if isinstance(child, CComplexObject) else ()
        fixed = name or (names[0] if len(names) == 1 else "")
        name = name or (name_of(self._template, child, root=root) if node_id else "")
        codes = child.name_codes if isinstance(child, CComplexObject) else ()
        terms = root.term_definitions.get(self._template.language, {})
        step = Step(
            attribute=attribute.name,
            rm_type=child.rm_type,
            is_multiple=_is_multiple(place.constraint.rm_type, attribute),
            node_id=node_id,
            name=name,
            is_named=bool(fixed),
            name_code=next((code for code in codes if code.code in terms and terms[code.code].text == name), None),
            constraint=child,
        )
        predicate = f"[{node_id},'{fixed}']" if fixed else f"[{node_id}]" if node_id else ""
        return Place(child, root, f"{place.path}/{attribute.name}{predicate}", (*place.steps, step))

    def _object(self, place: Place, attribute: CAttribute, owner: _Draft) -> list[_Draft]:
        constraint = place.constraint
        rm_type = constraint.rm_type
        if rm_type in TRANSPARENT:
            return self._children(place, owner)
        if rm_type in EVENTS and _is_single_event(constraint, attribute):
            holder = _Draft(owner.node, "")
            made = self._children(place, holder)
            self._add_rm_nodes(holder, rm_type, place, in_path=place.path, known={draft.attribute for draft in made})
            return [*made, *holder.children]
        if rm_type == "ELEMENT":
            return [self._element(place, attribute)]
        if attribute.name == "value" or rm_type.startswith("DV_") or rm_type in _LEAVES:
            return [
                self._leaf(place, attribute, place.steps[-2].rm_type if len(place.steps) > 1 else owner.node.rm_type)
            ]
        return [self.structure(place, attribute)]

    def _element(self, place: Place, attribute: CAttribute) -> _Draft:
        constraint = place.constraint
        value = constraint.attribute("value") if isinstance(constraint, CComplexObject) else None
        choices = [child for child in value.children if not child.occurrences.is_prohibited] if value else []
        element = self._describe.node(place, attribute)
        draft = _Draft(element, id_of(element.name), attribute=attribute.name)
        if value is not None and len(choices) == 1:
            below = self._below(place, value, choices[0])
            draft.node = self._with_value(element, below)
            draft.children = self._interval_ends(below)
            return draft
        if value is not None and {child.rm_type for child in choices} == {"DV_TEXT", "DV_CODED_TEXT"}:
            return self._text_choice(draft, place, value, choices)
        value = value or CAttribute(name="value")
        choices = choices or [CObject(rm_type=rm_type) for rm_type in _FREE_VALUES]
        for choice in choices:
            below = self._below(place, value, choice)
            step = below.steps[-1]
            node = self._with_value(replace(element, steps=(step,), min=1, max=1, children=()), below)
            child = _Draft(replace(node, steps=(step,)), choice_id(choice.rm_type), self._interval_ends(below))
            draft.children.append(child)
        return draft

    def _text_choice(self, draft: _Draft, place: Place, value: CAttribute, choices: Sequence[CObject]) -> _Draft:
        """Merge a text with a coded text into one node: a list of codes that is open to other texts."""
        below = self._below(place, value, choices[0])
        coded = next(choice for choice in choices if choice.rm_type == "DV_CODED_TEXT")
        node = self._with_value(draft.node, below)
        draft.node = replace(node, inputs=self._inputs.open_list(choices[0].rm_type, coded, root=place.root))
        return draft

    def _with_value(self, element: WebTemplateNode, below: Place) -> WebTemplateNode:
        """Return an element's node as the node of its value."""
        return replace(
            element,
            rm_type=below.constraint.rm_type,
            aql_path=below.path,
            steps=below.steps,
            inputs=self._inputs.of(below.constraint, root=below.root),
            proportion_types=proportion_kinds(below.constraint),
        )

    def _interval_ends(self, place: Place) -> list[_Draft]:
        """Return the nodes `upper` and `lower` of an interval."""
        constraint = place.constraint
        if not constraint.rm_type.startswith("DV_INTERVAL"):
            return []
        inner = constraint.rm_type.removeprefix("DV_INTERVAL").strip("<>")
        found: list[_Draft] = []
        for end in ("upper", "lower"):
            attribute = constraint.attribute(end) if isinstance(constraint, CComplexObject) else None
            children = attribute.children if attribute else ()
            end_constraint = children[0] if children else CObject(rm_type=inner or "DV_ORDERED")
            below = self._below(replace(place, steps=()), attribute or CAttribute(name=end), end_constraint)
            node = WebTemplateNode(
                id=end,
                rm_type=end_constraint.rm_type,
                aql_path=below.path,
                min=1,
                max=1,
                name=end,
                steps=below.steps,
                inputs=self._inputs.of(end_constraint, root=place.root),
            )
            found.append(_Draft(node, end))
        return found

    def _leaf(self, place: Place, attribute: CAttribute, holder: str) -> _Draft:
        """Return the draft of a value that hangs directly on a structure of the type `holder`."""
        wanted = next((node for node in RM_NODES.get(holder, ()) if node.attribute == attribute.name), None)
        node = WebTemplateNode(
            id=attribute.name,
            rm_type=wanted.rm_type if wanted else place.constraint.rm_type,
            aql_path=place.path,
            min=attribute.existence.lower,
            max=attribute.existence.upper,
            name="" if wanted and not wanted.is_named else attribute.name.capitalize(),
            is_in_context=wanted.is_in_context if wanted else False,
            steps=place.steps,
            inputs=self._inputs.of(place.constraint, root=place.root),
        )
        return _Draft(node, attribute.name, attribute=attribute.name)

    def _ism_transition(self, place: Place, attribute: CAttribute) -> _Draft:
        """Return one node for all the transitions of an action: their states and steps together."""
        step = Step(attribute="ism_transition", rm_type="ISM_TRANSITION", constraint=attribute.children[0])
        path = place.path + "/ism_transition"
        node = WebTemplateNode(
            id="ism_transition",
            rm_type="ISM_TRANSITION",
            aql_path=path,
            min=1,
            max=1,
            name="Ism_transition",
            is_in_context=True,
            steps=(*place.steps, step),
        )
        draft = _Draft(node, "ism_transition", attribute="ism_transition")
        states = self._inputs.of_transitions(attribute.children, root=place.root)
        for child in _ISM_CHILDREN:
            made = self._rm_node(child, (), path)
            made.node = replace(made.node, inputs=states.get(child.attribute, made.node.inputs))
            draft.children.append(made)
        return draft

    def _add_rm_nodes(
        self, draft: _Draft, rm_type: str, place: Place, *, in_path: str, known: set[str] | None = None
    ) -> None:
        """Add the nodes that the RM asks for and the template does not constrain."""
        present = known if known is not None else {child.attribute for child in draft.children}
        steps = place.steps if known is not None else ()
        if rm_type == "COMPOSITION" and "context" not in present and self._has_context():
            step = Step(attribute="context", rm_type="EVENT_CONTEXT")
            node = WebTemplateNode(
                id="context", rm_type="EVENT_CONTEXT", aql_path="/context", min=0, max=1, steps=(step,)
            )
            context = _Draft(node, "context", attribute="context")
            self._add_rm_nodes(context, "EVENT_CONTEXT", replace(place, steps=()), in_path="/context")
            draft.children.insert(0, context)
        for wanted in RM_NODES.get(rm_type, ()):
            if wanted.attribute not in present:
                draft.children.append(self._rm_node(wanted, steps, in_path))

    def _rm_node(self, wanted: RmNode, steps: tuple[Step, ...], path: str) -> _Draft:
        step = Step(attribute=wanted.attribute, rm_type=wanted.rm_type)
        own_path = f"{path}/{wanted.attribute}"
        node = WebTemplateNode(
            id=wanted.attribute,
            rm_type=wanted.rm_type,
            aql_path=own_path,
            min=1 if wanted.is_required else 0,
            max=1,
            name=_title(wanted),
            is_in_context=wanted.is_in_context,
            steps=(*steps, step),
            inputs=self._inputs.of_type(wanted.rm_type),
        )
        children = [self._rm_node(child, (), own_path) for child in wanted.children]
        return _Draft(node, wanted.attribute, children, attribute=wanted.attribute)

    def _has_context(self) -> bool:
        category = self._template.root.attribute("category")
        codes = self._inputs.category_codes(category)
        return not codes or codes != ("431",)

    def freeze(self, draft: _Draft, identifier: str) -> WebTemplateNode:
        """Give ids to the children and return the finished node."""
        for child, child_id in zip(draft.children, unique_ids(c.wanted_id for c in draft.children), strict=True):
            child.id = child_id
        children = tuple(self.freeze(child, child.id) for child in draft.children)
        groups = tuple(
            Cardinalities(lower, upper, tuple(member.id for member in members if not member.node.is_in_context))
            for lower, upper, members in draft.containers
            if len(members) > 1 or lower > 1
        )
        return replace(
            draft.node,
            id=identifier,
            children=children,
            cardinalities=groups,
            depends_on=tuple(other.id for other in draft.needs),
        )


_LEAVES = frozenset({"CODE_PHRASE", "PARTY_PROXY", "PARTY_SELF", "PARTY_IDENTIFIED", "PARTY_RELATED", "STRING"})
_ISM_CHILDREN = next(node for node in RM_NODES["ACTION"] if node.attribute == "ism_transition").children


def _ordered(constraint: CComplexObject) -> list[CAttribute]:
    """Return the attributes that may become nodes, the context of a composition first."""
    kept = [attribute for attribute in constraint.attributes if attribute.name not in NOT_NODES]
    return sorted(kept, key=lambda attribute: attribute.name in ("category",) or attribute.name == "content")


def _is_multiple(rm_type: str, attribute: CAttribute) -> bool:
    known = CATALOG.attributes(rm_type).get(attribute.name) if CATALOG.is_class(rm_type) else None
    return known.is_multiple if known else attribute.is_multiple


def _is_single_event(constraint: CObject, attribute: CAttribute) -> bool:
    """Tell whether an event is the only one there can be, so that it needs no node."""
    events = [child for child in attribute.children if not child.occurrences.is_prohibited]
    return len(events) == 1 and constraint.occurrences.upper == 1


def _title(wanted: RmNode) -> str:
    if not wanted.is_named:
        return ""
    return wanted.attribute.capitalize() if wanted.is_in_context else wanted.attribute
