"""Export and import: another store has the same uids, audits, times and bytes afterwards."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from aql.access import AccessFilter
from cdr import rm
from cdr.errors import BadInput, Conflict
from cdr.ports import ArchetypeRecord, QueryRecord, TemplateRecord
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from cdr.store.transfer import export_lines, import_lines
from cdr.versioning.model import Lifecycle, ObjectKind
from tests.support.commits import (
    START,
    Uids,
    archetyped,
    audit,
    coded,
    commit_of,
    composition,
    new_ehr,
    new_version,
    pulse,
    text,
)
from tests.support.mongo import fresh_tenant_name

ALL = AccessFilter.everything()


@pytest.fixture
def other_store(mongo_client: MongoClient[Document]) -> Iterator[TenantStore]:
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    yield store
    mongo_client.drop_database(store.database.name)


@pytest.fixture
def full_store(tenant_store: TenantStore) -> TenantStore:
    """A store with a bit of everything; the EHRs are `ehr-a` and `ehr-b`."""
    uids = Uids()
    for ehr_id in ("ehr-a", "ehr-b"):
        ehr, status = new_ehr(uids, subject=("fnr", ehr_id), ehr_id=ehr_id)
        tenant_store.versions.create_ehr(ehr, status)
        object_id = uids.new()
        for number, lifecycle in enumerate((Lifecycle.COMPLETE, Lifecycle.INCOMPLETE, Lifecycle.DELETED), 1):
            root = None if lifecycle is Lifecycle.DELETED else composition([pulse([60.5 + number])])
            version = new_version(
                object_id, root, contribution=uids.new(), ehr_id=ehr_id, number=number, lifecycle=lifecycle
            )
            if number == 2:
                attestation = rm.Attestation(
                    system_id="s",
                    time_committed=rm.DvDateTime(value="2024-05-17T10:00:00Z"),
                    change_type=coded("666", "attestation"),
                    committer=rm.PartyIdentified(name="Doctor æøå"),
                    reason=text("signed"),
                    is_pending=False,
                )
                record = dataclasses.replace(
                    version.record,
                    attestations=(attestation,),
                    signature="sig",
                    other_input_uids=("x::y::1",),
                    imported_contribution=uids.new(),
                    imported_audit=audit(START),
                    template_revision="abc",
                )
                version = dataclasses.replace(version, record=record)
            tenant_store.versions.commit(commit_of(version))
    person = rm.Person(
        archetype_node_id="openEHR-DEMOGRAPHIC-PERSON.person.v1",
        archetype_details=archetyped("openEHR-DEMOGRAPHIC-PERSON.person.v1"),
        name=text("Person"),
        identities=[],
    )
    party = new_version(uids.new(), person, contribution=uids.new(), ehr_id=None, kind=ObjectKind.PARTY)
    tenant_store.versions.commit(commit_of(party))
    old = TemplateRecord(
        template_id="pulse",
        revision="1" * 64,
        source=b"<template>\xc3\xa6</template>",
        concept="Pulse",
        root_archetype="openEHR-EHR-COMPOSITION.encounter.v1",
        language="nb",
        time_created=START,
    )
    tenant_store.templates.add(old)
    tenant_store.templates.replace(dataclasses.replace(old, revision="2" * 64, source=b"<template/>"))
    tenant_store.queries.add(
        QueryRecord(name="a::b", version="1.0.0", text="SELECT 1", time_created=START, parameters={"x": "integer"})
    )
    tenant_store.archetypes.add(
        ArchetypeRecord(
            archetype_id="openEHR-EHR-OBSERVATION.pulse.v2",
            source=b"archetype (adl_version=1.4)\n",
            concept="Pulse",
            languages=("en", "nb"),
            time_created=START,
        )
    )
    return tenant_store


def test_another_store_exports_the_same_lines(full_store: TenantStore, other_store: TenantStore) -> None:
    lines = list(export_lines(full_store, access=ALL))
    assert import_lines(other_store, lines) == 9
    assert list(export_lines(other_store, access=ALL)) == lines


def test_contents_and_audits_are_the_same(full_store: TenantStore, other_store: TenantStore) -> None:
    import_lines(other_store, export_lines(full_store, access=ALL))
    uids = [one["_id"] for one in full_store.database.version.find()]
    assert len(uids) == 9
    for uid in uids:
        assert other_store.versions.version(uid, access=ALL) == full_store.versions.version(uid, access=ALL)
    for ehr_id in ("ehr-a", "ehr-b"):
        assert other_store.versions.ehr(ehr_id, access=ALL) == full_store.versions.ehr(ehr_id, access=ALL)
    assert other_store.templates.list() == full_store.templates.list()
    assert other_store.templates.revision("1" * 64) == full_store.templates.revision("1" * 64)


def test_the_imported_objects_are_indexed(full_store: TenantStore, other_store: TenantStore) -> None:
    import_lines(other_store, export_lines(full_store, access=ALL))
    for name in ("ix", "ix_draft", "ix_hist"):
        assert other_store.database[name].count_documents({}) == full_store.database[name].count_documents({})


def test_every_line_is_a_json_object_of_its_kind(full_store: TenantStore) -> None:
    kinds = [json.loads(line)["kind"] for line in export_lines(full_store, access=ALL)]
    ehr = ["ehr", *["contribution"] * 4]
    assert kinds == ["header", "archetype", "template", "template", "query", *ehr, *ehr, "contribution"]
    assert not any(b"\n" in line for line in export_lines(full_store, access=ALL))


def test_one_ehr_is_exported_alone(full_store: TenantStore, other_store: TenantStore) -> None:
    assert import_lines(other_store, export_lines(full_store, access=ALL, ehr_id="ehr-b")) == 4
    assert other_store.versions.ehr_ids(access=ALL) == ["ehr-b"]


def test_what_is_hidden_is_not_exported(full_store: TenantStore) -> None:
    for access in (AccessFilter(hidden_ehrs=frozenset({"ehr-a"})), AccessFilter(ehrs=frozenset({"ehr-b"}))):
        assert not any(b"ehr-a" in line for line in export_lines(full_store, access=access))
        assert list(export_lines(full_store, access=access, ehr_id="ehr-a"))[5:] == []
    unpulsed = list(export_lines(full_store, access=AccessFilter(hidden_templates=frozenset({"pulse"}))))
    assert not any(b"magnitude" in line for line in unpulsed)
    assert any(b"magnitude" in line for line in export_lines(full_store, access=ALL))


def test_a_second_import_is_refused(full_store: TenantStore) -> None:
    lines = list(export_lines(full_store, access=ALL))
    with pytest.raises(Conflict):
        import_lines(full_store, lines)
    assert list(export_lines(full_store, access=ALL)) == lines


def test_definitions_that_are_here_already_stay_as_they_are(full_store: TenantStore, other_store: TenantStore) -> None:
    template = full_store.templates.current("pulse")
    (query,) = full_store.queries.list()
    assert template is not None
    other_store.templates.add(dataclasses.replace(template, revision="3" * 64, source=b"<newer/>"))
    other_store.queries.add(dataclasses.replace(query, text="SELECT 2"))
    import_lines(other_store, export_lines(full_store, access=ALL))
    current = other_store.templates.current("pulse")
    assert current is not None
    assert current.source == b"<newer/>"
    assert other_store.templates.revision(template.revision) is not None
    assert [one.text for one in other_store.queries.list()] == ["SELECT 2"]


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"kind":"other"}', b'{"kind":"header","format":99}'])
def test_a_line_that_is_no_record_is_named_without_its_text(other_store: TenantStore, line: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        import_lines(other_store, [b'{"kind":"header","format":1}', line])
    assert "99" not in caught.value.message
    assert "other" not in caught.value.message
