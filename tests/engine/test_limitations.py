"""What another engine refuses, line by line of its source, and the rows that the data have.

The names before each query are the file and line of that engine's refusal, as published for its release 2.31.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle
from tests.engine.conftest import CALLER, Site, site_over
from tests.engine.limitation_cases import CASES, LINES, REFUSED
from tests.engine.populations import next_version, store_composition
from tests.engine.test_access import _CLINICAL, _ENTRY
from tests.language import small_records as small
from tests.support.http import BASE, folder
from tests.support.mongo import fresh_tenant_name


@pytest.fixture(scope="module")
def asked(mongo_client: Any) -> Iterator[tuple[Site, dict[str, str]]]:
    """A server with one EHR: a report in two versions, a plan, a status with details, a directory with a subfolder."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    for site in site_over(store, system_id="engine.kilde"):
        yield site, _store_records(site)
    mongo_client.drop_database(store.database.name)


def _store_records(site: Site) -> dict[str, str]:
    details = small.located(
        "ITEM_TREE", "at0001", "Tree", items=[small.element("at0002", small.text("x"), name="Of status")]
    )
    status = {
        **small.located("EHR_STATUS", "openEHR-EHR-EHR_STATUS.generic.v1", "EHR Status"),
        "subject": {"_type": "PARTY_SELF"},
        "is_queryable": True,
        "is_modifiable": True,
        "other_details": details,
    }
    ehr_id = site.client.post(f"{BASE}/ehr", content=json.dumps(status)).headers["location"].rsplit("/", 1)[1]
    rate = [small.element("at0004", small.quantity(each, "/min"), name="Rate") for each in (72.0, 80.0)]
    note = small.element("at0005", small.text("calm"), name="Note")
    pulse = small.observation(
        "pulse.v1", small.event(rate[0], name="first"), small.event(rate[1], note, name="second"), name="Pulse"
    )
    audit = {"_type": "FEEDER_AUDIT", "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "lab"}}
    cluster = small.cluster("at0010", small.element("at0004", small.count(3), name="Number"), name="Device")
    pulse["protocol"] = small.located("ITEM_TREE", "at0020", "Protocol", items=[cluster])
    # The protocol is behind the data in canonical JSON, and counts among the nodes of the entry.
    report = {
        **_CLINICAL,
        **small.composition(
            {**_ENTRY, "subject": {"_type": "PARTY_SELF"}, **pulse, "feeder_audit": audit}, name="Report"
        ),
    }
    nurse = {
        "_type": "PARTICIPATION",
        "function": small.text("nurse"),
        "performer": {"_type": "PARTY_IDENTIFIED", "name": "Ola"},
    }
    report["context"] = {**report["context"], "participations": [nurse]}
    problem = small.evaluation("problem.v1", small.element("at0002", small.text("Cough"), name="Name"), name="Problem")
    plan = {**_CLINICAL, **small.composition({**_ENTRY, "subject": {"_type": "PARTY_SELF"}, **problem}, name="Plan")}
    plan["archetype_node_id"] = "openEHR-EHR-COMPOSITION.care-plan.v1"
    first = store_composition(site, ehr_id, report).split("::")[0]
    next_version(site, ehr_id, first, report, lifecycle=Lifecycle.COMPLETE)
    store_composition(site, ehr_id, plan)
    reference = {
        "namespace": "local",
        "type": "VERSIONED_COMPOSITION",
        "id": {"_type": "HIER_OBJECT_ID", "value": first},
    }
    directory = {**folder("root"), "items": [reference], "folders": [{**folder("inner"), "items": [reference]}]}
    made = site.client.post(f"{BASE}/ehr/{ehr_id}/directory", content=json.dumps(directory))
    assert made.status_code == 201, made.text
    return {"ehr": ehr_id, "first": first}


@pytest.mark.parametrize(("line", "text", "rows"), CASES, ids=[case[0] for case in CASES])
def test_what_another_engine_refuses_gives_the_right_rows(
    asked: tuple[Site, dict[str, str]], line: str, text: str, rows: Any
) -> None:
    site, names = asked
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    answer = site.query.run(CALLER, text)
    found = [list(row) for row in answer.rows]
    if isinstance(rows, str):
        assert [row[0]["_type"] for row in found] == [rows], found
        return
    wanted = json.loads(_named(json.dumps(rows), names))
    if "ORDER BY" not in text:
        found, wanted = sorted(found, key=str), sorted(wanted, key=str)
    assert found == wanted


@pytest.mark.parametrize(("line", "text", "code"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_the_language_does_not_allow_is_refused_with_its_place(
    asked: tuple[Site, dict[str, str]], line: str, text: str, code: str
) -> None:
    site, _ = asked
    answer = site.client.post(f"{BASE}/query/aql", json={"q": text})
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["path"].startswith("line 1")


def test_every_line_of_the_table_has_a_case() -> None:
    covered: dict[str, set[int]] = {file: set() for file in LINES}
    for name, *_ in (*CASES, *REFUSED):
        file = name.split(" ", 1)[0]
        if file in covered:
            covered[file] |= {int(number) for number in re.findall(r"\d+", name)}
    assert {file: lines - covered[file] for file, lines in LINES.items() if lines - covered[file]} == {}


def _named(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text
