"""Every item is stored once, in the order of the source's own versions, whatever the order in which messages come."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from cdr.formats.mapping.moments import order_of
from cdr.reconcile.moments import instant
from tests.receiving.conftest import RECEIVE, Kilde
from tests.receiving.messages import Json, allergy, as_bytes, bundle, condition, decision, decisions
from tests.support.http import BASE

# What a resident's record shows of received items: the source's own id, its version, and the code or the substance.
STATE = (
    "SELECT c/uid/value AS uid, c/feeder_audit/originating_system_audit/version_id AS version, "
    "v/data[at0001]/items[at0002]/value/value AS text FROM EHR e CONTAINS COMPOSITION c CONTAINS EVALUATION v "
    "WHERE e/ehr_id/value = $ehr"
)


def state(kilde: Kilde) -> list[list[object]]:
    """Return what is visible of a resident, with object ids in the place of version uids."""
    rows = kilde.query(STATE, ehr=kilde.anna)
    return sorted([str(uid).split("::")[0], version, text] for uid, version, text in rows)


def at(hour: int, text: str, **other: object) -> Json:
    """Return a version of one condition, changed at an hour."""
    return condition("c1", changed=f"2024-03-01T{hour:02}:00:00Z", code={"text": text}, **other)


def test_the_same_message_again_gives_the_same_receipt_and_stores_nothing(kilde: Kilde) -> None:
    first = kilde.send("fastlege", bundle(condition()))
    again = kilde.send("fastlege", bundle(condition()))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["receipt_id"] == first.json()["receipt_id"]
    assert again.json()["repeats"] == 1
    assert len(kilde.query(STATE, ehr=kilde.anna)) == 1


def test_a_message_id_stands_for_one_message_only(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(condition("c1"), key="b1"))
    other = kilde.send("fastlege", bundle(condition("c2"), key="b1"))
    assert (other.status_code, other.json()["code"]) == (409, "MESSAGE_ID_TAKEN")
    assert len(state(kilde)) == 1


def test_a_message_without_an_id_is_known_by_its_bytes_or_by_the_header(kilde: Kilde) -> None:
    rows = decisions(decision())
    one, two = kilde.send("tildelingskontor", rows), kilde.send("tildelingskontor", rows)
    three = kilde.send("tildelingskontor", rows, kilde_message_id="M-1")
    assert one.json()["receipt_id"] == two.json()["receipt_id"] != three.json()["receipt_id"]
    assert three.json()["counts"] == {"unchanged": 1}


def test_equal_content_in_another_message_makes_nothing(kilde: Kilde) -> None:
    first = kilde.send("fastlege", bundle(condition(), key="b1")).json()
    again = kilde.send("fastlege", bundle(condition(), key="b2")).json()
    assert again["counts"] == {"unchanged": 1}
    assert again["items"][0]["version_uid"] == first["items"][0]["version_uid"]


def test_changed_content_becomes_the_next_version_of_the_same_composition(kilde: Kilde) -> None:
    first = kilde.send("fastlege", bundle(at(1, "Diabetes"), key="b1")).json()["items"][0]
    second = kilde.send("fastlege", bundle(at(2, "Diabetes type 2"), key="b2")).json()["items"][0]
    assert (first["outcome"], second["outcome"]) == ("stored", "updated")
    assert first["version_uid"].replace("::1", "::2") == second["version_uid"]


def test_an_older_version_that_comes_late_does_not_overwrite_a_newer_one(kilde: Kilde) -> None:
    kilde.send("fastlege", bundle(at(5, "Ny"), key="b1"))
    late = kilde.send("fastlege", bundle(at(4, "Gammel"), key="b2")).json()
    assert late["counts"] == {"superseded": 1}
    assert [row[2] for row in state(kilde)] == ["Ny"]


def test_times_of_change_are_compared_as_moments_not_as_texts(kilde: Kilde) -> None:
    noon = condition("c1", changed="2024-03-01T12:30:00+02:00", code={"text": "Eldre"})
    kilde.send("fastlege", bundle(at(11, "Nyere"), key="b1"))
    assert kilde.send("fastlege", bundle(noon, key="b2")).json()["counts"] == {"superseded": 1}


def test_a_withdrawn_item_disappears_and_comes_back_when_the_source_says_so(kilde: Kilde) -> None:
    mistake = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    first = kilde.send("fastlege", bundle(at(1, "Diabetes"), key="b1")).json()["items"][0]
    gone = kilde.send("fastlege", bundle(at(2, "Diabetes", **mistake), key="b2")).json()["items"][0]
    assert (gone["outcome"], state(kilde)) == ("withdrawn", [])
    address = f"{BASE}/ehr/{kilde.anna}/composition/{first['version_uid']}"
    assert kilde.http.get(address).status_code == 200, "the version before stays readable"
    back = kilde.send("fastlege", bundle(at(3, "Diabetes"), key="b3")).json()["items"][0]
    assert (back["outcome"], len(state(kilde))) == ("updated", 1)


def test_a_decision_is_withdrawn_by_its_status_column(kilde: Kilde) -> None:
    kilde.send("tildelingskontor", decisions(decision()))
    mistake = decision(status="FEILREGISTRERT", sist_endret="02.03.2024")
    assert kilde.send("tildelingskontor", decisions(mistake)).json()["counts"] == {"withdrawn": 1}
    rows = kilde.query("SELECT c FROM EHR e CONTAINS COMPOSITION c WHERE e/ehr_id/value = $ehr", ehr=kilde.anna)
    assert rows == []


def messages() -> list[Json]:
    """Return versions of three items: changed, changed back, withdrawn before and after others."""
    mistake = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    other = [condition("c2", changed=f"2024-03-0{day}", code={"text": f"Astma {day}"}) for day in (1, 2)]
    gone = condition("c3", changed="2024-03-01", code={"text": "Feil"})
    return [
        bundle(at(1, "A"), key="m1"),
        bundle(at(2, "B"), other[1], key="m2"),
        bundle(at(3, "A"), key="m3"),
        bundle(other[0], gone, key="m4"),
        bundle(condition("c3", changed="2024-03-02", code={"text": "Feil"}, **mistake), key="m5"),
    ]


ORDERS = list(itertools.permutations(range(5)))


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_utc_cannot_hold_stops_no_message(kilde: Kilde, edge: str) -> None:
    answer = kilde.send("fastlege", bundle(condition("edge", changed=edge), condition("other")))
    assert (answer.status_code, answer.json()["counts"]) == (201, {"stored": 2})


def test_times_sort_as_moments_up_to_the_ends_of_the_calendar() -> None:
    moments = ["0001-01-01T00:00:00+14:00", "0001-01-02T00:00:00Z", "2024-02-01T09:30:00+01:00", "2024-02-01T08:30:01Z"]
    moments.append("9999-12-31T23:59:59-14:00")
    for order in (order_of, instant):
        assert [order(moment) for moment in moments] == sorted({order(moment) for moment in moments})


@pytest.mark.parametrize("order", [ORDERS[place] for place in (0, 17, 38, 59, 76, 97, 119)], ids=str)
def test_any_order_of_all_messages_sent_twice_gives_the_same_state(kilde: Kilde, order: tuple[int, ...]) -> None:
    sent = messages()
    for place in (*order, *reversed(order)):
        assert kilde.send("fastlege", sent[place]).status_code in (200, 201)
    assert sorted(str(row[2]) for row in state(kilde)) == ["A", "Astma 2"]


@pytest.mark.torture
def test_every_order_of_all_messages_gives_the_same_state(kilde: Kilde) -> None:
    for number, order in enumerate(ORDERS):
        for place in order:
            message = as_bytes(messages()[place]).decode()
            # Items of their own for every order, in one store.
            renamed = message.replace('"c1"', f'"c1-{number}"').replace('"c2"', f'"c2-{number}"')
            renamed = renamed.replace('"c3"', f'"c3-{number}"').replace('"value": "m', f'"value": "{number}m')
            answer = kilde.send("fastlege", renamed.encode(), media="application/fhir+json")
            assert answer.status_code == 201
    found = [str(row[2]) for row in state(kilde)]
    assert sorted(set(found)) == ["A", "Astma 2"]
    assert len(found) == 2 * len(ORDERS)


def test_versions_of_one_item_sent_at_the_same_time_end_in_the_newest(kilde: Kilde) -> None:
    sent = [bundle(at(hour, f"Versjon {hour}"), key=f"b{hour}") for hour in range(12)]
    with ThreadPoolExecutor(6) as pool:
        answers: list[httpx.Response] = list(pool.map(lambda one: kilde.send("fastlege", one), sent))
    assert {answer.status_code for answer in answers} == {201}
    assert [row[2] for row in state(kilde)] == ["Versjon 11"]
    outcomes = {answer.json()["items"][0]["outcome"] for answer in answers}
    assert outcomes <= {"stored", "updated", "superseded"}


def test_two_sources_with_the_same_item_id_are_two_items(kilde: Kilde) -> None:
    source = {**kilde.http.get(f"{RECEIVE}/legevakt").json(), "mappings": ["fhir_condition_bundle", "fhir_allergy"]}
    source.pop("key")
    assert kilde.http.put(f"{RECEIVE}/legevakt", json=source).status_code == 200
    kilde.send("fastlege", bundle(condition()))
    kilde.send("legevakt", bundle(condition(), allergy()))
    assert len(state(kilde)) == 3


def test_a_correction_made_here_stands_until_the_source_says_something_new(kilde: Kilde) -> None:
    item = kilde.send("fastlege", bundle(at(1, "Diabetes"), key="b1")).json()["items"][0]
    found = kilde.composition(kilde.anna, item["version_uid"])
    found["content"][0]["data"]["items"][0]["value"] = {"_type": "DV_TEXT", "value": "Rettet her"}
    address = f"{BASE}/ehr/{kilde.anna}/composition/{item['version_uid'].split('::')[0]}"
    headers = {"if-match": f'"{item["version_uid"]}"', "content-type": "application/json"}
    assert kilde.http.put(address, content=as_bytes(found), headers=headers).status_code in (200, 204)
    assert kilde.send("fastlege", bundle(at(1, "Diabetes"), key="b2")).json()["counts"] == {"unchanged": 1}
    assert [row[2] for row in state(kilde)] == ["Rettet her"]
    assert kilde.send("fastlege", bundle(at(2, "Diabetes 2"), key="b3")).json()["counts"] == {"updated": 1}
