"""The column cache against reading object by object, and against the interpreter: the same rows in the same order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aql.analyse import analyse
from aql.errors import AqlError, AqlSemanticError
from aql.objects import RawJson
from aql.parser import parse
from aql.planner import plan
from aql.values import distinct_key
from cdr.identity import AccessFilter
from cdr.rm.catalog import CATALOG
from cdr.store.columns import CacheLimits
from cdr.store.runner import QueryRunner
from tests.engine.queries import Asked, queries
from tests.engine.test_oracle import MOMENT, POPULATIONS, Population, Populations, _with_ids, compare
from tests.engine.test_oracle import populations as populations

AT_ONCE = CacheLimits(worth=0, saved_objects=0)
_SETTINGS: dict[str, Any] = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


def _runner(population: Population, *, columns: CacheLimits | None) -> QueryRunner:
    known = population.runner
    return QueryRunner(known._database, blobs=known._blobs, catalog=CATALOG, columns=columns)


@pytest.fixture(scope="module")
def cached(populations: Populations) -> Populations:
    """The populations with runners that fill columns for every shape at once."""
    return Populations(Population(_runner(each, columns=AT_ONCE), each.ehrs) for each in populations)


@pytest.fixture(scope="module")
def uncached(populations: Populations) -> Populations:
    """The populations with runners that have no column cache."""
    return Populations(Population(_runner(each, columns=None), each.ehrs) for each in populations)


def _rows(population: Population, text: str, *, leaves_out: bool) -> Any:
    try:
        made = plan(analyse(parse(_with_ids(text, population.ehrs)), CATALOG), CATALOG)
    except AqlSemanticError:
        return None
    try:
        answer = population.runner.run(
            made, access=AccessFilter.everything(), moment=MOMENT, leaves_out_other_subjects=leaves_out
        )
    except AqlError as error:
        return type(error), str(error)
    rows = [
        tuple(value.text if isinstance(value, RawJson) else distinct_key(value) for value in row) for row in answer.rows
    ]
    return rows, answer.ehr_ids, answer.other_subjects


@settings(max_examples=150, **_SETTINGS)
@given(asked=queries(), number=st.integers(0, POPULATIONS - 1))
def test_columns_and_interpreter_give_the_same_rows(cached: Populations, asked: Asked, number: int) -> None:
    compare(cached[number], asked)


@settings(max_examples=200, **_SETTINGS)
@given(asked=queries(), number=st.integers(0, POPULATIONS - 1), leaves_out=st.booleans())
def test_an_answer_from_columns_is_the_same_to_the_order_of_rows(
    cached: Populations, uncached: Populations, asked: Asked, number: int, leaves_out: bool
) -> None:
    found = _rows(cached[number], asked.text, leaves_out=leaves_out)
    assert found == _rows(uncached[number], asked.text, leaves_out=leaves_out), asked.text


@pytest.mark.torture
@settings(max_examples=10_000, **(_SETTINGS | {"derandomize": False}))
@given(asked=queries(), number=st.integers(0, POPULATIONS - 1), leaves_out=st.booleans())
def test_answers_from_columns_are_the_same_ten_thousand_times(
    cached: Populations, uncached: Populations, asked: Asked, number: int, leaves_out: bool
) -> None:
    found = _rows(cached[number], asked.text, leaves_out=leaves_out)
    assert found == _rows(uncached[number], asked.text, leaves_out=leaves_out), asked.text
