"""The pages that are written from the code: settings and commands. `make docs` writes them, a test compares them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

import click

from cdr.config import Audience, Setting, described
from cli.main import COMMANDS, main
from tests.support.code_page import ISSUE_CODES, issue_codes_page
from tests.support.queries_page import QUERIES, queries_page
from tests.support.routes_page import ROUTES, routes_page
from tests.support.template_pages import write_template_pages
from tests.support.tree import CHECKOUT

SETTINGS = CHECKOUT / "docs" / "settings.md"
COMMAND_LINE = CHECKOUT / "docs" / "cli.md"

_SETTINGS_TEXT = """\
# Settings

A setting is an option of the commands that use it (`--port 9000`) or an environment variable (`KILDE_PORT=9000`). The
option wins over the variable, the variable over the default. A secret may also be in a file:
`KILDE_MONGO_URI_FILE=/run/secrets/mongo` names it, and a line break at its end is left out. `kilde config show` prints
the values that a command would use, without secrets; `--json` gives them to programs.

This page is written from the program by `make docs`.
"""

_COMMANDS_TEXT = """\
# The command line

`kilde COMMAND --help` says the same as this page, which is written from the program by `make docs`. Options that are
settings are explained in [settings.md](settings.md).

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | refused: invalid data, not found, in conflict, not permitted |
| 2 | the command line or a setting is wrong |
| 3 | the server or the database cannot be reached |

Results go to standard output, everything else to standard error. Listings have `--json`.
"""


def settings_page() -> str:
    """Return docs/settings.md."""
    parts = [_SETTINGS_TEXT]
    for audience, heading in ((Audience.SERVER, "Servers"), (Audience.CLIENT, "Client commands")):
        parts.append(f"\n## {heading}\n\n| setting | type | default | what it is |\n|---|---|---|---|\n")
        parts += [_setting_row(each) for each in described() if each.about.audience is audience]
    return "".join(parts)


def _setting_row(setting: Setting) -> str:
    """Return one setting as a line of its table."""
    kind = ", ".join(f"`{choice}`" for choice in setting.choices) or _KINDS[setting.kind.__name__]
    default = f"`{setting.shown_default}`" if setting.shown_default else ""
    doc = setting.about.doc + (" A secret." if setting.about.secret else "")
    return f"| `{setting.flag}`<br>`{setting.variable}` | {kind} | {default} | {doc} |\n"


_KINDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Path": "path",
    "tuple": "list",
}


def commands_page() -> str:
    """Return docs/cli.md."""
    return _COMMANDS_TEXT + "".join(_sections())


def _sections() -> Iterator[str]:
    """Yield a section for every command that can be called."""
    settings = {each.flag for each in described()}
    for path, command in commands():
        usage = " ".join(command.collect_usage_pieces(click.Context(command)))
        text = inspect.cleandoc(command.help or "")
        yield f"\n## kilde {path}\n\n    kilde {path} {usage}\n\n{text}\n"
        options = [each for each in command.params if isinstance(each, click.Option)]
        own = [each for each in options if each.opts[0] not in settings]
        if own:
            yield "\n" + "".join(f"- `{_spelling(each)}`: {each.help}\n" for each in own)
        used = [each.opts[0] for each in options if each.opts[0] in settings]
        if used:
            yield "\nSettings: " + ", ".join(f"`{flag}`" for flag in used) + ".\n"


def _spelling(option: click.Option) -> str:
    """Return an option as it is written on the command line."""
    names = "/".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.make_metavar(click.Context(click.Command('kilde')))}"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command that can be called, with its words: `template upload`."""
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {each}", command.commands[each]) for each in command.commands)
        else:
            yield name, command


def write() -> None:
    """Write all generated pages."""
    pages = (
        (SETTINGS, settings_page()),
        (COMMAND_LINE, commands_page()),
        (ISSUE_CODES, issue_codes_page()),
        (ROUTES, routes_page()),
        (QUERIES, queries_page()),
    )
    for path, text in pages:
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(CHECKOUT)}\n")
    write_template_pages()


if __name__ == "__main__":
    write()
