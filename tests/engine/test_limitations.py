"""What another engine refuses, line by line of its source, and the rows that the data have.

The names before each query are the file and line of that engine's refusal, as published for its release 2.31.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle
from tests.engine.conftest import CALLER, Site, site_over
from tests.engine.populations import next_version, store_composition
from tests.engine.test_access import _CLINICAL, _ENTRY
from tests.language import small_records as small
from tests.support.http import BASE, folder
from tests.support.mongo import fresh_tenant_name

_EVENT = "data[at0001]/events[at0002]"
_RATE = f"{_EVENT}/data[at0003]/items[at0004]/value"
_NOTE = f"{_EVENT}/data[at0003]/items[at0005]/value"

CASES: list[tuple[str, str, list[list[Any]]]] = [
    # FROM
    ("FromCheck 72", "SELECT 1 AS one FROM EHR", [[1]]),
    (
        "FromCheck 77 AND at the top",
        "SELECT v/name/value, o/name/value FROM OBSERVATION o AND EVALUATION v",
        [["Problem", "Pulse"]],
    ),
    (
        "FromCheck 77 OR at the top",
        "SELECT v/name/value, a/name/value FROM EVALUATION v OR ACTION a",
        [["Problem", None]],
    ),
    ("FromCheck 97", "SELECT d/function/value FROM COMPOSITION c CONTAINS PARTICIPATION d", [["nurse"]]),
    (
        "FromCheck 105, 282",
        "SELECT l/name/value FROM EHR e CONTAINS ELEMENT l WHERE l/name/value = 'Of status'",
        [["Of status"]],
    ),
    ("FromCheck 114", "SELECT o/name/value FROM FOLDER f CONTAINS OBSERVATION o", [["Pulse"], ["Pulse"]]),
    ("FromCheck 120", "SELECT g/name/value FROM EHR e CONTAINS FOLDER f CONTAINS FOLDER g", [["inner"]]),
    ("FromCheck 133", "SELECT h/origin/value FROM COMPOSITION c CONTAINS HISTORY h", [["2024-01-01T10:00:00"]]),
    (
        "FromCheck 133 data type",
        "SELECT q/magnitude, q/units FROM DV_QUANTITY q WHERE q/magnitude > 70",
        [[72.0, "/min"], [80.0, "/min"]],
    ),
    ("FromCheck 133 LOCATABLE", "SELECT COUNT(*) FROM OBSERVATION o CONTAINS LOCATABLE l", [[11]]),
    ("FromCheck 171", "SELECT c/name/value FROM COMPOSITION c NOT CONTAINS OBSERVATION o", [["Plan"]]),
    ("FromCheck 171 with EHR", "SELECT COUNT(*) FROM EHR e NOT CONTAINS INSTRUCTION i", [[1]]),
    ("FromCheck 186-205", "SELECT k/name/value FROM COMPOSITION c CONTAINS CLUSTER k[at0010]", [["Device"]]),
    ("FromCheck 213", "SELECT COUNT(*) FROM VERSION v", [[4]]),
    (
        "FromCheck 219",
        "SELECT v/uid/value FROM VERSION v CONTAINS (OBSERVATION o AND CLUSTER k)",
        [["{first}::engine.kilde::2"]],
    ),
    ("FromCheck 235", "SELECT COUNT(*) FROM ELEMENT l CONTAINS DV_TEXT t", [[9]]),
    (
        "FromCheck 250 ALL_VERSIONS",
        "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c[openEHR-EHR-COMPOSITION.report.v1] WHERE v/uid/value = '{first}'",
        [["{first}::engine.kilde::1"], ["{first}::engine.kilde::2"]],
    ),
    (
        "FromCheck 250 predicate",
        "SELECT v/uid/value FROM VERSION v[commit_audit/change_type/defining_code/code_string = '251'] CONTAINS COMPOSITION c",
        [["{first}::engine.kilde::2"]],
    ),
    ("FromCheck 267", "SELECT k/name/value FROM CLUSTER k[archetype_node_id > 'at0009']", [["Device"]]),
    ("FromCheck 285", "SELECT COUNT(*) FROM COMPOSITION c CONTAINS DATA_STRUCTURE d", [[5]]),
    ("Post 97", "SELECT e/ehr_id/value FROM EHR e[ehr_id/value = '{ehr}'] CONTAINS EHR_STATUS s", [["{ehr}"]]),
    ("Post 101", "SELECT e/compositions[name/value = 'Plan']/name/value FROM EHR e", [["Plan"]]),
    ("Post 112", "SELECT e/directory[name/value = 'root']/folders/name/value FROM EHR e", [["inner"]]),
    # Paths
    (
        "FeatureCheckUtils 150",
        f"SELECT o/{_EVENT}/data[at0003]/items[value/magnitude = 80]/name/value FROM OBSERVATION o",
        [["Rate"]],
    ),
    (
        "FeatureCheckUtils 158",
        f"SELECT o/{_EVENT}/data[at0003]/items[archetype_node_id < 'at0005']/name/value FROM OBSERVATION o",
        [["Rate"], ["Rate"]],
    ),
    ("FeatureCheckUtils 188", "SELECT v FROM VERSION v[ALL_VERSIONS] CONTAINS EVALUATION x", "ORIGINAL_VERSION"),  # type: ignore[list-item]
    ("FeatureCheckUtils 192", "SELECT e FROM EHR e", "EHR"),  # type: ignore[list-item]
    ("FeatureCheckUtils 202", "SELECT o/name/value FROM OBSERVATION o WHERE EXISTS o", [["Pulse"]]),
    ("FeatureCheckUtils 209", "SELECT e[ehr_id/value = '{ehr}']/ehr_id/value FROM EHR e", [["{ehr}"]]),
    (
        "FeatureCheckUtils 219",
        "SELECT e/system_id/value FROM EHR e WHERE e/system_id/value = 'engine.kilde' AND e/time_created > '2020-01-01'",
        [["engine.kilde"]],
    ),
    (
        "FeatureCheckUtils 232 committer",
        "SELECT v/commit_audit/committer/name FROM VERSION v CONTAINS EVALUATION x",
        [["tester"]],
    ),
    (
        "FeatureCheckUtils 232 lifecycle",
        "SELECT v/lifecycle_state/value FROM VERSION v CONTAINS EVALUATION x",
        [["complete"]],
    ),
    (
        "FeatureCheckUtils 232 preceding",
        "SELECT v/preceding_version_uid/value FROM VERSION v CONTAINS OBSERVATION x",
        [["{first}::engine.kilde::1"]],
    ),
    (
        "FeatureCheckUtils 232 attestations",
        "SELECT v/attestations/proof FROM VERSION v CONTAINS OBSERVATION x",
        [[None]],
    ),
    ("FeatureCheckUtils 232 signature", "SELECT v/signature FROM VERSION v CONTAINS OBSERVATION x", [[None]]),
    (
        "FeatureCheckUtils 232 contribution",
        "SELECT v/contribution/type FROM VERSION v CONTAINS OBSERVATION x",
        [["CONTRIBUTION"]],
    ),
    (
        "FeatureCheckUtils 260",
        "SELECT o/feeder_audit/originating_system_audit/system_id FROM OBSERVATION o WHERE o/feeder_audit/originating_system_audit/system_id = 'lab'",
        [["lab"]],
    ),
    ("FeatureCheckUtils 269", "SELECT o/name/value FROM OBSERVATION o WHERE o/name = 'Pulse'", [["Pulse"]]),
    ("FeatureCheckUtils 280", "SELECT f/items/id/value FROM FOLDER f WHERE f/name/value = 'root'", [["{first}"]]),
    (
        "FeatureCheckUtils 291",
        "SELECT c/context/participations[function/value = 'nurse']/performer/name FROM COMPOSITION c",
        [["Ola"], [None]],
    ),
    (
        "FeatureCheckUtils 319",
        f"SELECT o/name/value FROM OBSERVATION o WHERE o/{_RATE}/magnitude < o/{_RATE}/precision",
        [],
    ),
    (
        "FeatureCheckUtils 319 path against path",
        "SELECT c/name/value FROM COMPOSITION c CONTAINS OBSERVATION o WHERE o/feeder_audit/originating_system_audit/system_id < c/name/value",
        [],
    ),
    ("FeatureCheckUtils 322", f"SELECT o/name/value FROM OBSERVATION o WHERE o/{_RATE} = NULL", []),
    ("FeatureCheckUtils 326-342", "SELECT c/name/value FROM COMPOSITION c WHERE c/uid/value = 'no uuid'", []),
    ("FeatureCheckUtils 348", "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id != 'x'", [["Pulse"]]),
    # SELECT
    ("SelectCheck 52", "SELECT LENGTH(o/name/value), CONCAT(o/name/value, '!') FROM OBSERVATION o", [[5, "Pulse!"]]),
    ("SelectCheck 52 date", "SELECT LENGTH(CURRENT_DATE()) FROM EHR e", [[10]]),
    (
        "SelectCheck 81",
        "SELECT MAX(c/name/value), MIN(c/uid/value) FROM COMPOSITION c[openEHR-EHR-COMPOSITION.report.v1]",
        [["Report", "{first}::engine.kilde::2"]],
    ),
    (
        "SelectCheck 96-112",
        f"SELECT SUM(o/{_RATE}), AVG(o/{_RATE}) FROM OBSERVATION o",
        [[small.quantity(152.0, "/min"), small.quantity(76.0, "/min")]],
    ),
    ("SelectCheck 124", f"SELECT MAX(o/{_RATE}) FROM OBSERVATION o", [[small.quantity(80.0, "/min")]]),
    ("SelectCheck 124 text", f"SELECT MIN(o/{_NOTE}/value) FROM OBSERVATION o", [["calm"]]),
    # WHERE
    (
        "WhereCheck 70",
        "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id >= 'openEHR-EHR-OBSERVATION.p'",
        [["Pulse"]],
    ),
    ("WhereCheck 76", "SELECT c/name/value FROM COMPOSITION c WHERE c/archetype_details/template_id/value > 'a'", []),
    (
        "WhereCheck 80",
        "SELECT v/uid/value FROM VERSION v CONTAINS OBSERVATION o WHERE v/commit_audit/time_committed/value > '2020'",
        [["{first}::engine.kilde::2"]],
    ),
    (
        "WhereCheck 90",
        "SELECT v/uid/value FROM VERSION v CONTAINS OBSERVATION o WHERE v/commit_audit/change_type/value > 'm'",
        [["{first}::engine.kilde::2"]],
    ),
    ("WhereCheck 95", "SELECT o/name/value FROM OBSERVATION o WHERE LENGTH(o/name/value) = 5", [["Pulse"]]),
    (
        "WhereCheck 100",
        f"SELECT o/{_EVENT}/name/value FROM OBSERVATION o WHERE EXISTS o/{_EVENT}/data[at0003]/items[at0005]",
        [["second"]],
    ),
    ("WhereCheck 118", "SELECT c/name/value FROM COMPOSITION c WHERE c/uid/value LIKE '{first}*'", [["Report"]]),
    (
        "WhereCheck 121-128",
        "SELECT o/name/value FROM OBSERVATION o WHERE o/archetype_node_id LIKE '*pulse*'",
        [["Pulse"]],
    ),
    (
        "WhereCheck 132",
        "SELECT c/name/value FROM COMPOSITION c WHERE c/archetype_details/template_id/value LIKE '*'",
        [],
    ),
    # ORDER BY, the parser
    (
        "OrderByCheck 55",
        f"SELECT o/{_EVENT}/name/value FROM OBSERVATION o ORDER BY o/{_RATE}/magnitude DESC",
        [["second"], ["first"]],
    ),
    ("OrderByCheck 55 alias", "SELECT c/name/value AS n FROM COMPOSITION c ORDER BY n DESC", [["Report"], ["Plan"]]),
    (
        "OrderByCheck 68",
        "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS] CONTAINS OBSERVATION o ORDER BY v/commit_audit/time_committed/value DESC",
        [["{first}::engine.kilde::2"], ["{first}::engine.kilde::1"]],
    ),
    (
        "ConditionUtils 543-608",
        r"SELECT c/name/value FROM COMPOSITION c WHERE c/name/value LIKE 'Re\\port'",
        [["Report"]],
    ),
    ("AqlQueryVisitor 182", "SELECT TOP 1 c/name/value AS n FROM COMPOSITION c ORDER BY n", [["Plan"]]),
    (
        "AqlQueryVisitor 182 backward",
        "SELECT TOP 1 BACKWARD c/name/value AS n FROM COMPOSITION c ORDER BY n",
        [["Report"]],
    ),
    (
        "AqlParser.g4 fromExpr",
        "SELECT c/name/value FROM COMPOSITION c AND EHR_STATUS s WHERE c/name/value = 'Plan'",
        [["Plan"]],
    ),
    # MATCHES and predicates
    ("MATCHES URI", "SELECT c/name/value FROM COMPOSITION c WHERE c/name/value MATCHES {ehr://x}", []),
    (
        "regular expression",
        "SELECT o/data/events[at0002 AND name/value MATCHES {/s.*/}]/name/value FROM OBSERVATION o",
        [["second"]],
    ),
    ("specialised archetype", "SELECT c/name/value FROM COMPOSITION c[openEHR-EHR-COMPOSITION.care.v1]", [["Plan"]]),
    (
        "name in CONTAINS",
        "SELECT c/name/value FROM COMPOSITION c CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.pulse.v1, 'Pulse']",
        [["Report"]],
    ),
    (
        "parentheses and NOT",
        "SELECT c/name/value FROM COMPOSITION c WHERE NOT (c/name/value = 'Plan' OR c/name/value = 'x')",
        [["Report"]],
    ),
]


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


def _named(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text
