"""Templates, stored queries, the access log and compression dictionaries."""

from __future__ import annotations

import dataclasses
import threading

import msgspec
import pytest

from cdr.errors import BadParameter, Conflict, NotFound
from cdr.identity import Caller, FixedClock
from cdr.ports import AccessLog, QueryRecord, QueryStore, TemplateRecord, TemplateStore
from cdr.store.access_log import MongoAccessLog
from cdr.store.blobs import Blobs
from cdr.store.templates import MongoTemplateStore
from cdr.store.tenant import TenantStore, database_name
from tests.support.commits import START, Uids, commit_of, composition, new_ehr, new_version, pulse

TEMPLATE = TemplateRecord(
    template_id="pulse",
    revision="1" * 64,
    source=b"<template>\xc3\xa6</template>\n",
    concept="Pulse",
    root_archetype="openEHR-EHR-COMPOSITION.encounter.v1",
    language="nb",
    time_created=START,
)
NEWER = dataclasses.replace(TEMPLATE, revision="2" * 64, source=b"<template/>")
QUERY = QueryRecord(name="no.kilde::pulse", version="1.0.0", text="SELECT c FROM COMPOSITION c", time_created=START)
CALLER = Caller(tenant="t", person="kari", role="clinician", purpose="care", basis="AKUTT")


@pytest.fixture
def templates(tenant_store: TenantStore) -> TemplateStore:
    return tenant_store.templates


@pytest.fixture
def queries(tenant_store: TenantStore) -> QueryStore:
    return tenant_store.queries


def test_a_template_comes_back_as_uploaded(templates: TemplateStore) -> None:
    templates.add(TEMPLATE)
    assert templates.current("pulse") == TEMPLATE
    assert templates.revision(TEMPLATE.revision) == TEMPLATE
    assert templates.list() == [TEMPLATE]


def test_an_absent_template_is_none(templates: TemplateStore) -> None:
    assert templates.current("pulse") is None
    assert templates.revision("1" * 64) is None
    assert templates.list() == []


def test_a_template_id_is_taken_once(templates: TemplateStore) -> None:
    templates.add(TEMPLATE)
    with pytest.raises(Conflict):
        templates.add(NEWER)
    assert templates.current("pulse") == TEMPLATE


def test_a_replaced_revision_stays_readable(templates: TemplateStore) -> None:
    templates.add(TEMPLATE)
    templates.replace(NEWER)
    assert templates.current("pulse") == NEWER
    assert templates.revision(TEMPLATE.revision) == TEMPLATE


def test_a_template_can_go_back_to_an_earlier_revision(templates: TemplateStore) -> None:
    templates.add(TEMPLATE)
    templates.replace(NEWER)
    templates.replace(TEMPLATE)
    assert templates.current("pulse") == TEMPLATE


def test_a_deprecated_template_says_so(templates: TemplateStore) -> None:
    templates.add(TEMPLATE)
    templates.replace(dataclasses.replace(TEMPLATE, is_deprecated=True))
    current = templates.current("pulse")
    assert current is not None
    assert current.is_deprecated


def test_what_another_process_uploads_is_seen_at_once(tenant_store: TenantStore) -> None:
    here, there = tenant_store.templates, MongoTemplateStore(tenant_store.database)
    here.add(TEMPLATE)
    assert there.current("pulse") == TEMPLATE
    here.replace(NEWER)
    assert there.current("pulse") == NEWER
    here.replace(dataclasses.replace(NEWER, is_deprecated=True))
    assert there.list() == [dataclasses.replace(NEWER, is_deprecated=True)]
    here.remove("pulse")
    assert there.current("pulse") is None


def test_only_an_existing_template_is_replaced(templates: TemplateStore) -> None:
    with pytest.raises(NotFound):
        templates.replace(TEMPLATE)


def test_two_ids_may_have_the_same_source(templates: TemplateStore) -> None:
    other = dataclasses.replace(TEMPLATE, template_id="other")
    templates.add(TEMPLATE)
    templates.add(other)
    assert templates.list() == [other, TEMPLATE]


def test_an_unused_template_is_removed(templates: TemplateStore) -> None:
    templates.add(TEMPLATE)
    assert templates.remove("pulse") is True
    assert templates.remove("pulse") is False
    assert templates.current("pulse") is None


def test_a_template_with_data_is_not_removed(tenant_store: TenantStore) -> None:
    tenant_store.templates.add(TEMPLATE)
    uids = Uids()
    ehr, status = new_ehr(uids)
    tenant_store.versions.create_ehr(ehr, status)
    version = new_version(uids.new(), composition([pulse([70])]), contribution=uids.new(), ehr_id=ehr.ehr_id)
    tenant_store.versions.commit(commit_of(version))
    assert tenant_store.templates.usage("pulse") == 1
    with pytest.raises(Conflict):
        tenant_store.templates.remove("pulse")
    assert tenant_store.templates.current("pulse") == TEMPLATE


def test_a_stored_query_comes_back_as_stored(queries: QueryStore) -> None:
    query = dataclasses.replace(QUERY, purpose="p", author="a", parameters={"$odd.name": "string"})
    queries.add(query)
    assert queries.versions(QUERY.name) == [query]


def test_a_version_of_a_query_is_stored_once(queries: QueryStore) -> None:
    queries.add(QUERY)
    with pytest.raises(Conflict):
        queries.add(QUERY)


def test_versions_of_a_query_are_ordered_as_numbers(queries: QueryStore) -> None:
    for version in ("1.10.0", "1.2.0", "1.0.0"):
        queries.add(dataclasses.replace(QUERY, version=version))
    assert [query.version for query in queries.versions(QUERY.name)] == ["1.0.0", "1.2.0", "1.10.0"]


def test_queries_are_listed_by_the_start_of_their_name(queries: QueryStore) -> None:
    for name in ("no.kilde::b", "no.kilde::a", "noxkilde::c"):
        queries.add(dataclasses.replace(QUERY, name=name))
    assert [query.name for query in queries.list("no.kilde")] == ["no.kilde::a", "no.kilde::b"]
    assert len(queries.list()) == 3


def test_a_removed_query_is_gone(queries: QueryStore) -> None:
    queries.add(QUERY)
    assert queries.remove(QUERY.name, QUERY.version) is True
    assert queries.remove(QUERY.name, QUERY.version) is False
    assert queries.versions(QUERY.name) == []


def test_the_access_log_gives_the_newest_entries_of_an_ehr_first(tenant_store: TenantStore) -> None:
    log: AccessLog = MongoAccessLog(tenant_store.database, clock=FixedClock())
    first, second = Uids().new(), "not-a-uuid"
    log.record(CALLER, action="read", resource="composition", ehr_ids=[first])
    log.record(CALLER, action="query", resource="aql", ehr_ids=[first, second], detail="3 rows")
    log.record(CALLER, action="read", resource="template", ehr_ids=[])
    assert [entry["action"] for entry in log.entries()] == ["read", "query", "read"]
    (entry,) = log.entries(ehr_id=second)
    assert entry == {
        "at": entry["at"],
        "person": "kari",
        "role": "clinician",
        "purpose": "care",
        "basis": "AKUTT",
        "action": "query",
        "resource": "aql",
        "detail": "3 rows",
        "ehr_ids": [first, second],
    }
    assert [entry["detail"] for entry in log.entries(ehr_id=first, limit=1)] == ["3 rows"]


def test_an_access_to_very_many_ehrs_is_logged_whole(tenant_store: TenantStore) -> None:
    uids = Uids()
    ehrs = [uids.new() for _ in range(10_001)]
    tenant_store.access_log.record(CALLER, action="query", resource="aql", ehr_ids=ehrs)
    logged = [one for entry in tenant_store.access_log.entries() for one in entry["ehr_ids"]]  # type: ignore[attr-defined]
    assert sorted(logged) == ehrs


def samples() -> list[bytes]:
    return [msgspec.json.encode(composition([pulse([60 + place, 100 - place])])) for place in range(200)]


def test_content_is_read_back_whatever_dictionary_it_was_packed_with(tenant_store: TenantStore) -> None:
    contents = samples()
    blobs = tenant_store.versions.blobs
    bare = blobs.pack(contents[0])
    assert bare[0] == 0
    assert blobs.add_dictionary(contents) == 1
    trained = blobs.pack(contents[0])
    assert trained[0] == 1
    assert len(trained[1]) < len(bare[1]) / 2
    assert blobs.add_dictionary(contents[100:]) == 2
    other_process = Blobs(tenant_store.database)
    assert other_process.pack(contents[0])[0] == 2
    for packed in (bare, trained, blobs.pack(contents[0])):
        assert other_process.unpack(*packed) == contents[0]


def test_threads_pack_and_unpack_at_once(tenant_store: TenantStore) -> None:
    contents = samples()
    blobs = tenant_store.versions.blobs
    blobs.add_dictionary(contents)
    wrong: list[bytes] = []

    def work() -> None:
        for content in contents * 5:
            if blobs.unpack(*blobs.pack(content)) != content:
                wrong.append(content)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("name", ["", "Oslo", "a b", "../x", "a" * 41, "a$b", "a.b", "a\0"])
def test_a_tenant_has_a_plain_name(name: str) -> None:
    with pytest.raises(BadParameter):
        database_name(name)
