"""How a command ends when it does not succeed: an exit status and one message on stderr.

0   done
1   refused: invalid data, not found, in conflict, not permitted
2   the command line or a setting is wrong
3   the server or the database cannot be reached
"""

from __future__ import annotations

from typing import Any

import click

from cdr.config import SettingError
from cdr.errors import KildeError, StoreUnavailable

REFUSED = 1
USAGE = 2
UNREACHABLE = 3


class Failed(click.ClickException):
    """A command ends with a message on stderr and status 1."""

    exit_code = REFUSED

    # `Any`: the parent's file may be any text stream.
    def show(self, file: Any = None) -> None:
        """Write the message to stderr."""
        click.echo(f"kilde: {self.message}", err=True)


class WrongUsage(Failed):
    """The command line or a setting is wrong."""

    exit_code = USAGE


class Unreachable(Failed):
    """The server or the database cannot be reached."""

    exit_code = UNREACHABLE


def failure(error: KildeError) -> Failed:
    """Return how a command ends that met one of the repository's errors, with every issue on a line of its own."""
    issues = [f"  {issue.code}: {issue.message}" for issue in error.issues if issue.message != error.message]
    message = "\n".join([error.message, *issues])
    if isinstance(error, SettingError):
        return WrongUsage(message)
    return Unreachable(message) if isinstance(error, StoreUnavailable) else Failed(message)
