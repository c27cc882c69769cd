"""Paths over plain records: which nodes they meet, and how the nodes of several paths make rows.

The rule of sharing. All paths of SELECT, WHERE and ORDER BY that begin with one variable are laid over each other as a
tree; steps are the same where attribute and predicate are the same. For one thing that the variable is bound to:

- A step is *counted* if its attribute has many values or it has a predicate. Each node it meets makes rows of its own,
  and all paths through the step speak of that node.
- Branches of the tree are independent: within one met node, the rows of its branches combine.
- A branch that meets nothing is null. A counted node in which no branch meets anything makes no row. If nothing at all
  is met, there is one row of nulls.
- Steps that are not counted give a value or null and neither make nor take away rows.

EXISTS makes no rows: it starts at the deepest node that its path shares with the tree and asks if the rest meets any.

Source: docs/aql.md, Rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aql.ast import IdentifiedPath
from aql.checked import CheckedQuery
from aql.node_tests import node_matches
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
from aql.result import JsonObject, JsonValue
from aql.values import Value, ValueRules, attribute_of, compare


@dataclass
class Step:
    """A step of the tree. `paths` end here. The step with an empty attribute is the predicate of the variable."""

    attribute: str
    predicate: Predicate | None
    is_counted: bool
    paths: list[IdentifiedPath] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def below(self, attribute: str, predicate: Predicate | None) -> Step | None:
        """Return the next step of that attribute and predicate, None if no path goes there."""
        same = (step for step in self.steps if step.attribute == attribute and step.predicate == predicate)
        return next(same, None)


Row = Mapping[int, Value]
"""What was met, by the `id` of the step. A step that met nothing is absent or None."""


class PathInterpreter:
    """Walks the paths of one query."""

    def __init__(self, checked: CheckedQuery, rules: ValueRules) -> None:
        self._checked = checked
        self._rules = rules

    def tree(self, paths: Sequence[IdentifiedPath]) -> Step:
        """Return the tree of the paths of one variable."""
        root = Step("", None, is_counted=True)
        for path in paths:
            counted = [step.is_multiple for step in self._checked.path(path).steps]
            at = root
            for (attribute, predicate), is_multiple in zip(_steps(path), _flags(path, counted), strict=True):
                found = at.below(attribute, predicate)
                if found is None:
                    found = Step(attribute, predicate, is_counted=is_multiple or predicate is not None)
                    at.steps.append(found)
                at = found
            at.paths.append(path)
        return root

    def rows(self, tree: Step, node: JsonObject) -> list[Row]:
        """Return the rows that the tree makes of one bound thing; at least one."""
        return self._rows(tree, node) or [{id(tree): node}]

    def exists(self, tree: Step, row: Row, path: IdentifiedPath) -> bool:
        """Tell whether a path meets anything, from the deepest node that the row has on its way."""
        at, rest = tree, _steps(path)
        starts = [(row.get(id(tree)), rest)]
        while rest and (found := at.below(*rest[0])) is not None:
            at, rest = found, rest[1:]
            starts.append((row.get(id(at)), rest))
        for node, left in reversed(starts):
            if node is not None:
                return any(True for _ in self._met(node, left))
        return False

    def passes(self, node: JsonObject, predicate: Predicate) -> bool:
        """Tell whether a node passes a predicate; paths in it hold if one of the values they meet does."""
        match predicate:
            case NodeTest():
                return node_matches(node, predicate)
            case PathTest():
                return self._passes_comparison(node, predicate)
            case PatternTest(path=path, pattern=pattern):
                return any(full_match(pattern, value) for value in self._values(node, path))
            case AllTests(terms=terms):
                return all(self.passes(node, term) for term in terms)
            case AnyTest(terms=terms):
                return any(self.passes(node, term) for term in terms)
            case IndexTest():
                raise AssertionError("analysis refuses positions")

    def _rows(self, step: Step, node: Value) -> list[Row] | None:
        """Return the rows of a met node (None: the value of a step that is not counted), or None if nothing is met."""
        is_met = bool(step.paths)
        combined: list[Row] = [{id(step): node}]
        for branch in step.steps:
            found = self._branch(branch, node)
            if found is not None:
                is_met = True
                combined = [{**known, **new} for known in combined for new in found]
        return combined if is_met else None

    def _branch(self, branch: Step, node: Value) -> list[Row] | None:
        if not branch.is_counted:
            return self._rows(branch, _attribute(node, branch.attribute))
        found: list[Row] = []
        for member in self._members(node, branch.attribute, branch.predicate):
            found += self._rows(branch, member) or []
        return found or None

    def _members(self, node: Value, attribute: str, predicate: Predicate | None) -> Iterator[Value]:
        value = _attribute(node, attribute) if attribute else node
        for member in value if isinstance(value, list) else [value]:
            if member is not None and (
                predicate is None or (isinstance(member, dict) and self.passes(member, predicate))
            ):
                yield member

    def _met(self, node: Value, steps: Sequence[tuple[str, Predicate | None]]) -> Iterator[Value]:
        """Yield everything that the steps meet from a node."""
        if not steps:
            yield node
            return
        for member in self._members(node, *steps[0]):
            yield from self._met(member, steps[1:])

    def _values(self, node: JsonObject, path: ObjectPath) -> Iterator[Value]:
        return self._met(node, [(segment.attribute, segment.predicate) for segment in path])

    def _passes_comparison(self, node: JsonObject, test: PathTest) -> bool:
        operand = test.operand
        if isinstance(operand, NodeId) and operand.is_archetype_id and test.path.attributes == ("archetype_node_id",):
            # An archetype id that is not a string asks for the archetype, as the short form does.
            return node_matches(node, NodeTest(operand))
        others: list[Value]
        match operand:
            case ObjectPath():
                others = list(self._values(node, operand))
            case Literal(value=value) | NodeId(value=value):
                others = [value]
            case TermCode(terminology=terminology, code=code):
                others = [f"{terminology}::{code}"]
            case _:
                raise AssertionError("parameters are bound before a query runs")
        return any(
            compare(value, test.operator, other, rules=self._rules) is True
            for value in self._values(node, test.path)
            for other in others
        )


def _attribute(node: Value, attribute: str) -> JsonValue:
    return attribute_of(node, attribute) if isinstance(node, dict) else None


def _steps(path: IdentifiedPath) -> list[tuple[str, Predicate | None]]:
    steps: list[tuple[str, Predicate | None]] = [(segment.attribute, segment.predicate) for segment in path.path]
    return steps if path.predicate is None else [("", path.predicate), *steps]


def _flags(path: IdentifiedPath, counted: list[bool]) -> list[bool]:
    return counted if path.predicate is None else [True, *counted]
