"""Which types lie along a path, and what is wrong with it: attributes that do not exist, predicates that never hold.

Called for every path of a query and for the paths inside predicates. The types along a path are sets, since the
reference model allows several classes at most places and a template is not asked.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import cast

from aql.ast import IdentifiedPath
from aql.catalog import RmCatalog
from aql.checked import CheckedPath, CheckedStep
from aql.errors import AqlNotSupported, AqlSemanticError
from aql.node_tests import archetype_class
from aql.path import (
    AllTests,
    AnyTest,
    IndexTest,
    NodeId,
    NodeTest,
    ObjectPath,
    PathSegment,
    PathTest,
    PatternTest,
    Predicate,
    Span,
)
from aql.patterns import is_pattern
from aql.reach import Reach

MAX_NAMED = 4
"""Types that a message names before it says how many more there are."""


@lru_cache(maxsize=8)
def _graph(catalog: Hashable) -> Reach:
    return Reach(cast(RmCatalog, catalog))


def reach_of(catalog: RmCatalog) -> Reach:
    """Return the graph of a catalog, the same one for all queries."""
    return _graph(cast(Hashable, catalog))


class PathChecker:
    """Checks the paths of one query."""

    def __init__(self, catalog: RmCatalog, text: str) -> None:
        self.catalog = catalog
        self.reach = reach_of(catalog)
        self.text = text

    def checked(self, path: IdentifiedPath, class_number: int, types: frozenset[str]) -> CheckedPath:
        """Return the path with its types. `types` are those of the variable."""
        root = types
        if path.predicate is not None:
            root = self.narrowed(types, path.predicate)
        return CheckedPath(path.normal, class_number, root, self.steps(root, path.path))

    def steps(self, types: frozenset[str], path: ObjectPath) -> tuple[CheckedStep, ...]:
        """Return the steps of a path that starts at nodes of the types."""
        steps = []
        for segment in path.segments:
            step = self._step(types, segment)
            steps.append(step)
            types = step.types
        return tuple(steps)

    def narrowed(self, types: frozenset[str], predicate: Predicate) -> frozenset[str]:
        """Return the types that can pass a predicate.

        Errors: AqlSemanticError where none can, or where a path inside the predicate is wrong.
        """
        match predicate:
            case NodeTest():
                return self._node_types(types, predicate)
            case PathTest(path=path, operand=operand):
                self.steps(types, path)
                if isinstance(operand, ObjectPath):
                    self.steps(types, operand)
                return types
            case PatternTest(path=path, pattern=pattern):
                self.steps(types, path)
                self.check_pattern(pattern, predicate.span)
                return types
            case AllTests(terms=terms):
                for term in terms:
                    types = self.narrowed(types, term)
                return types
            case AnyTest(terms=terms):
                return frozenset().union(*(self.narrowed(types, term) for term in terms))
            case IndexTest():
                raise AqlNotSupported(
                    "AQL has no positions.", feature="position", text=self.text, offset=predicate.span[0]
                )

    def check_pattern(self, pattern: str, span: Span) -> None:
        """Refuse a regular expression that is none."""
        if not is_pattern(pattern):
            raise self.error("This is no regular expression of RE2.", span)

    def error(self, message: str, span: Span, *expected: str) -> AqlSemanticError:
        """Return the error that something illegal stands at a place."""
        return AqlSemanticError(message, text=self.text, offset=span[0], expected=expected)

    def _step(self, types: frozenset[str], segment: PathSegment) -> CheckedStep:
        below = self.reach.below(types, segment.attribute)
        if not below:
            raise self._no_attribute(types, segment)
        is_multiple = self.reach.is_many(types, segment.attribute)
        if segment.predicate is not None:
            below = self.narrowed(below, segment.predicate)
        return CheckedStep(segment.attribute, is_multiple, below)

    def _node_types(self, types: frozenset[str], test: NodeTest) -> frozenset[str]:
        able = frozenset(found for found in types if "archetype_node_id" in self.catalog.attributes(found))
        if not able:
            raise self.error(f"{named(types)} has no archetype_node_id.", test.span)
        if not isinstance(test.node_id, NodeId) or not test.node_id.is_archetype_id:
            return able
        rm_class = archetype_class(test.node_id.value)
        if not self.catalog.is_class(rm_class):
            raise self.error("The archetype id names no class of the reference model.", test.span)
        fitting = able & self.catalog.subtypes(rm_class)
        if not fitting:
            raise self.error(
                f"An archetype of {rm_class} cannot stand here; possible is {named(able)}.",
                test.span,
                *sorted(able),
            )
        return fitting

    def _no_attribute(self, types: frozenset[str], segment: PathSegment) -> AqlSemanticError:
        known = sorted({name for found in types for name in self.catalog.attributes(found)})
        near = get_close_matches(segment.attribute.lower(), known, n=3, cutoff=0.6)
        if types == {"EHR"} and segment.attribute == "uid":
            # Examples of the specification still have `EHR[uid = $ehrUid]`.
            near = ["ehr_id"]
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        return self.error(f"{named(types)} has no attribute {segment.attribute}.{hint}", segment.span, *(near or known))


def named(types: Iterable[str]) -> str:
    """Return types as a readable list."""
    names = sorted(types)
    if len(names) <= MAX_NAMED:
        return " or ".join(names)
    return f"{', '.join(names[:MAX_NAMED])} or {len(names) - MAX_NAMED} more types"
