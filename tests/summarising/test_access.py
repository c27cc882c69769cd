"""Who sees what in a summary: logins, the access filter and the access log hold for it as for any read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from pymongo import MongoClient

from cdr.api.app import create_app
from cdr.api.auth import BasicLogin
from cdr.api.settings import ApiSettings
from cdr.identity import AccessFilter
from cdr.ports import UserRecord
from cdr.services.kernel import build_services
from cdr.store.client import Document
from cdr.store.control import MongoUserStore
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, client_of, query_service_over, services_over
from tests.support.lives import allergy, critical, text
from tests.support.summaries import KILDE, Resident, groups

SERVICE = "klinisk_oppsummering"
AREAS = ("tildelingskontor", "legevakt", "hjemmetjeneste", "fastlege")


@pytest.fixture
def filters() -> list[AccessFilter]:
    """What the policy of the filtered server says; the last one counts."""
    return [AccessFilter.everything()]


@pytest.fixture
def filtered(shared_store: TenantStore, resident: Resident, filters: list[AccessFilter]) -> Iterator[Resident]:
    """The resident through a server whose policy a test sets."""
    context = replace(services_over(shared_store).context, policy=lambda caller: filters[-1])
    services = build_services(context, query=query_service_over(shared_store, context))
    with client_of(create_app(services, ApiSettings())) as client:
        yield Resident(client, resident.ehr_id)


def test_i1_5_each_service_area_is_given_access_by_a_login(
    shared_store: TenantStore, resident: Resident, mongo_client: MongoClient[Document]
) -> None:
    users = MongoUserStore(mongo_client)
    users.ensure_indexes()
    fast = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for name in AREAS[:3]:
        users.put(UserRecord(tenant="areas", name=name, password_hash=fast.hash(name), role="user"))
    login = BasicLogin(users, tenant="areas", realm="Kilde")
    address = f"{KILDE}/ehr/{resident.ehr_id}/summary/tjenesteoversikt"
    with client_of(create_app(services_over(shared_store), ApiSettings(), authenticator=login)) as client:
        answers = {name: client.get(address, auth=(name, name)).status_code for name in AREAS}
        assert answers == {"tildelingskontor": 200, "legevakt": 200, "hjemmetjeneste": 200, "fastlege": 401}
        users.put(UserRecord(tenant="areas", name="fastlege", password_hash=fast.hash("fastlege"), role="user"))
        assert client.get(address, auth=("fastlege", "fastlege")).status_code == 200
        assert client.get(address).status_code == 401


def test_a_hidden_template_is_as_if_nobody_had_recorded_it(filtered: Resident, filters: list[AccessFilter]) -> None:
    assert {"Penicillin", "Hypertensjon"} <= {one["title"] for one in groups(filtered.summary(SERVICE))}
    filters.append(AccessFilter(hidden_templates=frozenset({"no.kommune.kritisk_informasjon.v1"})))
    shown = {one["title"] for one in groups(filtered.summary(SERVICE))}
    assert "Hypertensjon" in shown
    assert "Penicillin" not in shown
    for form in ("fhir", "csv", "text", "html"):
        assert "Penicillin" not in filtered.ask(SERVICE, format=form).text


def test_a_hidden_ehr_is_as_if_it_were_not_there(filtered: Resident, filters: list[AccessFilter]) -> None:
    filters.append(AccessFilter(hidden_ehrs=frozenset({filtered.ehr_id})))
    hidden = filtered.client.get(f"{KILDE}/ehr/{filtered.ehr_id}/summary/{SERVICE}")
    absent = filtered.client.get(f"{KILDE}/ehr/5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11/summary/{SERVICE}")
    assert (
        (hidden.status_code, hidden.json()["code"])
        == (absent.status_code, absent.json()["code"])
        == (404, "EHR_UNKNOWN")
    )
    refused = filtered.review(outcome="confirmed", statements=["x::y::1/content[1]"])
    assert refused.status_code == 404


def test_an_ehr_that_answers_no_queries_is_not_taken_for_an_empty_one(newcomer: Resident) -> None:
    newcomer.store(critical(allergy(text("Jordnøtter")), source="legevakt", time="2024-01-10T12:00:00+01:00"))
    address = f"{BASE}/ehr/{newcomer.ehr_id}/ehr_status"
    status = newcomer.client.get(address)
    changed = {**status.json(), "is_queryable": False}
    assert newcomer.client.put(address, json=changed, headers={"if-match": status.headers["etag"]}).is_success
    found = newcomer.summary(SERVICE)
    assert found["complete"] is False
    assert {section["state"] for section in found["sections"]} == {"not_available"}
    assert {one["code"] for section in found["sections"] for one in section["failures"]} == {"EHR_NOT_QUERYABLE"}
    for form in ("text", "html", "csv", "fhir"):
        assert "Ikke registrert. Det betyr" not in newcomer.ask(SERVICE, format=form).text


def test_a_summary_is_one_entry_of_the_access_log(shared_store: TenantStore, resident: Resident) -> None:
    before = len(list(shared_store.access_log.entries(ehr_id=resident.ehr_id, limit=10_000)))
    resident.summary(SERVICE)
    entries = list(shared_store.access_log.entries(ehr_id=resident.ehr_id, limit=10_000))
    assert len(entries) == before + 1
    assert (entries[0]["action"], entries[0]["resource"]) == ("read", "SUMMARY")
    assert str(entries[0]["detail"]).startswith(f"{SERVICE}/")


def test_an_unknown_service_is_not_found(resident: Resident) -> None:
    answer = resident.client.get(f"{KILDE}/ehr/{resident.ehr_id}/summary/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "SUMMARY_UNKNOWN")
    assert SERVICE in answer.json()["message"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=yesterday", 400),
        ("from=2024&to=2023", 400),
        ("format=pdf", 406),
        ("lang=sv", 400),
        ("from=2024-13", 400),
        ("from=2024-02-30", 400),
        ("to=2024-03-15T10:00", 400),
        ("to=0000", 400),
        ("from=2024-W01-1", 400),
        ("from=202", 400),
        ("from=2024-3", 400),
        ("from=20240315", 400),
        ("from=0001&to=9999-12", 200),
        ("from=2024-02-29&to=2024-02", 200),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(resident: Resident, query: str, status: int) -> None:
    answer = resident.client.get(f"{KILDE}/ehr/{resident.ehr_id}/summary/{SERVICE}?{query}")
    assert answer.status_code == status


def test_a_page_may_load_and_run_nothing(resident: Resident) -> None:
    answer = resident.ask(SERVICE, format="html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_database_being_away_is_an_error_and_no_empty_summary(
    mongo_uri: str, resident: Resident, shared_store: TenantStore
) -> None:
    from cdr.store.client import connect

    client = connect(mongo_uri)
    store = TenantStore(client, shared_store.database.name)
    services = services_over(store)
    client.close()
    with client_of(create_app(services, ApiSettings())) as away:
        answer = away.get(f"{KILDE}/ehr/{resident.ehr_id}/summary/{SERVICE}")
    assert answer.status_code >= 500


def test_there_is_a_view_of_each_category(resident: Resident) -> None:
    offered = resident.client.get(f"{KILDE}/summary").json()["services"]
    assert len(offered) == 12
    assert {one["category"] for one in offered if one["category"]} == {
        "klinisk_oppsummering",
        "undersokelser_malinger_funn",
        "journaldokumenter",
        "kliniske_bakgrunnsopplysninger",
        "sosialt_utdanning_bolig",
        "tjenester_ytelser_hjelpemidler",
        "prosedyrer_behandlinger",
        "problem_diagnose_behov",
        "applikasjonsspesifikke_data",
    }
