"""`kilde summary`: fetch what many sources hold about a resident; `kilde review`: say what a clinician found."""

from __future__ import annotations

import json
import sys

import click

from cdr.config import Settings
from cli.client import JSON, connected
from cli.exits import WrongUsage
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json

_FORMS = ("text", "json", "fhir", "csv", "html")
_OUTCOMES = ("confirmed", "corrected", "rejected", "outdated", "not_reviewed")


@click.command()
@click.argument("ehr_id", metavar="[EHR_ID]", required=False)
@click.argument("service", metavar="[SERVICE]", required=False)
@with_settings(*CLIENT_SETTINGS)
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True, help="Form.")
@click.option("--from", "begin", metavar="DATE", default="", help="First day that is of interest: 2024, 2024-03-15.")
@click.option("--to", "end", metavar="DATE", default="", help="Last day that is of interest.")
@click.option("--actor", default="", help="Facility, author or source system that is of interest.")
@click.option("--language", type=click.Choice(("nb", "en")), default="nb", show_default=True, help="Language.")
@as_json
def summary(
    settings: Settings,
    *,
    ehr_id: str | None,
    service: str | None,
    form: str,
    begin: str,
    end: str,
    actor: str,
    language: str,
    as_json: bool,
) -> None:
    """Print a summary of a resident; without arguments, list the services that make summaries.

    Critical information comes first whatever is chosen. What could not be read is marked as not available.
    """
    if ehr_id is None:
        _list(settings, language=language, as_json=as_json)
        return
    if service is None:
        raise WrongUsage("expected the key of a service after the EHR; `kilde summary` lists them")
    query = {"format": "json" if as_json else form, "lang": language, "from": begin, "to": end, "actor": actor}
    with connected(settings) as client:
        path = f"/rest/kilde/v1/ehr/{ehr_id}/summary/{service}"
        answer = client.send("GET", path, query={name: value for name, value in query.items() if value})
    if as_json:
        show_json(answer.json())
        return
    sys.stdout.buffer.write(answer.content)
    sys.stdout.buffer.write(b"" if answer.content.endswith(b"\n") else b"\n")


@click.command()
@click.argument("ehr_id", metavar="EHR_ID")
@with_settings(*CLIENT_SETTINGS)
@click.option("--outcome", type=click.Choice(_OUTCOMES), default="not_reviewed", show_default=True, help="Outcome.")
@click.option("--service", default="", help="Service whose summary shows the group.")
@click.option("--group", default="", help="Key of the group, as the summary in JSON has it.")
@click.option("--statement", "statements", multiple=True, metavar="ID", help="Single statement; may be repeated.")
@click.option("--comment", default="", help="Comment.")
@click.option("--name", default="", help="Name of the clinician; default: the login.")
@click.option("--role", default="", help="Role of the clinician.")
@as_json
def review(
    settings: Settings,
    *,
    ehr_id: str,
    outcome: str,
    service: str,
    group: str,
    statements: tuple[str, ...],
    comment: str,
    name: str,
    role: str,
    as_json: bool,
) -> None:
    """Store a clinician's review of a group of a summary, or of single statements.

    The sources' own records stay as they are; summaries show the review beside what it judges.
    """
    if not group and not statements:
        raise WrongUsage("expected --group with --service, or --statement")
    body = {
        "outcome": outcome,
        "service": service,
        "group": group,
        "statements": statements,
        "comment": comment,
        "name": name,
        "role": role,
    }
    with connected(settings) as client:
        path = f"/rest/kilde/v1/ehr/{ehr_id}/review"
        headers = {"Content-Type": JSON, "Accept": JSON}
        answer = client.send("POST", path, headers=headers, body=json.dumps(body).encode()).json()
    if as_json:
        show_json(answer)
    else:
        click.echo(answer["version_uid"])


def _list(settings: Settings, *, language: str, as_json: bool) -> None:
    with connected(settings) as client:
        services = client.send("GET", "/rest/kilde/v1/summary", headers={"Accept": JSON}).json()["services"]
    if as_json:
        show_json(services)
        return
    rows = [{"key": one["key"], "version": one["version"], "title": one["title"][language]} for one in services]
    show(rows, ["key", "version", "title"], as_json=False, empty="no services")
