"""`kilde ehr`: create, look up and physically delete EHRs on the server."""

from __future__ import annotations

import json

import click

from cdr.config import Settings
from cli.client import connected
from cli.exits import WrongUsage
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json


@click.group()
def ehr() -> None:
    """Create, look up and delete EHRs."""


@ehr.command()
@with_settings(*CLIENT_SETTINGS)
@click.option("--ehr-id", help="UUID of the new EHR; without it the server chooses one.")
@click.option("--subject", help="Identifier of the person the EHR is about.")
@click.option("--namespace", default="local", show_default=True, help="Who gives out the subject's identifier.")
@as_json
def create(settings: Settings, *, ehr_id: str | None, subject: str | None, namespace: str, as_json: bool) -> None:
    """Create an EHR, with or without a subject."""
    body = json.dumps(_status(subject, namespace)).encode()
    headers = {"Content-Type": "application/json", "Prefer": "return=representation"}
    with connected(settings) as client:
        if ehr_id is None:
            answer = client.post("/ehr", body)
        else:
            answer = client.send("PUT", f"/rest/openehr/v1/ehr/{ehr_id}", headers=headers, body=body)
    _show_ehr(answer.json(), as_json=as_json)


@ehr.command()
@click.argument("ehr_id", required=False)
@with_settings(*CLIENT_SETTINGS)
@click.option("--subject", help="Look up by the person's identifier instead of the EHR id.")
@click.option("--namespace", default="local", show_default=True, help="Who gives out the subject's identifier.")
@as_json
def get(settings: Settings, *, ehr_id: str | None, subject: str | None, namespace: str, as_json: bool) -> None:
    """Show an EHR, by its id or by its subject."""
    if (ehr_id is None) == (subject is None):
        raise WrongUsage("expected either an EHR id or --subject")
    with connected(settings) as client:
        if ehr_id is not None:
            answer = client.get(f"/ehr/{ehr_id}")
        else:
            answer = client.get("/ehr", query={"subject_id": subject or "", "subject_namespace": namespace})
    _show_ehr(answer.json(), as_json=as_json)


@ehr.command()
@click.argument("ehr_id")
@with_settings(*CLIENT_SETTINGS)
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(settings: Settings, *, ehr_id: str, yes: bool) -> None:
    """Delete an EHR physically, with all that belongs to it. There is no way back."""
    if not yes:
        click.confirm(f"Delete EHR {ehr_id} and everything in it?", abort=True, err=True)
    with connected(settings) as client:
        client.send("DELETE", f"/rest/admin/ehr/{ehr_id}")


def _status(subject: str | None, namespace: str) -> dict[str, object]:
    """Return the EHR_STATUS of a new EHR."""
    party: dict[str, object] = {"_type": "PARTY_SELF"}
    if subject is not None:
        party["external_ref"] = {
            "_type": "PARTY_REF",
            "namespace": namespace,
            "type": "PERSON",
            "id": {"_type": "GENERIC_ID", "value": subject, "scheme": namespace},
        }
    return {
        "_type": "EHR_STATUS",
        "archetype_node_id": "openEHR-EHR-EHR_STATUS.generic.v1",
        "name": {"_type": "DV_TEXT", "value": "EHR Status"},
        "subject": party,
        "is_queryable": True,
        "is_modifiable": True,
    }


def _show_ehr(found: dict[str, dict[str, object]], *, as_json: bool) -> None:
    """Print one EHR."""
    if as_json:
        show_json(found)
        return
    row = {
        "ehr_id": found["ehr_id"]["value"],
        "system_id": found["system_id"]["value"],
        "time_created": found["time_created"]["value"],
    }
    show([row], list(row), as_json=False, empty="")
