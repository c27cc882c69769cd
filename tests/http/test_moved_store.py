"""A store that was exported and imported elsewhere: the same bytes, and the same answers to queries and reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import httpx
import pytest
from pymongo import MongoClient

from aql.access import AccessFilter
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from cdr.store.transfer import export_lines, import_lines
from cli.demo.load import lines_of
from cli.demo.residents import SEED, residents
from cli.demo.status import ehr_status
from tests.support.http import BASE, Json, client_over, composition, folder, status, template_source, uid_in, upload
from tests.support.mongo import fresh_tenant_name

PEOPLE = list(residents(6, contacts=5))
_SYSTOLIC = "o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude"
_PRESSURE = "OBSERVATION o[openEHR-EHR-OBSERVATION.blood_pressure.v2]"
QUERIES = (
    "SELECT e/ehr_id/value, e/time_created/value, e/system_id/value FROM EHR e ORDER BY e/ehr_id/value",
    "SELECT e/ehr_id/value, c/uid/value, c FROM EHR e CONTAINS COMPOSITION c ORDER BY c/uid/value",
    f"SELECT e/ehr_id/value, {_SYSTOLIC} FROM EHR e CONTAINS {_PRESSURE} ORDER BY {_SYSTOLIC}, e/ehr_id/value",
    f"SELECT COUNT(*), AVG({_SYSTOLIC}), MAX({_SYSTOLIC}), MIN({_SYSTOLIC}) FROM EHR e CONTAINS {_PRESSURE}",
    f"SELECT c/uid/value FROM COMPOSITION c CONTAINS {_PRESSURE} WHERE {_SYSTOLIC} > 140 ORDER BY c/uid/value",
    "SELECT v/uid/value, v/commit_audit/time_committed/value, v/lifecycle_state/defining_code/code_string "
    "FROM EHR e CONTAINS VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c ORDER BY v/uid/value",
    "SELECT f/name/value FROM EHR e CONTAINS FOLDER f ORDER BY f/name/value",
    "SELECT s/is_queryable, s/uid/value FROM EHR e CONTAINS EHR_STATUS s ORDER BY s/uid/value",
)


@pytest.fixture(scope="module")
def stores(mongo_client: MongoClient[Document]) -> Iterator[tuple[TenantStore, TenantStore]]:
    """A store with some history, and one that its export was imported into."""
    first, second = (TenantStore(mongo_client, fresh_tenant_name()) for _ in range(2))
    for store in (first, second):
        store.ensure_indexes()
    with client_over(first) as client:
        fill(client)
    lines = list(export_lines(first, access=AccessFilter.everything()))
    import_lines(second, lines)
    yield first, second
    for store in (first, second):
        mongo_client.drop_database(store.database.name)


def fill(client: httpx.Client) -> None:
    """Store residents with versions, drafts, deletions, a directory and a contribution of several versions."""
    upload(client, template_source())
    for one in PEOPLE:
        assert client.put(f"{BASE}/ehr/{one.ehr_id}", json=ehr_status(one)).status_code == 201
    lines = b"\n".join(line for one in PEOPLE for line in lines_of(one, seed=SEED))
    headers = {"content-type": "application/x-ndjson"}
    stored = client.post("/rest/kilde/v1/bulk/composition", content=lines, headers=headers)
    assert stored.json()["refused"] == 0, stored.text
    ehr = f"{BASE}/ehr/{PEOPLE[0].ehr_id}"
    kept = uid_in(client.post(f"{ehr}/composition", json=composition()))
    match = {"if-match": kept}
    assert client.put(f"{ehr}/composition/{kept}", json=composition(), headers=match).status_code == 204
    gone = uid_in(client.post(f"{ehr}/composition", json=composition()))
    assert client.delete(f"{ehr}/composition/{gone}").status_code == 204
    draft = {"openehr-version": 'lifecycle_state.code_string="553"'}
    assert client.post(f"{ehr}/composition", json=composition(), headers=draft).status_code == 201
    assert client.post(f"{ehr}/directory", json=folder("root", folders=[folder("below")])).status_code == 201
    locked = f"{BASE}/ehr/{PEOPLE[1].ehr_id}/ehr_status"
    match = {"if-match": uid_in(client.get(locked))}
    assert client.put(locked, json=status(is_modifiable=False), headers=match).status_code == 204


def rows(store: TenantStore, query: str) -> Json:
    """Return columns and rows of the answer to a query."""
    with client_over(store) as client:
        answer = client.post(f"{BASE}/query/aql", json={"q": query}).json()
    return {"columns": answer["columns"], "rows": answer["rows"]}


def digest(store: TenantStore) -> str:
    """Return the hash of everything that a store exports."""
    hashed = hashlib.sha256()
    for line in export_lines(store, access=AccessFilter.everything()):
        hashed.update(line)
    return hashed.hexdigest()


def test_the_copy_exports_the_same_bytes(stores: tuple[TenantStore, TenantStore]) -> None:
    assert digest(stores[0]) == digest(stores[1])


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_has_the_same_answer(stores: tuple[TenantStore, TenantStore], query: str) -> None:
    first = rows(stores[0], query)
    assert first["rows"]
    assert rows(stores[1], query) == first


def test_every_version_is_read_back_with_the_same_bytes(stores: tuple[TenantStore, TenantStore]) -> None:
    found = stores[0].database.version.find({"k": "COMPOSITION"}, {"_id": 1, "vo": 1})
    addresses = [f"{BASE}/ehr/{PEOPLE[0].ehr_id}/composition/{one['_id']}" for one in found]
    assert len(addresses) > 30
    with client_over(stores[0]) as first, client_over(stores[1]) as second:
        for address in addresses:
            one, other = first.get(address), second.get(address)
            assert (one.status_code, one.content, one.headers.get("etag"), one.headers.get("last-modified")) == (
                other.status_code,
                other.content,
                other.headers.get("etag"),
                other.headers.get("last-modified"),
            )


def test_a_copy_takes_new_versions_where_the_original_would(
    stores: tuple[TenantStore, TenantStore], tenant_store: TenantStore
) -> None:
    import_lines(tenant_store, export_lines(stores[0], access=AccessFilter.everything()))
    with client_over(tenant_store) as client:
        assert client.post(f"{BASE}/ehr/{PEOPLE[2].ehr_id}/composition", json=composition()).status_code == 201
        assert client.post(f"{BASE}/ehr/{PEOPLE[1].ehr_id}/composition", json=composition()).status_code == 409
