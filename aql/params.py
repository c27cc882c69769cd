"""A query with `$parameters` and their values in, a query without parameters out.

Values are bound into the tree, never into text, so no value can change what a query means. Every parameter of the query
needs a value; values that the query does not ask for are left alone, since callers pass the same set to many queries.

Source: AQL 1.1.0, Parameters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from aql.ast import (
    Comparison,
    Condition,
    Expression,
    FunctionCall,
    Like,
    MatchesValues,
    Or,
    SelectQuery,
    child_names,
    descendants,
)
from aql.errors import AqlError, AqlParameterError, AqlTooExpensive
from aql.functions import SIGNATURES, Kind
from aql.lexer import TokenKind, tokenise
from aql.path import AnyTest, Literal, NodeId, NodeTest, Parameter, PathTest, Predicate, Span


class Spelling(str):
    """The text of a value whose type the sender could not say, as in an address: `120` is a number or a text.

    Where a comparison takes it, it is compared both as text and as the number or boolean it spells; a value is only
    ever comparable with one of them. Elsewhere it is what the place needs.
    """

    __slots__ = ()


MAX_LIST = 10_000
"""Values of one list parameter."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})(?:\.[0-9]{1,20})?\Z")
_NUMBERS = (Kind.NUMBER, Kind.INTEGER)
_Node = TypeVar("_Node")


def bind(query: SelectQuery, parameters: Mapping[str, object]) -> SelectQuery:
    """Return the query with the values in place of its parameters.

    `parameters` maps names (without `$`) to strings, numbers and booleans; a list of those may stand for a parameter
    inside `MATCHES`. A parameter for an archetype or node id needs the text of one; one for a name or a LIKE pattern
    needs a string; one for LIMIT or OFFSET an integer. `Spelling` marks text whose type the sender could not say.

    Errors: AqlParameterError that names the parameter, when it has no value or a value that cannot stand there.

    Example:
        >>> from aql.parser import parse
        >>> from aql.unparse import unparse
        >>> unparse(bind(parse("SELECT e FROM EHR e[ehr_id/value = $id]"), {"id": "7d44b88c"}))
        "SELECT e FROM EHR e[ehr_id/value = '7d44b88c']"
    """
    return _Binder(query.text, parameters).bound(query)


def parameter_names(query: SelectQuery) -> tuple[str, ...]:
    """Return the names of the parameters, each once, in the order of the text."""
    return tuple(dict.fromkeys(node.name for node in descendants(query) if isinstance(node, Parameter)))


class _Binder:
    """Replaces parameters below a node. Nodes without parameters stay the same objects."""

    def __init__(self, text: str, parameters: Mapping[str, object]) -> None:
        self._text = text
        self._parameters = parameters

    def bound(self, query: SelectQuery) -> SelectQuery:
        limit = self._integer(query.limit) if isinstance(query.limit, Parameter) else query.limit
        offset = self._integer(query.offset) if isinstance(query.offset, Parameter) else query.offset
        columns, source = self._walk(query.columns), self._walk(query.source)
        condition, order = self._walk(query.condition), self._walk(query.order)
        return replace(
            query, columns=columns, source=source, condition=condition, order=order, limit=limit, offset=offset
        )

    def _walk(self, node: _Node) -> _Node:
        if isinstance(node, Parameter):
            return cast(_Node, self._literal(node))
        if isinstance(node, tuple):
            members = tuple(self._walk(member) for member in node)
            is_same = all(new is old for new, old in zip(members, node, strict=True))
            return node if is_same else cast(_Node, members)
        if isinstance(node, NodeTest):
            return cast(_Node, self._node_test(node))
        if isinstance(node, Comparison) and isinstance(node.right, Parameter):
            return cast(_Node, self._comparison(node, node.right))
        if isinstance(node, PathTest) and isinstance(node.operand, Parameter):
            return cast(_Node, self._path_test(node, node.operand))
        if isinstance(node, FunctionCall):
            return cast(_Node, self._function(node))
        if isinstance(node, MatchesValues):
            return cast(_Node, self._matches(node))
        if isinstance(node, Like) and isinstance(node.pattern, Parameter):
            return cast(_Node, replace(node, left=self._walk(node.left), pattern=self._string(node.pattern)))
        changes = {}
        for name in child_names(node):
            old = getattr(node, name)
            if old is not None:
                new = self._walk(old)
                if new is not old:
                    changes[name] = new
        # Replacing needs a node class, which everything with changes is.
        return cast(_Node, replace(cast(Any, node), **changes)) if changes else node

    def _node_test(self, node: NodeTest) -> NodeTest:
        if not isinstance(node.node_id, Parameter) and not isinstance(node.name, Parameter):
            return node
        node_id = self._node_id(node.node_id) if isinstance(node.node_id, Parameter) else node.node_id
        name = self._string(node.name) if isinstance(node.name, Parameter) else node.name
        return replace(node, node_id=node_id, name=name)

    def _comparison(self, node: Comparison, parameter: Parameter) -> Condition:
        left = self._walk(node.left)
        readings = self._readings(parameter, self._single(parameter))
        terms = tuple(replace(node, left=left, right=reading) for reading in readings)
        return terms[0] if len(terms) == 1 else Or(terms, node.span)

    def _path_test(self, node: PathTest, parameter: Parameter) -> Predicate:
        path = self._walk(node.path)
        readings = self._readings(parameter, self._single(parameter))
        terms = tuple(replace(node, path=path, operand=reading) for reading in readings)
        return terms[0] if len(terms) == 1 else AnyTest(terms, node.span)

    def _function(self, node: FunctionCall) -> FunctionCall:
        signature = SIGNATURES.get(node.name)
        arguments: list[Expression] = []
        for index, argument in enumerate(node.arguments):
            if isinstance(argument, Parameter) and signature is not None and signature.arguments:
                readings = self._readings(argument, self._single(argument))
                arguments.append(readings[-1] if signature.kind_of(index) in _NUMBERS else readings[0])
            else:
                arguments.append(self._walk(argument))
        return replace(node, arguments=tuple(arguments))

    def _matches(self, node: MatchesValues) -> MatchesValues:
        values: list[Literal | Parameter | FunctionCall] = []
        for value in node.values:
            if isinstance(value, Parameter):
                values += self._literals(value)
            else:
                values.append(self._walk(value))
        is_bare = node.is_bare and not isinstance(node.values[0], Parameter)
        return replace(node, left=self._walk(node.left), values=tuple(values), is_bare=is_bare)

    def _value(self, parameter: Parameter) -> object:
        value = self._parameters.get(parameter.name)
        if value is None:
            raise self._error(parameter, "has no value")
        return value

    def _literals(self, parameter: Parameter) -> list[Literal]:
        value = self._value(parameter)
        if not isinstance(value, list | tuple):
            return self._readings(parameter, value)
        if len(value) > MAX_LIST:
            raise AqlTooExpensive(
                f"The list of ${parameter.name} may have {MAX_LIST} values.",
                limit="values",
                text=self._text,
                offset=parameter.span[0],
            )
        return [reading for member in value for reading in self._readings(parameter, member)]

    def _readings(self, parameter: Parameter, value: object) -> list[Literal]:
        """Return what a value may mean: itself, and for a spelling after the text what it spells."""
        literal = self._scalar(parameter, value)
        spelt = _spelt(value) if isinstance(value, Spelling) else None
        return [literal] if spelt is None else [literal, self._scalar(parameter, spelt)]

    def _literal(self, parameter: Parameter) -> Literal:
        return self._scalar(parameter, self._single(parameter))

    def _single(self, parameter: Parameter) -> object:
        value = self._value(parameter)
        if isinstance(value, list | tuple):
            raise self._error(parameter, "is a list, which only MATCHES takes", "a single value")
        return value

    def _scalar(self, parameter: Parameter, value: object) -> Literal:
        if isinstance(value, float) and not math.isfinite(value):
            raise self._error(parameter, "is no finite number", "a finite number")
        if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
            raise self._error(parameter, "has more than 64 bits", "a 64-bit integer")
        if not isinstance(value, str | int | float | bool):
            raise self._error(parameter, "is no scalar", "a string", "a number", "a boolean")
        plain = str(value) if isinstance(value, Spelling) else value
        return Literal.of(plain, span=parameter.span)

    def _string(self, parameter: Parameter) -> Literal:
        literal = self._literal(parameter)
        if not isinstance(literal.value, str):
            raise self._error(parameter, "is no string", "a string")
        return literal

    def _node_id(self, parameter: Parameter) -> NodeId:
        text = str(self._string(parameter).value)
        try:
            tokens = tokenise(text)
        except AqlError:
            tokens = []
        is_id = len(tokens) == 2 and tokens[0].kind in (TokenKind.ARCHETYPE_ID, TokenKind.NODE_ID)
        if not is_id:
            raise self._error(parameter, "is no archetype or node id", "an archetype id", "a node id")
        span: Span = parameter.span
        return NodeId(text.strip(), span)

    def _integer(self, parameter: Parameter) -> int:
        value = self._value(parameter)
        if isinstance(value, Spelling):
            value = _spelt(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._error(parameter, "is no integer", "an integer")
        return value

    def _error(self, parameter: Parameter, problem: str, *expected: str) -> AqlParameterError:
        wanted = f"; expected {' or '.join(expected)}" if expected else ""
        return AqlParameterError(
            f"The parameter ${parameter.name} {problem}{wanted}.",
            parameter=parameter.name,
            text=self._text,
            offset=parameter.span[0],
            expected=expected,
        )


def _spelt(text: str) -> int | float | bool | None:
    """Return the number or boolean that a text spells, None if it spells none; `0123` and `1e3` spell none."""
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.match(text) is None:
        return None
    number = float(text) if "." in text else int(text)
    return number if -(1 << 63) <= number < 1 << 63 else None
