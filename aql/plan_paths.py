"""The paths of a query as trees of steps, one tree a variable: paths that begin alike meet the same nodes.

Paths of SELECT, WHERE and ORDER BY together decide the rows. A path under EXISTS makes no rows: it starts from the
deepest node it shares with another path and only asks whether the rest meets anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aql.ast import (
    Aggregate,
    And,
    Comparison,
    Condition,
    Exists,
    FunctionCall,
    IdentifiedPath,
    Like,
    MatchesPattern,
    MatchesUri,
    MatchesValues,
    Not,
    Or,
)
from aql.checked import CheckedQuery
from aql.errors import AqlSemanticError
from aql.path import PathSegment, Predicate
from aql.plan import ExistsPath, Slot, SlotPaths, Step
from aql.reach import Reach


@dataclass(frozen=True, slots=True)
class Paths:
    """What the paths of a query became."""

    slots: tuple[SlotPaths, ...]
    columns: Mapping[IdentifiedPath, int]
    exists: Mapping[IdentifiedPath, ExistsPath]
    subjects: tuple[int, ...]
    width: int


def build_paths(checked: CheckedQuery, slots: tuple[Slot, ...], *, reach: Reach) -> Paths:
    """Return the step trees of all paths, with the number of the working column that each path fills.

    Errors: AqlSemanticError for a variable that FROM does not bind.
    """
    query = checked.query
    builder = _Builder(slots, reach, query.text)
    for path in _row_paths(checked):
        builder.add(path)
    for path in exists_paths(query.condition):
        builder.add_exists(path)
    return builder.result()


@dataclass(slots=True)
class _Step:
    attribute: str
    predicate: Predicate | None
    types: frozenset[str]
    is_counted: bool
    columns: list[int] = field(default_factory=list)
    witnesses: list[int] = field(default_factory=list)
    steps: dict[tuple[str, Predicate | None], _Step] = field(default_factory=dict)

    def filled(self) -> list[int]:
        """Return the columns in the order in which a row of this step has them."""
        return [*self.columns, *self.witnesses, *(old for step in self.steps.values() for old in step.filled())]

    def frozen(self, order: Mapping[int, int]) -> Step:
        return Step(
            self.attribute,
            self.predicate,
            is_counted=self.is_counted,
            columns=tuple(order[old] for old in self.columns),
            witnesses=tuple(order[old] for old in self.witnesses),
            steps=tuple(step.frozen(order) for step in self.steps.values()),
        )


class _Builder:
    def __init__(self, slots: tuple[Slot, ...], reach: Reach, text: str) -> None:
        self._reach = reach
        self._text = text
        self._roots = {
            slot.variable.lower(): _Step("", None, self._types(slot), is_counted=False)
            for slot in slots
            if slot.variable is not None
        }
        self._numbers = {slot.variable.lower(): slot.number for slot in slots if slot.variable is not None}
        self._columns: dict[IdentifiedPath, int] = {}
        self._exists: dict[IdentifiedPath, ExistsPath] = {}
        self._subjects: list[int] = []
        self._entries = reach.concrete("ENTRY")
        self._width = 0

    def _types(self, slot: Slot) -> frozenset[str]:
        return self._reach.concrete(slot.rm_type)

    def add(self, path: IdentifiedPath) -> None:
        """Give the value of a path a column."""
        key = path.normal
        if key in self._columns:
            return
        step = self._root(path)
        for segment in _segments(path):
            step = self._below(step, segment)
        if not step.columns:
            step.columns.append(self._next())
        self._columns[key] = step.columns[0]

    def add_exists(self, path: IdentifiedPath) -> None:
        """Remember the nodes that a path under EXISTS shares with other paths."""
        step = self._root(path)
        segments = _segments(path)
        shared = [step]
        for segment in segments:
            if (segment.attribute, segment.predicate) not in step.steps:
                break
            step = step.steps[(segment.attribute, segment.predicate)]
            shared.append(step)
        starts = []
        for depth in range(len(shared) - 1, -1, -1):
            start = shared[depth]
            if not start.columns and not start.witnesses:
                start.witnesses.append(self._next())
            witness = (start.columns or start.witnesses)[0]
            starts.append((witness, self._chain(start.types, segments[depth:])))
        self._exists[path.normal] = ExistsPath(tuple(starts))

    def result(self) -> Paths:
        """Return the finished trees, those of variables without a path left out.

        Columns are numbered anew in the order in which the trees fill them, so that the values of all variables laid
        end to end are the working row.
        """
        used = sorted(
            (
                (self._numbers[name], root)
                for name, root in self._roots.items()
                if root.columns or root.steps or root.witnesses
            ),
            key=lambda pair: pair[0],
        )
        for _, root in used:
            self._watch_subjects(root)
        order = {old: new for new, old in enumerate(old for _, root in used for old in root.filled())}
        trees = tuple(SlotPaths(number, root.frozen(order)) for number, root in used)
        columns = {path: order[old] for path, old in self._columns.items()}
        exists = {
            path: ExistsPath(tuple((order[old], steps) for old, steps in found.starts))
            for path, found in self._exists.items()
        }
        return Paths(trees, columns, exists, tuple(order[old] for old in self._subjects), self._width)

    def _root(self, path: IdentifiedPath) -> _Step:
        root = self._roots.get(path.variable.lower())
        if root is None:
            raise AqlSemanticError(
                f"The variable {path.variable} is not bound by FROM.", text=self._text, offset=path.span[0]
            )
        return root

    def _next(self) -> int:
        self._width += 1
        return self._width - 1

    def _below(self, step: _Step, segment: PathSegment) -> _Step:
        key = (segment.attribute, segment.predicate)
        found = step.steps.get(key)
        if found is None:
            found = step.steps[key] = _Step(
                segment.attribute,
                segment.predicate,
                self._reach.below(step.types, segment.attribute) if segment.attribute else step.types,
                is_counted=segment.predicate is not None or self._reach.is_many(step.types, segment.attribute),
            )
        return found

    def _chain(self, types: frozenset[str], segments: tuple[PathSegment, ...]) -> tuple[Step, ...]:
        return tuple(Step(segment.attribute, segment.predicate) for segment in segments)

    def _watch_subjects(self, step: _Step) -> None:
        """Remember the entries that paths from above them go through: their subject decides whose row it is."""
        for below in step.steps.values():
            if below.attribute and not below.types.isdisjoint(self._entries) and step.types.isdisjoint(self._entries):
                if not below.columns and not below.witnesses:
                    below.witnesses.append(self._next())
                self._subjects.append((below.columns or below.witnesses)[0])
            self._watch_subjects(below)


def _segments(path: IdentifiedPath) -> tuple[PathSegment, ...]:
    """Return the steps of a path; the predicate on the variable is a step that stays at the node."""
    if path.predicate is None:
        return path.path.segments
    return (PathSegment("", path.predicate), *path.path.segments)


def _row_paths(checked: CheckedQuery) -> Iterator[IdentifiedPath]:
    query = checked.query
    for column in query.columns:
        expression = column.expression
        if isinstance(expression, Aggregate):
            if expression.argument is not None:
                yield expression.argument
        else:
            yield from paths_of(expression)
    if query.condition is not None:
        yield from condition_paths(query.condition)
    for key in checked.order:
        if key.column is None and not isinstance(key.expression, Aggregate):
            yield from paths_of(key.expression)


def paths_of(expression: object) -> Iterator[IdentifiedPath]:
    """Return the paths of an expression, in order."""
    if isinstance(expression, IdentifiedPath):
        yield expression
    elif isinstance(expression, FunctionCall):
        for argument in expression.arguments:
            yield from paths_of(argument)


def condition_paths(condition: Condition) -> Iterator[IdentifiedPath]:
    """Return the paths of a condition that make rows: all but those under EXISTS."""
    match condition:
        case And(terms=terms) | Or(terms=terms):
            for term in terms:
                yield from condition_paths(term)
        case Not(condition=inner):
            yield from condition_paths(inner)
        case Exists():
            return
        case Comparison(left=left, right=right):
            yield from paths_of(left)
            yield from paths_of(right)
        case Like(left=left) | MatchesPattern(left=left) | MatchesUri(left=left):
            yield from paths_of(left)
        case MatchesValues(left=left, values=values):
            yield from paths_of(left)
            for value in values:
                yield from paths_of(value)


def exists_paths(condition: Condition | None) -> Iterator[IdentifiedPath]:
    """Return the paths under EXISTS."""
    match condition:
        case And(terms=terms) | Or(terms=terms):
            for term in terms:
                yield from exists_paths(term)
        case Not(condition=inner):
            yield from exists_paths(inner)
        case Exists(path=path):
            yield path
        case _:
            return
