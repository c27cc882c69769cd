"""A published client library, unmodified, against a real socket: from a template to a query, in two flavours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from oehrpy.client import ContributionBuilder, EHRBaseClient, OpenEHRClient, ValidationError
from pymongo import MongoClient

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.support.http import TEMPLATE_ID, Json, composition, folder, services_over, serving, template_source
from tests.support.mongo import fresh_tenant_name


@pytest.fixture(scope="module", params=["ehrbase", "generic"])
def flavour(request: pytest.FixtureRequest, mongo_client: MongoClient[Document]) -> Iterator[tuple[str, str]]:
    """The flavour of the client and the address of a server of its own."""
    store = TenantStore(mongo_client, fresh_tenant_name())
    store.ensure_indexes()
    with serving(create_app(services_over(store), ApiSettings())) as address:
        yield request.param, address
    mongo_client.drop_database(store.database.name)


def client_of(flavour: tuple[str, str]) -> Any:
    """Return a client of one flavour; the two classes share no public base."""
    kind, address = flavour
    if kind == "ehrbase":
        return EHRBaseClient(base_url=f"{address}/ehrbase", username="a", password="b")
    return OpenEHRClient(base_url=address, username="a", password="b")


def test_the_client_works_from_template_to_query(flavour: tuple[str, str]) -> None:
    asyncio.run(_from_template_to_query(flavour))


async def _from_template_to_query(flavour: tuple[str, str]) -> None:
    async with client_of(flavour) as client:
        assert await client.health_check()
        info = await client.get_server_info()
        assert info.server_version == "2.31.0"

        uploaded = await client.upload_template(template_source().decode())
        assert uploaded.template_id == TEMPLATE_ID
        assert [one.template_id for one in await client.list_templates()] == [TEMPLATE_ID]
        assert (await client.get_web_template(TEMPLATE_ID))["templateId"] == TEMPLATE_ID
        assert TEMPLATE_ID in await client.get_template_opt(TEMPLATE_ID)

        ehr = await client.create_ehr(subject_id="s-1", subject_namespace="residents")
        assert (await client.get_ehr_by_subject("s-1", "residents")).ehr_id == ehr.ehr_id
        assert (await client.get_ehr(ehr.ehr_id)).ehr_id == ehr.ehr_id

        made = await client.create_composition(ehr.ehr_id, composition(), TEMPLATE_ID, format="CANONICAL")
        object_id = made.uid.split("::")[0]
        read = await client.get_composition(ehr.ehr_id, made.uid)
        assert read.composition["uid"]["value"] == made.uid
        flat: Json = (await client.get_composition(ehr.ehr_id, made.uid, format="FLAT")).composition
        again = await client.create_composition(ehr.ehr_id, flat, TEMPLATE_ID, format="FLAT")
        assert again.uid != made.uid

        changed = await client.update_composition(ehr.ehr_id, object_id, made.uid, {**flat}, TEMPLATE_ID, format="FLAT")
        assert changed.uid.endswith("::2")
        # `list_composition_versions` is left out: it wants a list from an address where ITS-REST has one version.
        one = await client.get_composition_version(ehr.ehr_id, object_id, made.uid)
        assert one.version_uid == made.uid
        assert (await client.get_versioned_composition(ehr.ehr_id, object_id)).uid == object_id

        body = ContributionBuilder().add_creation(composition=composition()).set_audit(committer="Nina").build()
        contribution = await client.create_contribution(ehr.ehr_id, body)
        assert len((await client.get_contribution(ehr.ehr_id, contribution.contribution_uid)).versions) == 1

        directory = await client.create_directory(ehr.ehr_id, folder())
        assert (await client.get_directory(ehr.ehr_id))["uid"] == directory["uid"]
        status = await client.get_ehr_status(ehr.ehr_id)
        updated = await client.update_ehr_status(ehr.ehr_id, status["uid"]["value"], {**status, "is_queryable": True})
        assert updated["uid"]["value"].endswith("::2")

        query = "SELECT c/uid/value FROM EHR e CONTAINS COMPOSITION c ORDER BY c/uid/value"
        posted = await client.query(query, ehr_id=ehr.ehr_id)
        fetched = await client.query_get(query, ehr_id=ehr.ehr_id)
        assert len(posted.rows) == 3
        assert posted.rows == fetched.rows
        await client.store_query("org.test::all", query, "1.0.0")
        assert (await client.execute_stored_query("org.test::all", ehr_id=ehr.ehr_id)).rows == posted.rows

        # The library cuts the version number off; the answer is a clean refusal, and nothing is deleted.
        with pytest.raises(ValidationError):
            await client.delete_composition(ehr.ehr_id, again.uid)
        assert len((await client.query(query, ehr_id=ehr.ehr_id)).rows) == 3
        if flavour[0] == "ehrbase":
            await client.delete_ehr(ehr.ehr_id)
            assert (await client.query(query)).rows == []


def test_head_and_reads_work_over_a_real_socket(flavour: tuple[str, str]) -> None:
    with httpx.Client(base_url=flavour[1]) as client:
        made = client.post("/rest/openehr/v1/ehr")
        for address in ("/health/ready", made.headers["location"]):
            head, get = client.head(address), client.get(address)
            assert (head.status_code, get.status_code) == (200, 200)
            assert head.headers["content-length"] == get.headers["content-length"]
            assert head.content == b""
        assert made.headers["location"].startswith(flavour[1])
