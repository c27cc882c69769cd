"""A backup carries what receiving keeps, so that a message sent again after a restore elsewhere makes nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pymongo import MongoClient

from cdr import resources
from cdr.identity import AccessFilter
from cdr.services.receive.recovery import recover
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from cdr.store.transfer import export_lines, import_lines
from tests.receiving.conftest import RECEIVE, SOURCES, Kilde, new_ehr
from tests.receiving.messages import ANNA, FHIR, OLA, Json, as_bytes, bundle, condition, decision, decisions
from tests.support.command import kilde as kilde_command
from tests.support.command import serving
from tests.support.http import BASE, client_over, services_over, upload
from tests.support.mongo import fresh_tenant_name

ALL = AccessFilter.everything()
GOOD = bundle(condition("c1"), condition("c2"), key="b1")
BAD = bundle(condition("c3", clinicalStatus={"coding": [{"code": "odd"}]}), key="b2")
ROWS = decisions(decision(), decision(OLA, vedtak_id="V-2"))
COUNT = "SELECT COUNT(c) FROM EHR e CONTAINS COMPOSITION c"


@pytest.fixture
def elsewhere(mongo_client: MongoClient[Document], tenant_store: TenantStore) -> Iterator[TenantStore]:
    """An empty store that takes the place of the tenant's: object ids are made of the tenant's name, not the store's."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    yield store
    mongo_client.drop_database(store.database.name)


def stored(kilde: Kilde) -> dict[str, list[object]]:
    """Return all that receiving keeps, by kind."""
    found: dict[str, list[object]] = {}
    for source in ("fastlege", "tildelingskontor", "legevakt"):
        found[source] = [kilde.http.get(f"{RECEIVE}/{source}").json()]
        found[f"{source} quarantine"] = kilde.http.get(f"{RECEIVE}/{source}/quarantine").json()["items"]
        found[f"{source} report"] = [kilde.http.get(f"{RECEIVE}/{source}/report").json()]
        receipts = kilde.http.get(f"{RECEIVE}/{source}/receipt").json()["receipts"]
        for receipt in receipts:
            address = f"{RECEIVE}/{source}/receipt/{receipt['receipt_id']}"
            found[address] = [kilde.http.get(address).json(), kilde.http.get(f"{address}/original").content]
    return found


def send_all(kilde: Kilde) -> list[Json]:
    return [
        kilde.send("fastlege", GOOD).json(),
        kilde.send("fastlege", BAD).json(),
        kilde.send("tildelingskontor", ROWS).json(),
    ]


def test_receipts_originals_traces_quarantine_and_sources_are_there_after_a_restore(
    kilde: Kilde, elsewhere: TenantStore
) -> None:
    sent = send_all(kilde)
    quarantine = kilde.http.get(f"{RECEIVE}/fastlege/quarantine").json()["items"]
    assert len(quarantine) == 1
    before = stored(kilde)
    assert any(as_bytes(GOOD) in [*parts] for parts in before.values())
    lines = list(export_lines(kilde.store, access=ALL))
    import_lines(elsewhere, lines)
    assert list(export_lines(elsewhere, access=ALL)) == lines
    with client_over(elsewhere) as client:
        other = Kilde(client, elsewhere, kilde.anna, kilde.ola)
        assert stored(other) == before
        uid = sent[0]["items"][0]["version_uid"]
        original = client.get(f"/rest/kilde/v1/ehr/{kilde.anna}/composition/{uid}/original")
        assert original.content == as_bytes(GOOD)
        item = client.get(f"{RECEIVE}/fastlege/quarantine/{quarantine[0]['quarantine_id']}")
        assert b'"odd"' in item.content


def test_a_message_sent_again_after_a_restore_makes_nothing_new(kilde: Kilde, elsewhere: TenantStore) -> None:
    before = send_all(kilde)
    import_lines(elsewhere, export_lines(kilde.store, access=ALL))
    with client_over(elsewhere) as client:
        other = Kilde(client, elsewhere, kilde.anna, kilde.ola)
        count = other.query(COUNT)
        assert [one["receipt_id"] for one in send_all(other)] == [one["receipt_id"] for one in before]
        # The same items in another message: the marks and the versions know them.
        again = other.send("fastlege", {**GOOD, "identifier": {"value": "b9"}}).json()
        assert again["counts"] == {"unchanged": 2}
        assert other.query(COUNT) == count == [[4]]
        assert len(client.get(f"{RECEIVE}/fastlege/quarantine").json()["items"]) == 1


def test_a_message_that_comes_during_a_backup_is_finished_after_the_restore(
    kilde: Kilde, elsewhere: TenantStore
) -> None:
    kilde.send("fastlege", GOOD)
    late = bundle(condition("late"), key="late")
    lines = []
    for line in export_lines(kilde.store, access=ALL):
        lines.append(line)
        if b'"kind":"ehr"' in line and kilde.store.receipts.receipts("fastlege", limit=2)[1:] == []:
            # Its EHR may have been read, or not; what was read of receiving knows nothing of it.
            assert kilde.send("fastlege", late).status_code == 201
            answer = kilde.http.get(f"{BASE}/ehr/{kilde.ola}")
            assert answer.status_code == 200
    import_lines(elsewhere, lines)
    receiving = services_over(elsewhere).receiving
    assert receiving is not None
    recovered = recover(receiving.messages)
    assert (len(recovered.finished), recovered.failed) == (1, ())
    with client_over(elsewhere) as client:
        receipts = client.get(f"{RECEIVE}/fastlege/receipt").json()["receipts"]
        assert [one["state"] for one in receipts] == ["done", "done"]
        assert [sum(one["counts"].values()) for one in receipts] == [1, 2]
        assert Kilde(client, elsewhere, kilde.anna, kilde.ola).query(COUNT) == [[3]]


def test_a_backup_of_one_ehr_holds_no_messages(kilde: Kilde) -> None:
    kilde.send("tildelingskontor", ROWS)
    lines = list(export_lines(kilde.store, access=ALL, ehr_id=kilde.anna))
    assert not any(OLA.encode() in line or b'"kind":"original"' in line for line in lines)


@pytest.mark.slow
def test_backup_and_restore_carry_a_message_from_one_data_folder_to_another(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "backup"
    media = {"content-type": FHIR}
    address = f"{RECEIVE}/fastlege"
    with serving(data=here) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        upload(client, (resources.folder("templates") / "diagnosehistorikk.opt").read_bytes())
        source = {**SOURCES["fastlege"], "mappings": ["fhir_condition_bundle"]}
        client.put(address, json=source).raise_for_status()
        new_ehr(client, ANNA)
        sent = client.post(address, content=as_bytes(GOOD), headers=media).json()
        client.post(address, content=as_bytes(BAD), headers=media).raise_for_status()
        done = kilde_command("backup", str(file), "--data", str(here))
        assert done.status == 0, done.err
    done = kilde_command("restore", str(file), "--data", str(there))
    assert done.status == 0, done.err
    with serving(data=there) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        again = client.post(address, content=as_bytes(GOOD), headers=media)
        assert (again.status_code, again.json()["items"]) == (200, sent["items"])
        original = client.get(f"{address}/receipt/{sent['receipt_id']}/original")
        assert original.content == as_bytes(GOOD)
        (item,) = client.get(f"{address}/quarantine").json()["items"]
        replayed = client.post(f"{address}/quarantine/{item['quarantine_id']}/replay").json()
        assert replayed["outcome"] == "quarantined"
        assert client.post(f"{BASE}/query/aql", json={"q": COUNT}).json()["rows"] == [[2]]
