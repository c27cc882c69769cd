"""`kilde demo-data`: synthetic residents for a server that is already running, or as a file."""

from __future__ import annotations

import json
from typing import IO

import click

from cdr.config import Settings
from cli.client import BASE, JSON, XML, Client, connected
from cli.demo.load import groups, lines_of
from cli.demo.residents import SEED, residents
from cli.demo.status import ehr_status
from cli.exits import Failed
from cli.options import CLIENT_SETTINGS, with_settings
from cli.progress import progress
from cli.transfer import Imported, send

# Residents whose compositions go into one request.
_AT_ONCE = 50


@click.command(name="demo-data")
@with_settings(*CLIENT_SETTINGS)
@click.option(
    "--residents", "count", type=click.IntRange(min=1), default=300, show_default=True, help="How many people."
)
@click.option("--contacts", type=click.IntRange(1, 1000), help="Contacts of each; without it 3 to 14.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed gives other people.")
@click.option(
    "--file", type=click.File("wb"), help="Write JSON lines for `kilde import` instead; - for standard output."
)
def demo_data(settings: Settings, *, count: int, contacts: int | None, seed: int, file: IO[bytes] | None) -> None:
    """Send synthetic residents to a running server.

    Uploads the templates that come with Kilde, creates an EHR for each resident with a synthetic identity number as its
    subject, and commits measurements of blood pressure and pulse. The same seed gives the same people, so a second run
    with it is refused.
    """
    people = residents(count, seed=seed, contacts=contacts)
    with progress("synthetic residents", count) as moved:
        if file is not None:
            for resident in people:
                file.writelines(line + b"\n" for line in lines_of(resident, seed=seed))
                moved(1)
            return
        done = Imported()
        with connected(settings) as client:
            _upload_templates(client)
            for group in groups(people, _AT_ONCE):
                for resident in group:
                    body = json.dumps(ehr_status(resident)).encode()
                    client.send("PUT", f"{BASE}/ehr/{resident.ehr_id}", headers={"Content-Type": JSON}, body=body)
                lines = [line for resident in group for line in lines_of(resident, seed=seed)]
                send(client, lines, first_line=1, done=done)
                moved(len(group))
    if done.refused:
        raise Failed(f"{len(done.refused)} compositions were refused: {done.refused[0]['message']}")
    click.echo(f"{count} synthetic residents with {done.stored} compositions")


def _upload_templates(client: Client) -> None:
    """Upload the templates that come with Kilde; those that are there already stay."""
    from cdr import resources

    address, headers = f"{BASE}/definition/template/adl1.4", {"Content-Type": XML, "Accept": XML}
    for path in resources.templates():
        client.send("POST", address, headers=headers, body=path.read_bytes(), accepted=(409,))
