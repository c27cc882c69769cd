"""`kilde demo`: a synthetic municipality, and what to try with it."""

from __future__ import annotations

import shlex
import socket
import sys
import tempfile
from collections.abc import Iterator
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
    from cli.demo.town.statements import Life

PERSON = "kilde demo"
# Residents of another seed whose records a compression dictionary is made of.
_STRANGERS = 15
_SERVICE = "s[openEHR-EHR-CLUSTER.municipal_service.v0]"
# Home nursing as it is running now: amounts are in hours or in minutes a week.
QUERY = (
    "SELECT COUNT(DISTINCT e/ehr_id/value) AS residents, SUM(s/items[at0020]/items[at0021]/value) AS together, "
    "MAX(s/items[at0020]/items[at0021]/value) AS most "
    f"FROM EHR e CONTAINS ADMIN_ENTRY a CONTAINS CLUSTER {_SERVICE} "
    'WHERE s/items[at0002]/value/defining_code/code_string = "15" '
    'AND s/items[at0040]/value/defining_code/code_string = "at0043"'
)
OVERVIEW = "klinisk_oppsummering"


@click.command()
@with_settings("host", "port", "data", "mongod", "cache_gb", "system_id", "time_zone", "log_level")
@click.option("--residents", type=click.IntRange(min=1), default=150, show_default=True, help="How many people.")
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
        told: list[str] = []
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


def _fill(running: Running, count: int, seed: int) -> str:
    """Load the municipality, or find that of an earlier demonstration; return the EHR to show."""
    from cdr.identity import Caller
    from cli.demo.town.choosing import worth_showing
    from cli.demo.town.lives.life import lives
    from cli.demo.town.loading import Inside, load
    from cli.progress import progress

    caller = Caller(tenant=running.settings.tenant, person=PERSON, role="admin")
    found = running.services.ehr.ids(caller, limit=1)
    if found:
        return found[0]
    _learn(running, seed)
    shown = ""
    most = -1

    def watched() -> Iterator[Life]:
        nonlocal shown, most
        for life in lives(count, seed=seed):
            if (worth := worth_showing(life)) > most:
                most, shown = worth, life.resident.ehr_id
            yield life

    with progress("synthetic residents", count) as stored:
        loaded = load(Inside(running.services, caller), watched(), stored=stored)
    click.echo(f"{loaded.ehrs} synthetic residents with {loaded.versions} versions of compositions")
    return shown


def _learn(running: Running, seed: int) -> None:
    """Let the store learn from residents that are never stored how such data is best compressed."""
    from cli.demo.town.composing import composition_json
    from cli.demo.town.lives.life import lives

    strangers = lives(_STRANGERS, seed=seed + 1)
    running.store.add_dictionary(
        composition_json(document, key) for life in strangers for key, document in life.shown()
    )


def _invite(bound: socket.socket, ehr_id: str) -> None:
    """Print three commands that work now."""
    from cli.server.socket import address_of

    url = address_of(bound)
    program = _program()
    click.echo(
        "\nIn another terminal:\n\n"
        f"  # what is stored, by information category\n  {program} category list --server {url}\n\n"
        "  # what all sources together say of one resident, with what they disagree on\n"
        f"  {program} summary {ehr_id} {OVERVIEW} --server {url}\n\n"
        f"  # how many people get home nursing, and how much a week\n"
        f"  {program} query run --server {url} {shlex.quote(QUERY)}\n\n"
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
