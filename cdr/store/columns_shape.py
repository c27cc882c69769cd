"""Which queries the column cache can answer, and what two queries must share to use the same columns.

A shape is FROM with the paths of a query: everything that decides the working rows of an object before WHERE. What
WHERE, SELECT, ORDER BY and LIMIT make of the rows differs from query to query.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from aql.ast import Aggregate, AggregateName, Expression, IdentifiedPath
from aql.catalog import RmCatalog
from aql.plan import (
    AllTerms,
    AnyTerms,
    EhrTerm,
    EitherPlace,
    Mode,
    NodeTerm,
    Plan,
    Slot,
    SourceTerm,
    Step,
    Term,
    Versions,
    VersionTerm,
)
from aql.plan_paths import condition_paths, exists_paths, paths_of


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape: `key` is equal for equal shapes, `plan` gives its working rows, `whole` are columns of whole nodes.

    Of whole nodes only their presence is kept; they are read anew for the rows of an answer.
    """

    key: Hashable
    plan: Plan
    whole: frozenset[int]


def shape_of(plan: Plan, catalog: RmCatalog) -> Shape | str:
    """Return the shape of a plan, or why columns cannot answer it."""
    if plan.mode is not Mode.STREAM:
        return "rows are built EHR by EHR"
    source = plan.sources[0]
    if plan.ehrs.ids is not None or source.object_ids is not None or source.version_uids is not None:
        return "a few EHRs or objects are named"
    if source.versions is not Versions.CURRENT or source.needs_version or plan.ehrs.needs_record:
        return "it asks for versions or for EHRs as such"
    whole = frozenset(_whole(plan, catalog))
    used = _compared(plan)
    if used is None:
        return "it asks whether a path exists"
    if not used.isdisjoint(whole):
        return "it compares whole nodes"
    stripped = replace(
        plan,
        condition=None,
        limit=None,
        offset=0,
        can_stop_early=False,
        sources=(replace(source, leaves=(), template_ids=None),),
    )
    key = (_term(plan.term), tuple((tree.slot, _step(tree.root)) for tree in plan.paths), source.kinds)
    return Shape((*key, tuple(sorted(whole)), source.needs_content, plan.subject_columns), stripped, whole)


def _whole(plan: Plan, catalog: RmCatalog) -> Iterator[int]:
    """Yield the columns that hold objects with a node id, or the bound things themselves, and those of no path."""
    yield from frozenset(range(plan.width)) - frozenset(plan.columns.values())
    for path, number in plan.columns.items():
        found = plan.checked.paths.get(path)
        is_bound = not path.path.segments
        if is_bound or found is None or any("archetype_node_id" in catalog.attributes(each) for each in found.types):
            yield number


def _compared(plan: Plan) -> frozenset[int] | None:
    """Return the columns whose values decide about rows; None where a condition goes on from whole nodes."""
    paths: list[IdentifiedPath] = []
    if plan.condition is not None:
        if any(True for _ in exists_paths(plan.condition)):
            return None
        paths.extend(condition_paths(plan.condition))
    for key in plan.checked.order:
        if not isinstance(key.expression, Aggregate):
            paths.extend(paths_of(key.expression))
    for column in plan.query.columns:
        expression = column.expression
        if isinstance(expression, Aggregate):
            is_counted = expression.name is AggregateName.COUNT and not expression.is_distinct
            if expression.argument is not None and not is_counted:
                paths.extend(paths_of(expression.argument))
        elif plan.query.is_distinct:
            paths.extend(_all_paths(expression))
    return frozenset(plan.column_of(path) for path in paths)


def _all_paths(expression: Expression) -> Iterator[IdentifiedPath]:
    return paths_of(expression)


def _step(step: Step) -> Hashable:
    below = tuple(_step(each) for each in step.steps)
    return (step.attribute, step.predicate, step.is_counted, step.columns, step.witnesses, below)


def _slot(slot: Slot) -> Hashable:
    return (slot.number, slot.rm_type, slot.predicate)


def _term(term: Term | None) -> Hashable:
    match term:
        case None:
            return None
        case NodeTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            return ("node", _slot(slot), _term(contained), is_excluded)
        case VersionTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            return ("version", _slot(slot), _term(contained), is_excluded)
        case EhrTerm(slot=slot, contained=contained, is_excluded=is_excluded):
            return ("ehr", _slot(slot), _term(contained), is_excluded)
        case SourceTerm(source=source, term=inner, is_linked=is_linked):
            return ("source", source, _term(inner), is_linked)
        case AllTerms(terms=terms):
            return ("all", *map(_term, terms))
        case AnyTerms(terms=terms):
            return ("any", *map(_term, terms))
        case EitherPlace(places=places):
            return ("either", *map(_term, places))
