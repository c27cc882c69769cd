"""What a web template says of a constrained node for people: its names, descriptions, annotations and bindings.

Called by `cdr.webtemplate.build` for every node; texts come from the terms of the archetype that the node belongs to,
unless the template gives the node a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdr.am.constraints import CArchetypeRoot, CAttribute, CComplexObject, CObject
from cdr.am.template import OperationalTemplate
from cdr.webtemplate.model import Step, WebTemplateNode


@dataclass(frozen=True, slots=True)
class Place:
    """A constraint with the archetype it belongs to, its AQL path, and the steps from the node above."""

    constraint: CObject
    root: CArchetypeRoot
    path: str
    steps: tuple[Step, ...]


class Describer:
    """Describes the nodes of one template."""

    def __init__(self, template: OperationalTemplate) -> None:
        self._template = template
        self._languages = template.languages or (template.language,)
        self._annotated = {
            id(node): annotation.items
            for annotation in template.annotations
            for node in template.nodes_at(annotation.path)[:1]
        }

    def node(self, place: Place, attribute: CAttribute) -> WebTemplateNode:
        """Return the node of a constraint without children and inputs."""
        constraint, root, template = place.constraint, place.root, self._template
        node_id = constraint.node_id or constraint.archetype_node_id
        name = place.steps[-1].name
        names: dict[str, str] = {}
        descriptions: dict[str, str] = {}
        for language in self._languages if node_id else ():
            term = root.term_definitions.get(language, {}).get(node_id)
            own = name if language == template.language else template.own_label(constraint, language) or name
            if own:
                names[language] = own
            if term is not None and term.description:
                descriptions[language] = term.description
        bindings = {
            terminology: codes[node_id] for terminology, codes in root.term_bindings.items() if node_id in codes
        }
        multiplicity = constraint.occurrences
        if not attribute.is_multiple and attribute.name and attribute.existence.lower > multiplicity.lower:
            multiplicity = attribute.existence
        return WebTemplateNode(
            id="",
            rm_type=constraint.rm_type,
            aql_path=place.path,
            min=multiplicity.lower,
            max=multiplicity.upper,
            name=name,
            localized_name=name,
            node_id=constraint.archetype_node_id,
            localized_names=names,
            localized_descriptions=descriptions,
            annotations=self._annotations(place, node_id),
            term_bindings=bindings,
            steps=place.steps,
        )

    def names(self, child: CObject, root: CArchetypeRoot) -> tuple[str, ...]:
        """Return the names between which data may choose, as texts; () where the name is free or fixed."""
        if not isinstance(child, CComplexObject):
            return ()
        own = child if isinstance(child, CArchetypeRoot) else root
        terms = own.term_definitions.get(self._template.language, {})
        codes = [code.code for code in child.name_codes if code.terminology == "local"]
        return child.names or tuple(terms[code].text for code in codes if code in terms)

    def _annotations(self, place: Place, node_id: str) -> Mapping[str, str]:
        """Return the template's annotations with the comment of the archetype's term."""
        found: dict[str, str] = {}
        term = place.root.term_definitions.get(self._template.language, {}).get(node_id)
        comment = term.others.get("comment") if term else None
        if comment:
            found["comment"] = comment
        found.update(self._annotated.get(id(place.constraint), {}))
        return found


def name_of(template: OperationalTemplate, constraint: CObject, *, root: CArchetypeRoot | None = None) -> str:
    """Return the name of a node in the language of the template, as data carries it."""
    label = template.own_label(constraint)
    if label:
        return label
    if isinstance(constraint, CArchetypeRoot):
        return root.archetype_id if root else constraint.archetype_id
    return constraint.node_id
