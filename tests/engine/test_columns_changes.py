"""Columns while records change: two workers with a cache each, random commits, amendments, deletions and erasures.

After every step any query on either worker gives what reading object by object gives, and what a model of the records
says: the newest complete version of every composition.
"""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aql.analyse import analyse
from aql.parser import parse
from aql.planner import plan
from cdr.identity import AccessFilter
from cdr.rm.catalog import CATALOG
from cdr.store.columns import CacheLimits
from cdr.store.runner import QueryRunner
from cdr.store.tenant import TenantStore
from cdr.versioning.committal import Committal
from cdr.versioning.model import Lifecycle
from tests.engine.conftest import Site, site_over
from tests.engine.populations import composition, next_version, store_composition
from tests.engine.test_oracle import MOMENT
from tests.support.mongo import fresh_tenant_name

_NAMES = "SELECT c/uid/value, c/name/value FROM EHR e CONTAINS COMPOSITION c"
TEXTS = (
    _NAMES,
    "SELECT COUNT(*), MIN(c/context/start_time/value), MAX(c/name/value) FROM EHR e CONTAINS COMPOSITION c",
    "SELECT e/ehr_id/value, c/name/value, v/magnitude FROM EHR e CONTAINS COMPOSITION c CONTAINS DV_QUANTITY v "
    "WHERE v/magnitude >= 80 ORDER BY v/magnitude DESC, c/context/start_time/value",
    "SELECT DISTINCT o/name/value FROM EHR e CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.pulse.v1]",
    "SELECT c, k/name/value FROM EHR e CONTAINS COMPOSITION c CONTAINS CLUSTER k WHERE k/name/value LIKE 'A*' LIMIT 5",
    "SELECT SUM(v/magnitude), COUNT(DISTINCT v/units) FROM COMPOSITION c CONTAINS DV_QUANTITY v",
)


class Workers(RuleBasedStateMachine):
    """Records that change, a model of them, and two workers."""

    # In a tuple: the machine looks for rules in whatever its class has, and a client has any attribute.
    mongo: tuple[Any] = (None,)

    def __init__(self) -> None:
        super().__init__()
        self.store = TenantStore(self.mongo[0], fresh_tenant_name())
        self.store.ensure_indexes()
        self._sites = site_over(self.store, system_id="engine.kilde")
        self.site: Site = next(self._sites)
        self.draw = random.Random(3)
        # By EHR: by composition, the newest uid, the name of its newest complete version, and whether it is deleted.
        self.model: dict[str, dict[str, tuple[str, tuple[str, str] | None, bool]]] = {}
        self.runners = [self._runner(CacheLimits(worth=0, saved_objects=0)) for _ in range(2)]
        self.plain = self._runner(None)

    def _runner(self, columns: CacheLimits | None) -> QueryRunner:
        store = TenantStore(self.mongo[0], self.store.tenant)
        return QueryRunner(store.database, blobs=store.versions.blobs, catalog=CATALOG, columns=columns)

    def teardown(self) -> None:
        """Take the database away."""
        self._sites.close()
        self.mongo[0].drop_database(self.store.database.name)

    @initialize()
    def begin(self) -> None:
        for _ in range(2):
            self.add_ehr()

    def add_ehr(self) -> None:
        answer = self.site.client.post("/rest/openehr/v1/ehr")
        self.model[answer.headers["location"].rsplit("/", 1)[1]] = {}

    @rule()
    def another_ehr(self) -> None:
        self.add_ehr()

    @rule(seed=st.integers(0, 1000), is_draft=st.booleans())
    @precondition(lambda self: self.model)
    def commit(self, seed: int, is_draft: bool) -> None:
        ehr_id = self._ehr(seed)
        document = composition(random.Random(seed))
        state = Lifecycle.INCOMPLETE if is_draft else Lifecycle.COMPLETE
        uid = store_composition(self.site, ehr_id, document, said=Committal(lifecycle=state))
        shown = None if is_draft else (uid, document["name"]["value"])
        self.model[ehr_id][uid.split("::")[0]] = (uid, shown, False)

    @rule(
        seed=st.integers(0, 1000), state=st.sampled_from((Lifecycle.COMPLETE, Lifecycle.INCOMPLETE, Lifecycle.DELETED))
    )
    @precondition(lambda self: any(self._living(each) for each in self.model))
    def amend(self, seed: int, state: Lifecycle) -> None:
        ehr_id = [each for each in self.model if self._living(each)][
            seed % sum(map(bool, map(self._living, self.model)))
        ]
        objects = self._living(ehr_id)
        object_id = objects[seed % len(objects)]
        uid, shown, _ = self.model[ehr_id][object_id]
        document = None if state is Lifecycle.DELETED else composition(random.Random(seed + 5000))
        newest = next_version(self.site, ehr_id, uid, document, lifecycle=state)
        if state is Lifecycle.DELETED:
            shown = None
        elif state is Lifecycle.COMPLETE:
            assert document is not None
            shown = newest, document["name"]["value"]
        self.model[ehr_id][object_id] = (newest, shown, state is Lifecycle.DELETED)

    @rule(seed=st.integers(0, 1000))
    @precondition(lambda self: len(self.model) > 1)
    def erase(self, seed: int) -> None:
        ehr_id = self._ehr(seed)
        assert self.store.versions.purge_ehr(ehr_id)
        del self.model[ehr_id]

    @rule(worker=st.integers(0, 1))
    def start_a_worker_anew(self, worker: int) -> None:
        self.runners[worker] = self._runner(CacheLimits(worth=0, saved_objects=0))

    @rule(worker=st.integers(0, 1), text=st.sampled_from(TEXTS), hides=st.booleans(), seed=st.integers(0, 1000))
    def ask(self, worker: int, text: str, hides: bool, seed: int) -> None:
        hidden = frozenset((self._ehr(seed),)) if hides and self.model else frozenset()
        access = AccessFilter(hidden_ehrs=hidden)
        found = self._answer(self.runners[worker], text, access)
        assert found == self._answer(self.plain, text, access), text

    @invariant()
    def both_workers_see_what_the_model_says(self) -> None:
        wanted = sorted(shown for objects in self.model.values() for _, shown, _ in objects.values() if shown)
        for runner in self.runners:
            rows, ehrs = self._answer(runner, _NAMES, AccessFilter.everything())
            assert sorted(rows) == wanted
            assert ehrs <= set(self.model)

    def _ehr(self, seed: int) -> str:
        # In the order of making, which is the same when an example is run again; the ids are not.
        return list(self.model)[seed % len(self.model)]

    def _living(self, ehr_id: str) -> list[str]:
        return [key for key, (_, _, is_deleted) in self.model[ehr_id].items() if not is_deleted]

    @staticmethod
    def _answer(runner: QueryRunner, text: str, access: AccessFilter) -> tuple[list[Any], frozenset[str]]:
        made = plan(analyse(parse(text), CATALOG), CATALOG)
        answer = runner.run(made, access=access, moment=MOMENT)
        return [tuple(getattr(value, "text", value) for value in row) for row in answer.rows], answer.ehr_ids


def _run(mongo: Any, *, examples: int, steps: int) -> None:
    machine = type("Machine", (Workers,), {"mongo": (mongo,)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_workers_see_every_change_at_once(mongo_client: Any) -> None:
    _run(mongo_client, examples=4, steps=25)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_two_workers_see_every_change_at_once_for_long(mongo_client: Any) -> None:
    _run(mongo_client, examples=40, steps=50)


def test_several_threads_ask_while_records_change(site: Site) -> None:
    ehr_id = site.client.post("/rest/openehr/v1/ehr").headers["location"].rsplit("/", 1)[1]
    database, blobs = site.store.database, site.store.versions.blobs
    limits = CacheLimits(worth=0, saved_objects=0)
    cached = QueryRunner(database, blobs=blobs, catalog=CATALOG, columns=limits)
    plain = QueryRunner(database, blobs=blobs, catalog=CATALOG, columns=None)
    ended = threading.Event()

    def ask(number: int) -> int:
        count = 0
        while not ended.is_set() or count < len(TEXTS):
            text = TEXTS[(number + count) % len(TEXTS)]
            Workers._answer(cached, text, AccessFilter.everything())
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, number) for number in range(4)]
        for seed in range(25):
            store_composition(site, ehr_id, composition(random.Random(seed)))
        ended.set()
        assert all(each.result() >= len(TEXTS) for each in asking)
    for text in TEXTS:
        found = Workers._answer(cached, text, AccessFilter.everything())
        assert found == Workers._answer(plain, text, AccessFilter.everything()), text
