"""`kilde reindex`: build what queries use anew from the stored versions, which are the only truth."""

from __future__ import annotations

import click

from cdr.config import Settings
from cli.options import with_settings
from cli.progress import progress


@click.command()
@with_settings("data", "mongo_uri", "mongod", "cache_gb", "tenant", "time_zone")
def reindex(settings: Settings) -> None:
    """Build what queries use anew from the stored versions.

    Needed after an upgrade that says so. A server on the same database may go on meanwhile; an interrupted run is
    simply started again.
    """
    from cdr.bootstrap import tenant_store  # loads the whole repository

    with tenant_store(settings) as store, progress("objects", None) as moved:
        reached = 0

        def advance(done: int, _total: int) -> None:
            nonlocal reached
            moved(done - reached)
            reached = done

        count = store.reindex(advance)
    click.echo(f"{count} objects indexed")
