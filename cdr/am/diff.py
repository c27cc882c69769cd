"""What a new version of a template changes, and whom it breaks.

`compare` walks two operational templates side by side and gives one `Change` for each difference, with a verdict on
stored data (does all data that the old version accepted still validate?), on FLAT clients (do their keys and values
still work?) and on stored queries (do their paths still lead to the same thing?). `cdr.webtemplate.flat_diff` adds the
changes of FLAT ids, which follow from names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cdr.am.change import Change, Kind, Verdict
from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CArchetypeRoot,
    CAttribute,
    CComplexObject,
    CObject,
    CPrimitiveObject,
)
from cdr.am.diff_conditions import condition_changes, without_conditions
from cdr.am.diff_counts import cardinality_changes, existence_changes, occurrence_changes
from cdr.am.diff_values import leaf_changes
from cdr.am.intervals import OPTIONAL, REQUIRED_ONCE, Multiplicity
from cdr.am.template import OperationalTemplate
from cdr.rm.catalog import CATALOG

__all__ = ["Change", "Kind", "Verdict", "compare"]

_SLOT_LIKE = (ArchetypeSlot,)


def compare(old: OperationalTemplate, new: OperationalTemplate) -> list[Change]:
    """Return all changes from one version of a template to another, in the order of the old one.

    The two are taken for versions of one template whatever their ids are; a changed id is no change here.
    """
    walk = _Comparison(old, new)
    changes = list(walk.nodes(old.root, new.root, ""))
    changes.extend(condition_changes(old, new))
    changes.extend(_texts(old, new))
    return changes


class _Comparison:
    """One comparison; paths are those of the old template, of the new one for what is new."""

    def __init__(self, old: OperationalTemplate, new: OperationalTemplate) -> None:
        self.old = old
        self.new = new

    def nodes(self, was: CObject, now: CObject, path: str) -> Iterator[Change]:
        """Compare two nodes that stand for the same thing, and everything below."""
        was, now = self._resolved(self.old, was), self._resolved(self.new, now)
        where = path or "/"
        label = self.old.own_label(was)
        if was.rm_type != now.rm_type:
            is_wider = _is_subtype(was.rm_type, now.rm_type)
            kind = Kind.TYPE_WIDENED if is_wider else Kind.TYPE_CHANGED
            yield Change(kind, where, label=label, before=was.rm_type, after=now.rm_type)
            if not is_wider:
                return
        if isinstance(was, CArchetypeRoot) and isinstance(now, CArchetypeRoot) and was.archetype_id != now.archetype_id:
            yield Change(Kind.ARCHETYPE_CHANGED, where, label=label, before=was.archetype_id, after=now.archetype_id)
        if isinstance(was, CComplexObject) and isinstance(now, CComplexObject):
            yield from self._names(was, now, where, label)
            yield from self._attributes(was, now, path)
        elif isinstance(was, CPrimitiveObject) and isinstance(now, CPrimitiveObject):
            yield from leaf_changes(was, now, where, label=label)
        elif type(was) is not type(now) and isinstance(was, CComplexObject) and not was.attributes:
            yield Change(Kind.VALUE_CONSTRAINED, where, label=label)
        elif type(was) is not type(now) and isinstance(now, CComplexObject) and not now.attributes:
            yield Change(Kind.VALUE_FREED, where, label=label)
        else:
            yield from leaf_changes(was, now, where, label=label)

    @staticmethod
    def _resolved(template: OperationalTemplate, node: CObject) -> CObject:
        if isinstance(node, ArchetypeInternalRef):
            return template.target_of(node) or node
        return node

    def _names(self, was: CComplexObject, now: CComplexObject, path: str, label: str) -> Iterator[Change]:
        before = (was.names, was.name_codes)
        after = (now.names, now.name_codes)
        if before == after:
            return
        texts = [", ".join([*names, *map(str, codes)]) for names, codes in (before, after)]
        if not any(after):
            kind = Kind.NAME_FREED
        elif not any(before):
            kind = Kind.NAME_CONSTRAINED
        elif set(before[0]) <= set(after[0]) and set(before[1]) <= set(after[1]):
            kind = Kind.NAME_WIDENED
        else:
            kind = Kind.NAME_CHANGED
        yield Change(kind, path, label=label, before=texts[0], after=texts[1])

    def _attributes(self, was: CComplexObject, now: CComplexObject, path: str) -> Iterator[Change]:
        names = [attribute.name for attribute in was.attributes]
        names.extend(attribute.name for attribute in now.attributes if attribute.name not in names)
        for name in names:
            if name == "name":
                continue  # compared as the node's name
            before, after = was.attribute(name), now.attribute(name)
            where = f"{path}/{name}"
            if before is None and after is not None:
                yield from self._constrained(was, after, where)
            elif after is None and before is not None:
                yield from self._freed(now, before, where)
            elif before is not None and after is not None:
                yield from self._attribute(before, after, where, is_value=was.rm_type == "ELEMENT" and name == "value")

    def _constrained(self, was: CComplexObject, after: CAttribute, where: str) -> Iterator[Change]:
        free = _free_existence(was.rm_type, after.name)
        yield from existence_changes(free, after.existence, where)
        if after.children:
            yield Change(Kind.ATTRIBUTE_CONSTRAINED, where, label=self.old.own_label(was))
        elif after.cardinality is not None:
            yield from cardinality_changes(None, after.cardinality, where)

    def _freed(self, now: CComplexObject, before: CAttribute, where: str) -> Iterator[Change]:
        free = _free_existence(now.rm_type, before.name)
        yield from existence_changes(before.existence, free, where)
        if before.children:
            yield Change(Kind.ATTRIBUTE_FREED, where, label=self.new.own_label(now))
        elif before.cardinality is not None:
            yield from cardinality_changes(before.cardinality, None, where)

    def _attribute(self, was: CAttribute, now: CAttribute, where: str, *, is_value: bool) -> Iterator[Change]:
        # An element without a value has a null flavour, which stands for the value whatever its existence is.
        if not is_value or 0 in (was.existence.upper, now.existence.upper):
            yield from existence_changes(was.existence, now.existence, where)
        yield from cardinality_changes(was.cardinality, now.cardinality, where)
        if not was.children or not now.children:
            if was.children:
                yield Change(Kind.ATTRIBUTE_FREED, where)
            elif now.children:
                yield Change(Kind.ATTRIBUTE_CONSTRAINED, where)
            return
        pairs, removed, added = _pair(was.children, now.children)
        for before, after in pairs:
            path = _child_path(where, before)
            yield from occurrence_changes(
                before, after, path, label=self.old.own_label(before), is_multiple=was.is_multiple
            )
            yield from self.nodes(before, after, path)
        for node in removed:
            yield self._removed(node, where, is_alternative=not was.is_multiple)
        for node in added:
            yield self._added(node, where, is_alternative=not now.is_multiple)

    def _removed(self, node: CObject, where: str, *, is_alternative: bool) -> Change:
        path, label = _child_path(where, node), self.old.own_label(node)
        if isinstance(node, ArchetypeSlot):
            return Change(Kind.SLOT_REMOVED, path, label=label)
        if is_alternative:
            return Change(Kind.TYPE_REMOVED, path, label=label, before=node.rm_type)
        if node.occurrences.is_prohibited:
            return Change(Kind.PROHIBITED_NODE_REMOVED, path, label=label)
        return Change(Kind.NODE_REMOVED, path, label=label)

    def _added(self, node: CObject, where: str, *, is_alternative: bool) -> Change:
        path, label = _child_path(where, node), self.new.own_label(node)
        if isinstance(node, ArchetypeSlot):
            return Change(Kind.SLOT_ADDED, path, label=label)
        if is_alternative:
            return Change(Kind.TYPE_ADDED, path, label=label, after=node.rm_type)
        kind = Kind.MANDATORY_NODE_ADDED if node.occurrences.lower else Kind.OPTIONAL_NODE_ADDED
        return Change(kind, path, label=label)


def _free_existence(rm_type: str, name: str) -> Multiplicity:
    rm_class = rm_type.split("<", 1)[0]
    known = CATALOG.attributes(rm_class).get(name) if CATALOG.is_class(rm_class) else None
    return REQUIRED_ONCE if known is not None and known.is_mandatory else OPTIONAL


def _is_subtype(rm_type: str, general: str) -> bool:
    plain, wanted = rm_type.split("<", 1)[0], general.split("<", 1)[0]
    return CATALOG.is_class(plain) and wanted in CATALOG.supertypes(plain)


def _child_path(where: str, node: CObject) -> str:
    return f"{where}[{node.archetype_node_id}]" if node.archetype_node_id else where


def _pair(
    was: Sequence[CObject], now: Sequence[CObject]
) -> tuple[list[tuple[CObject, CObject]], list[CObject], list[CObject]]:
    """Pair children that stand for the same thing: same node id and name, then same node id, then same type."""
    pairs: list[tuple[CObject, CObject]] = []
    left, right = list(was), list(now)
    for key in (_exact_key, _node_key, _type_key):
        by_key: dict[object, list[CObject]] = {}
        for node in right:
            by_key.setdefault(key(node), []).append(node)
        rest: list[CObject] = []
        for node in left:
            wanted = key(node)
            found = by_key.get(wanted) if wanted is not None else None
            if found:
                partner = found.pop(0)
                right.remove(partner)
                pairs.append((node, partner))
            else:
                rest.append(node)
        left = rest
    pairs.sort(key=lambda pair: was.index(pair[0]))
    return pairs, left, right


def _exact_key(node: CObject) -> object:
    names = node.names if isinstance(node, CComplexObject) else ()
    return type(node) in _SLOT_LIKE, node.archetype_node_id, node.rm_type, names


def _node_key(node: CObject) -> object:
    return (type(node) in _SLOT_LIKE, node.archetype_node_id) if node.archetype_node_id else None


def _type_key(node: CObject) -> object:
    return None if node.archetype_node_id else node.rm_type.split("<", 1)[0]


def _texts(old: OperationalTemplate, new: OperationalTemplate) -> Iterator[Change]:
    """Yield what changes for people only: labels, languages, annotations, default values."""
    for node in old.nodes():
        path = old.path_of(node)
        now = new.node_at(path)
        if now is None or not node.node_id:
            continue
        # A name that the template fixes is compared as a name; here it is the archetype's own text.
        before, after = old.term(node, node.node_id), new.term(now, now.node_id, language=old.language)
        if before is not None and after is not None and before.text != after.text:
            yield Change(Kind.LABEL_CHANGED, path, label=before.text, before=before.text, after=after.text)
    for language in old.languages:
        if language not in new.languages:
            yield Change(Kind.LANGUAGE_REMOVED, "/", before=language)
    for language in new.languages:
        if language not in old.languages:
            yield Change(Kind.LANGUAGE_ADDED, "/", after=language)
    was, now_ = (
        {item.path: without_conditions(dict(item.items)) for item in template.annotations} for template in (old, new)
    )
    for path in dict.fromkeys([*was, *now_]):
        if was.get(path, {}) != now_.get(path, {}):
            yield Change(Kind.ANNOTATION_CHANGED, path)
    values = [{(item.path, item.attribute): item.value for item in template.default_values} for template in (old, new)]
    for key in dict.fromkeys([*values[0], *values[1]]):
        if values[0].get(key) != values[1].get(key):
            yield Change(Kind.DEFAULT_CHANGED, "/".join(key))
