"""The validity rules of archetypes: `check` gives every violation with the rule's name, line and column.

The codes are the specification's rule names with the prefix `ADL_`; rules that the 1.4 specification states only in
prose carry the name that AOM 2 gave the same rule.
Source: AM Release-2.3.0, ADL 1.4 section "Validity Rules", AOM 1.4, and AOM 2 for VCARM, VCORM, VCORMT, VCAEX, VCOSU.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import re2

from cdr.am.archetype import Archetype, ArchetypeIdParts
from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CAttribute,
    CCodePhrase,
    CComplexObject,
    CDvOrdinal,
    CDvScale,
    CObject,
    ConstraintRef,
)
from cdr.am.node_index import NodeIndex
from cdr.issue import Issue, Severity
from cdr.rm.catalog import CATALOG

# Types that constraints may name although they are not RM classes: the primitives in their OPT spelling.
_PRIMITIVES = frozenset({"STRING", "INTEGER", "REAL", "BOOLEAN", "DATE", "TIME", "DATE_TIME", "DURATION"})
# Only these publishers use the reference model that we know.
_KNOWN_PACKAGES = frozenset({"EHR", "DEMOGRAPHIC", "COMPOSITION", "EHR_STATUS"})
# Functions of the reference model that archetypes constrain like attributes, with the class that has them.
_DERIVED = frozenset({("DV_PROPORTION", "is_integral"), ("EVENT", "offset"), ("INTERVAL_EVENT", "interval_start_time")})


def check(archetype: Archetype) -> list[Issue]:
    """Return all violations, in the order of the text."""
    issues = list(_identity(archetype))
    issues.extend(_languages(archetype))
    parts = ArchetypeIdParts.of(archetype.archetype_id)
    has_known_model = parts is not None and parts.package in _KNOWN_PACKAGES and parts.publisher == "openEHR"
    index = NodeIndex(archetype.definition)
    for node in index.nodes():
        issues.extend(_codes(archetype, node))
        if isinstance(node, ArchetypeInternalRef):
            issues.extend(_internal_ref(archetype, index, node))
        elif isinstance(node, ArchetypeSlot):
            issues.extend(_slot(archetype, node))
        elif isinstance(node, CComplexObject):
            issues.extend(_children(archetype, node))
            if has_known_model:
                issues.extend(_reference_model(archetype, node))
    return issues


def _issue(archetype: Archetype, rule: str, expected: str, *, node: CObject | None = None) -> Issue:
    place = archetype.source.place(node) if node is not None else "line 1, column 1"
    label = archetype.text(node.node_id, archetype.original_language) if node is not None and node.node_id else ""
    return Issue(code=f"ADL_{rule}", path=place, expected=expected, label=label)


def _identity(archetype: Archetype) -> Iterator[Issue]:
    parts = ArchetypeIdParts.of(archetype.archetype_id)
    root = archetype.definition
    if parts is None:
        yield _issue(archetype, "VARID", "an archetype id such as openEHR-EHR-OBSERVATION.pulse.v2")
    elif parts.rm_type != root.rm_type.split("<", 1)[0]:
        yield _issue(archetype, "VARDT", f"the root type {parts.rm_type}, which the archetype id names", node=root)
    if archetype.concept not in archetype.terms.get(archetype.original_language, {}):
        yield _issue(archetype, "VARCN", f"a term for the concept code {archetype.concept} in the ontology")
    if root.node_id != archetype.concept:
        yield _issue(archetype, "VARCN", f"the concept code {archetype.concept} as the node id of the root", node=root)
    if bool(archetype.parent_id) != (archetype.specialisation_depth > 0):
        expected = "a section specialise" if archetype.specialisation_depth else "a concept code with a dot"
        yield _issue(archetype, "VARXS", f"{expected}, since the archetype is specialised in one place only")


def _languages(archetype: Archetype) -> Iterator[Issue]:
    if archetype.original_language not in archetype.terms:
        yield _issue(archetype, "VOLT", f"terms in the original language {archetype.original_language}")
    reference = set(archetype.terms.get(archetype.original_language, {}))
    for language in archetype.translations:
        table = archetype.terms.get(language)
        missing = sorted(reference - set(table or {}))
        if missing:
            shown = ", ".join(missing[:5]) + (" and more" if len(missing) > 5 else "")
            issue = _issue(archetype, "VOTM", f"terms in the language {language} for {shown}")
            yield Issue(code=issue.code, path=issue.path, expected=issue.expected, severity=Severity.WARNING)


def _codes(archetype: Archetype, node: CObject) -> Iterator[Issue]:
    terms = archetype.terms.get(archetype.original_language, {})
    used = [node.node_id] if node.node_id.startswith("at") else []
    if isinstance(node, CCodePhrase) and node.terminology == "local":
        used.extend(code for code in node.codes if code.startswith("at"))
    elif isinstance(node, (CDvOrdinal, CDvScale)):
        used.extend(item.symbol.code for item in node.items if item.symbol.terminology == "local")
    for code in used:
        if code not in terms:
            yield _issue(archetype, "VATDF", f"a definition of the code {code} in term_definitions", node=node)
    if isinstance(node, ConstraintRef):
        if node.reference not in archetype.constraint_terms.get(archetype.original_language, {}):
            expected = f"a definition of the code {node.reference} in constraint_definitions"
            yield _issue(archetype, "VACDF", expected, node=node)


def _internal_ref(archetype: Archetype, index: NodeIndex, node: ArchetypeInternalRef) -> Iterator[Issue]:
    target = next(iter(index.at(node.target_path)), None)
    if target is None:
        yield _issue(archetype, "VDFPT", "a path that leads to a node of this archetype", node=node)
    elif not _conforms(target.rm_type, node.rm_type):
        yield _issue(archetype, "VUNT", f"{target.rm_type} or a supertype of it, the type of the node used", node=node)


def _slot(archetype: Archetype, node: ArchetypeSlot) -> Iterator[Issue]:
    for assertion in (*node.includes, *node.excludes):
        pattern = assertion.archetype_id_pattern
        if pattern is None:
            continue
        try:
            re2.compile(pattern)
        except re2.error:
            yield _issue(archetype, "VDFAI", "a regular expression over archetype ids", node=node)


def _children(archetype: Archetype, node: CComplexObject) -> Iterator[Issue]:
    names = Counter(attribute.name for attribute in node.attributes)
    for name, count in names.items():
        if count > 1:
            yield _issue(archetype, "VCATU", f'the attribute "{name}" only once', node=node)
    for attribute in node.attributes:
        identified = Counter(child.node_id for child in attribute.children if child.node_id)
        for child in attribute.children:
            if identified[child.node_id] > 1:
                identified[child.node_id] = 0
                yield _issue(
                    archetype, "VCOSU", f"node ids that differ among the children of {attribute.name}", node=child
                )
        yield from _counts(archetype, node, attribute)


def _counts(archetype: Archetype, node: CComplexObject, attribute: CAttribute) -> Iterator[Issue]:
    if attribute.is_multiple:
        limits = attribute.cardinality.interval if attribute.cardinality else None
        least = sum(child.occurrences.lower for child in attribute.children)
        if limits is not None and limits.upper is not None and least > limits.upper:
            expected = f"at most {limits.upper} mandatory children in {attribute.name}, its cardinality"
            yield _issue(archetype, "VCOC", expected, node=node)
        for child in attribute.children:
            if child.node_id == "" and isinstance(child, CComplexObject) and _is_locatable(child.rm_type):
                yield _issue(archetype, "VCOID", f"a node id for {child.rm_type} in {attribute.name}", node=child)
    else:
        for child in attribute.children:
            if child.occurrences.upper is None or child.occurrences.upper > 1:
                yield _issue(
                    archetype, "VACSO", f"at most one occurrence in {attribute.name}, which is single", node=child
                )


def _reference_model(archetype: Archetype, node: CComplexObject) -> Iterator[Issue]:
    rm_type = node.rm_type.split("<", 1)[0]
    if not CATALOG.is_class(rm_type):
        if rm_type not in _PRIMITIVES:
            yield _issue(archetype, "VCORM", "the name of a class of the reference model", node=node)
        return
    declared = CATALOG.attributes(rm_type)
    for attribute in node.attributes:
        known = declared.get(attribute.name)
        if known is None:
            if any((ancestor, attribute.name) in _DERIVED for ancestor in CATALOG.supertypes(rm_type)):
                continue
            yield _issue(archetype, "VCARM", f"an attribute of {rm_type} and not {attribute.name}", node=node)
            continue
        if known.is_mandatory and attribute.existence.lower == 0:
            yield _issue(archetype, "VCAEX", f"{attribute.name} to be mandatory, as it is in {rm_type}", node=node)
        for child in attribute.children:
            if not _fits(child.rm_type, known.rm_type):
                yield _issue(archetype, "VCORMT", f"{known.rm_type} or a subtype of it in {attribute.name}", node=child)


def _fits(rm_type: str, declared: str) -> bool:
    plain = rm_type.split("<", 1)[0]
    if not CATALOG.is_class(plain) or CATALOG.is_primitive(declared):
        return True
    # An abstract type such as EVENT or ITEM_STRUCTURE stands for its subtypes.
    return declared in CATALOG.supertypes(plain)


def _conforms(rm_type: str, wanted: str) -> bool:
    plain, general = rm_type.split("<", 1)[0], wanted.split("<", 1)[0]
    if plain == general or not (CATALOG.is_class(plain) and CATALOG.is_class(general)):
        return True
    return general in CATALOG.supertypes(plain)


def _is_locatable(rm_type: str) -> bool:
    plain = rm_type.split("<", 1)[0]
    return CATALOG.is_class(plain) and "LOCATABLE" in CATALOG.supertypes(plain)
