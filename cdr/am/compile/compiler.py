"""Compiles a template source with its archetypes into an operational template.

The order is that of the source: an archetype's definition is copied, its rules are applied, then the archetypes that
fill its slots are compiled into it. Everything that cannot be done is collected with its line in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aql.errors import AqlError
from cdr.am.archetype import Archetype
from cdr.am.compile.defaults import default_value
from cdr.am.compile.describe import description_of
from cdr.am.compile.draft import DraftAttribute, DraftNode, Found, draft_of, find, prune
from cdr.am.compile.library import ArchetypeLibrary
from cdr.am.compile.values import narrow, narrow_text
from cdr.am.conditions import conditions_of
from cdr.am.constraints import ArchetypeSlot, CArchetypeRoot
from cdr.am.intervals import ANY_NUMBER, OPTIONAL, REQUIRED_ONCE, Cardinality, Multiplicity
from cdr.am.oet import Rule, SourceNode, TemplateSource, ValueConstraint
from cdr.am.slots import may_fill
from cdr.am.template import (
    Annotation,
    DefaultValue,
    OperationalTemplate,
    ViewConstraint,
)
from cdr.errors import BadInput, KildeError
from cdr.issue import Issue, Severity
from cdr.rm import DataValue

# Where an attribute of the RM holds archetyped children although the archetype leaves it open.
_OPEN_CONTAINERS = {"content", "items", "folders"}


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the compiler gives: the template, and what is odd in its source without being wrong."""

    template: OperationalTemplate
    warnings: tuple[Issue, ...] = ()


@dataclass(slots=True)
class _Compilation:
    """What one run collects."""

    library: ArchetypeLibrary
    language: str
    issues: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)
    annotations: list[tuple[DraftNode, dict[str, str]]] = field(default_factory=list)
    hints: list[tuple[DraftNode, dict[str, str]]] = field(default_factory=list)
    defaults: list[tuple[DraftNode, DataValue]] = field(default_factory=list)

    def warn(self, code: str, line: int, expected: str) -> None:
        self.warnings.append(Issue(code=code, path=f"line {line}", expected=expected, severity=Severity.WARNING))

    def wrong(self, code: str, line: int, expected: str, *, label: str = "") -> None:
        self.issues.append(Issue(code=code, path=f"line {line}", expected=expected, label=label))


def compile_template(source: TemplateSource, library: ArchetypeLibrary, *, language: str = "") -> Compiled:
    """Return the operational template of a source in one language; the terms of the others stay beside it.

    `language` empty takes the original language of the root archetype.
    Errors: BadInput with `OET_...` issues, each with its line in the source.
    """
    run = _Compilation(library, language)
    root = _expand(source.root, run)
    if root is None or root.archetype is None or run.issues:
        first = run.issues[0]
        raise BadInput(first.message, code=first.code, issues=run.issues)
    chosen = language or root.archetype.original_language
    languages = _languages(root.archetype, chosen)
    if chosen not in root.archetype.languages:
        run.wrong("OET_LANGUAGE", source.root.line, f"a language of the root archetype: {', '.join(languages[1:])}")
        raise BadInput(run.issues[0].message, code="OET_LANGUAGE", issues=run.issues)
    prune(root)
    if source.root.name:
        root.rename(source.root.name)
    root.template_id = source.name
    finished = root.finish()
    if not isinstance(finished, CArchetypeRoot):
        raise AssertionError("the root of a draft is an archetype root")
    places = dict(_places(root, ""))
    template = OperationalTemplate(
        template_id=source.name,
        concept=source.name,
        language=chosen,
        languages=languages,
        root=finished,
        uid=source.uid,
        description=description_of(source, language=chosen),
        annotations=(
            *source.annotations,
            *(Annotation(places.get(id(node), "/"), items) for node, items in run.annotations),
        ),
        default_values=tuple(
            DefaultValue(places[id(node)], "value", value) for node, value in run.defaults if id(node) in places
        ),
        view=(*source.view, *(ViewConstraint(places.get(id(node), "/"), items) for node, items in run.hints)),
    )
    for path, expected in template.derived(conditions_of).problems:
        run.issues.append(Issue(code="OET_ANNOTATION", path=path, expected=expected))
    if run.issues:
        raise BadInput(run.issues[0].message, code=run.issues[0].code, issues=run.issues)
    return Compiled(template, tuple(run.warnings))


def _languages(root: Archetype, chosen: str) -> tuple[str, ...]:
    return (chosen, *(language for language in root.languages if language != chosen))


def _places(node: DraftNode, path: str) -> Iterator[tuple[int, str]]:
    yield id(node), path or "/"
    for attribute in node.attributes:
        for child in attribute.children:
            predicate = f"[{child.archetype_node_id}]" if child.archetype_node_id else ""
            yield from _places(child, f"{path}/{attribute.name}{predicate}")


def _expand(node: SourceNode, run: _Compilation) -> DraftNode | None:
    try:
        archetype = run.library.get(node.archetype_id)
    except KildeError as error:
        run.wrong("OET_ARCHETYPE", node.line, f"a valid archetype {node.archetype_id}: {error.message}")
        return None
    if archetype is None:
        run.wrong("OET_ARCHETYPE", node.line, f"the archetype {node.archetype_id} among the archetypes")
        return None
    draft = draft_of(archetype)
    draft.template_id = node.template_id
    for rule in node.rules:
        _apply(draft, rule, run)
    for child in node.children:
        _fill(draft, child, run)
    _note(draft, node.annotation, is_hidden=node.is_hidden_on_form, run=run)
    return draft


def _find(root: DraftNode, path: str, line: int, run: _Compilation) -> list[Found] | None:
    """Return the nodes at a path, or None when it is no path at all, which has been noted then."""
    try:
        return find(root, path)
    except AqlError:
        run.wrong("OET_PATH", line, "an openEHR path")
        return None


def _apply(root: DraftNode, rule: Rule, run: _Compilation) -> None:
    targets = _find(root, rule.path, rule.line, run)
    if targets is None:
        return
    if rule.min and "[" not in rule.path.rpartition("/")[2] and _demand(root, rule, run):
        return
    if not targets:
        # To hide what the archetype does not have (any more) changes nothing; sources keep such leftovers.
        note = run.warn if rule.max == 0 else run.wrong
        note("OET_PATH", rule.line, f"a path to a node of {root.archetype_node_id}")
        return
    target = targets[0]
    if rule.is_clone and target.holder.is_multiple:
        copy = target.node.copy()
        position = target.holder.children.index(target.node)
        after = position + 1
        while after < len(target.holder.children) and target.holder.children[after].node_id == target.node.node_id:
            after += 1
        target.holder.children.insert(after, copy)
        targets = [Found(copy, target.holder, target.parent)]
    elif "'" not in rule.path and rule.name and len(targets) > 1:
        targets = targets[:1]
    for found in targets:
        _apply_to(root, found, rule, run)


def _demand(root: DraftNode, rule: Rule, run: _Compilation) -> bool:
    """Set how many members a container needs at least, whichever they are; False where the path names no container.

    Template sources have no word for the cardinality of a container: a rule on its path (`/content`) says it here.
    """
    parent_path, _, name = rule.path.rpartition("/")
    parents = [root] if not parent_path else [found.node for found in _find(root, parent_path, rule.line, run) or ()]
    holder = parents[0].attribute(name) if parents else None
    if holder is None and name in _OPEN_CONTAINERS and parents:
        holder = DraftAttribute(name, OPTIONAL, True, None, [])
        parents[0].attributes.append(holder)
    if holder is None or not holder.is_multiple or rule.min is None:
        return False
    before = holder.cardinality
    interval = before.interval if before is not None else ANY_NUMBER
    upper = interval.upper if rule.max in (None, -1) else rule.max
    if rule.min < interval.lower or (interval.upper is not None and (upper is None or upper > interval.upper)):
        run.wrong("OET_OCCURRENCES", rule.line, f"a number of members within {interval}, that of the archetype")
        return True
    holder.cardinality = Cardinality(
        Multiplicity(rule.min, upper),
        is_ordered=before.is_ordered if before is not None else False,
        is_unique=before.is_unique if before is not None else False,
    )
    holder.existence = REQUIRED_ONCE
    return True


def _apply_to(root: DraftNode, found: Found, rule: Rule, run: _Compilation) -> None:
    node = found.node
    if rule.max == 0:
        if node.occurrences.lower > 0 and found.holder.existence.lower > 0 and len(found.holder.children) == 1:
            run.wrong("OET_OCCURRENCES", rule.line, "a maximum above 0 for a node that the archetype makes mandatory")
            return
        node.is_removed = True
        return
    _narrow_occurrences(node, rule.min, rule.max, rule.line, run)
    if rule.min == 1 and not found.holder.is_multiple and found.holder.existence == OPTIONAL:
        # The attribute holds this node alone, so that the node has to be there means that the attribute has to.
        found.holder.existence = REQUIRED_ONCE
    if rule.name:
        node.rename(rule.name)
    if rule.name_constraint is not None:
        _constrain_name(root, node, rule.name_constraint, run)
    if rule.constraint is not None:
        for expected in narrow(node, rule.constraint, root):
            run.wrong("OET_CONSTRAINT", rule.constraint.line, expected)
    if rule.event is not None:
        _constrain_event(node, rule, run)
    if rule.default:
        value = default_value(node, rule.default)
        if value is None:
            run.wrong("OET_DEFAULT", rule.line, "a default that the node can hold")
        else:
            run.defaults.append((node, value))
    _note(node, rule.annotation, is_hidden=rule.is_hidden_on_form, run=run)


def _constrain_name(root: DraftNode, node: DraftNode, constraint: ValueConstraint, run: _Compilation) -> None:
    name = node.attribute("name")
    if name is None:
        name = DraftAttribute("name", REQUIRED_ONCE, False, None, [])
        node.attributes.insert(0, name)
    for expected in narrow_text(name, constraint, root):
        run.wrong("OET_CONSTRAINT", constraint.line, expected)


def _constrain_event(node: DraftNode, rule: Rule, run: _Compilation) -> None:
    allowed, _, _ = rule.event or ("", "", ())
    if node.rm_type not in ("EVENT", "POINT_EVENT", "INTERVAL_EVENT"):
        run.wrong("OET_CONSTRAINT", rule.line, "an event whose kind can be narrowed")
    elif allowed.lower().startswith("point"):
        node.rm_type = "POINT_EVENT"
    elif allowed.lower().startswith("interval"):
        node.rm_type = "INTERVAL_EVENT"


def _narrow_occurrences(node: DraftNode, least: int | None, most: int | None, line: int, run: _Compilation) -> None:
    before = node.occurrences
    lower = before.lower if least is None else least
    upper = before.upper if most is None else None if most == -1 else most
    if upper is not None and lower > upper:
        lower = upper if least is None else lower
    if lower < before.lower or (before.upper is not None and (upper is None or upper > before.upper)):
        run.wrong("OET_OCCURRENCES", line, f"occurrences within {before}, those of the archetype")
        return
    if upper is not None and lower > upper:
        run.wrong("OET_OCCURRENCES", line, "a minimum that does not exceed the maximum")
        return
    node.occurrences = Multiplicity(lower, upper)


def _fill(root: DraftNode, child: SourceNode, run: _Compilation) -> None:
    filler = _expand(child, run)
    if filler is None:
        return
    parent_path, _, step = child.path.rpartition("/")
    attribute_name = re.sub(r"\[.*", "", step)
    at_path = _find(root, child.path, child.line, run)
    if at_path is None:
        return
    slots = [found for found in at_path if isinstance(found.node.leaf, ArchetypeSlot)]
    if "[" not in step:
        # Without a node id the path names the attribute: the first slot that admits the archetype is meant.
        admitting = [found for found in slots if _admits(found.node.leaf, child.archetype_id)]
        slots = admitting[:1] or slots[:1]
    if slots:
        slot = slots[0]
        if not _admits(slot.node.leaf, child.archetype_id):
            run.wrong("OET_SLOT", child.line, f"an archetype that the slot {slot.node.node_id} admits")
        filler.slot_id = slot.node.node_id
        filler.occurrences = slot.node.occurrences
        # What a template puts into a slot is what it is there for: the slot itself is closed.
        slot.node.is_removed = True
        holder = slot.holder
        position = holder.children.index(slot.node)
    else:
        opened = _open_attribute(root, parent_path, attribute_name, child, run)
        if opened is None:
            run.wrong("OET_SLOT", child.line, f"a path to a slot of {root.archetype_node_id}")
            return
        holder, position = opened, len(opened.children)
        filler.occurrences = ANY_NUMBER if holder.is_multiple else REQUIRED_ONCE
    if child.min is not None or child.max is not None:
        if child.max == 0:
            return
        _narrow_occurrences(filler, child.min, child.max, child.line, run)
    if child.name:
        filler.rename(child.name)
    holder.children.insert(position, filler)


def _open_attribute(
    root: DraftNode, parent_path: str, name: str, child: SourceNode, run: _Compilation
) -> DraftAttribute | None:
    """Return the container attribute that an archetype leaves open, made when it is not there yet."""
    parents = [root] if not parent_path else [found.node for found in _find(root, parent_path, child.line, run) or ()]
    if not parents or name not in _OPEN_CONTAINERS or parents[0].leaf is not None:
        return None
    attribute = parents[0].attribute(name)
    if attribute is None:
        attribute = DraftAttribute(name, Multiplicity(0, 1), True, None, [])
        parents[0].attributes.append(attribute)
    return attribute


def _admits(slot: object, archetype_id: str) -> bool:
    return isinstance(slot, ArchetypeSlot) and may_fill(slot, archetype_id)


def _note(node: DraftNode, annotation: str, *, is_hidden: bool, run: _Compilation) -> None:
    if annotation:
        run.annotations.append((node, {"comment": annotation}))
    if is_hidden:
        run.hints.append((node, {"hide_on_form": "true"}))
