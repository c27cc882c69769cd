"""The values that the paths of a variable meet: a tree of steps over a node gives one tuple of columns a row.

The rule, in the words of docs/aql.md: a node met at a counted step (an attribute with many values, or a predicate)
makes a row; attributes with one value behind it give their value or null. Below one met node a branch that meets
nothing is null; a node below which no branch meets anything makes no row. A variable that meets nothing at all keeps
one row of nulls.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import TypeAlias

from aql.errors import AqlTooExpensive
from aql.evaluate_nodes import NodePredicate, compile_predicate
from aql.objects import Bound, EhrHandle, Node, StoredObject, Value, VersionHandle
from aql.plan import SlotPaths, Step
from aql.values import ValueRules, attribute_of

Row: TypeAlias = "tuple[Value, ...]"
PathRows = Callable[[Bound], list[Row]]

MAX_PATH_ROWS = 500_000
"""Rows that the paths of one variable may give for one node."""


def columns_of(step: Step) -> tuple[int, ...]:
    """Return the working columns that a step and those below it fill, in the order of the tuples."""
    own = (*step.columns, *step.witnesses)
    return own + tuple(column for below in step.steps for column in columns_of(below))


def compile_paths(paths: SlotPaths, rules: ValueRules) -> tuple[tuple[int, ...], PathRows]:
    """Return the columns that the paths of a slot fill, and the function that gives their rows for a bound node."""
    root = paths.root
    columns = columns_of(root)
    below = _Branches(root, rules)
    own = len(root.columns) + len(root.witnesses)
    unmet: Row = (None,) * (len(columns) - own)
    missing: list[Row] = [(None,) * len(columns)]

    def rows(bound: Bound) -> list[Row]:
        if bound is None:
            return missing
        # A whole object is carried as its handle, so that its stored text can be copied into the answer.
        return below.rows(bound) or [(bound,) * own + unmet]

    return columns, rows


class _Branches:
    """The compiled form of a step: what ends here, and the branches that go on."""

    __slots__ = ("_branches", "_own", "is_anchored", "width")
    width: int
    is_anchored: bool

    def __init__(self, step: Step, rules: ValueRules) -> None:
        self._own = len(step.columns) + len(step.witnesses)
        self._branches = tuple(_Branch(below, rules) for below in step.steps)
        self.width = self._own + sum(branch.width for branch in self._branches)
        # A node counts by itself when a path ends at it, or in an attribute with one value behind it.
        self.is_anchored = bool(step.columns) or any(branch.is_anchored for branch in self._branches)

    def rows(self, bound: Value) -> list[Row]:
        """Return the tuples that a met node gives; none when it is not anchored and no branch meets anything."""
        own = (bound,) * self._own
        branches = self._branches
        if not branches:
            return [own]
        if isinstance(bound, StoredObject | VersionHandle | EhrHandle):
            node = bound.root
        else:
            node = bound
        if len(branches) == 1:
            only = branches[0]
            found = only.rows(node)
            if found:
                return [own + row for row in found] if own else found
            return [own + only.missing] if self.is_anchored else []
        sides = [branch.rows(node) for branch in branches]
        if not self.is_anchored and not any(sides):
            return []
        if all(len(side) == 1 for side in sides):
            row = own
            for side in sides:
                row += side[0]
            return [row]
        if prod(max(1, len(side)) for side in sides) > MAX_PATH_ROWS:
            raise AqlTooExpensive(
                f"The paths of a variable may meet {MAX_PATH_ROWS} combinations in one node.", limit="combinations"
            )
        filled = [side or [branch.missing] for side, branch in zip(sides, branches, strict=True)]
        return [sum(combination, own) for combination in product(*filled)]


class _Branch:
    """One step from a node to what it leads to."""

    __slots__ = ("_attribute", "_below", "_is_counted", "_test", "is_anchored", "missing", "width")
    width: int
    is_anchored: bool

    def __init__(self, step: Step, rules: ValueRules) -> None:
        self._attribute = step.attribute
        self._test: NodePredicate | None = None if step.predicate is None else compile_predicate(step.predicate, rules)
        self._is_counted = step.is_counted
        self._below = _Branches(step, rules)
        self.width = self._below.width
        self.missing: Row = (None,) * self.width
        self.is_anchored = not step.is_counted and self._below.is_anchored

    def rows(self, node: Node | None) -> list[Row]:
        """Return the tuples of all nodes that the step meets from a node."""
        below: Value = None
        if isinstance(node, dict):
            below = attribute_of(node, self._attribute) if self._attribute else node
        if below is None:
            return [self.missing] if self.is_anchored else []
        if not self._is_counted and not isinstance(below, list):
            return self._below.rows(below)
        test = self._test
        deeper = self._below.rows
        found: list[Row] = []
        for each in below if isinstance(below, list) else (below,):
            if test is None or (isinstance(each, dict) and test(each)):
                found.extend(deeper(each))
        return found
