"""Reviews over HTTP: stored as compositions, shown beside what they judge, never changing the source's record."""

from __future__ import annotations

import pytest

from tests.support.http import BASE
from tests.support.lives import allergy, critical, text
from tests.support.summaries import Resident, flags, group

SERVICE = "klinisk_oppsummering"


@pytest.fixture
def allergic(newcomer: Resident) -> Resident:
    """A resident with one reaction from the emergency clinic."""
    newcomer.store(critical(allergy(text("Jordnøtter")), source="legevakt", time="2024-01-10T12:00:00+01:00"))
    return newcomer


def test_a_review_of_a_group_rejects_and_the_reaction_stays(allergic: Resident) -> None:
    key = group(allergic.summary(SERVICE), "Jordnøtter")["key"]
    said = allergic.review(service=SERVICE, group=key, outcome="rejected", comment="Tålt ved provokasjon")
    assert said.status_code == 201, said.text
    found = group(allergic.summary(SERVICE), "Jordnøtter")
    assert found["key"] == key
    assert found["statements"][0]["review_outcome"] == "rejected"
    assert flags(found) == {"rejected_in_review"}
    assert "Tålt ved provokasjon" in allergic.ask(SERVICE, format="html").text


def test_a_review_is_a_composition_that_any_client_reads(allergic: Resident) -> None:
    statement = group(allergic.summary(SERVICE), "Jordnøtter")["statements"][0]["id"]
    uid = allergic.review(outcome="confirmed", statements=[statement], name="Ane Berg").json()["version_uid"]
    stored = allergic.client.get(f"{BASE}/ehr/{allergic.ehr_id}/composition/{uid}").json()
    assert stored["archetype_details"]["template_id"]["value"] == "no.kommune.gjennomgang.v1"
    assert stored["composer"]["name"] == "Ane Berg"
    assert [one["target"]["value"].split("/", 4)[4] for one in stored["links"]] == [statement]


@pytest.mark.parametrize("place", ["", "/content[99]", "/content[1]zzz", "/content[1]#x", "/<script>"])
def test_a_statement_that_no_version_has_is_not_reviewed(allergic: Resident, place: str) -> None:
    statement = group(allergic.summary(SERVICE), "Jordnøtter")["statements"][0]["id"]
    answer = allergic.review(outcome="confirmed", statements=[statement, statement.partition("/")[0] + place])
    assert (answer.status_code, answer.json()["code"]) == (404, "STATEMENT_UNKNOWN")
    assert "reviews" not in group(allergic.summary(SERVICE), "Jordnøtter")


def test_a_comment_alone_is_no_judgement(allergic: Resident) -> None:
    statement = group(allergic.summary(SERVICE), "Jordnøtter")["statements"][0]["id"]
    assert allergic.review(statements=[statement], comment="Spør mor").status_code == 201
    found = group(allergic.summary(SERVICE), "Jordnøtter")
    assert found["statements"][0]["review_outcome"] == "not_reviewed"
    assert [one["comment"] for one in found["reviews"]] == ["Spør mor"]


def test_a_newer_version_of_what_was_reviewed_is_not_taken_for_reviewed(newcomer: Resident) -> None:
    record = critical(allergy(text("Jordnøtter")), source="legevakt", time="2024-01-10T12:00:00+01:00")
    uid = newcomer.store(record)
    statement = group(newcomer.summary(SERVICE), "Jordnøtter")["statements"][0]["id"]
    newcomer.review(outcome="confirmed", statements=[statement])
    address = f"{BASE}/ehr/{newcomer.ehr_id}/composition/{uid.split('::')[0]}"
    assert newcomer.client.put(address, json=record, headers={"if-match": uid}).is_success
    found = group(newcomer.summary(SERVICE), "Jordnøtter")
    assert flags(found) == {"changed_after_review"}
    assert found["statements"][0]["review_outcome"] == "not_reviewed"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"outcome": "confirmed"}, 400, "REVIEW_OF_NOTHING"),
        ({"outcome": "confirmed", "service": SERVICE, "group": "g0"}, 404, "GROUP_UNKNOWN"),
        ({"statements": ["5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11::x::1/content[1]"]}, 400, "REVIEW_EMPTY"),
        ({"outcome": "maybe", "statements": ["x"]}, 400, "REVIEW_BODY"),
        (
            {"outcome": "confirmed", "statements": ["5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11::x::1/content[1]"]},
            404,
            "COMPOSITION_UNKNOWN",
        ),
    ],
)
def test_a_review_of_nothing_is_refused(allergic: Resident, said: dict[str, object], status: int, code: str) -> None:
    answer = allergic.review(**said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
