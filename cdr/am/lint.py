"""Lint: what is allowed in a template and still unwise, each finding with a code, a place and a hint.

`lint` looks at an operational template on its own. What follows from FLAT ids is looked at by
`cdr.webtemplate.flat_lint`; sources and archetypes have their own checks (`cdr.am.compile`, `cdr.am.adl.rules`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cdr.am.code_systems import uri_of
from cdr.am.constraints import (
    ArchetypeSlot,
    CArchetypeRoot,
    CAttribute,
    CCodePhrase,
    CCodeReference,
    CComplexObject,
    CDvQuantity,
    CObject,
    CPrimitiveObject,
)
from cdr.am.findings import Finding, Rule
from cdr.am.primitives import CBoolean, CInteger, CReal
from cdr.am.slots import may_fill
from cdr.am.template import OperationalTemplate

# The languages that whatever people read in a Norwegian municipality has to be in.
LANGUAGES = ("nb", "en")


def lint(template: OperationalTemplate, *, languages: Sequence[str] = LANGUAGES) -> list[Finding]:
    """Return all findings, in the order of the template; translations are asked for in `languages`."""
    found: list[Finding] = []
    for node in template.nodes():
        path = template.path_of(node)
        label = template.own_label(node)
        for rule, expected, hint in _node(template, node, languages):
            found.append(Finding(rule, path, expected, label=label, hint=hint))
    return found


def _node(template: OperationalTemplate, node: CObject, languages: Sequence[str]) -> Iterator[tuple[Rule, str, str]]:
    if isinstance(node, CArchetypeRoot):
        yield from _translations(node, languages)
    if isinstance(node, CComplexObject):
        for attribute in node.attributes:
            yield from _attribute(template, attribute)
    yield from _satisfiable(node)
    if isinstance(node, CCodePhrase) and not isinstance(node, CCodeReference):
        yield from _coding(template, node)


def _translations(root: CArchetypeRoot, languages: Sequence[str]) -> Iterator[tuple[Rule, str, str]]:
    known = {code for table in root.term_definitions.values() for code in table}
    for language in languages:
        table = root.term_definitions.get(language, {})
        missing = sorted(known - set(table))
        if missing:
            shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
            yield (
                Rule.MISSING_TRANSLATION,
                f"terms in {language} for {shown}",
                f"translate {root.archetype_id} into {language}",
            )


def _attribute(template: OperationalTemplate, attribute: CAttribute) -> Iterator[tuple[Rule, str, str]]:
    least = sum(child.occurrences.lower for child in attribute.children)
    limit = attribute.cardinality.interval.upper if attribute.cardinality is not None else None
    if attribute.is_multiple and limit is not None and least > limit:
        yield (
            Rule.UNSATISFIABLE,
            f"at most {limit} mandatory members in {attribute.name}",
            "raise the cardinality or make members optional",
        )
    for child in attribute.children:
        if child.occurrences.is_prohibited and isinstance(child, CComplexObject) and child.attributes:
            yield (
                Rule.UNREACHABLE,
                f"no constraints below {child.archetype_node_id or child.rm_type}, which may not occur",
                "remove the node with max 0 instead of constraining it",
            )
    yield from _twins(attribute)
    yield from _slots(attribute)


def _twins(attribute: CAttribute) -> Iterator[tuple[Rule, str, str]]:
    """Yield archetype roots beside each other that data and AQL cannot tell apart."""
    roots = [child for child in attribute.children if isinstance(child, CArchetypeRoot)]
    counts = Counter((child.archetype_id, child.names, child.name_codes) for child in roots)
    for (archetype_id, names, codes), count in counts.items():
        if count > 1:
            yield (
                Rule.AMBIGUOUS_SLOTS,
                f"a name of its own for each of the {count} uses of {archetype_id} in {attribute.name}",
                "rename them, or wrap each in a CLUSTER of its own"
                if not (names or codes)
                else "give them other names",
            )


def _slots(attribute: CAttribute) -> Iterator[tuple[Rule, str, str]]:
    slots = [child for child in attribute.children if isinstance(child, ArchetypeSlot)]
    for index, slot in enumerate(slots):
        for other in slots[index + 1 :]:
            shared = [
                root.archetype_id
                for root in attribute.children
                if isinstance(root, CArchetypeRoot)
                and may_fill(slot, root.archetype_id)
                and may_fill(other, root.archetype_id)
            ]
            if shared or _same_assertions(slot, other):
                yield (
                    Rule.AMBIGUOUS_SLOTS,
                    f"slots {slot.node_id} and {other.node_id} that admit different archetypes",
                    "in data both hold the archetype id as node id: narrow the slots or wrap them",
                )


def _same_assertions(left: ArchetypeSlot, right: ArchetypeSlot) -> bool:
    texts = [{item.text for item in slot.includes} for slot in (left, right)]
    return texts[0] == texts[1] and left.rm_type == right.rm_type


def _satisfiable(node: CObject) -> Iterator[tuple[Rule, str, str]]:
    """Yield constraints that no value meets."""
    if isinstance(node, CDvQuantity):
        for item in node.items:
            if item.magnitude is not None and _is_empty(item.magnitude.lower, item.magnitude.upper):
                yield Rule.UNSATISFIABLE, f"a range of {item.units} with values in it", "swap the bounds"
        repeated = [units for units, count in Counter(item.units for item in node.items).items() if count > 1]
        if repeated:
            yield Rule.UNSATISFIABLE, f"each unit once, and not {', '.join(repeated)} again", "merge the two entries"
    elif isinstance(node, CPrimitiveObject):
        if isinstance(node.item, (CInteger, CReal)) and node.item.range is not None:
            low, high = node.item.range.lower, node.item.range.upper
            listed = [
                value for value in node.item.values if (low is None or value >= low) and (high is None or value <= high)
            ]
            if _is_empty(low, high) or (node.item.values and not listed):
                yield Rule.UNSATISFIABLE, "a number that the range and the list allow", "correct the range or the list"
        elif isinstance(node.item, CBoolean) and not (node.item.true_valid or node.item.false_valid):
            yield Rule.UNSATISFIABLE, "true or false to be allowed", "allow one of them"


def _is_empty(lower: float | None, upper: float | None) -> bool:
    return lower is not None and upper is not None and lower > upper


def _coding(template: OperationalTemplate, node: CCodePhrase) -> Iterator[tuple[Rule, str, str]]:
    terminology = (node.terminology or "").split("(", 1)[0]
    if terminology in ("", "openehr"):
        return
    if terminology == "local":
        unbound = [code for code in node.codes if not template.term_bindings(node, code)]
        if unbound and len(unbound) == len(node.codes):
            yield (
                Rule.MISSING_BINDING,
                f"a term binding for the local codes {', '.join(unbound[:5])}",
                "bind them to a standard terminology, so that others understand the data",
            )
        return
    uri = uri_of(terminology)
    if uri is not None and uri != terminology:
        yield Rule.CODE_SYSTEM_WITHOUT_URI, f"the URI {uri} for {terminology}", "name the code system by its URI"
