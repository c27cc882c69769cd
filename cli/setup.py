"""`kilde setup`: gives a server its templates, queries and what else it needs, and can be run again at any time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace as changed
from pathlib import Path

import click

from cdr.config import Settings
from cli.client import connected
from cli.exits import Failed, WrongUsage
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json
from cli.progress import progress
from cli.setup_steps import Step, copied, shipped


@click.command()
@with_settings(*CLIENT_SETTINGS)
@click.option(
    "--like", metavar="URL", help="Copy what the server at this address has, instead of what comes with Kilde."
)
@click.option("--like-user", metavar="NAME", help="Administrator of that server.")
@click.option(
    "--like-password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with that administrator's password.",
)
@click.option("--kind", "kinds", multiple=True, help="Only this kind (template, query...); may be repeated.")
@click.option("--replace", is_flag=True, help="Put the new in the place of what is here and differs from it.")
@click.option("--dry-run", is_flag=True, help="Say what is absent or different and change nothing.")
@as_json
def setup(
    settings: Settings,
    *,
    like: str | None,
    like_user: str | None,
    like_password_file: Path | None,
    kinds: tuple[str, ...],
    replace: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Store the templates and queries that come with Kilde.

    With --like a server becomes equal to another one: its archetypes, templates with their categories, stored queries
    and registered sources are copied, and nothing about residents. Needs an administrator. What is there stays as it
    is, so the command can be run again after every upgrade; what is there under the same name and is different is
    listed and ends the command with status 1. A template in use is only replaced by one that breaks no stored data.
    """
    with _steps(settings, like, like_user, like_password_file) as found:
        unknown = sorted(set(kinds) - {step.kind for step in found})
        if unknown:
            raise WrongUsage(f"nothing here is of the kind {', '.join(unknown)}")
        wanted = [step for step in found if not kinds or step.kind in kinds]
        rows: list[dict[str, object]] = []
        refused: list[str] = []
        with progress("setup", len(wanted)) as moved:
            for step in wanted:
                begun = time.monotonic()
                outcome = step.state
                if not dry_run and outcome != "present":
                    try:
                        outcome = step.do(replace)
                    except Failed as failed:
                        if failed.exit_code != Failed.exit_code:
                            raise
                        outcome = "refused"
                        refused.append(f"{step.kind} {step.name}: {failed.message}")
                seconds = round(time.monotonic() - begun, 3)
                rows.append({"kind": step.kind, "name": step.name, "outcome": outcome, "seconds": seconds})
                moved(1)
    _report(rows, refused, as_json=as_json)


@contextmanager
def _steps(
    settings: Settings, like: str | None, like_user: str | None, like_password_file: Path | None
) -> Iterator[Sequence[Step]]:
    """Give the steps; the connections stay open for the block."""
    if like is None:
        if like_user or like_password_file:
            raise WrongUsage("expected --like URL beside --like-user and --like-password-file")
        with connected(settings) as client:
            yield shipped(client)
        return
    password = None if like_password_file is None else like_password_file.read_text(encoding="utf-8").rstrip("\r\n")
    other = changed(settings, server=like, user=like_user, password=password)
    with connected(other) as source, connected(settings) as target:
        yield copied(source, target)


def _report(rows: Sequence[dict[str, object]], refused: Sequence[str], *, as_json: bool) -> None:
    """Print what became of each step, counted for people; status 1 when something is refused or differs."""
    if as_json:
        show_json(list(rows))
    else:
        counts = Counter((str(row["kind"]), str(row["outcome"])) for row in rows)
        summary = [{"kind": kind, "outcome": outcome, "count": count} for (kind, outcome), count in counts.items()]
        show(summary, ["kind", "outcome", "count"], as_json=False, empty="nothing")
    differing = [f"{row['kind']} {row['name']} is different here" for row in rows if row["outcome"] == "different"]
    if refused or differing:
        raise Failed("\n".join([*refused, *differing]))
