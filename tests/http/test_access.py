"""The access filter holds for every read: what a caller may not see looks as if it were not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.identity import AccessFilter, Caller
from cdr.services.kernel import build_services
from cdr.store.tenant import TenantStore
from tests.support.http import BASE, Json, client_of, composition, services_over, uid_in


class Policy:
    """A policy whose filter a test sets."""

    def __init__(self) -> None:
        self.filter = AccessFilter.everything()

    def __call__(self, caller: Caller) -> AccessFilter:
        """Return the filter."""
        return self.filter


@pytest.fixture
def policy() -> Policy:
    """The policy of the server."""
    return Policy()


@pytest.fixture
def client(tenant_store: TenantStore, policy: Policy) -> Iterator[httpx.Client]:
    """A client of a server with the policy."""
    context = replace(services_over(tenant_store).context, policy=policy)
    with client_of(create_app(build_services(context), ApiSettings())) as found:
        yield found


def reads(stored: Json) -> list[str]:
    """Return addresses that show the composition or something of its history."""
    base, object_id = f"{BASE}/ehr/{stored['ehr_id']}", stored["object_id"]
    return [
        f"{base}/composition/{object_id}",
        f"{base}/composition/{stored['uid']}",
        f"{base}/versioned_composition/{object_id}",
        f"{base}/versioned_composition/{object_id}/revision_history",
        f"{base}/versioned_composition/{object_id}/version",
        f"{base}/versioned_composition/{object_id}/version/{stored['uid']}",
    ]


@pytest.mark.parametrize("hides", ["object", "template", "ehr", "all but another"])
def test_what_is_hidden_is_answered_like_what_is_not_there(
    client: httpx.Client, stored: Json, policy: Policy, hides: str
) -> None:
    template_id = client.get(reads(stored)[0]).json()["archetype_details"]["template_id"]["value"]
    shown = uid_in(client.get(f"{BASE}/ehr/{stored['ehr_id']}/ehr_status"))
    assert [client.get(address).status_code for address in reads(stored)] == [200] * 6
    policy.filter = {
        "object": AccessFilter(hidden_objects=frozenset({stored["object_id"]})),
        "template": AccessFilter(hidden_templates=frozenset({template_id})),
        "ehr": AccessFilter(hidden_ehrs=frozenset({stored["ehr_id"]})),
        "all but another": AccessFilter(ehrs=frozenset({"another"})),
    }[hides]
    absent = client.get(f"{BASE}/ehr/{stored['ehr_id']}/composition/5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11")
    for address in reads(stored):
        answer = client.get(address)
        assert answer.status_code == 404
        assert answer.json()["code"] == absent.json()["code"]
    assert client.delete(f"{stored['path']}/{stored['uid']}").status_code == 404
    changed = client.put(
        f"{stored['path']}/{stored['object_id']}", json=composition(), headers={"if-match": stored["uid"]}
    )
    assert changed.status_code == 404
    status = client.get(f"{BASE}/ehr/{stored['ehr_id']}/ehr_status")
    assert status.status_code == (200 if hides in ("object", "template") else 404)
    if status.status_code == 200:
        assert uid_in(status) == shown
    else:
        assert client.post(stored["path"], json=composition()).status_code == 404


def test_a_contribution_does_not_name_hidden_versions(client: httpx.Client, stored: Json, policy: Policy) -> None:
    version = client.get(reads(stored)[4]).json()
    address = f"{BASE}/ehr/{stored['ehr_id']}/contribution/{version['contribution']['id']['value']}"
    assert stored["uid"] in client.get(address).text
    policy.filter = AccessFilter(hidden_objects=frozenset({stored["object_id"]}))
    assert stored["object_id"] not in client.get(address).text
