"""Entries of the access log that name many EHRs, as questions about everyone make them."""

from __future__ import annotations

from cdr.identity import Caller
from cdr.store.tenant import TenantStore

CALLER = Caller(tenant="test", person="kari", role="admin")
IDS = [f"00000000-0000-4000-8000-{number:012x}" for number in range(1, 501)]


def test_an_entry_of_many_ehrs_is_found_by_each_of_them(tenant_store: TenantStore) -> None:
    log = tenant_store.access_log
    log.record(CALLER, action="query", resource="AQL", ehr_ids=[*IDS, "1.2.3"], detail="wide")
    log.record(CALLER, action="read", resource="COMPOSITION", ehr_ids=[IDS[3]], detail="narrow")
    assert [entry["detail"] for entry in log.entries(ehr_id=IDS[3])] == ["narrow", "wide"]
    assert [entry["detail"] for entry in log.entries(ehr_id=IDS[499])] == ["wide"]
    assert [entry["detail"] for entry in log.entries(ehr_id="1.2.3")] == ["wide"]
    assert list(log.entries(ehr_id="00000000-0000-4000-8000-00000000ffff")) == []


def test_an_entry_of_many_ehrs_names_them_all(tenant_store: TenantStore) -> None:
    ehr_ids = [*IDS, "1.2.3", IDS[0].upper(), "0" * 36]
    tenant_store.access_log.record(CALLER, action="query", resource="AQL", ehr_ids=ehr_ids)
    entries = list(tenant_store.access_log.entries())
    assert set(entries[0]) == {"at", "person", "role", "purpose", "basis", "action", "resource", "detail", "ehr_ids"}
    assert sorted(each for entry in entries for each in entry["ehr_ids"]) == sorted(ehr_ids)  # type: ignore[attr-defined]


def test_an_entry_of_canonical_ids_alone_is_one(tenant_store: TenantStore) -> None:
    tenant_store.access_log.record(CALLER, action="query", resource="AQL", ehr_ids=IDS)
    assert [entry["ehr_ids"] for entry in tenant_store.access_log.entries()] == [IDS]


def test_bytes_that_lie_across_two_ids_are_no_id(tenant_store: TenantStore) -> None:
    tenant_store.access_log.record(CALLER, action="query", resource="AQL", ehr_ids=IDS)
    joined = "".join(one.replace("-", "") for one in IDS[:2])[2:34]
    across = f"{joined[:8]}-{joined[8:12]}-{joined[12:16]}-{joined[16:20]}-{joined[20:]}"
    assert list(tenant_store.access_log.entries(ehr_id=across)) == []
