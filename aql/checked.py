"""A query that has been checked against the reference model: what analysis found out, for planner and interpreter.

The syntax tree stays as it is; these values say what its variables, paths, columns and sort keys mean. Variables are
keys in lower case, since they compare without regard to case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aql.ast import (
    Aggregate,
    ClassExpression,
    ColumnExpression,
    IdentifiedPath,
    SelectQuery,
    VersionExpression,
)
from aql.result import ResultColumn


@dataclass(frozen=True, slots=True)
class CheckedClass:
    """One class expression of FROM; `number` counts them from 0 in the order of the text.

    `types` are the concrete classes that it can be bound to, narrowed by an archetype id in its predicate. Below NOT
    CONTAINS nothing is bound: `is_bound` is False there and no path may begin with its variable.
    """

    number: int
    expression: ClassExpression | VersionExpression
    variable: str | None
    types: frozenset[str]
    is_bound: bool

    @property
    def is_ehr(self) -> bool:
        """Tell whether it is the class EHR."""
        return isinstance(self.expression, ClassExpression) and self.expression.rm_type == "EHR"

    @property
    def is_version(self) -> bool:
        """Tell whether it is the class VERSION."""
        return isinstance(self.expression, VersionExpression)


@dataclass(frozen=True, slots=True)
class CheckedStep:
    """One step of a path: the concrete types it can meet, its predicate taken into account.

    `is_multiple` tells whether the attribute has many values in any of the types it is read from.
    """

    attribute: str
    is_multiple: bool
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class CheckedPath:
    """A path of SELECT, WHERE or ORDER BY with the class its variable stands for and the types along it."""

    path: IdentifiedPath
    class_number: int
    root_types: frozenset[str]
    steps: tuple[CheckedStep, ...]

    @property
    def types(self) -> frozenset[str]:
        """Return the types at the end of the path."""
        return self.steps[-1].types if self.steps else self.root_types


@dataclass(frozen=True, slots=True)
class CheckedSortKey:
    """One key of ORDER BY: an expression, and the number of the column that it names, if it names one."""

    expression: ColumnExpression
    is_descending: bool
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a legal query that hardly means what it says. `offset` is a place in the text."""

    code: str
    message: str
    offset: int


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that is legal. `paths` has every path, also those under EXISTS, by its `normal` form."""

    query: SelectQuery
    classes: tuple[CheckedClass, ...]
    columns: tuple[ResultColumn, ...]
    order: tuple[CheckedSortKey, ...]
    paths: Mapping[IdentifiedPath, CheckedPath] = field(repr=False)
    notes: tuple[Note, ...] = ()

    @property
    def variables(self) -> dict[str, int]:
        """Return the number of the class expression of each variable."""
        return {found.variable: found.number for found in self.classes if found.variable is not None}

    @property
    def is_aggregating(self) -> bool:
        """Tell whether the rows are summed up into one."""
        return self.query.is_aggregating

    def path(self, path: IdentifiedPath) -> CheckedPath:
        """Return what is known of a path of the query."""
        return self.paths[path.normal]

    def aggregates(self) -> tuple[Aggregate, ...]:
        """Return the aggregate functions of SELECT."""
        return tuple(c.expression for c in self.query.columns if isinstance(c.expression, Aggregate))
