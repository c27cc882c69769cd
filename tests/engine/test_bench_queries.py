"""The queries that are measured: columns, object by object and the interpreter give the same rows for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from aql.analyse import analyse
from aql.interpret import InterpretedEhr, interpret
from aql.objects import RawJson
from aql.params import bind
from aql.parser import parse
from aql.planner import plan
from aql.values import distinct_key
from bench.query_database import fill
from bench.query_kinds import KINDS, Kind
from bench.query_records import PER_EHR, ehr_id
from cdr.identity import AccessFilter
from cdr.rm.catalog import CATALOG
from cdr.store.columns import CacheLimits
from cdr.store.runner import QueryRunner
from cdr.store.tenant import TenantStore
from tests.engine.populations import read_back
from tests.engine.test_oracle import MOMENT
from tests.support.mongo import fresh_tenant_name


class Sample:
    """Made-up records, as many EHRs as asked for, with a runner that fills columns at once and one without any."""

    def __init__(self, client: Any, ehrs: int) -> None:
        self.store = TenantStore(client, fresh_tenant_name())
        self.store.ensure_indexes()
        fill(self.store, ehrs=ehrs, say=lambda line: None)
        self.ehrs: tuple[InterpretedEhr, ...] = tuple(
            read_back(self.store, ehr_id(number)) for number in range(1, ehrs + 1)
        )
        self.runners = [self._runner(CacheLimits(worth=0)), self._runner(None)]

    def _runner(self, columns: CacheLimits | None) -> QueryRunner:
        blobs = self.store.versions.blobs
        return QueryRunner(self.store.database, blobs=blobs, catalog=CATALOG, columns=columns)

    def check(self, kind: Kind) -> None:
        """Assert that all ways give the same rows; the two ways of the engine in the same order."""
        parsed = parse(kind.text)
        checked = analyse(bind(parsed, {"ehr": ehr_id(1)} if kind.is_single else {}), CATALOG)
        made = plan(checked, CATALOG)
        answers = [
            [_plain(row) for row in runner.run(made, access=AccessFilter.everything(), moment=MOMENT).rows]
            for runner in self.runners
        ]
        wanted = [_plain(row) for row in interpret(checked, self.ehrs, moment=MOMENT).rows]
        assert answers[0] == answers[1], kind.name
        assert Counter(answers[0]) == Counter(wanted), kind.name


def _plain(row: tuple[Any, ...]) -> Any:
    return tuple(distinct_key(orjson.loads(value.text) if isinstance(value, RawJson) else value) for value in row)


def _sample(client: Any, ehrs: int) -> Iterator[Sample]:
    sample = Sample(client, ehrs)
    yield sample
    client.drop_database(sample.store.database.name)


@pytest.fixture(scope="module")
def small(mongo_client: Any) -> Iterator[Sample]:
    """The records of seven EHRs, one of them with the rare code."""
    yield from _sample(mongo_client, 7)


@pytest.fixture(scope="module")
def large(mongo_client: Any) -> Iterator[Sample]:
    """2,000 compositions."""
    yield from _sample(mongo_client, 2_000 // PER_EHR)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_measured_query_gives_the_rows_of_the_interpreter(small: Sample, kind: Kind) -> None:
    small.check(kind)


@pytest.mark.torture
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_measured_query_gives_the_rows_of_the_interpreter_over_2000_compositions(large: Sample, kind: Kind) -> None:
    large.check(kind)
