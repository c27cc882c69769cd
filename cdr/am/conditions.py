"""Conditions for which an operational template has no constraint, kept in its annotations.

Several code systems beside free text, lengths of texts, sizes and types of files, and rules across fields cannot be
said with constraints of AM 1.4. They are annotations on the node that they are about; other tools keep or pass over
them. Keys, all with the prefix `kilde:`:

- `code-systems`: the URIs of the code systems that a coded value may come from, separated by a space; text stays free
- `max-length`: characters of a text; `max-bytes`: bytes of a file or of encapsulated text
- `media-types`: the media types that a file may have, separated by a space
- `rule <what holds>`: an assertion of ADL 1.4 with paths from the node, for instance
  `exists /items[at0031] implies /items[at0031]/value >= /items[at0030]/value`
- `example`, `example-minimal`: a value for examples; `name nb` and `says nb <what holds>`: the name of the node and the
  words of a rule in another language, for definition pages. None of these takes part in validation

Template sources write them, the compiler and the reader of templates check them, `cdr.validation` applies them.
Source: the Template.xsd of the openEHR Release 1.0.1 XML schemas (annotations); AM 2.3.0, ADL 1.4, Assertions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from aql.errors import AqlError
from aql.path import Literal, NodeTest, ObjectPath, parse_path
from cdr.am.adl.cursor import Cursor
from cdr.am.adl.expressions import read_assertion
from cdr.am.adl.source import AdlSyntaxError
from cdr.am.assertions import Expression, ExprLeaf, ExprOperator
from cdr.am.code_systems import uri_of
from cdr.am.constraints import CComplexObject, CObject
from cdr.am.patterns import is_pattern
from cdr.am.primitives import CString
from cdr.am.rm_types import attribute_of, is_known, plain_type
from cdr.am.template import OperationalTemplate

PREFIX = "kilde:"
_RULE = "rule "
_OPERATORS = frozenset(
    {"implies", "and", "or", "xor", "not", "exists", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "matches"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossRule:
    """A rule across the fields of one node: `holds` is the sentence of what it says."""

    holds: str
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """All conditions on one node; empty ones allow everything."""

    code_systems: tuple[str, ...] = ()
    max_length: int | None = None
    max_bytes: int | None = None
    media_types: tuple[str, ...] = ()
    rules: tuple[CrossRule, ...] = ()


@dataclass(slots=True)
class ConditionTable:
    """The conditions of a template by the `id()` of their node, and what is wrong with annotations of the prefix."""

    by_node: dict[int, Conditions] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


def conditions_of(template: OperationalTemplate) -> ConditionTable:
    """Return the conditions of a template; use it through `template.derived`.

    Shape: `problems` has the path of the annotation and what was expected there.
    """
    table = ConditionTable()
    for annotation in template.annotations:
        own = {key.removeprefix(PREFIX): text for key, text in annotation.items.items() if key.startswith(PREFIX)}
        if not own:
            continue
        nodes = template.nodes_at(annotation.path)
        if not nodes:
            table.problems.append((annotation.path, "a path to a node of the template"))
        for node in nodes:
            conditions = table.by_node.get(id(node), Conditions())
            for key, text in own.items():
                conditions, problems = _with(conditions, key, text.strip(), template=template, node=node)
                table.problems.extend((annotation.path, problem) for problem in problems)
            table.by_node[id(node)] = conditions
    return table


def _with(
    conditions: Conditions, key: str, text: str, *, template: OperationalTemplate, node: CObject
) -> tuple[Conditions, list[str]]:
    """Return the conditions with one more, and what is wrong with it."""
    if key.startswith(("says ", "name ")):
        return conditions, []
    if not key.startswith(_RULE) and node.rm_type != "ELEMENT":
        return conditions, [f"{key} on an ELEMENT"]
    if key in ("example", "example-minimal"):
        return conditions, []
    if key == "code-systems":
        names = text.split()
        unknown = [name for name in names if ":" not in name]
        if unknown or not names:
            return conditions, ["the URIs of code systems, separated by a space"]
        return replace(conditions, code_systems=tuple(uri_of(name) or name for name in names)), []
    if key == "media-types":
        return replace(conditions, media_types=tuple(text.split())), [] if text else ["media types"]
    if key in ("max-length", "max-bytes"):
        if not text.isdecimal() or int(text) == 0:
            return conditions, [f"a whole number above 0 in {key}"]
        if key == "max-length":
            return replace(conditions, max_length=int(text)), []
        return replace(conditions, max_bytes=int(text)), []
    if key.startswith(_RULE) and (holds := key.removeprefix(_RULE).strip()):
        try:
            expression = read_assertion_text(text)
        except AdlSyntaxError as error:
            return conditions, [f"an assertion of ADL 1.4 in {key!r}: {error.expected}"]
        problems = list(_problems(expression, template, node))
        rule = CrossRule(holds=holds, expression=expression)
        return (conditions if problems else replace(conditions, rules=(*conditions.rules, rule))), problems
    return conditions, ["code-systems, max-length, max-bytes, media-types, example, name, says or a rule after kilde:"]


def read_assertion_text(text: str) -> Expression:
    """Return the expression of one assertion that is the whole text. Errors: AdlSyntaxError."""
    cursor = Cursor(text)
    expression = read_assertion(cursor).expression
    if cursor.position != cursor.end or expression is None:
        raise AdlSyntaxError("one assertion and nothing after it", cursor.position)
    return expression


def paths_in(expression: Expression) -> Iterator[str]:
    """Yield the paths that an expression reads."""
    if isinstance(expression, ExprOperator):
        for operand in expression.operands:
            yield from paths_in(operand)
    elif expression.reference_type == "attribute":
        yield str(expression.item)


def _problems(expression: Expression, template: OperationalTemplate, node: CObject) -> Iterator[str]:
    for operator in _operators(expression):
        if operator not in _OPERATORS:
            yield f"an operator that conditions know, and not {operator}"
    for pattern in _patterns(expression):
        if not is_pattern(pattern):
            yield f"a regular expression instead of {pattern}"
    for path in paths_in(expression):
        try:
            parsed = parse_path(path.lstrip("/"))
        except AqlError:
            yield f"an openEHR path instead of {path}"
            continue
        if not _leads(parsed, template, node):
            yield f"a path that leads somewhere from the node, and not {path}"


def _operators(expression: Expression) -> Iterator[str]:
    if isinstance(expression, ExprOperator):
        yield expression.operator
        for operand in expression.operands:
            yield from _operators(operand)


def _patterns(expression: Expression) -> Iterator[str]:
    if isinstance(expression, ExprOperator):
        for operand in expression.operands:
            yield from _patterns(operand)
    elif (pattern := pattern_of(expression)) is not None:
        yield pattern


def _leads(path: ObjectPath, template: OperationalTemplate, node: CObject) -> bool:
    """Tell whether a path exists: node ids in the template, attributes at least in the reference model."""
    nodes: list[CObject] = [node]
    types = {plain_type(node.rm_type)}
    for segment in path:
        test = segment.predicate
        node_id = str(test.node_id) if isinstance(test, NodeTest) else ""
        name = test.name.value if isinstance(test, NodeTest) and isinstance(test.name, Literal) else None
        children = [
            child
            for parent in nodes
            if isinstance(parent, CComplexObject)
            for attribute in parent.attributes
            if attribute.name == segment.attribute
            for child in attribute.children
            if not node_id or node_id in (child.archetype_node_id, child.node_id)
            if name is None or (isinstance(child, CComplexObject) and name in child.names)
        ]
        if node_id and not children:
            return False
        declared = [attribute_of(rm_type, segment.attribute) for rm_type in types if is_known(rm_type)]
        if not children and types and not any(declared):
            return False
        nodes = children
        types = {plain_type(child.rm_type) for child in children} or {
            known.rm_type for known in declared if known is not None
        }
    return True


def is_about_absence(expression: Expression) -> bool:
    """Tell whether a rule asks for something to be there, so that a draft may still break it."""
    return "exists" in set(_operators(expression))


def constants_of(leaf: ExprLeaf) -> tuple[object, ...]:
    """Return the constants that a leaf lists."""
    values = getattr(leaf.item, "values", None)
    if isinstance(values, tuple):
        return values
    return (getattr(leaf.item, "true_valid", None),)


def pattern_of(expression: Expression) -> str | None:
    """Return the regular expression of a leaf, or None where it lists values."""
    return (
        expression.item.pattern if isinstance(expression, ExprLeaf) and isinstance(expression.item, CString) else None
    )
