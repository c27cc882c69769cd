"""Options that several commands share: those of the settings, and `--json`.

`with_settings("host", "port")` gives a command the options of these settings and the loaded `Settings` as its first
argument.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from cdr.config import Setting, Settings, described

CLIENT_SETTINGS = ("server", "user", "password", "timeout_seconds")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


# `Any`: click hands every option over by name, whatever its type.
def with_settings(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options of settings to a command; it gets the loaded `Settings` first, then its own arguments."""
    known = {setting.name: setting for setting in described()}

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def loaded(**given: Any) -> Any:
            flags = {name: given.pop(name) for name in names}
            return function(Settings.load(**flags), **given)

        command: Callable[..., Any] = loaded
        for name in reversed(names):
            command = _option(known[name])(command)
        return command

    return decorate


def _option(setting: Setting) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the click option of a setting; its value stays text, since `Settings.load` converts and checks."""
    default = f", default {setting.shown_default}" if setting.shown_default else ""
    kind = click.Choice(setting.choices) if setting.choices else click.STRING
    return click.option(
        setting.flag,
        setting.name,
        type=kind,
        metavar=None if setting.choices else _METAVARS.get(setting.kind.__name__, "TEXT"),
        help=f"{setting.about.doc} [{setting.variable}{default}]",
    )


_METAVARS = {"int": "N", "float": "NUMBER", "Path": "PATH", "bool": "true|false", "tuple": "A,B"}
