"""Physical deletion of an EHR takes the messages along that it was made from."""

from __future__ import annotations

from tests.receiving.conftest import RECEIVE, Kilde
from tests.receiving.messages import ANNA, OLA, bundle, condition, decision, decisions
from tests.support.http import BASE


def everything(kilde: Kilde) -> str:
    """Return all that is stored about received messages, originals unpacked, as one text."""
    parts = []
    for receipt in kilde.store.database["receipt"].find():
        parts.append(receipt["j"].decode())
        for source in ("fastlege", "tildelingskontor", "hjemmetjeneste"):
            answer = kilde.http.get(f"{RECEIVE}/{source}/receipt/{receipt['_id']}/original")
            parts.append(answer.text if answer.status_code == 200 else "")
    return "".join(parts)


def test_nothing_of_a_resident_is_left_in_originals_receipts_and_quarantine(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition("c1"), condition("c2", code={})))
    rows = decisions(decision(ANNA), decision(OLA, vedtak_id="V-2", tjeneste_id="T-9"))
    kilde.send("tildelingskontor", rows)
    assert ANNA in everything(kilde)
    assert kilde.http.delete(f"/rest/admin/ehr/{kilde.anna}").status_code == 204
    assert ANNA not in everything(kilde)
    assert kilde.http.get(f"{RECEIVE}/fastlege/quarantine").json()["items"] == []
    traces = kilde.store.database["received_item"]
    assert traces.count_documents({"e": kilde.anna}) == 0
    assert traces.count_documents({"e": kilde.ola}) == 1


def test_the_others_of_a_message_keep_their_compositions(kilde: Kilde) -> None:
    rows = decisions(decision(ANNA), decision(OLA, vedtak_id="V-2", tjeneste_id="T-9"))
    items = kilde.send("tildelingskontor", rows).json()["items"]
    kilde.http.delete(f"/rest/admin/ehr/{kilde.anna}")
    uid = items[1]["version_uid"]
    assert kilde.http.get(f"{BASE}/ehr/{kilde.ola}/composition/{uid}").status_code == 200
    original = kilde.http.get(f"/rest/kilde/v1/ehr/{kilde.ola}/composition/{uid}/original")
    assert (original.status_code, original.json()["code"]) == (404, "NO_ORIGINAL")
