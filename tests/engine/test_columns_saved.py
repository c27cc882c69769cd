"""Columns that are saved: a new process takes them over, follows what changed since, and nothing outlives an erasure."""

from __future__ import annotations

import random
from typing import Any

import pytest
import zstandard

from aql.access import AccessFilter
from aql.analyse import analyse
from aql.parser import parse
from aql.planner import plan
from cdr.rm.catalog import CATALOG
from cdr.store.columns import CacheLimits, ColumnCache
from cdr.store.layout import COLUMNS
from cdr.store.runner import QueryRunner
from tests.engine.conftest import Site
from tests.engine.populations import composition, store_composition
from tests.engine.test_oracle import MOMENT

NAMES = "SELECT e/ehr_id/value, c/name/value, c/context/start_time/value FROM EHR e CONTAINS COMPOSITION c"
LIMITS = CacheLimits(worth=0, saved_objects=0)


def _ehr(site: Site) -> str:
    return str(site.client.post("/rest/openehr/v1/ehr").headers["location"].rsplit("/", 1)[1])


def _store(site: Site, ehr_id: str, name: str) -> str:
    document = composition(random.Random(1))
    document["name"]["value"] = name
    return store_composition(site, ehr_id, document)


def _runner(site: Site, limits: CacheLimits | None = LIMITS) -> QueryRunner:
    return QueryRunner(site.store.database, blobs=site.store.versions.blobs, catalog=CATALOG, columns=limits)


def _rows(runner: QueryRunner, text: str = NAMES) -> list[Any]:
    made = plan(analyse(parse(text), CATALOG), CATALOG)
    return runner.run(made, access=AccessFilter.everything(), moment=MOMENT).rows


def _saved(site: Site) -> bytes:
    found = list(site.store.database[COLUMNS].find(sort=[("part", 1)]))
    return zstandard.ZstdDecompressor().decompress(b"".join(document["z"] for document in found)) if found else b""


@pytest.fixture
def no_filling(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Switched on by a test: from then on no table may be filled from objects."""
    return monkeypatch


def _forbid_filling(patch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the table should have been taken over")

    patch.setattr(ColumnCache, "_fill", refuse)


def test_another_process_takes_saved_columns_over(site: Site, no_filling: pytest.MonkeyPatch) -> None:
    ehrs = [_ehr(site), _ehr(site)]
    for number in range(6):
        _store(site, ehrs[number % 2], f"Name {number}")
    wanted = _rows(_runner(site))
    assert wanted == _rows(_runner(site, None))
    _forbid_filling(no_filling)
    assert _rows(_runner(site)) == wanted


def test_what_changed_since_columns_were_saved_is_followed(site: Site, no_filling: pytest.MonkeyPatch) -> None:
    ehr_id = _ehr(site)
    _store(site, ehr_id, "before")
    _rows(_runner(site))
    _store(site, ehr_id, "after")
    _forbid_filling(no_filling)
    assert sorted(row[1] for row in _rows(_runner(site))) == ["after", "before"]


def test_nothing_of_an_erased_ehr_stays_in_saved_columns(site: Site) -> None:
    kept, erased = _ehr(site), _ehr(site)
    _store(site, kept, "Stays here")
    _store(site, erased, "Goes away")
    runner = _runner(site)
    assert len(_rows(runner)) == 2
    assert b"Goes away" in _saved(site)
    assert site.store.versions.purge_ehr(erased)
    assert _saved(site) == b""
    assert [row[1] for row in _rows(runner)] == ["Stays here"]
    assert b"Stays here" in _saved(site)
    assert b"Goes away" not in _saved(site)
    assert erased.encode() not in _saved(site)
    held = next(iter(runner.columns._held.values()))  # type: ignore[union-attr]  # it has a cache
    assert all("Goes away" not in map(str, values.values) for values in held.values)


def test_columns_of_a_database_that_was_emptied_are_not_used(site: Site) -> None:
    runner = _runner(site)
    _store(site, _ehr(site), "Old")
    assert [row[1] for row in _rows(runner)] == ["Old"]
    for name in site.store.database.list_collection_names():
        site.store.database[name].delete_many({})
    site.store.versions.paths.reset()
    assert _rows(runner) == []
    _store(site, _ehr(site), "New")
    assert [row[1] for row in _rows(runner)] == ["New"]


def test_a_shape_that_would_outgrow_the_cache_is_read_object_by_object(site: Site) -> None:
    _store(site, _ehr(site), "Only")
    runner = _runner(site, CacheLimits(worth=0, nbytes=10))
    assert [row[1] for row in _rows(runner)] == ["Only"]
    assert runner.columns is not None and runner.columns.nbytes == 0


def test_the_least_recently_used_table_leaves_first(site: Site) -> None:
    ehr_id = _ehr(site)
    for number in range(20):
        _store(site, ehr_id, f"Name {number}")
    one = _runner(site)
    _rows(one)
    assert one.columns is not None
    size = one.columns.nbytes
    runner = _runner(site, CacheLimits(worth=0, nbytes=int(size * 1.5)))
    assert len(_rows(runner)) == 20
    assert len(_rows(runner, NAMES.replace("start_time", "end_time"))) == 20
    assert len(_rows(runner, "SELECT c/name/value, c/context/start_time/value FROM COMPOSITION c")) == 20
    assert runner.columns is not None and 0 < runner.columns.nbytes <= size * 1.5
