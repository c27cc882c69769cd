"""`kilde receive`: what a vendor and those who look after a source do from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.store.tenant import TenantStore
from tests.receiving.conftest import RECEIVE, new_ehr
from tests.receiving.messages import ANNA, FHIR, as_bytes, bundle, condition, decision, decisions
from tests.support.command import Outcome, kilde
from tests.support.http import services_over, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def url(tenant_store: TenantStore) -> Iterator[str]:
    with serving(create_app(services_over(tenant_store), ApiSettings())) as address:
        with httpx.Client(base_url=address) as client:
            new_ehr(client, ANNA)
        yield address


def run(url: str, *arguments: str) -> Outcome:
    return kilde("receive", *arguments, "--server", url)


def test_messages_are_sent_looked_at_corrected_and_replayed(url: str, tmp_path: Path) -> None:
    good, bad, rows = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "rows.csv"
    good.write_bytes(as_bytes(bundle(condition("c1"), key="b1")))
    bad.write_bytes(as_bytes(bundle(condition("c2", clinicalStatus={"coding": [{"code": "odd"}]}), key="b2")))
    rows.write_bytes(decisions(decision()))
    sent = run(url, "fastlege", str(good))
    assert (sent.status, "1 stored" in sent.out) == (0, True), sent.err
    assert run(url, "tildelingskontor", str(rows)).status == 0
    refused = run(url, "fastlege", str(bad))
    assert (refused.status, "RCV_CODE" in refused.out) == (1, True)
    (item,) = run(url, "quarantine", "fastlege", "--json").json
    shown = run(url, "quarantine", "fastlege", item["quarantine_id"])
    bad.write_text(shown.out.replace('"odd"', '"active"'), encoding="utf-8")
    assert run(url, "quarantine", "fastlege", item["quarantine_id"], "--correct", str(bad)).status == 0
    assert [row["outcome"] for row in run(url, "replay", "fastlege", "--json").json] == ["stored"]
    report = run(url, "report", "fastlege", "--json").json
    assert (report["messages"], report["outcomes"]) == (2, {"stored": 2})
    receipts = run(url, "receipt", "fastlege", "--json").json
    original = run(url, "receipt", "fastlege", receipts[-1]["receipt_id"], "--original")
    assert json.loads(original.out) == bundle(condition("c1"), key="b1")


def test_recovery_finishes_by_command_what_was_left_open(url: str, tenant_store: TenantStore) -> None:
    # A receipt as a crash leaves it: durable, with its original, and nobody at work.
    with httpx.Client(base_url=url) as client:
        body = as_bytes(bundle(condition()))
        sent = client.post(f"{RECEIVE}/fastlege", content=body, headers={"content-type": FHIR}).json()
    database = tenant_store.database
    for name in ("received_item", "item_mark", "version", "vo", "ix", "contribution"):
        database[name].delete_many({})
    past = database["receipt"].find_one({})["t"]
    database["receipt"].update_one({}, {"$set": {"done": False, "lease": past}, "$unset": {"counts": ""}})
    assert run(url, "recover").out.strip() == "1 finished, 0 failed"
    with httpx.Client(base_url=url) as client:
        receipt = client.get(f"{RECEIVE}/fastlege/receipt/{sent['receipt_id']}").json()
    assert (receipt["state"], receipt["counts"]) == ("done", {"stored": 1})


def test_a_source_is_registered_and_listed(url: str, tmp_path: Path) -> None:
    file = tmp_path / "source.json"
    file.write_text(json.dumps({"title": "Sykehjemmet", "supplier": "Omsorg AS", "mappings": ["vedtak_csv"]}))
    assert run(url, "register", "sykehjem", str(file)).status == 0
    assert "sykehjem" in [row["key"] for row in run(url, "sources", "--json").json]


def test_a_mapping_is_checked_without_a_server(tmp_path: Path) -> None:
    document = json.loads((Path(__file__).parents[2] / "docs/examples/receive/pulse.json").read_text(encoding="utf-8"))
    assert kilde("receive", "check", "docs/examples/receive/pulse.json").status == 0
    document["set"][1]["to"] = document["set"][1]["to"].replace("/frekvens", "/frekvnes")
    file = tmp_path / "pulse.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    checked = kilde("receive", "check", str(file))
    assert checked.status == 1
    assert "uspesifisert_hendelse/frekvens" in checked.out
