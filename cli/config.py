"""`kilde config`: which settings this run would use."""

from __future__ import annotations

from typing import Any

import click

from cdr.config import Settings, described, names
from cli.options import as_json, with_settings
from cli.output import show, show_json


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command(name="show")
@with_settings(*names())
@click.option("--redacted/--no-redacted", default=True, help="Hide secrets (the default), or print them.")
@as_json
def show_settings(settings: Settings, *, redacted: bool, as_json: bool) -> None:
    """Print every setting with the value it has now.

    The options are those of all commands together, so that a command line can be tried here first.
    """
    values: dict[str, Any] = settings.shown(redacted=redacted)
    if as_json:
        show_json(values)
        return
    rows = [
        {"setting": each.flag, "variable": each.variable, "value": values[each.name], "what it is": each.about.doc}
        for each in described()
    ]
    show(rows, ["setting", "variable", "value"], as_json=False, empty="")
