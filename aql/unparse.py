"""A syntax tree in, canonical text out: one spelling for each tree, on one line.

Keywords are in upper case, strings in single quotes, and parentheses stand only where the tree needs them. The law is
`parse(unparse(query)) == query`; the tests generate trees to hold it. Text goes to explanations, to logs that may show
queries and to whoever composes queries from trees.
"""

from __future__ import annotations

from aql.ast import (
    Aggregate,
    And,
    ClassExpression,
    ColumnExpression,
    Comparison,
    Condition,
    Containment,
    ContainsAll,
    ContainsAny,
    Direction,
    Exists,
    FromExpression,
    FunctionCall,
    IdentifiedPath,
    Like,
    MatchesPattern,
    MatchesUri,
    MatchesValues,
    Not,
    Or,
    SelectQuery,
    SortKey,
    VersionExpression,
)
from aql.path import predicate_text


def unparse(query: SelectQuery) -> str:
    """Return the query as text.

    Example:
        >>> from aql.parser import parse
        >>> unparse(parse("select c/uid/value as uid from COMPOSITION c where exists c/context limit 5"))
        'SELECT c/uid/value AS uid FROM COMPOSITION c WHERE EXISTS c/context LIMIT 5'
    """
    parts = ["SELECT"]
    if query.is_distinct:
        parts.append("DISTINCT")
    if query.top is not None:
        parts.append(f"TOP {query.top.count}")
        if query.top.direction is Direction.BACKWARD:
            parts.append("BACKWARD")
    parts.append(
        ", ".join(
            expression_text(column.expression) + (f" AS {column.alias}" if column.alias is not None else "")
            for column in query.columns
        )
    )
    parts += ["FROM", source_text(query.source)]
    if query.condition is not None:
        parts += ["WHERE", condition_text(query.condition)]
    if query.order:
        parts += ["ORDER BY", ", ".join(map(_sort_key_text, query.order))]
    if query.limit is not None:
        parts.append(f"LIMIT {query.limit}")
    if query.offset is not None:
        parts.append(f"OFFSET {query.offset}")
    return " ".join(parts)


def expression_text(expression: ColumnExpression) -> str:
    """Return a path, function, literal, parameter or aggregate as text."""
    match expression:
        case IdentifiedPath():
            return identified_path_text(expression)
        case FunctionCall(name=name, arguments=arguments):
            return f"{name}({', '.join(map(expression_text, arguments))})"
        case Aggregate(name=name, argument=None):
            return f"{name.value}(*)"
        case Aggregate(name=name, argument=IdentifiedPath() as argument, is_distinct=is_distinct):
            return f"{name.value}({'DISTINCT ' if is_distinct else ''}{identified_path_text(argument)})"
        case _:
            return str(expression)


def identified_path_text(path: IdentifiedPath) -> str:
    """Return a path with its variable as text."""
    root = path.variable if path.predicate is None else f"{path.variable}[{predicate_text(path.predicate)}]"
    return f"{root}/{path.path}" if path.path.segments else root


def source_text(source: FromExpression) -> str:
    """Return a FROM clause, or a part of it, as text."""
    match source:
        case Containment(source=root, contained=None):
            return _class_text(root)
        case Containment(source=root, contained=contained, is_excluded=is_excluded) if contained is not None:
            operator = "NOT CONTAINS" if is_excluded else "CONTAINS"
            return f"{_class_text(root)} {operator} {source_text(contained)}"
        case ContainsAll(terms=terms):
            return " AND ".join(_source_term(term, isinstance(term, ContainsAll | ContainsAny)) for term in terms)
        case ContainsAny(terms=terms):
            return " OR ".join(_source_term(term, isinstance(term, ContainsAny)) for term in terms)
    raise TypeError(type(source).__name__)


def condition_text(condition: Condition) -> str:
    """Return a condition as text."""
    match condition:
        case Comparison(left=left, operator=operator, right=right):
            return f"{expression_text(left)} {operator.value} {expression_text(right)}"
        case Like(left=left, pattern=pattern):
            return f"{expression_text(left)} LIKE {pattern}"
        case MatchesValues(left=left, values=(value,), is_bare=True):
            return f"{expression_text(left)} MATCHES {expression_text(value)}"
        case MatchesValues(left=left, values=values):
            return f"{expression_text(left)} MATCHES {{{', '.join(map(expression_text, values))}}}"
        case MatchesUri(left=left, uri=uri):
            return f"{expression_text(left)} MATCHES {{{uri}}}"
        case MatchesPattern(left=left, pattern=pattern):
            return f"{expression_text(left)} MATCHES {{/{pattern}/}}"
        case Exists(path=path):
            return f"EXISTS {identified_path_text(path)}"
        case Not(condition=inner):
            return f"NOT {_condition_term(inner, isinstance(inner, And | Or))}"
        case And(terms=terms):
            return " AND ".join(_condition_term(term, isinstance(term, And | Or)) for term in terms)
        case Or(terms=terms):
            return " OR ".join(_condition_term(term, isinstance(term, Or)) for term in terms)


def _class_text(source: ClassExpression | VersionExpression) -> str:
    if isinstance(source, VersionExpression):
        name, inside = "VERSION", None if source.scope is None else source.scope.value
    else:
        name, inside = source.rm_type, None
    if source.predicate is not None:
        inside = predicate_text(source.predicate)
    head = name if source.variable is None else f"{name} {source.variable}"
    return head if inside is None else f"{head}[{inside}]"


def _source_term(term: FromExpression, is_grouped: bool) -> str:
    """Put parentheses around what would join its neighbours; CONTAINS takes everything on its right."""
    text = source_text(term)
    return f"({text})" if is_grouped or (isinstance(term, Containment) and term.contained is not None) else text


def _condition_term(term: Condition, is_grouped: bool) -> str:
    return f"({condition_text(term)})" if is_grouped else condition_text(term)


def _sort_key_text(key: SortKey) -> str:
    return identified_path_text(key.path) + (" DESC" if key.is_descending else "")
