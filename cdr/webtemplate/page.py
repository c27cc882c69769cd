"""The definition page of a template: what it is for and what it may hold, as Markdown for people.

`definition_page` makes it from the operational template alone, in Norwegian or English. `kilde template page` shows it,
`make docs` writes docs/templates.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdr.am.conditions import PREFIX, conditions_of
from cdr.am.constraints import CArchetypeRoot, CComplexObject, CObject
from cdr.am.template import DescriptionDetails, OperationalTemplate
from cdr.categories import declared, find_category
from cdr.webtemplate.page_values import codes_of, states_of, types_of, values_of
from cdr.webtemplate.page_words import type_name, word

_SHOWN = frozenset({"CLUSTER", "EVENT", "POINT_EVENT", "INTERVAL_EVENT", "ACTIVITY", "ISM_TRANSITION"})


def definition_page(template: OperationalTemplate, language: str) -> str:
    """Return the page of a template in `nb` or `en`, without links to other files."""
    return "".join(_parts(template, language))


def title_of(template: OperationalTemplate, language: str) -> str:
    """Return the name of a template in a language."""
    translated = _details(template, language).other_details.get("name", "")
    return translated or template.label(template.root, language)


def _parts(template: OperationalTemplate, language: str) -> Iterator[str]:
    yield f"# {title_of(template, language)}\n\n"
    details = _details(template, language)
    yield f"{details.purpose}\n\n"
    for key, text in (("use", details.use), ("misuse", details.misuse)):
        if text:
            yield f"**{word(key, language)}**: {text}\n\n"
    yield from _facts(template, language)
    yield f"\n## {word('contents', language)}\n"
    for node in template.nodes():
        if isinstance(node, CArchetypeRoot):
            yield from _section(template, node, language)
    yield from _rules(template, language)


def _details(template: OperationalTemplate, language: str) -> DescriptionDetails:
    known = template.description.details
    return known.get(language) or known.get(template.language) or DescriptionDetails(language=language)


def _facts(template: OperationalTemplate, language: str) -> Iterator[str]:
    other = template.description.other_details
    declaration = declared(other, rm_type=template.rm_type)
    category = find_category(declaration.category) if declaration.category is not None else None
    rows = [(word("template", language), f"`{template.template_id}`")]
    if category is not None:
        rows.append((word("category", language), f"{category.number}. {category.name[language]} (`{category.key}`)"))
        sources = ", ".join(declaration.national_sources) or word("no national source", language)
        rows.append((word("national source", language), sources))
    rows.append((word("root", language), f"`{template.archetype_id}`"))
    state = ", ".join(part for part in (other.get("sem_ver", ""), template.description.lifecycle_state) if part)
    if state:
        rows.append((word("version", language), state))
    yield "| | |\n|---|---|\n"
    yield from (f"| {key} | {_cell(text)} |\n" for key, text in rows)


def _section(template: OperationalTemplate, root: CArchetypeRoot, language: str) -> Iterator[str]:
    is_root = root is template.root
    name = title_of(template, language) if is_root else _name(template, root, language)
    path = template.path_of(root)
    yield f"\n### {name}\n\n`{root.archetype_id}`"
    yield "" if is_root else f" ({root.occurrences}) {'på' if language == 'nb' else 'at'} `{path}`"
    yield "\n"
    term = template.term(root, root.node_id, language=language)
    if term is not None and term.description:
        yield f"\n{term.description}\n"
    needed = [
        f"{attribute.cardinality.interval} {word('members', language)} `{attribute.name}`"
        for attribute in root.attributes
        if attribute.is_multiple and attribute.cardinality is not None and attribute.cardinality.interval.lower > 0
    ]
    if needed:
        yield f"\n{'; '.join(needed)}.\n"
    rows = list(_rows(template, root, language, base=len(path.rstrip("/")), depth=0))
    if rows:
        heads = ("element", "path", "type", "occurrences", "values", "bindings")
        yield "\n| " + " | ".join(word(head, language) for head in heads) + " |\n" + "|---" * len(heads) + "|\n"
        yield from rows


def _rows(
    template: OperationalTemplate, node: CComplexObject, language: str, *, base: int, depth: int
) -> Iterator[str]:
    """Yield the table rows below a node, those of further archetypes left out; `base` cuts the root off paths."""
    for attribute in node.attributes:
        for child in attribute.children:
            if not isinstance(child, CComplexObject) or isinstance(child, CArchetypeRoot):
                continue
            below = depth
            if child.rm_type == "ELEMENT":
                yield _row(template, child, language, base=base, depth=depth)
                continue
            if child.rm_type in _SHOWN and child.node_id:
                yield _row(template, child, language, base=base, depth=depth)
                below = depth + 1
            yield from _rows(template, child, language, base=base, depth=below)


def _row(template: OperationalTemplate, node: CComplexObject, language: str, *, base: int, depth: int) -> str:
    is_element = node.rm_type == "ELEMENT"
    name = _name(template, node, language)
    cells = (
        f"{'· ' * depth}{name if is_element else f'**{name}**'}",
        f"`{template.path_of(node)[base:]}`",
        types_of(node, language) if is_element else type_name(node.rm_type, language),
        str(node.occurrences),
        "<br>".join(values_of(template, node, language=language)) if is_element else "",
        ", ".join(codes_of(template, node)) if is_element else states_of(node),
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _rules(template: OperationalTemplate, language: str) -> Iterator[str]:
    """Yield the rules across fields, with the node that each is about."""
    by_node = template.derived(conditions_of).by_node
    nodes = [node for node in template.nodes() if id(node) in by_node and by_node[id(node)].rules]
    if not nodes:
        return
    heads = " | ".join(word(head, language) for head in ("rule", "rules about", "condition"))
    yield f"\n## {word('rules', language)}\n\n| {heads} |\n|---|---|---|\n"
    for node in nodes:
        notes = template.annotations_at(template.path_of(node))
        for rule in by_node[id(node)].rules:
            said = notes.get(f"{PREFIX}says {language} {rule.holds}", rule.holds)
            text = notes.get(f"{PREFIX}rule {rule.holds}", "")
            cells = (said, _name(template, node, language), f"`{text}`")
            yield "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _name(template: OperationalTemplate, node: CObject, language: str) -> str:
    """Return the name of a node; a name that the template gave may be annotated in the other languages."""
    translated = template.annotations_at(template.path_of(node)).get(f"{PREFIX}name {language}")
    return translated or template.label(node, language)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
