"""The query that counts the rows of another one: what `total` asks.

Columns make rows, since a path that meets several nodes gives one for each; so the counting query keeps every path of
SELECT and ORDER BY and shows none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aql.ast import Aggregate, AggregateName, IdentifiedPath, SelectColumn, SelectQuery, descendants


def counting(query: SelectQuery) -> SelectQuery:
    """Return the query that has the number of rows of the other one in its first column.

    LIMIT, OFFSET and TOP are left out: all rows count. A query with DISTINCT or aggregates has to be run itself.
    """
    paths = dict.fromkeys(_paths(query))
    columns = (Aggregate(AggregateName.COUNT, None), *(Aggregate(AggregateName.COUNT, path) for path in paths))
    return replace(
        query, columns=tuple(map(SelectColumn, columns)), order=(), limit=None, offset=None, top=None, is_distinct=False
    )


def _paths(query: SelectQuery) -> Iterator[IdentifiedPath]:
    for node in descendants((query.columns, query.order)):
        # A bare name is a variable, which makes no rows, or a column.
        if isinstance(node, IdentifiedPath) and (node.path.segments or node.predicate is not None):
            yield node
