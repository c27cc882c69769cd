"""R04: which templates belong to a category, and what is refused that does not."""

from __future__ import annotations

import httpx
import pytest
from pymongo import MongoClient

from cdr.identity import AccessFilter
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from cdr.store.transfer import export_lines, import_lines
from tests.categories.town import FOREIGN, KEYS, KILDE, coded, foreign_composition, foreign_template, post
from tests.support.http import BASE, as_bytes, client_over, composition, template_source, uid_in, upload
from tests.support.mongo import fresh_tenant_name

XML = {"content-type": "application/xml"}


def test_r04_content_under_a_template_without_a_category_is_refused_by_name(
    client: httpx.Client, strict: httpx.Client, ehr_id: str
) -> None:
    upload(client, template_source())
    upload(client, foreign_template())
    answer = post(strict, ehr_id, foreign_composition())
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "TEMPLATE_NOT_REGISTERED"
    assert FOREIGN in body["message"]
    [issue] = body["errors"]
    assert issue["code"] == "TPL_NOT_REGISTERED"
    assert "no.kommune.vitale_malinger.v1" in issue["expected"]
    assert FOREIGN not in issue["expected"]


def test_r04_content_under_a_registered_template_is_taken(
    client: httpx.Client, strict: httpx.Client, ehr_id: str
) -> None:
    upload(client, template_source())
    assert post(strict, ehr_id, composition()).status_code == 201


def test_r04_a_template_that_is_not_there_is_named_too(strict: httpx.Client, client: httpx.Client, ehr_id: str) -> None:
    answer = post(strict, ehr_id, foreign_composition())
    assert answer.status_code == 422
    assert FOREIGN in answer.json()["message"]


def test_a_template_id_that_may_be_data_is_not_repeated(strict: httpx.Client, ehr_id: str) -> None:
    document = composition()
    document["archetype_details"]["template_id"]["value"] = "01020312345"
    answer = post(strict, ehr_id, document)
    assert answer.status_code == 422
    assert "01020312345" not in answer.text


def test_without_the_setting_any_template_is_taken(client: httpx.Client, ehr_id: str) -> None:
    upload(client, foreign_template())
    assert post(client, ehr_id, foreign_composition()).status_code == 201


def test_r04_holds_for_changes_contributions_bulk_and_validation(
    client: httpx.Client, strict: httpx.Client, ehr_id: str
) -> None:
    upload(client, foreign_template())
    stored = post(client, ehr_id, foreign_composition())
    uid = uid_in(stored)
    changed = strict.put(
        f"{BASE}/ehr/{ehr_id}/composition/{uid.split('::')[0]}",
        content=as_bytes(foreign_composition()),
        headers={"content-type": "application/json", "if-match": uid},
    )
    version = {
        "commit_audit": {"change_type": coded("creation", "249")},
        "lifecycle_state": coded("complete", "532"),
        "data": foreign_composition(),
    }
    committer = {"_type": "PARTY_IDENTIFIED", "name": "Nina"}
    contribution = strict.post(
        f"{BASE}/ehr/{ehr_id}/contribution",
        json={"versions": [version], "audit": {"committer": committer, "change_type": coded("creation", "249")}},
    )
    line = as_bytes({"ehr_id": ehr_id, "composition": foreign_composition()})
    bulk = strict.post(f"{KILDE}/bulk/composition", content=line, headers={"content-type": "application/x-ndjson"})
    validation = strict.post(f"{KILDE}/validate/composition", json=foreign_composition())
    assert changed.json()["code"] == "TEMPLATE_NOT_REGISTERED"
    assert "TPL_NOT_REGISTERED" in contribution.text and contribution.status_code == 422
    assert bulk.json()["errors"][0]["code"] == "TEMPLATE_NOT_REGISTERED"
    assert validation.json()["code"] == "TEMPLATE_NOT_REGISTERED"


def test_what_is_not_registered_can_still_be_deleted(client: httpx.Client, strict: httpx.Client, ehr_id: str) -> None:
    upload(client, foreign_template())
    uid = uid_in(post(client, ehr_id, foreign_composition()))
    assert strict.delete(f"{BASE}/ehr/{ehr_id}/composition/{uid}").status_code == 204


def test_a_template_with_a_wrong_category_is_refused_with_the_nine_keys(client: httpx.Client) -> None:
    answer = client.post(f"{BASE}/definition/template/adl1.4", content=foreign_template("vitals"), headers=XML)
    assert answer.status_code == 400
    [issue] = answer.json()["errors"]
    assert issue["code"] == "OPT_CATEGORY"
    assert all(key in issue["expected"] for key in KEYS)
    assert client.get(f"{BASE}/definition/template/adl1.4").json() == []


def test_a_template_cannot_be_replaced_by_one_with_a_wrong_category(client: httpx.Client) -> None:
    upload(client, foreign_template())
    answer = client.put(f"/rest/admin/template/{FOREIGN}", content=foreign_template("vitals"), headers=XML)
    assert answer.status_code == 400


def test_a_registration_opens_the_store_for_a_template(client: httpx.Client, strict: httpx.Client, ehr_id: str) -> None:
    upload(client, foreign_template())
    put = strict.put(f"{KILDE}/category/undersokelser_malinger_funn/template/{FOREIGN}")
    assert put.status_code == 200, put.text
    assert put.json()["declared"] is False
    assert post(strict, ehr_id, foreign_composition()).status_code == 201
    listed = strict.get(f"{KILDE}/category/undersokelser_malinger_funn/template").json()["templates"]
    assert [(one["template_id"], one["compositions"]) for one in listed] == [(FOREIGN, 1)]


def test_a_registration_can_be_taken_back(client: httpx.Client, strict: httpx.Client, ehr_id: str) -> None:
    upload(client, foreign_template())
    path = f"{KILDE}/category/undersokelser_malinger_funn/template/{FOREIGN}"
    strict.put(path)
    assert strict.delete(path).status_code == 204
    assert post(strict, ehr_id, foreign_composition()).status_code == 422
    assert strict.delete(path).status_code == 404


def test_a_registration_survives_a_new_revision_of_the_template(client: httpx.Client) -> None:
    upload(client, foreign_template())
    client.put(f"{KILDE}/category/undersokelser_malinger_funn/template/{FOREIGN}")
    newer = foreign_template().replace(b"<lifecycle_state>", b"<!-- newer --><lifecycle_state>")
    assert client.put(f"/rest/admin/template/{FOREIGN}", content=newer, headers=XML).status_code == 200
    listed = client.get(f"{KILDE}/category/undersokelser_malinger_funn").json()["templates"]
    assert [one["template_id"] for one in listed] == [FOREIGN]


def test_what_a_template_declares_is_not_overruled(client: httpx.Client) -> None:
    template_id = upload(client, template_source())
    path = f"{KILDE}/category/journaldokumenter/template/{template_id}"
    assert client.put(path).status_code == 409
    assert client.delete(path).status_code == 409


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_category_or_template_is_not_found(client: httpx.Client, method: str) -> None:
    upload(client, foreign_template())
    unknown = client.request(method, f"{KILDE}/category/allergies/template/{FOREIGN}")
    assert unknown.status_code == 404
    assert all(key in unknown.json()["message"] for key in KEYS)
    assert client.request(method, f"{KILDE}/category/journaldokumenter/template/not.there").status_code == 404


@pytest.mark.parametrize("body", [b"[]", b'{"nasjonal": "SFM"}', b'{"national_source": 1}', b"{"])
def test_a_registration_that_cannot_be_read_is_refused(client: httpx.Client, body: bytes) -> None:
    upload(client, foreign_template())
    answer = client.put(f"{KILDE}/category/journaldokumenter/template/{FOREIGN}", content=body)
    assert answer.status_code == 400
    assert client.get(f"{KILDE}/category/journaldokumenter").json()["templates"] == []


def test_registrations_and_categories_of_queries_travel_with_a_backup(
    client: httpx.Client, tenant_store: TenantStore, mongo_client: MongoClient[Document]
) -> None:
    upload(client, foreign_template())
    client.put(f"{KILDE}/category/journaldokumenter/template/{FOREIGN}", json={"national_source": "SFM"})
    body = {"q": "SELECT e FROM EHR e", "category": "journaldokumenter", "purposes": {"nb": "Alle", "en": "All"}}
    client.put(f"{BASE}/definition/query/vendor::one", json=body)
    other = TenantStore(mongo_client, fresh_tenant_name())
    other.ensure_indexes()
    import_lines(other, export_lines(tenant_store, access=AccessFilter.everything()))
    with client_over(other) as elsewhere:
        [template] = elsewhere.get(f"{KILDE}/category/journaldokumenter").json()["templates"]
        query = elsewhere.get(f"{BASE}/definition/query/vendor::one/1").json()
    mongo_client.drop_database(other.database.name)
    assert (template["template_id"], template["national_sources"]) == (FOREIGN, ["SFM"])
    assert (query["category"], query["purposes"]) == (body["category"], body["purposes"])
