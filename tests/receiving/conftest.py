"""A server with the templates that come with Kilde, three registered sources and two residents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from pymongo import MongoClient

from cdr import resources
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.receiving.messages import ANNA, CSV, FHIR, FNR, OLA, Json, as_bytes
from tests.support.http import BASE, client_over, status, upload
from tests.support.mongo import fresh_tenant_name

RECEIVE = "/rest/kilde/v1/receive"
TEMPLATES = (
    "diagnosehistorikk",
    "journalnotat",
    "kritisk_informasjon",
    "legemiddelliste",
    "prosedyre",
    "tjenestevedtak",
)
SOURCES: dict[str, Json] = {
    "fastlege": {
        "title": "Fastlegens journal",
        "supplier": "Journal AS",
        "mappings": ["fhir_condition_bundle", "fhir_encounter_diagnosis", "fhir_procedure"],
        "users": ["journal"],
    },
    "tildelingskontor": {
        "title": "Tildelingskontoret",
        "supplier": "Fagsystem AS",
        "mappings": ["vedtak_csv"],
        "unknown_resident": "create",
        "users": ["fagsystem"],
    },
    "legevakt": {
        "title": "Legevakten",
        "supplier": "Journal AS",
        "mappings": [
            "fhir_allergy",
            "fhir_no_known_allergy",
            "fhir_medication_statement",
            "fhir_medication_request",
        ],
    },
    "hjemmetjeneste": {
        "title": "Hjemmetjenesten",
        "supplier": "Omsorg AS",
        "templates": ["no.kommune.diagnosehistorikk.v1"],
    },
}


@dataclass(frozen=True, slots=True)
class Kilde:
    """A client of the server, and the EHR ids of the two residents."""

    http: httpx.Client
    store: TenantStore
    anna: str
    ola: str

    def send(self, source: str, message: Json | bytes, *, media: str = "", **headers: str) -> httpx.Response:
        """Send a message: a JSON document as FHIR, bytes as CSV, unless the media type says otherwise."""
        body = message if isinstance(message, bytes) else as_bytes(message)
        kind = media or (CSV if isinstance(message, bytes) else FHIR)
        named = {"content-type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http.post(f"{RECEIVE}/{source}", content=body, headers=named)

    def query(self, aql: str, **parameters: object) -> list[list[object]]:
        """Return the rows of a query."""
        answer = self.http.post(f"{BASE}/query/aql", json={"q": aql, "query_parameters": parameters})
        assert answer.status_code == 200, answer.text
        rows: list[list[object]] = answer.json()["rows"]
        return rows

    def composition(self, ehr_id: str, uid: str) -> Json:
        """Return a composition."""
        answer = self.http.get(f"{BASE}/ehr/{ehr_id}/composition/{uid}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


@pytest.fixture(scope="session")
def defined(mongo_client: MongoClient[Document]) -> Iterator[tuple[TenantStore, dict[str, list[Document]]]]:
    """A store with templates and sources, made once over HTTP, and what its collections hold then."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    held = {name: list(store.database[name].find()) for name in store.database.list_collection_names()}
    with client_over(store) as client:
        define(client)
    held |= {name: list(store.database[name].find()) for name in ("template", "template_head", "source")}
    yield store, held
    mongo_client.drop_database(store.database.name)


@pytest.fixture
def tenant_store(
    mongo_client: MongoClient[Document], defined: tuple[TenantStore, dict[str, list[Document]]]
) -> TenantStore:
    """A store with all templates and sources and without records: emptied for each test, which is faster than made."""
    store, held = defined
    for name in store.database.list_collection_names():
        store.database[name].delete_many({})
        if documents := held.get(name):
            store.database[name].insert_many(documents)
    # Another store over the same database: nothing that was kept in memory stays.
    return TenantStore(mongo_client, store.tenant)


@pytest.fixture
def kilde(tenant_store: TenantStore) -> Iterator[Kilde]:
    """A server over an empty record with all templates and sources, and two residents."""
    with client_over(tenant_store) as client:
        yield Kilde(client, tenant_store, new_ehr(client, ANNA), new_ehr(client, OLA))


def prepared(client: httpx.Client, store: TenantStore) -> Kilde:
    """Upload the templates, register the sources and make the EHRs of the two residents."""
    define(client)
    return Kilde(client, store, new_ehr(client, ANNA), new_ehr(client, OLA))


def define(client: httpx.Client) -> None:
    """Upload the templates and register the sources."""
    for name in TEMPLATES:
        upload(client, (resources.folder("templates") / f"{name}.opt").read_bytes())
    for key, source in SOURCES.items():
        answer = client.put(f"{RECEIVE}/{key}", json=source)
        assert answer.status_code == 200, answer.text


def new_ehr(client: httpx.Client, number: str) -> str:
    """Make the EHR of a resident and return its id."""
    body = status(number)
    body["subject"]["external_ref"]["namespace"] = FNR
    answer = client.post(f"{BASE}/ehr", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"].rsplit("/", 1)[1])
