"""`kilde demo-data`: a synthetic municipality for a running server, for a folder of data, or as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdr.config import Settings
from cli.demo.residents import SEED
from cli.exits import WrongUsage
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show_json
from cli.progress import progress

if TYPE_CHECKING:
    from cli.demo.town.loading import Repository

PERSON = "kilde demo-data"


@click.command(name="demo-data")
@with_settings(*CLIENT_SETTINGS)
@click.option(
    "--residents", "count", type=click.IntRange(min=1), default=150, show_default=True, help="How many people."
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed gives other people.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write files into this folder and load nothing."
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Load into this data folder; no server runs on it."
)
@as_json
def demo_data(settings: Settings, *, count: int, seed: int, out: Path | None, data: Path | None, as_json: bool) -> None:
    """Send a synthetic municipality to a running server.

    What five systems (GP, emergency clinic, home care, allocation office, nursing home) recorded about residents with
    synthetic identity numbers, with the mistakes and contradictions of real records. Stores the templates and queries
    that come with Kilde where they are absent. The same seed gives the same people, so a second run with it is refused.

    With --out the same becomes files, and beside the data stands in expected.json what every query that comes with
    Kilde must answer.
    """
    if out is not None and data is not None:
        raise WrongUsage("expected one of --out and --data")
    with progress("synthetic residents", count) as moved:
        if out is not None:
            ehrs, versions = _write(out, count, seed, moved)
        elif data is not None:
            ehrs, versions = _load_inside(data, count, seed, moved)
        else:
            ehrs, versions = _load_outside(settings, count, seed, moved)
    if as_json:
        show_json({"residents": ehrs, "versions": versions, "seed": seed})
    else:
        click.echo(f"{ehrs} synthetic residents with {versions} versions of compositions")


def _write(folder: Path, count: int, seed: int, moved: Callable[[int], None]) -> tuple[int, int]:
    """Write the files."""
    from cli.demo.town.lives.life import lives
    from cli.demo.town.writing import write

    written = write(folder, lives(count, seed=seed), seed=seed, written=moved)
    return written.ehrs, written.versions


def _load_inside(folder: Path, count: int, seed: int, moved: Callable[[int], None]) -> tuple[int, int]:
    """Load into a data folder, with a database of our own."""
    from cdr.bootstrap import build, database
    from cdr.identity import Caller
    from cli.demo.town.loading import Inside

    settings = Settings.load(data=str(folder))
    with database(settings) as uri, build(settings, uri=uri) as running:
        caller = Caller(tenant=settings.tenant, person=PERSON, role="admin")
        return _load(Inside(running.services, caller), count, seed, moved)


def _load_outside(settings: Settings, count: int, seed: int, moved: Callable[[int], None]) -> tuple[int, int]:
    """Load through a running server."""
    from cli.client import connected
    from cli.demo.town.loading import Outside

    with connected(settings) as client:
        return _load(Outside(client), count, seed, moved)


def _load(repository: Repository, count: int, seed: int, moved: Callable[[int], None]) -> tuple[int, int]:
    from cli.demo.town.lives.life import lives
    from cli.demo.town.loading import load

    loaded = load(repository, lives(count, seed=seed), stored=moved)
    return loaded.ehrs, loaded.versions
