"""The recorded AQL cases, answered by the interpreter over decoded bodies.

The recording is what one server answered. Where the answer differs, `DEVIATIONS` says by which rule.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import aql
from aql.functions import Moment
from aql.interpret import interpret
from cdr.rm.catalog import CATALOG
from tests.support.recorded_queries import RecordedQuery, recorded_queries, records, same_rows

AS_COMMITTED = "values are shown as they were committed; the recording rewrites dates"
DEVIATIONS = {
    "c57a43573eb4": AS_COMMITTED,
    "cc23bdee11cb": AS_COMMITTED,
    "8384584ea48d": AS_COMMITTED,
    "020cbd44aca3": AS_COMMITTED,
    "c6737ca08b24": AS_COMMITTED,
    "c819cf861eb9": AS_COMMITTED,
    "c49836727c16": "the committed body says `Pulse Pressure` where the recording has a second other name",
    "d37072fb455a": "the set-up makes three EHRs and the recording counts two",
    "bd7b63ceb229": "the set-up makes three EHRs and the recording counts two",
    "144399b6e4e6": "paths with and without a predicate are independent branches and combine",
    "202bbb975520": "a DV_BOOLEAN equals a boolean",
}
INCOMPLETE = {
    "becf09ea742b": "a body with attributes that its classes do not have is refused",
    "0de5fcaee6fb": "the recording has no query text",
    "e9c29af2a010": "the recording has no query text",
    "014c80373c6c": "the recording has no set-up",
}
MOMENT = Moment(datetime(2024, 6, 1, 12, 0, tzinfo=UTC))
QUERIES = recorded_queries()


def _rows(query: RecordedQuery) -> list[list[object]]:
    checked = aql.analyse(aql.bind(aql.parse(query.text), query.parameters), CATALOG)
    return [list(row) for row in interpret(checked, records(query.setup), moment=MOMENT).rows]


def _is_runnable(query: RecordedQuery) -> bool:
    return query.case not in INCOMPLETE


@pytest.mark.skipif(not QUERIES, reason="the recordings (folder `shared` beside the checkout) are absent")
def test_the_interpreter_gives_the_recorded_rows() -> None:
    wrong = [
        query.case
        for query in QUERIES
        if _is_runnable(query) and query.case not in DEVIATIONS and not same_rows(query, _rows(query))
    ]
    assert wrong == []


@pytest.mark.skipif(not QUERIES, reason="the recordings (folder `shared` beside the checkout) are absent")
def test_every_deviation_is_still_one() -> None:
    agreeing = [query.case for query in QUERIES if query.case in DEVIATIONS and same_rows(query, _rows(query))]
    assert agreeing == []


@pytest.mark.skipif(not QUERIES, reason="the recordings (folder `shared` beside the checkout) are absent")
def test_nearly_all_recorded_queries_take_part() -> None:
    assert sum(map(_is_runnable, QUERIES)) >= 283
