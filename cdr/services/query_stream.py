"""Answers that are given piece by piece: for results of any size, in bounded memory, and page by page behind a cursor.

    open -> first batch (errors come now) -> batches of rows, the access log told before each -> how it ended

A cursor names the last object (or EHR) whose rows were all given. It holds nothing else and does not expire. What needs
all rows before the first (ORDER BY, DISTINCT, aggregates) is answered as a whole and then cut into pieces.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import chain
from typing import Any

from aql.evaluate_columns import Kept, ResultRow
from aql.evaluate_stream import StreamedRows, can_stream
from aql.plan import Plan
from cdr.errors import BadParameter
from cdr.identity import Caller
from cdr.services.query import Page, QueryService, RowSource
from cdr.services.query_errors import aql_errors
from cdr.services.query_result import QueryAnswer

START = "start"
"""The cursor of the first page."""
PAGE_ROWS = 1_000
PIECE = 500
"""Rows that are encoded at a time."""
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a streamed answer is to hold. `cursor` is None for all of it, `START` or what the page before ended with."""

    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)  # JSON values
    ehr_id: str | None = None
    page: Page = field(default_factory=Page)
    cursor: str | None = None
    leaves_out_other_subjects: bool = False
    has_total: bool = False
    name: str | None = None


class QueryStream:
    """One answer on its way: `head`, then `batches`, then `tail`. Close it, whatever happens. Not for several threads.

    `head` has no rows; its `meta` is what is known before the first row.
    """

    def __init__(
        self,
        queries: QueryService,
        caller: Caller,
        asked: Asked,
        *,
        plan: Plan,
        head: QueryAnswer,
        found: Iterator[StreamedRows],
    ) -> None:
        self.head = head
        self.tail: dict[str, Any] = {}  # JSON
        self._queries, self._caller, self._asked = queries, caller, asked
        self._found = found
        self._is_paged = asked.cursor is not None
        # The page of what is answered as a whole has been cut out.
        is_cut = self._is_paged or can_stream(plan)
        self._skip = 0 if self._is_paged or not is_cut else plan.offset
        self._most = asked.page.fetch if self._is_paged else plan.limit if is_cut else None
        self._is_whole = self._skip == 0 and self._most is None
        self._given = self._others = 0
        self._told: set[str] = set()
        self._is_told = False
        self._first = next(found)

    def batches(self) -> Iterator[list[ResultRow]]:
        """Give the rows. When they end `tail` says how many there were, and where the next page begins if there is one.

        Errors: those of the store and the language; `tail` has then what was given, and where one can go on.
        """
        after: str | None = None
        left_out = 0
        try:
            with aql_errors():
                for batch in chain((self._first,), self._found):
                    rows, kept = (batch.rows, batch.kept) if self._is_paged else self._cut(batch)
                    self._tell(kept)
                    self._given += len(rows)
                    self._others += sum(each.is_about_other for each in kept)
                    for start in range(0, len(rows), PIECE):
                        yield rows[start : start + PIECE]
                    after, left_out = batch.after, batch.left_out
                    if self._most is not None and self._given >= self._most:
                        break
            self._tell([], is_last=True)
        finally:
            self.tail = {"rows": self._given, **self._about_others(left_out)}
            if after is not None and (self._is_paged or self._is_whole):
                self.tail["next"] = _cursor(after, self._asked)
            self.close()

    def close(self) -> None:
        """End the run in the store."""
        close = getattr(self._found, "close", None)
        if close is not None:
            close()

    def _cut(self, batch: StreamedRows) -> tuple[list[ResultRow], list[Kept]]:
        """Return what the page has of a batch."""
        if self._is_whole:
            return batch.rows, batch.kept
        start = min(self._skip, len(batch.rows))
        self._skip -= start
        end = len(batch.rows) if self._most is None else start + self._most - self._given
        return batch.rows[start:end], batch.kept[start:end]

    def _tell(self, kept: list[Kept], *, is_last: bool = False) -> None:
        """Tell the access log of the EHRs of rows before anybody sees them, each once as far as is remembered."""
        new = {each.ehr_id for each in kept if each.ehr_id is not None} - self._told
        if new or (is_last and not self._is_told):
            self._queries.context.told(
                self._caller,
                action="query",
                resource="AQL",
                ehr_ids=sorted(new),
                detail=self._asked.name or "ad hoc",
            )
            self._is_told = True
        if len(self._told) > _REMEMBERED:
            self._told.clear()
        self._told |= new

    def _about_others(self, left_out: int) -> dict[str, Any]:
        if left_out:
            return {"other_subjects": {"left_out": left_out}}
        return {"other_subjects": {"returned": self._others}} if self._others else {}


@dataclass(frozen=True, slots=True)
class QueryStreams:
    """The streamed answers of one tenant."""

    queries: QueryService
    source: RowSource

    def open(self, caller: Caller, asked: Asked) -> QueryStream:
        """Begin an answer; what is wrong with the query, or with its first rows, is said now.

        Errors: those of `QueryService.run`; `BadParameter` for a cursor that is none, is of another query, or is asked
        of a query that has to be answered as a whole.
        """
        queries = self.queries
        page = asked.page if asked.cursor is None else Page()
        plan = queries.plan_for(asked.text, parameters=asked.parameters, ehr_id=asked.ehr_id, page=page)
        meta = queries.meta_of(asked.text, plan)
        if asked.has_total:
            meta["total"] = queries.total(
                caller,
                asked.text,
                parameters=asked.parameters,
                ehr_id=asked.ehr_id,
                leaves_out_other_subjects=asked.leaves_out_other_subjects,
            )
        head = QueryAnswer(text=asked.text, columns=plan.checked.columns, rows=[], name=asked.name, meta=meta)
        with aql_errors():
            found = self._found(caller, plan, asked)
            return QueryStream(queries, caller, asked, plan=plan, head=head, found=found)

    def page(self, caller: Caller, asked: Asked) -> QueryAnswer:
        """Return one page behind a cursor, of `fetch` rows or a few more: the rows of one object stay together.

        `meta.next` is the cursor of the next page, if there may be one. Errors: those of `open` and of its batches.
        """
        fetch = PAGE_ROWS if asked.page.fetch is None else asked.page.fetch
        stream = self.open(caller, replace(asked, page=Page(offset=asked.page.offset, fetch=fetch)))
        rows = [row for batch in stream.batches() for row in batch]
        tail = {name: value for name, value in stream.tail.items() if name != "rows"}
        return replace(
            stream.head, rows=rows, meta={**stream.head.meta, "resultsize": len(rows), "fetch": fetch, **tail}
        )

    def _found(self, caller: Caller, plan: Plan, asked: Asked) -> Iterator[StreamedRows]:
        wanted = self.queries.wanted(caller, plan, leaves_out_other_subjects=asked.leaves_out_other_subjects)
        if asked.cursor is not None:
            rows = min(asked.page.fetch or PAGE_ROWS, PAGE_ROWS)
            return self.source.rows(replace(wanted, after=_place(plan, asked), batch_rows=rows))
        if can_stream(plan):
            return self.source.rows(wanted)
        return self._as_a_whole(caller, plan, asked)

    def _as_a_whole(self, caller: Caller, plan: Plan, asked: Asked) -> Iterator[StreamedRows]:
        """Answer what cannot be streamed, and give the answer as one batch: the page is cut out of it already."""
        leaves_out = asked.leaves_out_other_subjects
        answer = self.queries.answer_to(caller, plan, leaves_out_other_subjects=leaves_out)
        about = 0 if leaves_out else answer.other_subjects
        left_out = answer.other_subjects if leaves_out else 0
        kept = [Kept(ehr_id, False) for ehr_id in answer.ehr_ids] + [Kept(None, True)] * about
        yield StreamedRows(answer.rows, kept, after=None, left_out=left_out)


def _place(plan: Plan, asked: Asked) -> str | None:
    """Return where the page behind a cursor begins, None for the first page."""
    if not can_stream(plan):
        raise BadParameter(
            "A cursor should be asked of a query without ORDER BY, DISTINCT and aggregates, which need all rows.",
            code="AQL_CURSOR",
        )
    if plan.limit is not None or plan.offset or asked.page.offset:
        raise BadParameter("A cursor should be used with fetch alone, without LIMIT and OFFSET.", code="AQL_CURSOR")
    if asked.page.fetch == 0:
        raise BadParameter("A cursor should be used with a fetch of at least 1.", code="AQL_CURSOR")
    assert asked.cursor is not None, "the caller looked"
    if asked.cursor == START:
        return None
    try:
        held = json.loads(urlsafe_b64decode(asked.cursor.encode()))
        digest, after = held["q"], held["a"]
    except (ValueError, TypeError, KeyError, RecursionError):
        digest = after = None
    if not isinstance(after, str) or digest != _digest(asked):
        raise BadParameter(
            "A cursor should be `start`, or what the page before of the same query ended with.", code="AQL_CURSOR"
        )
    return after


def _cursor(after: str, asked: Asked) -> str:
    return urlsafe_b64encode(json.dumps({"q": _digest(asked), "a": after}).encode()).decode()


def _digest(asked: Asked) -> str:
    """Return what tells queries apart: a cursor goes on with its own."""
    told = [asked.text, asked.parameters, asked.ehr_id, asked.leaves_out_other_subjects]
    return blake2b(json.dumps(told, sort_keys=True, default=str).encode(), digest_size=9).hexdigest()
