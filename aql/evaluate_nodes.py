"""Predicates and steps as closures over the nodes of an object.

A node is a dictionary of canonical JSON. A predicate gives true or false: what is unknown does not pass. Comparing
itself is in `aql.values`, which the interpreter shares; walking is not shared, so that each checks the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aql.archetypes import conforms
from aql.errors import AqlNotSupported
from aql.objects import Node, Value
from aql.path import (
    AllTests,
    AnyTest,
    IndexTest,
    Literal,
    NodeId,
    NodeTest,
    ObjectPath,
    PathTest,
    PatternTest,
    Predicate,
    TermCode,
)
from aql.patterns import full_match
from aql.values import ValueRules, attribute_of, compare

NodePredicate = Callable[[Node], bool]


def compile_predicate(predicate: Predicate, rules: ValueRules) -> NodePredicate:
    """Return the test that a predicate in brackets makes. All parameters must have been bound.

    Errors: AqlNotSupported for a position, which is not AQL.
    """
    match predicate:
        case NodeTest():
            return _node_test(predicate)
        case PathTest():
            return _path_test(predicate, rules)
        case PatternTest(path=path, pattern=pattern):
            values = compile_values(path, rules)
            return lambda node: any(full_match(pattern, value) for value in values(node))
        case AllTests(terms=terms):
            every = tuple(compile_predicate(term, rules) for term in terms)
            return lambda node: all(test(node) for test in every)
        case AnyTest(terms=terms):
            either = tuple(compile_predicate(term, rules) for term in terms)
            return lambda node: any(test(node) for test in either)
        case IndexTest(span=span):
            raise AqlNotSupported("Positions in brackets are not AQL.", feature="position", offset=span[0])


def compile_values(path: ObjectPath, rules: ValueRules) -> Callable[[Node], list[Value]]:
    """Return the function that gives all values a path meets from a node."""
    steps = tuple(
        (segment.attribute, None if segment.predicate is None else compile_predicate(segment.predicate, rules))
        for segment in path.segments
    )

    def values(node: Node) -> list[Value]:
        found: list[Value] = [node]
        for attribute, test in steps:
            found = [below for value in found for below in members(value, attribute, test)]
        return found

    return values


def members(value: Value, attribute: str, test: NodePredicate | None) -> list[Value]:
    """Return what an attribute of a node holds, as a list, as far as the test lets it pass."""
    if not isinstance(value, dict):
        return []
    below = attribute_of(value, attribute) if attribute else value
    if below is None:
        return []
    many = below if isinstance(below, list) else [below]
    if test is None:
        return many
    return [each for each in many if isinstance(each, dict) and test(each)]


def _node_test(test: NodeTest) -> NodePredicate:
    assert isinstance(test.node_id, NodeId), "parameters are bound before a plan is made"
    wanted = test.node_id.value
    named = _name_test(test.name)
    if test.node_id.is_archetype_id:
        known: dict[str, bool] = {}

        def is_archetype(node: Node) -> bool:
            found = archetype_of(node)
            if found is None:
                return False
            answer = known.get(found)
            if answer is None:
                answer = known[found] = conforms(found, wanted)
            return answer

        if named is None:
            return is_archetype
        return lambda node: is_archetype(node) and named(node)
    if named is None:
        return lambda node: node.get("archetype_node_id") == wanted
    return lambda node: node.get("archetype_node_id") == wanted and named(node)


def archetype_of(node: Node) -> str | None:
    """Return the archetype id of a node; some systems write the code of the root there and the id in the details."""
    found = node.get("archetype_node_id")
    if isinstance(found, str) and "-" not in found:
        details = node.get("archetype_details")
        if isinstance(details, dict):
            return (details.get("archetype_id") or {}).get("value")
    return found if isinstance(found, str) else None


def _name_test(name: object) -> NodePredicate | None:
    if name is None:
        return None
    if isinstance(name, Literal):
        text = name.value
        return lambda node: _name(node).get("value") == text
    if isinstance(name, TermCode):
        return _code_test(name.terminology, name.code)
    assert isinstance(name, NodeId), "parameters are bound before a plan is made"
    return _code_test("local", name.value)


def _code_test(terminology: str, code: str) -> NodePredicate:
    def test(node: Node) -> bool:
        defining = _name(node).get("defining_code") or {}
        found = (defining.get("terminology_id") or {}).get("value")
        return bool(defining.get("code_string") == code and found == terminology)

    return test


def _name(node: Node) -> Mapping[str, Value]:
    name = node.get("name")
    return name if isinstance(name, dict) else {}


def _path_test(test: PathTest, rules: ValueRules) -> NodePredicate:
    left = compile_values(test.path, rules)
    operator = test.operator
    attributes = test.path.attributes
    operand = test.operand
    if isinstance(operand, ObjectPath):
        right = compile_values(operand, rules)
        return lambda node: any(
            compare(value, operator, other, rules=rules) is True for value in left(node) for other in right(node)
        )
    fixed: Value
    if isinstance(operand, NodeId):
        if attributes == ("archetype_node_id",) and operand.is_archetype_id:
            return _node_test(NodeTest(operand))
        fixed = operand.value
    elif isinstance(operand, TermCode):
        fixed = f"{operand.terminology}::{operand.code}"
    else:
        assert isinstance(operand, Literal), "parameters are bound before a plan is made"
        fixed = operand.value
    return lambda node: any(compare(value, operator, fixed, rules=rules) is True for value in left(node))
