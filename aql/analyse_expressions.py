"""SELECT and WHERE: functions and their arguments, aggregates, comparisons that can never be true.

Types are those of the reference model and `String`, `Boolean`, `Integer`, `Real`. An empty set means that nothing is
known of a value.

Source: AQL 1.1.0, Functions, Operators; docs/aql.md.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from aql.analyse_paths import PathChecker, named
from aql.ast import (
    Aggregate,
    AggregateName,
    And,
    ColumnExpression,
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
from aql.checked import CheckedPath, Note
from aql.errors import AqlNotSupported, AqlTooExpensive
from aql.functions import RESULT_TYPES, SIGNATURES, Kind, Signature
from aql.path import Literal, LiteralKind, Parameter, Span

MAX_LIKE = 2_000
"""Characters of a pattern of LIKE: longer ones take more time to prepare than to match."""

NUMERIC = frozenset({"Integer", "Real", "DV_COUNT"})
SUMMABLE = NUMERIC | {"DV_QUANTITY"}
TEXTUAL = frozenset(
    {
        *("String", "DV_TEXT", "DV_CODED_TEXT", "DV_URI", "DV_EHR_URI", "DV_PARSABLE", "DV_IDENTIFIER"),
        *("CODE_PHRASE", "DV_DATE", "DV_TIME", "DV_DATE_TIME", "DV_DURATION", "HIER_OBJECT_ID"),
        *("OBJECT_VERSION_ID", "TERMINOLOGY_ID", "ARCHETYPE_ID", "TEMPLATE_ID", "GENERIC_ID", "UUID"),
        *("ISO_OID", "INTERNET_ID", "VERSION_TREE_ID"),
    }
)
COMPARABLE = TEXTUAL | SUMMABLE | {"Boolean", "DV_BOOLEAN", "DV_ORDINAL", "DV_SCALE", "DV_PROPORTION"}
"""Types whose values compare with something. The others (intervals, entries, parties) have no order."""

_NUMBERS = SUMMABLE | {"DV_ORDINAL", "DV_SCALE", "DV_PROPORTION"}
_ARGUMENTS = {Kind.TEXT: TEXTUAL, Kind.NUMBER: NUMERIC, Kind.INTEGER: NUMERIC}
_LITERAL_TYPES = {
    LiteralKind.STRING: frozenset({"String"}),
    LiteralKind.INTEGER: frozenset({"Integer"}),
    LiteralKind.REAL: frozenset({"Real"}),
    LiteralKind.BOOLEAN: frozenset({"Boolean"}),
    LiteralKind.NULL: frozenset[str](),
}


class ExpressionChecker:
    """Checks expressions and conditions; `path` checks one path and gives its types."""

    def __init__(self, paths: PathChecker, path: Callable[[IdentifiedPath], CheckedPath]) -> None:
        self.notes: list[Note] = []
        self._unlikely: dict[Span, Note] = {}
        self._likely: set[Span] = set()
        self._paths = paths
        self._path = path

    def column_types(self, expression: ColumnExpression) -> frozenset[str]:
        """Return the types of a column's values, having checked it."""
        match expression:
            case Aggregate():
                return self._aggregate_types(expression)
            case IdentifiedPath():
                return self._path(expression).types
            case FunctionCall():
                return self._function_types(expression)
            case Literal(kind=kind):
                return _LITERAL_TYPES[kind]
            case Parameter():
                return frozenset()

    @staticmethod
    def is_sortable(rm_type: str) -> bool:
        """Tell whether values of the type have an order."""
        return rm_type in COMPARABLE

    def check_condition(self, condition: Condition) -> None:
        """Check a condition and all that is in it."""
        match condition:
            case And(terms=terms) | Or(terms=terms):
                for term in terms:
                    self.check_condition(term)
            case Not(condition=inner):
                self.check_condition(inner)
            case Exists(path=path):
                self._path(path)
            case Comparison():
                self._check_comparison(condition)
            case Like(left=left, pattern=wanted):
                self._check_text(left, "LIKE")
                if isinstance(wanted, Literal) and len(str(wanted.value)) > MAX_LIKE:
                    raise AqlTooExpensive(
                        f"A pattern of LIKE may have {MAX_LIKE} characters.",
                        limit="pattern",
                        text=self._paths.text,
                        offset=condition.span[0],
                    )
            case MatchesPattern(left=left, pattern=pattern):
                self._check_text(left, "A regular expression")
                self._paths.check_pattern(pattern, condition.span)
            case MatchesUri(left=left):
                self.column_types(left)
            case MatchesValues(left=left, values=values):
                self.column_types(left)
                for value in values:
                    self.column_types(value)

    def _check_comparison(self, comparison: Comparison) -> None:
        left, right = self.column_types(comparison.left), self.column_types(comparison.right)
        if isinstance(comparison.right, Literal) and comparison.right.kind is LiteralKind.NULL:
            self.notes.append(
                Note("NULL_COMPARISON", "A comparison with NULL is never true; use EXISTS.", comparison.span[0])
            )
        for side, types in ((comparison.left, left), (comparison.right, right)):
            if types and types.isdisjoint(COMPARABLE):
                raise self._paths.error(f"{named(types)} does not compare with anything.", side.span)
        self._note_what_never_holds(comparison, left, right)

    def _note_what_never_holds(self, comparison: Comparison, left: frozenset[str], right: frozenset[str]) -> None:
        """Remark on a comparison whose sides are never of one kind: legal, and unknown for all data."""
        if not left or not right:
            return
        if _families(left).isdisjoint(_families(right)):
            message = f"{named(left & COMPARABLE)} never compares with {named(right & COMPARABLE)}."
            self._unlikely.setdefault(comparison.span, Note("NEVER_COMPARABLE", message, comparison.span[0]))
        else:
            self._likely.add(comparison.span)

    def finished_notes(self) -> tuple[Note, ...]:
        """Return all remarks, in the order of the text.

        A parameter whose type was not known stands there as text and as number, in one place: one of them is enough.
        """
        unlikely = [note for span, note in self._unlikely.items() if span not in self._likely]
        return tuple(sorted([*self.notes, *unlikely], key=lambda note: note.offset))

    def _check_text(self, left: IdentifiedPath | FunctionCall, what: str) -> None:
        types = self.column_types(left)
        if types and types.isdisjoint(TEXTUAL):
            raise self._paths.error(f"{what} takes text; this is {named(types)}.", left.span)

    def _aggregate_types(self, aggregate: Aggregate) -> frozenset[str]:
        if aggregate.argument is None:
            return frozenset({"Integer"})
        types = self._path(aggregate.argument).types
        if aggregate.name is AggregateName.COUNT:
            return frozenset({"Integer"})
        if aggregate.name in (AggregateName.MIN, AggregateName.MAX):
            if types.isdisjoint(COMPARABLE):
                raise self._paths.error(
                    f"{aggregate.name.value} needs an order; {named(types)} has none.", aggregate.span
                )
            return types & COMPARABLE
        if types.isdisjoint(SUMMABLE):
            raise self._paths.error(
                f"{aggregate.name.value} takes numbers and quantities; this is {named(types)}.", aggregate.span
            )
        result = types & {"DV_QUANTITY"}
        return result | (frozenset({"Real"}) if aggregate.name is AggregateName.AVG else frozenset({"Integer", "Real"}))

    def _function_types(self, call: FunctionCall) -> frozenset[str]:
        signature = SIGNATURES.get(call.name)
        if signature is None:
            raise self._unknown(call)
        if not signature.takes(len(call.arguments)):
            raise self._paths.error(
                f"{call.name} takes {signature.counts} arguments, not {len(call.arguments)}.", call.span
            )
        for index in range(len(call.arguments)):
            self._check_argument(call, signature, index)
        return RESULT_TYPES[signature.result]

    def _check_argument(self, call: FunctionCall, signature: Signature, index: int) -> None:
        argument, kind = call.arguments[index], signature.kind_of(index)
        types = self.column_types(argument)
        wanted = _ARGUMENTS.get(kind)
        if types and wanted is not None and types.isdisjoint(wanted):
            raise self._paths.error(
                f"Argument {index + 1} of {call.name} is a {kind.value}; this is {named(types)}.", argument.span
            )

    def _unknown(self, call: FunctionCall) -> Exception:
        if call.name in AggregateName.__members__:
            return self._paths.error(f"The aggregate function {call.name} can only be a column of SELECT.", call.span)
        near = get_close_matches(call.name, SIGNATURES, n=2, cutoff=0.6)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        return AqlNotSupported(
            f"There is no function {call.name}.{hint}", feature="function", text=self._paths.text, offset=call.span[0]
        )


def _families(types: frozenset[str]) -> set[str]:
    """Return what kinds of values the types have; dates compare with text, which may spell them."""
    return {
        "number" if found in _NUMBERS else "boolean" if found in ("Boolean", "DV_BOOLEAN") else "text"
        for found in types & COMPARABLE
    }
