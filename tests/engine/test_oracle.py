"""The engine against the interpreter: random queries over random records give the same rows.

The interpreter knows no plan, index or document; what is stored is read back from the versions alone. The rules are
switched off as well: they may change the time an answer takes and never the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from aql.analyse import analyse
from aql.errors import AqlError, AqlSemanticError
from aql.functions import Moment
from aql.interpret import InterpretedEhr, interpret
from aql.objects import RawJson
from aql.parser import parse
from aql.planner import plan
from aql.values import ValueRules, distinct_key
from cdr.identity import AccessFilter
from cdr.rm.catalog import CATALOG
from cdr.services.query_units import UcumUnits
from cdr.store.runner import QueryRunner
from cdr.store.tenant import TenantStore
from tests.engine.conftest import site_over
from tests.engine.populations import fill
from tests.engine.queries import Asked, queries
from tests.support.mongo import fresh_tenant_name

MOMENT = Moment(datetime(2024, 7, 1, 12, 0, tzinfo=ZoneInfo("Europe/Oslo")), ValueRules(units=UcumUnits()))
POPULATIONS = 4


@dataclass(repr=False)
class Population:
    """Records in a store, and the same for the interpreter."""

    runner: QueryRunner
    ehrs: tuple[InterpretedEhr, ...]


class Populations(list[Population]):
    """Populations that a failing example does not print."""

    def __repr__(self) -> str:
        return "populations"


@pytest.fixture(scope="module")
def populations(mongo_client: Any) -> Iterator[Populations]:
    """A few stores with random records."""
    made, names = Populations(), []
    for seed in range(POPULATIONS):
        store = TenantStore(mongo_client, fresh_tenant_name())
        store.ensure_indexes()
        names.append(store.database.name)
        for site in site_over(store, system_id="engine.kilde"):
            ehrs = fill(site, seed=seed)
        runner = QueryRunner(store.database, blobs=store.versions.blobs, catalog=CATALOG)
        made.append(Population(runner, ehrs))
    yield made
    for name in names:
        mongo_client.drop_database(name)


def compare(population: Population, asked: Asked, *, with_rules: bool = True) -> None:
    """Assert that engine and interpreter agree on a query, on its rows or on its error."""
    text = _with_ids(asked.text, population.ehrs)
    try:
        checked = analyse(parse(text), CATALOG)
    except AqlSemanticError:
        # The generator does not know every rule of what may be compared with what.
        reject()
    wanted: Any
    found: Any
    try:
        wanted = [_plain(row) for row in interpret(checked, population.ehrs, moment=MOMENT).rows]
    except AqlError as error:
        wanted = type(error)
    try:
        made = plan(checked, CATALOG, with_rules=with_rules)
        answer = population.runner.run(made, access=AccessFilter.everything(), moment=MOMENT)
        found = [_plain(row) for row in answer.rows]
    except AqlError as error:
        found = type(error)
    if asked.is_ordered or isinstance(wanted, type) or isinstance(found, type):
        assert found == wanted, asked.text
    else:
        assert Counter(found) == Counter(wanted), asked.text


def _with_ids(text: str, ehrs: tuple[InterpretedEhr, ...]) -> str:
    uids = sorted(version.uid for ehr in ehrs for found in ehr.objects for version in found.versions)
    for number, ehr in enumerate(ehrs):
        text = text.replace(f"@EHR{number}", ehr.ehr_id)
    for number in range(6):
        uid = uids[number * 5 % len(uids)]
        # Every other one names the object alone.
        text = text.replace(f"@UID{number}", uid if number % 2 else uid.split("::")[0])
    return text


def _plain(row: tuple[Any, ...]) -> Any:
    return tuple(distinct_key(orjson.loads(value.text) if isinstance(value, RawJson) else value) for value in row)


_SETTINGS = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=150, **_SETTINGS)
@given(asked=queries(), number=st.integers(0, POPULATIONS - 1))
def test_engine_and_interpreter_give_the_same_rows(populations: Populations, asked: Asked, number: int) -> None:
    compare(populations[number], asked)


@settings(max_examples=50, **_SETTINGS)
@given(asked=queries(), number=st.integers(0, POPULATIONS - 1))
def test_rules_change_no_answer(populations: Populations, asked: Asked, number: int) -> None:
    compare(populations[number], asked, with_rules=False)


@pytest.mark.torture
@settings(max_examples=10_000, **(_SETTINGS | {"derandomize": False}))
@given(asked=queries(), number=st.integers(0, POPULATIONS - 1))
def test_engine_and_interpreter_give_the_same_rows_ten_thousand_times(
    populations: Populations, asked: Asked, number: int
) -> None:
    compare(populations[number], asked)
