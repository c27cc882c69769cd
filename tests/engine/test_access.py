"""What a caller may not see is in no answer, on every way through the engine; and the access log is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdr.identity import AccessFilter
from cdr.versioning.committal import Committal
from cdr.versioning.model import Lifecycle
from tests.engine.conftest import CALLER, Site
from tests.engine.populations import next_version, store_composition
from tests.language import small_records as small
from tests.support.http import BASE, folder

QUERIES = (
    "SELECT c FROM COMPOSITION c",
    "SELECT c/uid/value FROM EHR e CONTAINS COMPOSITION c",
    "SELECT c/name/value FROM EHR e[ehr_id/value = '{open}'] CONTAINS COMPOSITION c",
    "SELECT c/name/value FROM EHR e[ehr_id/value = '{hidden}'] CONTAINS COMPOSITION c",
    "SELECT o/name/value FROM OBSERVATION o ORDER BY o/name/value LIMIT 10",
    "SELECT COUNT(*) FROM EHR e CONTAINS COMPOSITION c",
    "SELECT COUNT(DISTINCT e/ehr_id/value) FROM EHR e",
    "SELECT MAX(o/data[at0001]/events[at0002]/data[at0003]/items[at0004]/value) FROM OBSERVATION o",
    "SELECT e/ehr_id/value FROM EHR e",
    "SELECT e/compositions/name/value FROM EHR e",
    "SELECT e/ehr_status/uid/value FROM EHR e",
    "SELECT e/directory/name/value FROM EHR e",
    "SELECT e/ehr_id/value FROM EHR e NOT CONTAINS EVALUATION",
    "SELECT o/name/value, t/uid/value FROM EHR e CONTAINS (OBSERVATION o AND EHR_STATUS t)",
    "SELECT o/name/value FROM EHR e CONTAINS (OBSERVATION o OR EVALUATION v)",
    "SELECT c/uid/value FROM EHR e CONTAINS FOLDER f CONTAINS COMPOSITION c",
    "SELECT f/name/value FROM FOLDER f",
    "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS]",
    "SELECT v/uid/value FROM VERSION v[LATEST_VERSION]",
    "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS] CONTAINS OBSERVATION o",
    "SELECT v/uid/value FROM VERSION v[LATEST_VERSION] CONTAINS COMPOSITION c",
    "SELECT c/uid/value FROM COMPOSITION c WHERE c/uid/value = '{hidden_object}'",
)


class Records:
    """Two EHRs with the same content: one stays open, the other is hidden; and one composition by itself."""

    def __init__(self, site: Site) -> None:
        self.open, self.open_object = self._ehr(site)
        self.hidden, self.hidden_object = self._ehr(site)

    def _ehr(self, site: Site) -> tuple[str, str]:
        ehr_id = site.client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
        events = small.event(small.element("at0004", small.quantity(80.0)))
        document = {**_CLINICAL, **small.composition(small.observation("pulse.v1", events), name=ehr_id)}
        object_id = store_composition(site, ehr_id, document).split("::")[0]
        reference = {
            "namespace": "local",
            "type": "VERSIONED_COMPOSITION",
            "id": {"_type": "HIER_OBJECT_ID", "value": object_id},
        }
        made = site.client.post(
            f"{BASE}/ehr/{ehr_id}/directory", content=json.dumps({**folder(ehr_id), "items": [reference]})
        )
        assert made.status_code == 201, made.text
        return ehr_id, object_id

    def queries(self) -> list[str]:
        names = {"open": self.open, "hidden": self.hidden, "hidden_object": self.hidden_object}
        return [query.format(**names) for query in QUERIES]


_CLINICAL = {
    "language": small.code("en", "ISO_639-1"),
    "territory": small.code("NO", "ISO_3166-1"),
    "category": small.coded("event", "433", "openehr"),
    "composer": {"_type": "PARTY_IDENTIFIED", "name": "Kari"},
}


def rows(site: Site, query: str, **asked: Any) -> list[tuple[Any, ...]]:
    return [tuple(map(str, row)) for row in site.query.run(CALLER, query, **asked).rows]


@pytest.fixture
def records(site: Site) -> Records:
    return Records(site)


@pytest.mark.parametrize("way", ["hidden_ehrs", "ehrs", "purged"])
def test_a_hidden_ehr_changes_answers_as_if_it_were_not_there(site: Site, records: Records, way: str) -> None:
    before = {query: rows(site, query) for query in records.queries()}
    if way == "purged":
        site.store.versions.purge_ehr(records.hidden)
    elif way == "ehrs":
        site.access[0] = AccessFilter(ehrs=frozenset({records.open}))
    else:
        site.access[0] = AccessFilter(hidden_ehrs=frozenset({records.hidden}))
    after = {query: rows(site, query) for query in records.queries()}
    assert not [
        query for query, found in after.items() if records.hidden in str(found) or records.hidden_object in str(found)
    ]
    # Each query but the ones on the hidden EHR alone loses just its half.
    for query, found in before.items():
        if (
            records.hidden_object not in query
            and records.hidden not in query
            and records.open not in query
            and "COUNT" not in query
            and "MAX" not in query
        ):
            assert 2 * len(after[query]) == len(found), query
    site.store.versions.purge_ehr(records.hidden)
    site.access[0] = AccessFilter.everything()
    assert after == {query: rows(site, query) for query in records.queries()}


def test_a_hidden_object_is_in_no_answer(site: Site, records: Records) -> None:
    site.access[0] = AccessFilter(hidden_objects=frozenset({records.hidden_object}))
    for query in records.queries():
        assert records.hidden_object not in str(rows(site, query)), query
    assert rows(site, "SELECT COUNT(*) FROM EHR e CONTAINS COMPOSITION c") == [("1",)]


def test_a_hidden_template_is_in_no_answer(site: Site, records: Records) -> None:
    document = {**_CLINICAL, **small.composition(name="of a template")}
    details = {
        "_type": "ARCHETYPED",
        "archetype_id": {"_type": "ARCHETYPE_ID", "value": "openEHR-EHR-COMPOSITION.report.v1"},
    }
    document |= {
        "archetype_details": {
            **details,
            "template_id": {"_type": "TEMPLATE_ID", "value": "secret"},
            "rm_version": "1.1.0",
        }
    }
    del document["content"]
    uid = store_composition(site, records.open, document, template_id="secret")
    seen = [query for query in records.queries() if uid in str(rows(site, query))]
    assert seen
    site.access[0] = AccessFilter(hidden_templates=frozenset({"secret"}))
    assert not [
        query
        for query in records.queries()
        if uid in str(rows(site, query)) or "of a template" in str(rows(site, query))
    ]


def test_an_ehr_that_is_not_queryable_is_in_no_answer(site: Site, records: Records) -> None:
    answer = site.client.get(f"{BASE}/ehr/{records.hidden}/ehr_status")
    status, uid = answer.json(), answer.json()["uid"]["value"]
    changed = site.client.put(
        f"{BASE}/ehr/{records.hidden}/ehr_status",
        content=json.dumps({**status, "is_queryable": False}),
        headers={"if-match": uid},
    )
    assert changed.status_code < 300, changed.text
    for query in records.queries():
        found = str(rows(site, query))
        assert records.hidden not in found and records.hidden_object not in found, query


def test_the_access_log_is_told_of_every_query_with_the_ehrs_of_its_answer(site: Site, records: Records) -> None:
    for query in records.queries():
        answer = site.query.run(CALLER, query)
        entry = next(iter(site.store.access_log.entries(limit=1)))
        told = set(entry["ehr_ids"])  # type: ignore[call-overload]
        assert entry["action"] == "query"
        in_answer = {ehr for ehr in (records.open, records.hidden) if ehr in str(answer.rows)}
        assert in_answer <= told, query
        assert bool(told) == bool([row for row in answer.rows if row != (0,) and row != (None,)]), query


def test_the_access_log_names_no_ehr_whose_rows_a_condition_left_out(site: Site, records: Records) -> None:
    site.query.run(CALLER, f"SELECT c/name/value FROM COMPOSITION c WHERE c/name/value = '{records.open}'")
    assert next(iter(site.store.access_log.entries(limit=1)))["ehr_ids"] == [records.open]


def test_a_draft_changes_no_default_answer_and_is_the_latest_version(site: Site, records: Records) -> None:
    queries = [query for query in records.queries() if "VERSION" not in query]
    before = {query: rows(site, query) for query in queries}
    document = {**_CLINICAL, **small.composition(name="draft")}
    del document["content"]
    uid = next_version(site, records.open, records.open_object, document, lifecycle=Lifecycle.INCOMPLETE)
    new = store_composition(site, records.open, document, said=Committal(lifecycle=Lifecycle.INCOMPLETE))
    assert before == {query: rows(site, query) for query in queries}
    latest = rows(site, "SELECT v/uid/value FROM VERSION v[LATEST_VERSION] CONTAINS COMPOSITION c")
    assert {(uid,), (new,)} < set(latest)
    assert (f"{records.open_object}::engine.kilde::1",) not in latest


def test_a_deleted_composition_disappears_and_all_versions_show_its_lifecycle(site: Site, records: Records) -> None:
    uid = next_version(site, records.open, records.open_object, None, lifecycle=Lifecycle.DELETED)
    for query in records.queries():
        if "VERSION" not in query:
            assert records.open_object not in str([row for row in rows(site, query) if "items" not in str(row)]), query
    text = "SELECT v/uid/value, v/lifecycle_state/value FROM EHR e[ehr_id/value = $ehr] CONTAINS VERSION v[ALL_VERSIONS] WHERE v/uid/value = $object"
    found = rows(site, text, parameters={"ehr": records.open, "object": records.open_object})
    assert found == [(f"{records.open_object}::engine.kilde::1", "complete"), (uid, "deleted")]
    inside = "SELECT v/uid/value FROM VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c WHERE v/uid/value = $object"
    assert rows(site, inside, parameters={"object": records.open_object}) == [
        (f"{records.open_object}::engine.kilde::1",)
    ]


def test_rows_about_another_subject_are_counted_and_can_be_left_out(site: Site, records: Records) -> None:
    mother = {"_type": "PARTY_RELATED", "relationship": small.coded("mother", "10", "openehr")}
    events = small.event(small.element("at0004", small.quantity(99.0)))
    entry = {**small.observation("pulse.v1", events), "subject": mother}
    document = {**_CLINICAL, **small.composition({**_ENTRY, **entry}, name="of the mother")}
    store_composition(site, records.open, document)
    path = "data[at0001]/events[at0002]/data[at0003]/items[at0004]/value/magnitude"
    for text in (
        f"SELECT o/{path} FROM OBSERVATION o",
        "SELECT l/value/magnitude FROM ELEMENT l WHERE l/value/magnitude > 0",
        f"SELECT c/content[openEHR-EHR-OBSERVATION.pulse.v1]/{path} FROM COMPOSITION c",
    ):
        answer = site.query.run(CALLER, text)
        assert sorted(row[0] for row in answer.rows) == [80.0, 80.0, 99.0], text
        assert answer.meta.get("other_subjects") == {"returned": 1}, text
        answer = site.query.run(CALLER, text, leaves_out_other_subjects=True)
        assert sorted(row[0] for row in answer.rows) == [80.0, 80.0], text
        assert answer.meta["other_subjects"] == {"left_out": 1}
    counted = site.query.run(CALLER, f"SELECT MAX(o/{path}) FROM OBSERVATION o", leaves_out_other_subjects=True)
    assert counted.rows == [(80.0,)]


_ENTRY = {"language": small.code("en", "ISO_639-1"), "encoding": small.code("UTF-8", "IANA_character-sets")}
