"""The FROM clause: which classes there are, whether each can contain the next, and what their predicates allow.

Containment goes any number of levels down. Beyond the attributes of the reference model, an EHR contains its versioned
objects and their versions, a VERSION what it holds, and a FOLDER the compositions that its items refer to.

Source: AQL 1.1.0, Containment; docs/aql.md, FROM.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import Enum

from aql.analyse_paths import PathChecker, named
from aql.ast import ClassExpression, ContainsAll, ContainsAny, FromExpression, VersionExpression
from aql.checked import CheckedClass
from aql.errors import AqlNotSupported, AqlSemanticError
from aql.path import NodeTest

_EHR_ROOTS = ("COMPOSITION", "EHR_STATUS", "FOLDER")
_ROOTS = (*_EHR_ROOTS, "PARTY", "PARTY_RELATIONSHIP")


class Place(Enum):
    """What stands around a class expression, beside plain nodes."""

    TOP = "top"
    EHR = "EHR"
    VERSION = "VERSION"
    FOLDER = "FOLDER"
    NODE = "node"


class SourceChecker:
    """Checks one FROM clause; `classes` fills up in the order of the text."""

    def __init__(self, paths: PathChecker, text: str) -> None:
        self.classes: list[CheckedClass] = []
        self.variables: dict[str, CheckedClass] = {}
        self._paths = paths
        self._text = text

    def check(self, source: FromExpression) -> None:
        """Check a whole clause. Joined terms at the top are those of one EHR."""
        place = Place.EHR if isinstance(source, ContainsAll | ContainsAny) else Place.TOP
        self._check(source, place, frozenset(), is_bound=True)

    def _check(self, source: FromExpression, place: Place, around: frozenset[str], *, is_bound: bool) -> None:
        if isinstance(source, ContainsAll | ContainsAny):
            for term in source.terms:
                self._check(term, place, around, is_bound=is_bound)
            return
        found = self._class(source.source, place, around, is_bound=is_bound)
        self.classes.append(found)
        if found.variable is not None:
            if found.variable in self.variables:
                raise self._error(f"The variable {source.source.variable} is defined twice.", source.source.span[0])
            self.variables[found.variable] = found
        if source.contained is not None:
            below = is_bound and not source.is_excluded
            self._check(source.contained, _place(found), found.types, is_bound=below)

    def _class(
        self, expression: ClassExpression | VersionExpression, place: Place, around: frozenset[str], *, is_bound: bool
    ) -> CheckedClass:
        number = len(self.classes)
        variable = None if expression.variable is None else expression.variable.lower()
        if isinstance(expression, VersionExpression):
            if place in (Place.NODE, Place.VERSION):
                raise self._error("VERSION can stand under EHR and FOLDER only.", expression.span[0])
            types = self._paths.catalog.subtypes("VERSION")
        else:
            types = self._types(expression)
            self._check_place(expression, types, place, around)
        if expression.predicate is not None:
            if isinstance(expression, VersionExpression) and isinstance(expression.predicate, NodeTest):
                raise self._error("A VERSION is no archetyped node.", expression.predicate.span[0])
            types = self._paths.narrowed(types, expression.predicate)
        return CheckedClass(number, expression, variable, types, is_bound)

    def _types(self, expression: ClassExpression) -> frozenset[str]:
        catalog, name = self._paths.catalog, expression.rm_type
        if not catalog.is_class(name) or catalog.is_primitive(name):
            known = sorted(set().union(*(catalog.supertypes(found) for found in catalog.subtypes("LOCATABLE"))))
            near = get_close_matches(name, [*known, "EHR", "VERSION"], n=3, cutoff=0.6)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise self._error(f"{name} is no class of the reference model.{hint}", expression.span[0], *near)
        return catalog.subtypes(name)

    def _check_place(
        self, expression: ClassExpression, types: frozenset[str], place: Place, around: frozenset[str]
    ) -> None:
        name, offset = expression.rm_type, expression.span[0]
        if name == "EHR":
            if place is not Place.TOP:
                raise AqlNotSupported(
                    "EHR can only stand first in FROM.", feature="ehr_inside", text=self._text, offset=offset
                )
            return
        if name == "EHR_ACCESS":
            raise AqlNotSupported("EHR_ACCESS is not stored.", feature="ehr_access", text=self._text, offset=offset)
        match place:
            case Place.TOP | Place.VERSION:
                is_possible, container = self._is_within(types, _ROOTS), "No versioned object"
            case Place.EHR:
                is_possible, container = self._is_within(types, _EHR_ROOTS), "No object of an EHR"
            case Place.FOLDER:
                is_possible = self._is_below(types, around) or self._is_within(types, ("COMPOSITION",))
                container = "Neither a FOLDER nor a COMPOSITION in it"
            case Place.NODE:
                is_possible, container = self._is_below(types, around), f"No {named(around)}"
        if not is_possible:
            raise self._error(f"{container} contains {name}.", offset)

    def _is_within(self, types: frozenset[str], roots: tuple[str, ...]) -> bool:
        """Tell whether one of the types is the class of an object, or can be inside one."""
        objects = frozenset().union(*(self._paths.catalog.subtypes(root) for root in roots))
        return not types.isdisjoint(objects) or self._is_below(types, objects)

    def _is_below(self, types: frozenset[str], around: frozenset[str]) -> bool:
        routes = self._paths.reach.routes(types)
        return any(found in routes for found in around)

    def _error(self, message: str, offset: int, *expected: str) -> AqlSemanticError:
        return AqlSemanticError(message, text=self._text, offset=offset, expected=expected)


def _place(found: CheckedClass) -> Place:
    """Return the place that a class makes for what it contains."""
    if found.is_ehr:
        return Place.EHR
    if found.is_version:
        return Place.VERSION
    # An abstract class such as LOCATABLE may be a folder as well: then what folders contain is possible too.
    return Place.FOLDER if "FOLDER" in found.types else Place.NODE
