"""`kilde demo`: a repository full of synthetic residents, and what to try with it."""

from __future__ import annotations

import shlex
import socket
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdr.config import SettingError, Settings, default_data_folder
from cli.demo.residents import SEED
from cli.options import with_settings

if TYPE_CHECKING:
    from cdr.bootstrap import Running
    from cli.demo.load import Loaded

PERSON = "kilde demo"
QUERY = (
    "SELECT e/ehr_id/value AS ehr, o/data[at0001]/events[at0006]/time/value AS time, "
    "o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude AS systolic "
    "FROM EHR e CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.blood_pressure.v2] "
    "WHERE o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude >= 175 "
    "ORDER BY o/data[at0001]/events[at0006]/data[at0003]/items[at0004]/value/magnitude DESC LIMIT 10"
)


@click.command()
@with_settings("host", "port", "data", "mongod", "cache_gb", "system_id", "time_zone", "log_level")
@click.option("--residents", type=click.IntRange(min=1), default=300, show_default=True, help="How many people.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed gives other people.")
def demo(settings: Settings, *, residents: int, seed: int) -> None:
    """Run a server with synthetic residents and say what to try.

    Everything is synthetic: identity numbers are of the national range for tests. Without --data it is gone when the
    command ends; with it, what is already there stays and nothing is added.
    """
    from cli.serve import prepare_process, serve_alone

    # Requests of somebody who looks around are not worth a line each between the bars.
    settings = replace(settings, log_level="warning" if settings.log_level == "info" else settings.log_level)
    prepare_process(settings)
    is_temporary = settings.data == default_data_folder()
    with (
        tempfile.TemporaryDirectory(prefix="kilde-demo-") if is_temporary else nullcontext(settings.data) as folder,
        _bound(settings) as bound,
    ):
        told: list[Loaded] = []
        serve_alone(
            replace(settings, data=Path(str(folder))),
            bound,
            before=lambda running: told.append(_fill(running, residents, seed)),
            after=lambda: _invite(bound, told[0]),
        )


def _bound(settings: Settings) -> socket.socket:
    """Return the listening socket; a demonstration takes another port when the usual one is in use."""
    from cli.server.socket import bind

    try:
        return bind(settings)
    except SettingError:
        if settings.port != Settings().port:
            raise
        return bind(replace(settings, port=0))


def _fill(running: Running, count: int, seed: int) -> Loaded:
    """Load the residents, or find those of an earlier demonstration."""
    from cdr.identity import Caller
    from cli.demo.load import example_of, learn, load, load_templates
    from cli.demo.residents import residents
    from cli.progress import progress

    caller = Caller(tenant=running.settings.tenant, person=PERSON, role="admin")
    found = running.services.ehr.ids(caller, limit=1)
    if found:
        return example_of(running.store, found[0])
    load_templates(running.services, caller)
    learn(running.store, seed=seed)
    with progress("synthetic residents", count) as stored:
        loaded = load(running.services, caller, residents(count, seed=seed), seed=seed, stored=stored)
    click.echo(f"{loaded.ehrs} synthetic residents with {loaded.compositions} compositions")
    return loaded


def _invite(bound: socket.socket, loaded: Loaded) -> None:
    """Print three commands that work now."""
    from cli.client import BASE
    from cli.server.socket import address_of

    url = address_of(bound)
    composition = f"{url}{BASE}/ehr/{loaded.example_ehr}"
    if loaded.example_uid:
        composition += f"/composition/{loaded.example_uid}"
    click.echo(
        "\nIn another terminal:\n\n"
        f"  # the templates of this repository\n  curl -s {url}{BASE}/definition/template/adl1.4\n\n"
        f"  # one resident's newest blood pressure and pulse\n  curl -s {composition}\n\n"
        f"  # the highest blood pressures of all residents\n"
        f"  {_program()} query run --server {url} {shlex.quote(QUERY)}\n\n"
        "Ctrl-C ends it."
    )
    sys.stdout.flush()


def _program() -> str:
    """Return how this command can be called again from the same folder."""
    called = Path(sys.argv[0])
    if called.name != "kilde":
        return f"{sys.executable} -m cli"
    try:
        return str(called.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(called)
