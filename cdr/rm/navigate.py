"""Going through an RM object: everything in it with its path, and what lies at a path.

The validator and the FLAT format walk; services look single paths up. Paths are those of `aql.path`, which owns the
syntax. All loops keep their own stack, so that depth is bounded by the decoder's limit alone.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from aql.path import (
    AllTests,
    AnyTest,
    IndexTest,
    Literal,
    NodeId,
    NodeTest,
    ObjectPath,
    Operator,
    Parameter,
    PathTest,
    PatternTest,
    Predicate,
    TermCode,
    parse_path,
)
from aql.patterns import full_match, is_pattern
from cdr.rm import CodePhrase, DvCodedText, Locatable, RmObject
from cdr.rm.catalog import fields

# What a path may hold between brackets as it stands; any other id is shown by position.
_NODE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*\Z")

_ORDERINGS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def walk(obj: RmObject) -> Iterator[tuple[str, RmObject]]:
    """Yield every object below and including this one with its path, parents first, in RM order.

    Shape: the root is `/`; a step is `attribute`, `attribute[at0004]` where the archetype node id tells the node from
    its siblings, else `attribute[2]` with the 1-based position. `items_at_path(obj, path)` gives exactly that object.
    Primitive values are not yielded.
    """
    yield "/", obj
    stack = [_steps("", obj)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
        else:
            yield step
            stack.append(_steps(*step))


def descendants(obj: RmObject) -> Iterator[RmObject]:
    """Yield every object below and including this one, parents first: `walk` without the cost of paths."""
    stack = [obj]
    while stack:
        current = stack.pop()
        yield current
        found: list[RmObject] = []
        for name, is_multiple in child_attributes(type(current)):
            value = getattr(current, name)
            if value is None:
                continue
            if is_multiple:
                found.extend(value)
            else:
                found.append(value)
        found.reverse()
        stack.extend(found)


def children(obj: RmObject, attribute: str) -> list[RmObject]:
    """Return the objects of one attribute as a list, empty if it is absent or primitive."""
    value = getattr(obj, attribute, None)
    if isinstance(value, list):
        return [member for member in value if isinstance(member, RmObject)]
    return [value] if isinstance(value, RmObject) else []


@cache
def child_attributes(rm_class: type[RmObject]) -> tuple[tuple[str, bool], ...]:
    """Return the attributes of a class that hold objects, each with whether it holds many."""
    return tuple((field.name, field.is_multiple) for field in fields(rm_class).values() if field.primitive is None)


def step(attribute: str, obj: RmObject, *, position: int | None = None) -> str:
    """Return one step of a path; `position` (1-based) is for a member that its node id does not tell from others."""
    node_id = obj.archetype_node_id if position is None and isinstance(obj, Locatable) else None
    if node_id is not None and _NODE_ID.match(node_id):
        return f"{attribute}[{node_id}]"
    return attribute if position is None else f"{attribute}[{position}]"


def items_at_path(obj: RmObject, path: ObjectPath | str) -> list[object]:
    """Return everything that lies at a path, objects and primitive values alike, in document order.

    An attribute that does not exist, or is absent, leads nowhere. A node test asks for the very id, not for
    specialisations of it.
    Errors: `AqlSyntaxError` if the text is no path; ValueError if the path holds a parameter or a bad pattern.

    >>> from cdr import rm
    >>> items_at_path(rm.Element(name=rm.DvText(value="pulse")), "name/value")
    ['pulse']
    """
    found: list[object] = [obj]
    for segment in parse_path(path) if isinstance(path, str) else path:
        reached: list[object] = []
        for node in found:
            values = _values(node, segment.attribute)
            if segment.predicate is None:
                reached.extend(values)
            else:
                reached.extend(_selected(values, segment.predicate))
        found = reached
    return found


def _steps(path: str, obj: RmObject) -> Iterator[tuple[str, RmObject]]:
    for name, is_multiple in child_attributes(type(obj)):
        value = getattr(obj, name)
        if value is None:
            continue
        if not is_multiple:
            yield f"{path}/{step(name, value)}", value
            continue
        ids = [member.archetype_node_id if isinstance(member, Locatable) else None for member in value]
        counts = Counter(ids)
        for index, member in enumerate(value):
            node_id = ids[index]
            is_told = len(ids) == 1 or (node_id is not None and counts[node_id] == 1 and _NODE_ID.match(node_id))
            yield f"{path}/{step(name, member, position=None if is_told else index + 1)}", member


def _values(node: object, attribute: str) -> list[object]:
    if not isinstance(node, RmObject) or attribute not in fields(type(node)):
        return []
    value = getattr(node, attribute)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _selected(nodes: list[object], predicate: Predicate) -> list[object]:
    if isinstance(predicate, IndexTest):
        return nodes[predicate.position - 1 : predicate.position] if predicate.position > 0 else []
    return [node for node in nodes if isinstance(node, RmObject) and _holds(node, predicate)]


def _holds(node: RmObject, predicate: Predicate) -> bool:
    if isinstance(predicate, NodeTest):
        return _is_node(node, predicate)
    if isinstance(predicate, AllTests):
        return all(_holds(node, term) for term in predicate.terms)
    if isinstance(predicate, AnyTest):
        return any(_holds(node, term) for term in predicate.terms)
    if isinstance(predicate, PatternTest):
        if not is_pattern(predicate.pattern):
            raise ValueError("expected a regular expression that RE2 can run")
        found = items_at_path(node, predicate.path)
        return any(isinstance(value, str) and full_match(predicate.pattern, value) is True for value in found)
    if isinstance(predicate, PathTest):
        left = [_plain(value) for value in items_at_path(node, predicate.path)]
        right = _operands(node, predicate.operand)
        return any(_compares(one, predicate.operator, other) for one in left for other in right)
    return False


def _is_node(node: RmObject, test: NodeTest) -> bool:
    if isinstance(test.node_id, Parameter) or isinstance(test.name, Parameter):
        raise ValueError("expected a path without parameters")
    if not isinstance(node, Locatable) or node.archetype_node_id != test.node_id.value:
        return False
    if test.name is None:
        return True
    if isinstance(test.name, Literal):
        return node.name is not None and node.name.value == test.name.value
    code = node.name.defining_code if isinstance(node.name, DvCodedText) else None
    return code is not None and _plain(code) == _code_text(test.name)


def _operands(node: RmObject, operand: Literal | Parameter | NodeId | TermCode | ObjectPath) -> list[object]:
    if isinstance(operand, Parameter):
        raise ValueError("expected a path without parameters")
    if isinstance(operand, ObjectPath):
        return [_plain(value) for value in items_at_path(node, operand)]
    if isinstance(operand, Literal):
        return [operand.value]
    return [_code_text(operand), operand.value if isinstance(operand, NodeId) else operand.code]


def _code_text(code: NodeId | TermCode) -> str:
    return f"local::{code.value}" if isinstance(code, NodeId) else f"{code.terminology}::{code.code}"


def _plain(value: object) -> object:
    """Return what a value compares by: a code with its terminology, the `value` of a data value, or itself."""
    if isinstance(value, CodePhrase):
        return f"{value.terminology_id.value if value.terminology_id else ''}::{value.code_string}"
    return getattr(value, "value", value) if isinstance(value, RmObject) else value


def _compares(left: object, relation: Operator, right: object) -> bool:
    if relation is Operator.EQUAL:
        return (type(left) is type(right) and left == right) or (_are_numbers(left, right) and left == right)
    if relation is Operator.NOT_EQUAL:
        return left != right
    if (isinstance(left, str) and isinstance(right, str)) or _are_numbers(left, right):
        return _ORDERINGS[relation](left, right)
    return False


def _are_numbers(left: object, right: object) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (left, right))
