"""AQL text in, syntax tree out.

A recursive descent over the token list: `path_parser` reads paths and predicates, `expression_parser` what stands in
SELECT and WHERE, `containment_parser` the FROM clause, and this module the query around them. It accepts the grammar of
the specification and the forms that other implementations add (see docs/aql.md).

    query : SELECT DISTINCT? (TOP n (FORWARD | BACKWARD)?)? column (',' column)* FROM from (WHERE condition)?
            (ORDER BY key (',' key)*)? (LIMIT n (OFFSET m)?)? ';'?          (the last two in either order)

Source: AQL 1.1.0, Query structure.
"""

from __future__ import annotations

from aql.ast import (
    Direction,
    SelectColumn,
    SelectQuery,
    SortKey,
    Top,
)
from aql.containment_parser import ContainmentParser
from aql.errors import AqlNotSupported, AqlTooExpensive
from aql.lexer import TokenKind
from aql.path import Parameter

MAX_COLUMNS = 500
"""Columns of one query."""

_SORT_WORDS = {"ASC": False, "ASCENDING": False, "DESC": True, "DESCENDING": True}


def parse(text: str) -> SelectQuery:
    """Return the syntax tree of a query.

    Errors: AqlSyntaxError with line, column and what was expected; AqlTooExpensive for a query that is too long, too
    deep or has too many classes.

    Example:
        >>> parse("SELECT c/uid/value AS uid FROM EHR e CONTAINS COMPOSITION c").columns[0].alias
        'uid'
    """
    return QueryParser(text).query()


class QueryParser(ContainmentParser):
    """The parser of one query."""

    __slots__ = ()

    def query(self) -> SelectQuery:
        """Read the whole text."""
        self.expect("SELECT")
        is_distinct = self.accept("DISTINCT")
        top = self._top()
        columns = [self._column()]
        while self.accept(","):
            columns.append(self._column())
            if len(columns) > MAX_COLUMNS:
                raise AqlTooExpensive(
                    f"A query may have {MAX_COLUMNS} columns.",
                    limit="columns",
                    text=self.text,
                    offset=self.token.start,
                )
        if not self.accept("FROM"):
            raise self.failure(",", "AS", "FROM") if columns[-1].alias is None else self.failure(",", "FROM")
        source = self.source()
        condition = self.condition() if self.accept("WHERE") else None
        order = self._order()
        limit, offset = self._limit()
        if limit is not None and not order:
            # Some clients put ORDER BY last; the two clauses cannot be mistaken for each other.
            order = self._order()
        self.accept(";")
        if self.token.key == "TIMEWINDOW":
            raise AqlNotSupported(
                "TIMEWINDOW left the language before AQL 1.0; compare the times in WHERE.",
                feature="timewindow",
                text=self.text,
                offset=self.token.start,
            )
        if self.token.kind is not TokenKind.END:
            raise self.failure(*self._what_may_follow(condition is not None, bool(order), limit is not None))
        return SelectQuery(
            columns=tuple(columns),
            source=source,
            condition=condition,
            order=order,
            limit=limit,
            offset=offset,
            is_distinct=is_distinct,
            top=top,
            text=self.text,
        )

    def _top(self) -> Top | None:
        token = self.token
        if token.key != "TOP" or self.peek().kind is not TokenKind.INTEGER:
            return None
        self.advance()
        count = self.integer()
        direction = Direction.FORWARD
        if self.token.key in ("FORWARD", "BACKWARD") and self.peek().key not in ("/", "[", ",", "FROM", "AS", "("):
            direction = Direction(self.advance().key)
        return Top(count, direction, self.span_from(token))

    def _column(self) -> SelectColumn:
        token = self.token
        expression = self.aggregate() or self.expression()
        alias = self.name("a column name") if self.accept("AS") else None
        return SelectColumn(expression, alias, self.span_from(token))

    def _order(self) -> tuple[SortKey, ...]:
        if not self.accept("ORDER"):
            return ()
        self.expect("BY")
        keys = [self._sort_key()]
        while self.accept(","):
            keys.append(self._sort_key())
        return tuple(keys)

    def _sort_key(self) -> SortKey:
        token = self.token
        path = self.identified_path()
        is_descending = _SORT_WORDS.get(self.token.key)
        if is_descending is not None:
            self.advance()
        return SortKey(path, bool(is_descending), self.span_from(token))

    def _limit(self) -> tuple[int | Parameter | None, int | Parameter | None]:
        if not self.accept("LIMIT"):
            return None, None
        limit = self._count()
        return limit, self._count() if self.accept("OFFSET") else None

    def _count(self) -> int | Parameter:
        if self.token.kind is TokenKind.PARAMETER:
            return self.parameter()
        return self.integer()

    @staticmethod
    def _what_may_follow(has_condition: bool, has_order: bool, has_limit: bool) -> tuple[str, ...]:
        """Name the clauses that may still come."""
        if has_limit:
            return ("OFFSET", "the end of the query")
        if has_order:
            return (",", "LIMIT", "the end of the query")
        if has_condition:
            return ("AND", "OR", "ORDER BY", "LIMIT", "the end of the query")
        return ("CONTAINS", "AND", "OR", "WHERE", "ORDER BY", "LIMIT", "the end of the query")
