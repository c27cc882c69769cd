"""Queries: ad hoc and stored AQL in, rows out.

    run / run_stored -> parse -> bind parameters -> analyse -> plan -> the store's runner -> rows

Parsed queries and plans are kept, the least recently used leave first. The access log is told of every query with the
EHRs that its answer came from.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from aql.access import AccessFilter
from aql.analyse import analyse
from aql.ast import SelectQuery
from aql.catalog import RmCatalog
from aql.checked import CheckedQuery
from aql.evaluate import Answer
from aql.evaluate_stream import StreamedRows, Wanted
from aql.explain import explain
from aql.functions import Moment
from aql.mongo.compiler import Program
from aql.params import bind, parameter_names
from aql.parser import parse
from aql.plan import Plan
from aql.plan_ehr import STAND_IN, ehr_parameter, is_ehr_id, with_ehr
from aql.planner import plan
from aql.values import ValueRules
from cdr.errors import BadParameter
from cdr.identity import Caller
from cdr.rm.catalog import CATALOG
from cdr.services.context import Context
from cdr.services.query_count import counting
from cdr.services.query_errors import aql_errors
from cdr.services.query_parameters import check_values
from cdr.services.query_result import QueryAnswer
from cdr.services.query_stored import StoredQueries
from cdr.services.query_templates import Remark, remarks_on
from cdr.services.query_terminology import QueryTerminology
from cdr.services.query_units import UcumUnits
from cdr.terminology.service import TerminologyService

T = TypeVar("T")

# Values of parameters come from outside and may be anything that JSON has.
Parameters = Mapping[str, Any]


# Longer queries and lists of values are not kept: a thousand of them would take gigabytes.
_KEPT_LENGTH = 8_000


class QueryRunner(Protocol):
    """What the store does for queries; `cdr.store.runner` supplies it."""

    def run(
        self,
        plan: Plan,
        *,
        access: AccessFilter,
        moment: Moment,
        leaves_out_other_subjects: bool = False,
    ) -> Answer:
        """Return the answer to a plan; `TimedOut` at the time limit."""

    def program(self, plan: Plan, *, access: AccessFilter) -> Program:
        """Return what would be executed for a plan."""

    def way(self, plan: Plan, moment: Moment) -> list[str]:
        """Return how a plan would be answered now, line by line."""

    def timed(self, plan: Plan, *, access: AccessFilter, moment: Moment) -> tuple[Answer, list[str]]:
        """Return the answer to a plan and what was done for it, line by line."""


class RowSource(Protocol):
    """What the store does for streamed answers; `cdr.store.query_stream` supplies it."""

    def rows(self, wanted: Wanted) -> Iterator[StreamedRows]:
        """Give the rows of a plan, a batch at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The part of an answer that is wanted: `offset` is 0-based, `fetch` None for all."""

    offset: int = 0
    fetch: int | None = None


class Kept:
    """The most recently used values by key. Safe for many threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: object, make: Callable[[], T]) -> T:
        """Return the value of a key, made now if it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                found: T = self._values[key]
                return found
        made = make()
        with self._lock:
            self._values[key] = made
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class QueryService:
    """The queries of one tenant. `row_source` streams rows; without one answers are given as a whole only."""

    context: Context
    runner: QueryRunner
    catalog: RmCatalog = CATALOG
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Oslo"))
    rules: ValueRules = field(default_factory=lambda: ValueRules(units=UcumUnits()))
    terminology: TerminologyService | None = None
    row_source: RowSource | None = None
    _parsed: Kept = field(default_factory=lambda: Kept(1000))
    _plans: Kept = field(default_factory=lambda: Kept(1000))
    _names: Kept = field(default_factory=lambda: Kept(1000))
    _ehr_parameters: Kept = field(default_factory=lambda: Kept(1000))

    @property
    def stored(self) -> StoredQueries:
        """Return the stored queries."""
        return StoredQueries(self.context, self.catalog)

    def run(
        self,
        caller: Caller,
        text: str,
        *,
        parameters: Parameters | None = None,
        ehr_id: str | None = None,
        page: Page = Page(),
        leaves_out_other_subjects: bool = False,
        name: str | None = None,
    ) -> QueryAnswer:
        """Return the answer to a query.

        `ehr_id` restricts it to one EHR (and is the value of `$ehr_id` where the query has that parameter and no other
        value is given); `page` cuts out a part of what the query's own LIMIT and OFFSET give. Entries about somebody
        else than the subject of the EHR are counted in `meta`, or left out.

        Errors: `BadInput` with line and column for a query that is not answered, `Invalid` for one that is too
        expensive or meets values without an order, `TimedOut`.
        """
        made = self.plan_for(text, parameters=parameters or {}, ehr_id=ehr_id, page=page)
        answer = self.answer_to(caller, made, leaves_out_other_subjects=leaves_out_other_subjects)
        self.context.told(
            caller, action="query", resource="AQL", ehr_ids=sorted(answer.ehr_ids), detail=name or "ad hoc"
        )
        meta = {**self.meta_of(text, made), "resultsize": len(answer.rows)}
        if page.offset or page.fetch is not None:
            meta |= {"offset": page.offset, "fetch": page.fetch}
        if answer.other_subjects:
            kind = "left_out" if leaves_out_other_subjects else "returned"
            meta["other_subjects"] = {kind: answer.other_subjects}
        return QueryAnswer(text=text, columns=answer.columns, rows=answer.rows, name=name, meta=meta)

    def run_stored(
        self,
        caller: Caller,
        name: str,
        *,
        version: str | None = None,
        parameters: Parameters | None = None,
        ehr_id: str | None = None,
        page: Page = Page(),
        leaves_out_other_subjects: bool = False,
    ) -> QueryAnswer:
        """Return the answer to a stored query; without a version, or with the beginning of one, its latest.

        Errors: `NotFound`, `BadParameter` for a value of another type than the query was stored with, those of `run`.
        """
        record = self.stored.get(name, version=version)
        check_values(record, parameters or {})
        return self.run(
            caller,
            record.text,
            parameters=parameters,
            ehr_id=ehr_id,
            page=page,
            leaves_out_other_subjects=leaves_out_other_subjects,
            name=f"{record.name}/{record.version}",
        )

    def explain(
        self,
        caller: Caller,
        text: str,
        *,
        parameters: Parameters | None = None,
        ehr_id: str | None = None,
        is_run: bool = False,
    ) -> str:
        """Return the plan of a query, the filters that find its candidates, and how it is answered, as indented text.

        With `is_run` the query is run, and its steps are told with real counts and times; else nothing is run.
        """
        with aql_errors():
            made = _in_ehr(self._plan(text, parameters or {}, ehr_id), ehr_id)
            access, moment = self.context.access(caller), self._moment()
            lines = self.runner.way(made, moment)
            if is_run:
                answer, steps = self.runner.timed(made, access=access, moment=moment)
                lines += steps
                self.context.told(
                    caller, action="query", resource="AQL", ehr_ids=sorted(answer.ehr_ids), detail="explain"
                )
            return explain(made, program=self.runner.program(made, access=access)) + "\n".join(lines) + "\n"

    def check(self, text: str) -> CheckedQuery:
        """Return what analysis finds about a query, parameters left open. Errors: `BadInput`, `Invalid`."""
        with aql_errors():
            return analyse(parse(text), self.catalog)

    def plan_for(self, text: str, *, parameters: Parameters, ehr_id: str | None = None, page: Page = Page()) -> Plan:
        """Return the plan of a query for one EHR or all, with a page cut out. Errors: `BadInput`, `Invalid`."""
        with aql_errors():
            return _paged(_in_ehr(self._plan(text, parameters, ehr_id), ehr_id), page)

    def answer_to(self, caller: Caller, plan: Plan, *, leaves_out_other_subjects: bool = False) -> Answer:
        """Return what a plan gives the caller; the access log is not told. Errors: those of running."""
        with aql_errors():
            return self.runner.run(
                plan,
                access=self.context.access(caller),
                moment=self._moment(),
                leaves_out_other_subjects=leaves_out_other_subjects,
            )

    def wanted(self, caller: Caller, plan: Plan, *, leaves_out_other_subjects: bool = False) -> Wanted:
        """Return a plan with all that streaming its rows takes."""
        return Wanted(
            plan=plan,
            access=self.context.access(caller),
            moment=self._moment(),
            leaves_out_other_subjects=leaves_out_other_subjects,
        )

    def meta_of(self, text: str, plan: Plan) -> dict[str, Any]:  # JSON
        """Return what is said about an answer before its rows are known."""
        meta: dict[str, Any] = {
            "_type": "RESULTSET",
            "_schema_version": "1.0.3",
            "_created": self.context.clock.now().isoformat(timespec="milliseconds"),
            "_generator": "Kilde",
            "_executed_aql": text,
        }
        notes = [{"code": note.code, "message": note.message} for note in plan.checked.notes]
        return {**meta, "notes": notes} if notes else meta

    def total(
        self,
        caller: Caller,
        text: str,
        *,
        parameters: Parameters,
        ehr_id: str | None = None,
        leaves_out_other_subjects: bool = False,
    ) -> int:
        """Return how many rows a query has without LIMIT, OFFSET and page, counted now. Errors: those of `run`."""
        made = self.plan_for(text, parameters=parameters, ehr_id=ehr_id)
        if made.query.is_aggregating or made.query.is_distinct:
            whole = replace(made, limit=None, offset=0, can_stop_early=False)
            return len(self.answer_to(caller, whole, leaves_out_other_subjects=leaves_out_other_subjects).rows)
        with aql_errors():
            counted = plan(analyse(counting(made.query), self.catalog), self.catalog)
        counted = _in_ehr(counted, ehr_id)
        answer = self.answer_to(caller, counted, leaves_out_other_subjects=leaves_out_other_subjects)
        return int(answer.rows[0][0])

    def remarks(self, checked: CheckedQuery) -> tuple[Remark, ...]:
        """Return what is to say about a legal query, such as codes that no template has."""
        return remarks_on(self.context, checked)

    def _plan(self, text: str, parameters: Parameters, ehr_id: str | None) -> Plan:
        is_small = len(text) <= _KEPT_LENGTH
        parsed: SelectQuery = self._parsed.of(text, lambda: parse(text)) if is_small else parse(text)
        names: tuple[str, ...] = (
            self._names.of(text, lambda: parameter_names(parsed)) if is_small else parameter_names(parsed)
        )
        # What the query does not ask for must not multiply the plans that are kept.
        values = {name: parameters[name] for name in names if name in parameters}
        if ehr_id is not None and "ehr_id" in names:
            values.setdefault("ehr_id", ehr_id)
        ehr = self._ehr_parameters.of(text, lambda: ehr_parameter(parsed)) if is_small else None
        if ehr is not None and is_ehr_id(values.get(ehr)):
            # Planned once for all EHRs: the id is filled in.
            found = with_ehr(self._planned(text, parsed, {**values, ehr: STAND_IN}), str(values[ehr]))
            if found is not None:
                return found
        return self._planned(text, parsed, values)

    def _planned(self, text: str, parsed: SelectQuery, values: Mapping[str, Any]) -> Plan:
        is_small = len(text) <= _KEPT_LENGTH
        key = (text, _frozen(values))
        if not is_small or len(str(key)) > 2 * _KEPT_LENGTH:
            return plan(analyse(bind(parsed, values), self.catalog), self.catalog)
        return self._plans.of(key, lambda: plan(analyse(bind(parsed, values), self.catalog), self.catalog))

    def _moment(self) -> Moment:
        now: datetime = self.context.clock.now().astimezone(self.zone)
        terminology = None if self.terminology is None else QueryTerminology(self.terminology)
        return Moment(now, self.rules, terminology)


def _in_ehr(made: Plan, ehr_id: str | None) -> Plan:
    if ehr_id is None:
        return made
    known = made.ehrs.ids
    ids = frozenset((ehr_id,)) if known is None else known & {ehr_id}
    return replace(made, ehrs=replace(made.ehrs, ids=ids))


def _paged(made: Plan, page: Page) -> Plan:
    """Cut the page out of what the query's own LIMIT and OFFSET leave."""
    if page.offset < 0 or (page.fetch is not None and page.fetch < 0):
        raise BadParameter("Offset and fetch should not be negative.", code="AQL_PAGE")
    if page.offset == 0 and page.fetch is None:
        return made
    if made.limit is not None and made.limit < 0:
        raise BadParameter("Offset and fetch cannot be combined with TOP n BACKWARD.", code="AQL_PAGE")
    left = None if made.limit is None else max(0, made.limit - page.offset)
    limits = [each for each in (left, page.fetch) if each is not None]
    limit = min(limits) if limits else None
    can_stop = limit is not None and not made.checked.order and not made.query.is_aggregating
    return replace(made, offset=made.offset + page.offset, limit=limit, can_stop_early=can_stop)


def _frozen(value: object) -> object:
    """Return a hashable form of JSON that keeps 1, 1.0 and true apart."""
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), _frozen(member)) for name, member in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *map(_frozen, value))
    return (type(value).__name__, value)
