"""A checked query and the templates of the tenant in, remarks on archetypes and nodes that no template has out.

Such a query is legal and gives no rows, mostly because a code or an archetype id is misspelt. It is a remark and not
an error, since the template may come later. Called when a query is stored or checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from aql.archetypes import conforms
from aql.ast import ClassExpression
from aql.checked import CheckedQuery, Note
from aql.errors import line_and_column
from aql.path import AllTests, AnyTest, NodeId, NodeTest, PathSegment, Predicate
from cdr.am.constraints import ArchetypeInternalRef, CArchetypeRoot, CComplexObject, CObject
from cdr.am.template import OperationalTemplate
from cdr.services.context import Context

UNKNOWN_ARCHETYPE = "UNKNOWN_ARCHETYPE"
UNKNOWN_NODE = "UNKNOWN_NODE"
_NAMED = 4

_Place: TypeAlias = tuple[OperationalTemplate, CObject]


@dataclass(frozen=True, slots=True)
class Remark:
    """A note with its place in the query, 1-based."""

    code: str
    message: str
    line: int
    column: int


def remarks_on(context: Context, checked: CheckedQuery) -> tuple[Remark, ...]:
    """Return everything that is to say about a legal query: the notes of the analysis, and those on templates."""
    templates = [context.compiled.of(record) for record in context.templates.list()]
    notes = (*checked.notes, *template_notes(checked, templates))
    text = checked.query.text
    return tuple(Remark(note.code, note.message, *line_and_column(text, note.offset)) for note in notes)


def template_notes(checked: CheckedQuery, templates: Sequence[OperationalTemplate]) -> tuple[Note, ...]:
    """Return what no template has of a query's archetypes and node codes, each once, in the order of the text.

    Without any template there is nothing to say. A step without a predicate, or into what a template leaves open, is
    taken to meet something.
    """
    if not templates:
        return ()
    return tuple(sorted(_Notes(checked, templates).found.values(), key=lambda note: note.offset))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The archetypes that a part of a path begins in, and where that part has come to; None where anything may be."""

    archetype: str
    places: tuple[_Place, ...] | None


class _Notes:
    def __init__(self, checked: CheckedQuery, templates: Sequence[OperationalTemplate]) -> None:
        self._templates = templates
        self.found: dict[str, Note] = {}
        begins: dict[int, list[_Stretch]] = {}
        for each in checked.classes:
            predicate = each.expression.predicate if isinstance(each.expression, ClassExpression) else None
            begins[each.number] = [self._begin(node) for node in _node_ids(predicate) if node.is_archetype_id]
        for path in checked.paths.values():
            starts: list[_Stretch | None] = [*begins[path.class_number]]
            for stretch in starts or [None]:
                self._follow(stretch, path.path.path.segments)

    def _begin(self, archetype: NodeId) -> _Stretch:
        places = tuple(
            (template, root)
            for template in self._templates
            for archetype_id, roots in template.derived(_roots).items()
            if conforms(archetype_id, archetype.value)
            for root in roots
        )
        if places:
            return _Stretch(archetype.value, places)
        known = {found for template in self._templates for found in template.archetype_ids}
        near = get_close_matches(archetype.value, sorted(known), n=2, cutoff=0.9)
        self._say(UNKNOWN_ARCHETYPE, f"No template here has the archetype {archetype.value}.", archetype, near)
        return _Stretch(archetype.value, None)

    def _follow(self, stretch: _Stretch | None, segments: Iterable[PathSegment]) -> None:
        for segment in segments:
            nodes = list(_node_ids(segment.predicate))
            archetypes = [node for node in nodes if node.is_archetype_id]
            if archetypes:
                # The alternatives of one step are rare; the first says where the path goes on.
                alternatives = [self._begin(node) for node in archetypes]
                stretch = alternatives[0]
            elif stretch is not None:
                stretch = self._step(stretch, segment, nodes)

    def _step(self, stretch: _Stretch, segment: PathSegment, codes: Sequence[NodeId]) -> _Stretch:
        if stretch.places is None:
            return stretch
        below = list(_below(stretch.places, segment.attribute))
        if not codes:
            return _Stretch(stretch.archetype, tuple(below) or None)
        wanted = {code.value for code in codes}
        places = tuple(place for place in below if place[1].node_id in wanted)
        if places:
            return _Stretch(stretch.archetype, places)
        known = {node.node_id: template.own_label(node) for template, node in below if node.node_id}
        near = get_close_matches(codes[0].value, sorted(known), n=_NAMED, cutoff=0.8) or sorted(known)[:_NAMED]
        named = [f"{code} ({known[code]})" if known[code] else code for code in near]
        message = f"No template has {codes[0].value} in {segment.attribute} there, in {stretch.archetype}."
        self._say(UNKNOWN_NODE, message, codes[0], named)
        return _Stretch(stretch.archetype, None)

    def _say(self, code: str, message: str, node: NodeId, near: Sequence[str]) -> None:
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        self.found.setdefault(message, Note(code, message + hint, node.span[0]))


def _roots(template: OperationalTemplate) -> Mapping[str, list[CArchetypeRoot]]:
    """Return the archetype roots of a template by archetype id."""
    found: dict[str, list[CArchetypeRoot]] = {}
    for node in template.nodes():
        if isinstance(node, CArchetypeRoot):
            found.setdefault(node.archetype_id, []).append(node)
    return found


def _below(places: Iterable[_Place], attribute: str) -> Iterator[_Place]:
    """Give what an attribute of the nodes holds, references followed."""
    for template, node in places:
        if isinstance(node, ArchetypeInternalRef):
            node = template.target_of(node) or node
        if isinstance(node, CComplexObject):
            for held in node.attributes:
                if held.name == attribute:
                    yield from ((template, child) for child in held.children)


def _node_ids(predicate: Predicate | None) -> Iterator[NodeId]:
    """Give the archetype ids and codes that a predicate asks for."""
    match predicate:
        case NodeTest(node_id=NodeId() as node_id):
            yield node_id
        case AllTests(terms=terms) | AnyTest(terms=terms):
            for term in terms:
                yield from _node_ids(term)
