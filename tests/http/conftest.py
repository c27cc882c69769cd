"""A client over an empty store, and what most tests start from: an EHR and a template."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from cdr.store.tenant import TenantStore
from tests.support.http import BASE, Json, as_bytes, client_over, composition, template_source


@pytest.fixture
def client(tenant_store: TenantStore) -> Iterator[httpx.Client]:
    """A client of a server over an empty store, without login."""
    with client_over(tenant_store) as client:
        yield client


@pytest.fixture
def ehr_id(client: httpx.Client) -> str:
    """The id of a new EHR."""
    answer = client.post(f"{BASE}/ehr")
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


@pytest.fixture
def template(client: httpx.Client) -> str:
    """The id of the uploaded template for vital signs."""
    answer = client.post(
        f"{BASE}/definition/template/adl1.4",
        content=template_source(),
        headers={"content-type": "application/xml"},
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["etag"].removeprefix("W/").strip('"')


@pytest.fixture
def stored(client: httpx.Client, ehr_id: str, template: str) -> Json:
    """A stored composition: its EHR, version uid, object id and address."""
    answer = client.post(
        f"{BASE}/ehr/{ehr_id}/composition",
        content=as_bytes(composition()),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 201, answer.text
    uid = answer.headers["etag"].removeprefix("W/").strip('"')
    return {"ehr_id": ehr_id, "uid": uid, "object_id": uid.split("::")[0], "path": f"{BASE}/ehr/{ehr_id}/composition"}
