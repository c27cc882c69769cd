"""Random queries: what is streamed, and what comes page by page, are the rows of the whole answer in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from aql import AqlError, AqlSemanticError, analyse, parse
from aql.access import AccessFilter
from aql.evaluate_stream import Wanted, can_stream
from aql.functions import Moment
from aql.objects import RawJson
from aql.planner import plan
from aql.values import distinct_key
from cdr.rm.catalog import CATALOG
from cdr.store.query_stream import RowStreams
from cdr.store.runner import QueryRunner
from cdr.store.tenant import TenantStore
from tests.engine.conftest import site_over
from tests.engine.populations import fill
from tests.engine.queries import Asked, queries
from tests.support.mongo import fresh_tenant_name

MOMENT = Moment(datetime(2024, 7, 1, 12, tzinfo=UTC))
_SETTINGS = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@pytest.fixture(scope="module")
def store(mongo_client: Any) -> Iterator[tuple[QueryRunner, RowStreams, list[str]]]:
    """A store with random records: what runs queries as a whole, what streams, and the ids of EHRs."""
    made = TenantStore(mongo_client, fresh_tenant_name())
    made.ensure_indexes()
    ids: list[str] = []
    for site in site_over(made, system_id="engine.kilde"):
        ids = [each.ehr_id for each in fill(site, seed=11, ehrs=4)]
    blobs = made.versions.blobs
    runner = QueryRunner(made.database, blobs=blobs, catalog=CATALOG)
    yield runner, RowStreams(made.database, blobs=blobs, catalog=CATALOG), ids
    mongo_client.drop_database(made.database.name)


def streams_and_pages(store: tuple[QueryRunner, RowStreams, list[str]], asked: Asked, size: int) -> None:
    """Assert that a stream, and pages of at least `size` rows each in a run of its own, give the whole answer."""
    runner, streams, ids = store
    text = asked.text
    for number, ehr_id in enumerate(ids):
        text = text.replace(f"@EHR{number}", ehr_id)
    try:
        made = plan(analyse(parse(text), CATALOG), CATALOG)
    except AqlSemanticError:
        reject()
    assume(can_stream(made) and made.limit is None)
    try:
        answer = runner.run(made, access=AccessFilter.everything(), moment=MOMENT)
    except AqlError:
        reject()
    whole = [_plain(row) for row in answer.rows]
    wanted = Wanted(plan=made, access=AccessFilter.everything(), moment=MOMENT, batch_rows=size)
    assert [_plain(row) for batch in streams.rows(wanted) for row in batch.rows] == whole, text
    paged: list[Any] = []
    after: str | None = None
    while True:
        page = Wanted(plan=made, access=wanted.access, moment=MOMENT, batch_rows=size, after=after)
        batch = next(iter(streams.rows(page)))
        paged += [_plain(row) for row in batch.rows]
        after = batch.after
        if after is None:
            break
        assert len(batch.rows) >= size
    assert paged == whole, text


def _plain(row: tuple[Any, ...]) -> Any:
    return tuple(distinct_key(orjson.loads(value.text) if isinstance(value, RawJson) else value) for value in row)


@settings(max_examples=80, **_SETTINGS)
@given(asked=queries(), size=st.integers(1, 5))
def test_streams_and_pages_give_the_whole_answer(
    store: tuple[QueryRunner, RowStreams, list[str]], asked: Asked, size: int
) -> None:
    streams_and_pages(store, asked, size)


@pytest.mark.torture
@settings(max_examples=500, **(_SETTINGS | {"derandomize": False}))
@given(asked=queries(), size=st.integers(1, 5))
def test_streams_and_pages_give_the_whole_answer_five_hundred_times(
    store: tuple[QueryRunner, RowStreams, list[str]], asked: Asked, size: int
) -> None:
    streams_and_pages(store, asked, size)
