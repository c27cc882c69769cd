"""The FROM clause as terms over sources: which class is met inside which object, and which objects are looked into.

Class expressions directly under an EHR (or alone) open a source: a set of versioned objects. Everything below is met
inside such an object, except what a FOLDER contains: that can also be in the compositions its items refer to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from aql.ast import (
    ClassExpression,
    Containment,
    ContainsAll,
    ContainsAny,
    FromExpression,
    VersionExpression,
    VersionScope,
)
from aql.errors import AqlNotSupported, AqlSemanticError
from aql.path import NO_SPAN, Predicate, Span
from aql.plan import (
    AllTerms,
    AnyTerms,
    EhrTerm,
    EitherPlace,
    NodeTerm,
    Slot,
    Source,
    SourceTerm,
    Term,
    Versions,
    VersionTerm,
)
from aql.reach import EHR_KINDS, Reach


class Place(Enum):
    """Where a class expression stands."""

    TOP = auto()
    EHR = auto()
    OBJECT = auto()
    NODE = auto()
    FOLDER = auto()


_SCOPES = {None: Versions.CURRENT, VersionScope.LATEST: Versions.LATEST, VersionScope.ALL: Versions.ALL}


@dataclass(frozen=True, slots=True)
class Sources:
    """What FROM became."""

    term: Term
    slots: tuple[Slot, ...]
    sources: tuple[Source, ...]


def build_sources(source: FromExpression, *, reach: Reach, text: str) -> Sources:
    """Return the terms, slots and sources of a FROM clause.

    Errors: AqlSemanticError where a class cannot stand under the one above it, AqlNotSupported for an EHR inside
    another combination.
    """
    builder = _Builder(reach, text)
    if isinstance(source, Containment):
        term = builder.term(source, Place.TOP, is_bound=True)
    else:
        # Terms joined at the top are those of one EHR: without it they would be every combination of the tenant.
        slot = builder.slot("EHR", None, None, NO_SPAN, is_bound=True)
        term = EhrTerm(slot, builder.term(source, Place.EHR, is_bound=True))
    return Sources(term, tuple(builder.slots), tuple(builder.sources))


class _Builder:
    def __init__(self, reach: Reach, text: str) -> None:
        self.slots: list[Slot] = []
        self.sources: list[Source] = []
        self._reach = reach
        self._text = text

    def slot(
        self, rm_type: str, variable: str | None, predicate: Predicate | None, span: Span, *, is_bound: bool
    ) -> Slot:
        """Number a class expression; those that NOT CONTAINS excludes are never bound and get no number."""
        number = len(self.slots) if is_bound else -1
        slot = Slot(number, variable, rm_type, predicate, span)
        if is_bound:
            self.slots.append(slot)
        return slot

    def term(self, expression: FromExpression, place: Place, *, is_bound: bool) -> Term:
        """Return the term of an expression that stands at a place."""
        if isinstance(expression, ContainsAll):
            return AllTerms(tuple(self.term(term, place, is_bound=is_bound) for term in expression.terms))
        if isinstance(expression, ContainsAny):
            return AnyTerms(tuple(self.term(term, place, is_bound=is_bound) for term in expression.terms))
        if isinstance(expression.source, VersionExpression):
            return self._version(expression, expression.source, place, is_bound=is_bound)
        if expression.source.rm_type == "EHR":
            return self._ehr(expression, expression.source, place)
        return self._class(expression, expression.source, place, is_bound=is_bound)

    def _ehr(self, expression: Containment, source: ClassExpression, place: Place) -> Term:
        if place is not Place.TOP:
            raise AqlNotSupported(
                "EHR can only stand first in FROM.", feature="ehr_inside", text=self._text, offset=source.span[0]
            )
        slot = self.slot("EHR", source.variable, source.predicate, source.span, is_bound=True)
        return EhrTerm(slot, self._contained(expression, Place.EHR, is_bound=True), expression.is_excluded)

    def _version(self, expression: Containment, source: VersionExpression, place: Place, *, is_bound: bool) -> Term:
        if place in (Place.OBJECT, Place.NODE):
            raise self._illegal(source.span, "VERSION can stand under EHR and FOLDER only.")
        kinds: tuple[str, ...] = EHR_KINDS
        if expression.contained is not None and not expression.is_excluded:
            kinds = self._kinds(expression.contained)
        elif place is Place.TOP:
            kinds = (*EHR_KINDS, "PARTY")
        versions = Versions.ALL if source.predicate is not None else _SCOPES[source.scope]
        number = self._source(kinds if place is not Place.FOLDER else ("COMPOSITION",), versions)
        slot = self.slot("VERSION", source.variable, source.predicate, source.span, is_bound=is_bound)
        contained = self._contained(expression, Place.OBJECT, is_bound=is_bound)
        term = VersionTerm(slot, contained, expression.is_excluded)
        return SourceTerm(number, term, is_linked=place is Place.FOLDER)

    def _class(self, expression: Containment, source: ClassExpression, place: Place, *, is_bound: bool) -> Term:
        types = self._reach.concrete(source.rm_type)
        if place in (Place.OBJECT, Place.NODE):
            return self._node(expression, source, is_bound=is_bound)
        kinds = self._reach.kinds_with(types)
        if place is not Place.FOLDER:
            if not kinds or (place is Place.EHR and kinds == ("PARTY",)):
                raise self._illegal(source.span, f"No object of an EHR contains {source.rm_type}.")
            number = self._source(kinds, Versions.CURRENT)
            return SourceTerm(number, self._node(expression, source, is_bound=is_bound))
        places: list[Term] = []
        start = len(self.slots)
        if "FOLDER" in kinds:
            places.append(self._node(expression, source, is_bound=is_bound))
        if "COMPOSITION" in kinds:
            # The second place binds the same slots as the first.
            del self.slots[start:]
            number = self._source(("COMPOSITION",), Versions.CURRENT)
            places.append(SourceTerm(number, self._node(expression, source, is_bound=is_bound), is_linked=True))
        if not places:
            raise self._illegal(source.span, f"A FOLDER does not contain {source.rm_type}.")
        return places[0] if len(places) == 1 else EitherPlace(tuple(places))

    def _node(self, expression: Containment, source: ClassExpression, *, is_bound: bool) -> NodeTerm:
        slot = self.slot(source.rm_type, source.variable, source.predicate, source.span, is_bound=is_bound)
        below = Place.FOLDER if source.rm_type == "FOLDER" else Place.NODE
        return NodeTerm(slot, self._contained(expression, below, is_bound=is_bound), expression.is_excluded)

    def _contained(self, expression: Containment, place: Place, *, is_bound: bool) -> Term | None:
        if expression.contained is None:
            return None
        return self.term(expression.contained, place, is_bound=is_bound and not expression.is_excluded)

    def _source(self, kinds: tuple[str, ...], versions: Versions) -> int:
        self.sources.append(Source(len(self.sources), kinds, versions))
        return len(self.sources) - 1

    def _kinds(self, contained: FromExpression) -> tuple[str, ...]:
        """Return the kinds of objects that can hold all (AND) or any (OR) of the classes."""
        if isinstance(contained, Containment):
            if isinstance(contained.source, VersionExpression):
                raise self._illegal(contained.source.span, "A VERSION cannot contain a VERSION.")
            return self._reach.kinds_with(self._reach.concrete(contained.source.rm_type))
        each = [self._kinds(term) for term in contained.terms]
        if isinstance(contained, ContainsAny):
            return tuple(dict.fromkeys(kind for kinds in each for kind in kinds))
        return tuple(kind for kind in each[0] if all(kind in kinds for kinds in each))

    def _illegal(self, span: Span, message: str) -> AqlSemanticError:
        return AqlSemanticError(message, text=self._text, offset=span[0])
