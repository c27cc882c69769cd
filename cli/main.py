"""`kilde`: the one command, with its subcommands loaded only when they are called.

`COMMANDS` says where each lives and what it does in one line, so that `kilde --help` imports none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

import click

from cdr import __version__
from cdr.config import SettingError, unknown_variables
from cdr.errors import KildeError
from cli.exits import Failed, failure


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is: the attribute of a module; `summary` is the first sentence of its help."""

    module: str
    attribute: str
    summary: str


COMMANDS: Mapping[str, Place] = {
    "serve": Place("cli.serve", "serve", "Run the server."),
    "demo": Place("cli.demo.command", "demo", "Run a server with synthetic residents and say what to try."),
    "demo-data": Place("cli.demo.data", "demo_data", "Send a synthetic municipality to a running server."),
    "doctor": Place("cli.doctor", "doctor", "Look at this machine and say what is missing."),
    "template": Place("cli.template", "template", "Upload, list, fetch, compile and check operational templates."),
    "setup": Place("cli.setup", "setup", "Store the templates and queries that come with Kilde."),
    "category": Place(
        "cli.category",
        "category",
        "List the nine information categories, register templates, count what is coded and used.",
    ),
    "archetype": Place(
        "cli.archetype", "archetype", "Check and show archetypes (ADL 1.4); upload, list and fetch them."
    ),
    "ehr": Place("cli.ehr", "ehr", "Create, look up and delete EHRs."),
    "composition": Place("cli.composition", "composition", "Commit, fetch, convert and validate compositions."),
    "receive": Place("cli.receive", "receive", "Send messages for a source and look after what became of them."),
    "query": Place("cli.query", "query", "Run, explain, check and store AQL."),
    "summary": Place(
        "cli.summary",
        "summary",
        "Print a summary of a resident; without arguments, list the services that make summaries.",
    ),
    "review": Place(
        "cli.summary", "review", "Store a clinician's review of a group of a summary, or of single statements."
    ),
    "import": Place("cli.transfer", "import_lines", "Commit compositions from a file of JSON lines."),
    "export": Place("cli.transfer", "export", "Write the newest version of every composition as JSON lines."),
    "backup": Place("cli.backup", "backup", "Write a tenant to a file, with every version."),
    "restore": Place("cli.backup", "restore", "Take in what `kilde backup` wrote."),
    "reindex": Place("cli.reindex", "reindex", "Build what queries use anew from the stored versions."),
    "user": Place("cli.user", "user", "Add, list and remove users who log in by password."),
    "config": Place("cli.config", "config", "Look at the settings."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; errors of the repository become messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the documentation."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = getattr(import_module(place.module), place.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error that is somebody's answer becomes a message and an exit status."""
        try:
            for name in unknown_variables():
                click.echo(f"kilde: warning: no setting is called {name}", err=True)
            return super().invoke(ctx)
        except KildeError as error:
            raise failure(error) from (error if not isinstance(error, SettingError) else None)
        except OSError as error:
            # One that names a file is about the command line: a folder that is missing, full or not ours to write in.
            if error.filename is None:
                raise
            raise Failed(f"{error.filename}: {error.strerror}") from error


def _version(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    """Print the version and stop."""
    if value and not ctx.resilient_parsing:
        click.echo(f"kilde {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version and stop."
)
def main() -> None:
    """Kilde, an openEHR clinical data repository for municipalities.

    Every setting is an option of the commands that use it and an environment variable KILDE_<NAME>; `kilde config
    show` lists them. Exit status: 0 done, 1 refused, 2 wrong command line or setting, 3 server or database not
    reached.
    """
