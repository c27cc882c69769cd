"""Golden files: a query, its plan and its rows side by side.

Update them with `pytest tests/engine/test_golden.py --update-golden` and read the difference.

Shape of a file:
    SELECT ...            the query
    ---- plan
    rows are built ...    what `aql.explain` prints
    ---- rows
    ["a", 1]              one row a line, as JSON
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aql.analyse import analyse
from aql.explain import explain
from aql.parser import parse
from aql.planner import plan
from cdr.rm.catalog import CATALOG
from cdr.store.tenant import TenantStore
from tests.engine.conftest import CALLER, Site, site_over
from tests.engine.test_limitations import _store_records
from tests.support.mongo import fresh_tenant_name

FOLDER = Path(__file__).parent / "golden"
CASES = sorted(FOLDER.glob("*.case"))


@pytest.fixture(scope="module")
def site(mongo_client: Any) -> Iterator[Site]:
    """The records of the tests of limitations: one EHR, a report in two versions, a plan, a directory."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    for made in site_over(store, system_id="engine.kilde"):
        _store_records(made)
        yield made
    mongo_client.drop_database(store.database.name)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_plan_and_rows_are_those_of_the_file(site: Site, path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text().partition("\n---- plan\n")[0]
    made = plan(analyse(parse(text), CATALOG), CATALOG)
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in site.query.run(CALLER, text).rows)
    found = f"{text}\n---- plan\n{explain(made)}---- rows\n{rows}"
    if request.config.getoption("--update-golden", default=False):
        path.write_text(found)
    assert found == path.read_text()
