"""The shipped queries find exactly what was written about the residents of three municipalities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cdr.categories.queries import shipped_queries
from cli.demo.town.answers import QUESTIONS, expected
from cli.demo.town.lives.life import lives
from tests.municipality.towns import Town, differences, town_in

if TYPE_CHECKING:
    from pymongo import MongoClient

    from cdr.store.client import Document

SEEDS = (1, 2, 3)
RESIDENTS = 25
LONG_SEEDS = (4, 5)
LONG_RESIDENTS = 200
QUERIES = {query.key: query for query in shipped_queries()}


def _towns(client: MongoClient[Document], count: int, *, seed: int) -> Iterator[Town]:
    """Give a municipality in a store of its own."""
    from cdr.store.tenant import TenantStore
    from tests.support.mongo import give_back, take_tenant

    tenant = take_tenant()
    store = TenantStore(client, tenant)
    store.ensure_indexes()
    yield town_in(store, count, seed=seed)
    give_back(client, tenant)


@pytest.fixture(scope="module", params=SEEDS, ids=[f"seed{seed}" for seed in SEEDS])
def town(request: pytest.FixtureRequest, mongo_client: MongoClient[Document]) -> Iterator[Town]:
    """A small municipality."""
    yield from _towns(mongo_client, RESIDENTS, seed=request.param)


@pytest.fixture(scope="module", params=LONG_SEEDS, ids=[f"seed{seed}" for seed in LONG_SEEDS])
def large_town(request: pytest.FixtureRequest, mongo_client: MongoClient[Document]) -> Iterator[Town]:
    """A larger municipality."""
    yield from _towns(mongo_client, LONG_RESIDENTS, seed=request.param)


def test_every_shipped_query_has_an_expected_answer() -> None:
    assert set(QUERIES) == set(QUESTIONS)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_query_has_something_to_find(seed: int) -> None:
    answers = expected(tuple(lives(RESIDENTS, seed=seed)))
    assert [key for key, one in answers.items() if not any(each["rows"] for each in one["answers"])] == []


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_query_finds_what_was_written(town: Town, key: str) -> None:
    assert list(differences(town, key, QUERIES[key].text)) == []


@pytest.mark.torture
@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_query_finds_what_was_written_in_a_larger_municipality(large_town: Town, key: str) -> None:
    assert list(differences(large_town, key, QUERIES[key].text)) == []


def test_a_row_that_is_missing_wrong_or_out_of_order_is_told(town: Town) -> None:
    """The comparison itself: every way of tampering with what is expected of one query has to be found."""
    answers = town.expected["K2a"]["answers"]
    at = next(number for number, one in enumerate(answers) if len(one["rows"]) > 2)
    first, second, *rest = answers[at]["rows"]
    wrong = [first[0], first[1] + 1, *first[2:]]
    for rows in ([second, *rest], [wrong, second, *rest], [second, first, *rest]):
        tampered = [*answers[:at], {**answers[at], "rows": rows}, *answers[at + 1 :]]
        changed = replace(town, expected={**town.expected, "K2a": {**town.expected["K2a"], "answers": tampered}})
        assert len(list(differences(changed, "K2a", QUERIES["K2a"].text))) == 1
