"""Bulk commit: the contributions of a batch share a transaction, and one that is refused takes no other with it."""

from __future__ import annotations

import msgspec
import pytest

from cdr import rm
from cdr.errors import Conflict
from cdr.formats import canonical_json
from cdr.identity import AccessFilter, Caller
from cdr.services.committing import Wish, commit_several, prepared
from cdr.services.kernel import Services
from cdr.store.tenant import TenantStore
from cdr.versioning.model import ChangeType, ObjectKind
from tests.support.http import as_bytes, composition, services_over, template_source

CALLER = Caller(tenant="t", person="kari", role="user")


@pytest.fixture
def services(tenant_store: TenantStore) -> Services:
    """The services over a store with the template for vital signs."""
    services = services_over(tenant_store)
    services.template.upload(CALLER, source=template_source())
    return services


def wish() -> Wish:
    root = canonical_json.decode(as_bytes(composition()), rm.Composition)
    return Wish(kind=ObjectKind.COMPOSITION, default=ChangeType.CREATION, root=root)


def test_a_contribution_that_is_refused_takes_no_other_with_it(services: Services, tenant_store: TenantStore) -> None:
    ehrs = [services.ehr.create(CALLER).ehr_id for _ in range(3)]
    made = [prepared(services.context, CALLER, [wish(), wish()], ehr_id=ehr_id) for ehr_id in ehrs]
    tenant_store.versions.purge_ehr(ehrs[1])
    met = commit_several(services.context, CALLER, made)
    assert [type(error) for error in met] == [type(None), Conflict, type(None)]
    stored = [
        tenant_store.versions.contribution(one.contribution.uid, access=AccessFilter.everything()) for one in made
    ]
    assert [record is not None for record in stored] == [True, False, True]
    assert tenant_store.database.version.count_documents({"k": "COMPOSITION"}) == 4


def test_what_is_sent_twice_is_refused_once(services: Services, tenant_store: TenantStore) -> None:
    made = prepared(services.context, CALLER, [wish()], ehr_id=services.ehr.create(CALLER).ehr_id)
    assert commit_several(services.context, CALLER, [made, made]) == [None, None]
    assert tenant_store.database.version.count_documents({"k": "COMPOSITION"}) == 1


def test_a_batch_is_one_transaction_and_a_contribution_an_ehr(services: Services, tenant_store: TenantStore) -> None:
    ehrs = [services.ehr.create(CALLER).ehr_id for _ in range(4)]
    lines = [msgspec.json.encode({"ehr_id": ehr_id, "composition": composition()}) for ehr_id in ehrs for _ in range(3)]
    report = services.bulk.load(CALLER, lines=lines)
    assert report.refused == ()
    assert [line for line, _ in report.stored] == list(range(1, 13))
    assert len(report.contributions) == 4
    numbers = [one["q"] for one in tenant_store.database.contribution.find({}, {"q": 1}, sort=[("q", 1)])]
    assert numbers[-4:] == [numbers[-4] + 3 * at for at in range(4)]
