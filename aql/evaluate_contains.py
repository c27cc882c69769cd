"""FROM as closures: every combination of nodes that a term matches, as tuples in the order of the slots.

The search inside an object only goes where the reference model lets a wanted class be (`aql.reach`), in document order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from math import prod

from aql.errors import AqlTooExpensive
from aql.evaluate_nodes import NodePredicate, compile_predicate
from aql.objects import Binding, Bound, Node, StoredObject, Unit, root_of
from aql.plan import AllTerms, AnyTerms, EhrTerm, EitherPlace, NodeTerm, Slot, SourceTerm, Term, VersionTerm
from aql.reach import Reach
from aql.values import ValueRules

Matcher = Callable[[Bound, StoredObject | None, Unit], list[Binding]]
"""From the thing at hand, the object it is in and the unit, to all bindings."""

_NOTHING: list[Binding] = []

MAX_BINDINGS = 500_000
"""Combinations of nodes that one object, or one EHR where rows are built EHR by EHR, may give."""


def compile_term(term: Term, *, reach: Reach, rules: ValueRules) -> Matcher:
    """Return the function that finds all bindings of a term."""
    return _Compiler(reach, rules).matcher(term)


def width_of(term: Term | None) -> int:
    """Return how many slots a term binds."""
    match term:
        case None:
            return 0
        case NodeTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            return _own(slot) + (0 if is_excluded else width_of(contained))
        case VersionTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            return _own(slot) + (0 if is_excluded else width_of(contained))
        case EhrTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            return _own(slot) + (0 if is_excluded else width_of(contained))
        case SourceTerm(term=inner):
            return width_of(inner)
        case AllTerms(terms=terms) | AnyTerms(terms=terms):
            return sum(width_of(each) for each in terms)
        case EitherPlace(places=places):
            return width_of(places[0])


def _own(slot: Slot) -> int:
    return 1 if slot.number >= 0 else 0


class _Compiler:
    def __init__(self, reach: Reach, rules: ValueRules) -> None:
        self._reach = reach
        self._rules = rules

    def matcher(self, term: Term, *, is_outer: bool = False) -> Matcher:
        """Compile a term; `is_outer` where the root of the current object itself can be meant."""
        match term:
            case NodeTerm():
                return self._nodes(term, is_outer=is_outer)
            case VersionTerm():
                return self._version(term)
            case SourceTerm():
                return self._source(term)
            case EhrTerm():
                return self._ehr(term)
            case AllTerms(terms=terms):
                return self._all(tuple(self.matcher(each, is_outer=is_outer) for each in terms))
            case AnyTerms(terms=terms):
                return self._any(terms, is_outer=is_outer)
            case EitherPlace(places=places):
                matchers = tuple(self.matcher(place) for place in places)
                return lambda at, held, unit: [found for match in matchers for found in match(at, held, unit)]

    def _below(self, term: NodeTerm | VersionTerm | EhrTerm) -> Matcher:
        """Return what a matched thing binds: itself, with everything its CONTAINS matches."""
        is_bound = term.slot.number >= 0
        if term.contained is None:
            if is_bound:
                return lambda at, held, unit: [(at,)]
            return lambda at, held, unit: [()]
        contained = self.matcher(term.contained, is_outer=isinstance(term, VersionTerm))
        if term.is_excluded:
            if is_bound:
                return lambda at, held, unit: _NOTHING if contained(at, held, unit) else [(at,)]
            return lambda at, held, unit: _NOTHING if contained(at, held, unit) else [()]
        if is_bound:
            return lambda at, held, unit: [(at, *found) for found in contained(at, held, unit)]
        return contained

    def _nodes(self, term: NodeTerm, *, is_outer: bool) -> Matcher:
        targets = self._reach.concrete(term.slot.rm_type)
        routes = self._reach.routes(targets)
        test = None if term.slot.predicate is None else compile_predicate(term.slot.predicate, self._rules)
        below = self._below(term)
        is_last = term.contained is None and term.slot.number >= 0

        def inner(at: Bound, held: StoredObject | None, unit: Unit) -> list[Binding]:
            root = root_of(at)
            if root is None:
                return _NOTHING
            found: list[Node] = []
            _search(root, targets, routes, test, found)
            if is_last:
                return [(node,) for node in found]
            return gathered(below(node, held, unit) for node in found)

        def outer(at: Bound, held: StoredObject | None, unit: Unit) -> list[Binding]:
            assert held is not None, "an object is matched inside a source"
            if held.kind in targets and test is None and held.kind not in routes:
                # The root alone can match, and its kind says what it is: nothing has to be decoded.
                return below(held, held, unit)
            root = held.root
            if root is None:
                return _NOTHING
            bindings = []
            if root.get("_type") in targets and (test is None or test(root)):
                bindings.extend(below(held, held, unit))
            if routes.get(root.get("_type", "")):
                bindings.extend(inner(root, held, unit))
            return bindings

        return outer if is_outer else inner

    def _version(self, term: VersionTerm) -> Matcher:
        test = None if term.slot.predicate is None else compile_predicate(term.slot.predicate, self._rules)
        below = self._below(term)

        def match(at: Bound, held: StoredObject | None, unit: Unit) -> list[Binding]:
            assert held is not None, "a version is matched inside a source"
            version = held.version
            if test is not None and not test(version.root):
                return _NOTHING
            return below(version, held, unit)

        return match

    def _source(self, term: SourceTerm) -> Matcher:
        number = term.source
        inner = self.matcher(term.term, is_outer=True)
        if not term.is_linked:
            return lambda at, held, unit: gathered(inner(each, each, unit) for each in unit.objects[number])

        def match(at: Bound, held: StoredObject | None, unit: Unit) -> list[Binding]:
            linked = linked_objects(root_of(at))
            return [
                found for each in unit.objects[number] if each.object_id in linked for found in inner(each, each, unit)
            ]

        return match

    def _ehr(self, term: EhrTerm) -> Matcher:
        test = None if term.slot.predicate is None else compile_predicate(term.slot.predicate, self._rules)
        below = self._below(term)

        def match(at: Bound, held: StoredObject | None, unit: Unit) -> list[Binding]:
            ehr = unit.ehr
            if ehr is None or (test is not None and not test(ehr.root)):
                return _NOTHING
            return below(ehr, held, unit)

        return match

    def _all(self, matchers: tuple[Matcher, ...]) -> Matcher:
        def match(at: Bound, held: StoredObject | None, unit: Unit) -> list[Binding]:
            sides = []
            for matcher in matchers:
                found = matcher(at, held, unit)
                if not found:
                    return _NOTHING
                sides.append(found)
            return joined(sides)

        return match

    def _any(self, terms: tuple[Term, ...], *, is_outer: bool) -> Matcher:
        sides: list[tuple[Matcher, list[Binding]]] = [
            (self.matcher(term, is_outer=is_outer), [(None,) * width_of(term)]) for term in terms
        ]

        def match(at: Bound, held: StoredObject | None, unit: Unit) -> list[Binding]:
            found = [(matcher(at, held, unit), missing) for matcher, missing in sides]
            if not any(bindings for bindings, _ in found):
                return _NOTHING
            return joined([bindings or missing for bindings, missing in found])

        return match


def gathered(parts: Iterable[list[Binding]]) -> list[Binding]:
    """Return all bindings of the parts. Errors: AqlTooExpensive for too many."""
    found: list[Binding] = []
    for part in parts:
        found.extend(part)
        if len(found) > MAX_BINDINGS:
            raise too_many()
    return found


def too_many() -> AqlTooExpensive:
    """Return the error for a FROM that matches in too many ways."""
    return AqlTooExpensive(
        f"The classes of FROM may match in {MAX_BINDINGS} combinations at a time.", limit="combinations"
    )


def joined(sides: list[list[Binding]]) -> list[Binding]:
    """Return every combination of the sides, each as one tuple. Errors: AqlTooExpensive for too many."""
    if prod(map(len, sides)) > MAX_BINDINGS:
        raise too_many()
    if len(sides) == 2:
        return [(*left, *right) for left in sides[0] for right in sides[1]]
    return [tuple(value for side in combination for value in side) for combination in product(*sides)]


def _search(
    node: Node,
    targets: frozenset[str],
    routes: Mapping[str, tuple[str, ...]],
    test: NodePredicate | None,
    found: list[Node],
) -> None:
    """Collect the nodes below a node that are of a wanted class and pass the test, in document order."""
    for attribute in routes.get(node.get("_type", ""), ()):
        below = node.get(attribute)
        if below is None:
            continue
        for each in below if isinstance(below, list) else (below,):
            # Strings and numbers stand where a primitive type is wanted, and contain nothing.
            if not isinstance(each, dict):
                continue
            rm_type = each.get("_type", "")
            if rm_type in targets and (test is None or test(each)):
                found.append(each)
            if rm_type in routes:
                _search(each, targets, routes, test, found)


def linked_objects(folder: Node | None) -> frozenset[str]:
    """Return the ids of the versioned objects that a folder, or one below it, refers to."""
    found: set[str] = set()
    waiting = [] if folder is None else [folder]
    while waiting:
        at = waiting.pop()
        for item in at.get("items") or ():
            reference = (item.get("id") or {}).get("value")
            if isinstance(reference, str):
                found.add(reference.split("::", 1)[0])
        waiting.extend(at.get("folders") or ())
    return frozenset(found)
