"""The answer to a query: columns and rows.

Values are plain JSON: `dict` with `_type` for objects, `list` never (a path gives one row for each node), else strings,
numbers, booleans or None.

Source: AQL 1.1.0, Result structure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
# What is inside an object has no narrower common type that would not need a cast at every step.
JsonObject: TypeAlias = dict[str, Any]
JsonValue: TypeAlias = Scalar | JsonObject | list[Any]


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column: `name` is its alias or `#i` (0-based), `path` the path as the query spells it, None for the rest.

    `types` are the RM and primitive types that its values can have, empty where that is not known.
    """

    name: str
    path: str | None = None
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ResultSet:
    """Columns and rows; each row has one value a column."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[JsonValue, ...], ...]
