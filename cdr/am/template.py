"""`OperationalTemplate`: a template with everything in it, ready to look things up.

`cdr.am.opt14.read_opt` makes it from XML and the compiler from archetypes; the web template, the validator, the formats
and the query planner read it. It never changes; what others compute from it is kept on it (`derived`).

Paths are written as in data: an archetype root by its archetype id, other nodes by at-code, siblings that share both
by their name too: `/content[openEHR-EHR-OBSERVATION.pulse.v2]/data[at0002]/events[at0003, 'Any event']`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from cdr.am.constraints import ArchetypeInternalRef, CArchetypeRoot, CAttribute, CComplexObject, CObject
from cdr.am.node_index import NodeIndex, normal_path
from cdr.am.terms import Code, Term
from cdr.rm import DataValue

_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionDetails:
    """The part of a description that is written in one language."""

    language: str
    purpose: str = ""
    use: str = ""
    misuse: str = ""
    keywords: tuple[str, ...] = ()
    copyright: str = ""
    other_details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Who made the template, in which state it is, and what it is for.

    Shape: `original_author` has keys such as `name`, `organisation`, `date`; `details` is by language code.
    """

    lifecycle_state: str = ""
    original_author: Mapping[str, str] = field(default_factory=dict)
    other_contributors: tuple[str, ...] = ()
    resource_package_uri: str = ""
    other_details: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, DescriptionDetails] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Annotation:
    """Key-value pairs on the node at a path, as the template's author wrote them."""

    path: str
    items: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ViewConstraint:
    """Hints for user interfaces on the node at a path, for instance `pass_through: true`."""

    path: str
    items: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DefaultValue:
    """The value with which a form starts for an attribute of the node at a path."""

    path: str
    attribute: str
    value: DataValue


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OperationalTemplate:
    """One operational template; `language` is a code such as `nb`, `source_hash` the SHA-256 of the source in hex."""

    template_id: str
    concept: str
    language: str
    root: CArchetypeRoot
    uid: str = ""
    languages: tuple[str, ...] = ()
    is_controlled: bool | None = None
    description: Description = Description()
    annotations: tuple[Annotation, ...] = ()
    view: tuple[ViewConstraint, ...] = ()
    default_values: tuple[DefaultValue, ...] = ()
    source_hash: str = ""
    _derived: dict[object, object] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        """Return the id and the language: the whole tree would fill pages of any log."""
        return f"OperationalTemplate({self.template_id!r}, language={self.language!r})"

    @property
    def rm_type(self) -> str:
        """Return the RM type of what the template describes, mostly `COMPOSITION`."""
        return self.root.rm_type

    @property
    def archetype_id(self) -> str:
        """Return the archetype id of the root."""
        return self.root.archetype_id

    @cached_property
    def archetype_ids(self) -> tuple[str, ...]:
        """Return the archetype ids in the template, the root's first, each once, in the order of the template."""
        roots = (node.archetype_id for node in self.nodes() if isinstance(node, CArchetypeRoot))
        return tuple(dict.fromkeys(roots))

    @cached_property
    def index(self) -> NodeIndex:
        """Return the paths, parents and attributes of all nodes; built at the first use."""
        return NodeIndex(self.root)

    def nodes(self) -> Iterator[CObject]:
        """Yield all nodes, depth first, in the order of the template."""
        return self.index.nodes()

    def nodes_at(self, path: str) -> tuple[CObject, ...]:
        """Return the nodes at a path, several where siblings share their ids, () where there is none."""
        return self.index.at(path)

    def node_at(self, path: str) -> CObject | None:
        """Return the first node at a path, or None."""
        found = self.index.at(path)
        return found[0] if found else None

    def path_of(self, node: CObject) -> str:
        """Return the path of a node of this template; `/` for the root."""
        return self.index.path_of(node)

    def parent_of(self, node: CObject) -> CComplexObject | None:
        """Return the node that contains a node of this template, or None for the root."""
        return self.index.parent_of(node)

    def attribute_of(self, node: CObject) -> CAttribute | None:
        """Return the attribute constraint that holds a node of this template, or None for the root."""
        return self.index.attribute_of(node)

    def archetype_root_of(self, node: CObject) -> CArchetypeRoot:
        """Return the archetype root that a node of this template belongs to; a root belongs to itself."""
        current: CObject | None = node
        while current is not None and not isinstance(current, CArchetypeRoot):
            current = self.index.parent_of(current)
        return current or self.root

    def target_of(self, reference: ArchetypeInternalRef) -> CObject | None:
        """Return the node that an internal reference stands for, or None where its path leads nowhere."""
        root = self.path_of(self.archetype_root_of(reference)).rstrip("/")
        target = self.node_at(root + reference.target_path)
        return target if isinstance(target, CComplexObject) else None

    def term(self, node: CObject, code: str, *, language: str = "") -> Term | None:
        """Return what a local code means at a node, in the language or else the template's own, or None."""
        definitions = self.archetype_root_of(node).term_definitions
        for wanted in (language, self.language, *definitions):
            term = definitions.get(wanted, {}).get(code)
            if term is not None:
                return term
        return None

    def label(self, node: CObject, language: str = "") -> str:
        """Return the name of a node for people, or of the nearest node above it that has one.

        A name that the template gives a node wins over the archetype's, except in another language that has a term
        of its own.
        """
        current: CObject | None = node
        while current is not None:
            found = self.own_label(current, language)
            if found:
                return found
            current = self.index.parent_of(current)
        return self.concept

    def own_label(self, node: CObject, language: str = "") -> str:
        """Return the name of a node for people, or `""` where the node has none of its own (a value, a code)."""
        wanted = language or self.language
        if isinstance(node, CComplexObject) and wanted == self.language:
            names = node.names
            if len(names) == 1:
                return names[0]
            codes = node.name_codes
            if len(codes) == 1 and codes[0].terminology == "local":
                term = self.term(node, codes[0].code, language=wanted)
                if term is not None:
                    return term.text
        if not node.node_id:
            return ""
        term = self.term(node, node.node_id, language=wanted)
        return term.text if term else ""

    def term_bindings(self, node: CObject, code: str = "") -> tuple[Code, ...]:
        """Return the codes of other terminologies that a local code of a node (or its node id) is bound to."""
        wanted = code or node.node_id
        sets = self.archetype_root_of(node).term_bindings.values()
        return tuple(bindings[wanted] for bindings in sets if wanted in bindings)

    def annotations_at(self, path: str) -> Mapping[str, str]:
        """Return the annotations on the node at a path."""
        return self._annotations_by_path.get(normal_path(path), {})

    def default_of(self, node: CObject) -> DataValue | None:
        """Return the value with which a form starts for a node, or None; it never takes part in validation."""
        return self._defaults_by_node.get(id(node))

    @cached_property
    def _defaults_by_node(self) -> dict[int, DataValue]:
        return {
            id(node): default.value
            for default in self.default_values
            for node in self.index.at(f"{default.path.rstrip('/')}/{default.attribute}")
        }

    @cached_property
    def _annotations_by_path(self) -> dict[str, Mapping[str, str]]:
        return {normal_path(annotation.path): annotation.items for annotation in self.annotations}

    def derived(self, build: Callable[[OperationalTemplate], _R]) -> _R:
        """Return `build(self)`, computed once for this template: how programs made from a template are kept."""
        if build not in self._derived:
            # Two threads may both build; the results are equal and the first one stays.
            self._derived.setdefault(build, build(self))
        return cast(_R, self._derived[build])
