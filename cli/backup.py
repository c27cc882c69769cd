"""`kilde backup` and `kilde restore`: a whole tenant as one file, with every version, uid, audit and time.

Unlike `kilde export`, which gives newest contents to anybody, this is for taking the same tenant in again elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import click

from cdr.config import Settings
from cli.exits import WrongUsage
from cli.options import with_settings
from cli.progress import progress

_STORE = ("data", "mongo_uri", "mongod", "cache_gb", "tenant", "time_zone")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_settings(*_STORE)
@click.option(
    "--ehr",
    "ehr_id",
    help="Only this EHR, with all templates and stored queries; without received messages, which are about others too.",
)
def backup(settings: Settings, *, file: Path, ehr_id: str | None) -> None:
    """Write a tenant to a file, with every version.

    FILE must not exist; only its owner may read it. A server may go on meanwhile: each EHR is written as it is at one
    moment. What receiving keeps (sources, messages, receipts, quarantine) is part of it; users and the access log are
    not.
    """
    from cdr.bootstrap import tenant_store
    from cdr.identity import AccessFilter
    from cdr.store.transfer import export_lines

    if file.exists():
        raise WrongUsage(f"expected a file that does not exist yet; {file} does")
    # Under another name until it is whole: half a backup must not be taken for one.
    unfinished = file.with_name(file.name + ".unfinished")
    count = 0
    try:
        with (
            tenant_store(settings) as store,
            os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target,
            progress("lines", None) as moved,
        ):
            for line in export_lines(store, access=AccessFilter.everything(), ehr_id=ehr_id):
                target.write(line + b"\n")
                count += 1
                moved(1)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{count} lines written")


@click.command()
@click.argument("file", type=click.File("rb"))
@with_settings(*_STORE)
def restore(settings: Settings, *, file: IO[bytes]) -> None:
    """Take in what `kilde backup` wrote.

    Uids, audits and times stay what they were. An EHR that is here already ends it with status 1; what came before is
    then stored. Take it in under the same tenant name: a source that sends a message once more is known by it. Messages
    that came during the backup are finished at the next start of the server.
    """
    from cdr.bootstrap import tenant_store
    from cdr.store.transfer import import_lines

    with tenant_store(settings) as store, progress("lines", None) as moved:
        store.ensure_indexes()
        count = import_lines(store, _counted(file, moved))
    click.echo(f"{count} versions stored")


def _counted(file: IO[bytes], moved: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the lines and move the bar on."""
    for line in file:
        yield line
        moved(1)
