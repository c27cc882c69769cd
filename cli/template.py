"""`kilde template`: operational templates on the server, and checks of a template file before it goes there."""

from __future__ import annotations

from pathlib import Path

import click

from cdr.config import Settings
from cli.client import XML, connected
from cli.convert import template_example, web_template
from cli.exits import Failed, failure
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json
from cli.template_page import page
from cli.template_rollout import check, deprecate, replace
from cli.template_source import compile_source, diff, lint

_PATH = "/definition/template/adl1.4"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def template() -> None:
    """Upload, list, fetch, compile and check operational templates."""


template.add_command(compile_source)
template.add_command(lint)
template.add_command(diff)
template.add_command(page)
template.add_command(check)
template.add_command(replace)
template.add_command(deprecate)
template.add_command(web_template)
template.add_command(template_example)


@template.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@with_settings(*CLIENT_SETTINGS)
@as_json
def upload(settings: Settings, *, files: tuple[Path, ...], as_json: bool) -> None:
    """Upload operational templates (OPT 1.4, XML).

    FILES are sent in order; the first that the server refuses ends the command.
    """
    sent = []
    with connected(settings) as client:
        for file in files:
            answer = client.post(_PATH, file.read_bytes(), content_type=XML, headers={"Accept": XML})
            sent.append({"file": str(file), "address": answer.headers.get("Location", "")})
    show(sent, ["file", "address"], as_json=as_json, empty="")


@template.command(name="list")
@with_settings(*CLIENT_SETTINGS)
@as_json
def list_templates(settings: Settings, *, as_json: bool) -> None:
    """List the templates of the server."""
    with connected(settings) as client:
        rows = client.get(_PATH).json()
    show(rows, ["template_id", "concept", "archetype_id", "created_timestamp"], as_json=as_json, empty="no templates")


@template.command()
@click.argument("template_id")
@with_settings(*CLIENT_SETTINGS)
@click.option("--web-template", is_flag=True, help="Fetch the web template (JSON) instead of the source (XML).")
def get(settings: Settings, *, template_id: str, web_template: bool) -> None:
    """Print a template of the server as it was uploaded."""
    from urllib.parse import quote

    accept = "application/openehr.wt+json" if web_template else XML
    with connected(settings) as client:
        click.echo(client.get(f"{_PATH}/{quote(template_id, safe='')}", accept=accept).content.rstrip())


@template.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@as_json
def validate(*, files: tuple[Path, ...], as_json: bool) -> None:
    """Check operational templates without a server.

    Every fault of every file is said; status 1 when there is any.
    """
    from cdr.am.opt14 import read_opt  # loads the reference model, which other commands do not need
    from cdr.errors import KildeError

    rows, failures = [], []
    for file in files:
        try:
            read = read_opt(file.read_bytes())
        except KildeError as error:
            failures.append(f"{file}: {failure(error).message}")
            rows.append({"file": str(file), "template_id": None, "valid": False})
        else:
            rows.append({"file": str(file), "template_id": read.template_id, "valid": True})
    if as_json:
        show_json(rows)
    else:
        show(rows, ["file", "template_id", "valid"], as_json=False, empty="")
    if failures:
        raise Failed("\n".join(failures))
