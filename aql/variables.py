"""Variables that differ in case only, made different.

Variable names are not case-sensitive, and yet people write `COMPOSITION c CONTAINS CLUSTER C` and get an answer from
other engines. Where every path spells such a variable as FROM does, the meaning is plain: one of them is renamed before
the analysis. Queries without such variables, which are nearly all, pass through untouched.

Source: AQL 1.1.0, Variables; docs/aql.md, Deviations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar, cast

from aql.ast import (
    ClassExpression,
    Containment,
    FromExpression,
    IdentifiedPath,
    SelectQuery,
    VersionExpression,
    child_names,
)

_Node = TypeVar("_Node")


def with_distinct_variables(query: SelectQuery) -> SelectQuery:
    """Return the query with variables that differ without regard to case; a name given twice alike stays."""
    names = list(_variables(query.source))
    folded = Counter(name.lower() for name in set(names))
    if max(folded.values(), default=0) < 2:
        return query
    taken = set(folded)
    renamed: dict[str, str] = {}
    for name in dict.fromkeys(names):
        if folded[name.lower()] > 1 and name != name.lower():
            number = 2
            while f"{name.lower()}_{number}" in taken:
                number += 1
            renamed[name] = f"{name.lower()}_{number}"
            taken.add(renamed[name])
    return replace(
        query,
        columns=_renamed(query.columns, renamed),
        source=_renamed(query.source, renamed),
        condition=_renamed(query.condition, renamed),
        order=_renamed(query.order, renamed),
    )


def _variables(source: FromExpression) -> Iterator[str]:
    if isinstance(source, Containment):
        if source.source.variable is not None:
            yield source.source.variable
        if source.contained is not None:
            yield from _variables(source.contained)
    else:
        for term in source.terms:
            yield from _variables(term)


def _renamed(node: _Node, names: Mapping[str, str]) -> _Node:
    if isinstance(node, tuple):
        return cast(_Node, tuple(_renamed(member, names) for member in node))
    if not is_dataclass(node) or isinstance(node, type):
        return node
    changes: dict[str, Any] = {  # the fields of all node classes have no narrower common type
        name: _renamed(getattr(node, name), names) for name in child_names(node)
    }
    if isinstance(node, IdentifiedPath | ClassExpression | VersionExpression) and node.variable is not None:
        changes["variable"] = names.get(node.variable, node.variable)
    return cast(_Node, replace(cast(Any, node), **changes))
