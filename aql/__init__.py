"""The Archetype Query Language: parse, analyse, plan, run. Pure: knows no database and no HTTP.

The stages in order, each a function of values: `parse` makes a syntax tree of the text, `bind` puts the parameters in,
`analyse` checks the tree against the reference model. The planner and the interpreter go on from there.
"""

from aql.analyse import analyse
from aql.checked import CheckedQuery
from aql.errors import (
    AqlError,
    AqlIncomparable,
    AqlNotSupported,
    AqlParameterError,
    AqlSemanticError,
    AqlSyntaxError,
    AqlTooExpensive,
)
from aql.params import bind, parameter_names
from aql.parser import parse
from aql.path import ObjectPath, parse_path
from aql.result import ResultColumn, ResultSet
from aql.unparse import unparse

__all__ = [
    "AqlError",
    "AqlIncomparable",
    "AqlNotSupported",
    "AqlParameterError",
    "AqlSemanticError",
    "AqlSyntaxError",
    "AqlTooExpensive",
    "CheckedQuery",
    "ObjectPath",
    "ResultColumn",
    "ResultSet",
    "analyse",
    "bind",
    "parameter_names",
    "parse",
    "parse_path",
    "unparse",
]
