"""`kilde archetype`: archetypes (ADL 1.4) in files and on the server."""

from __future__ import annotations

from pathlib import Path

import click

from cdr.config import Settings
from cli.client import connected
from cli.exits import Failed
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json

_ADDRESS = "/rest/kilde/v1/archetype"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def archetype() -> None:
    """Check and show archetypes (ADL 1.4); upload, list and fetch them."""


@archetype.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@as_json
def validate(*, files: tuple[Path, ...], as_json: bool) -> None:
    """Check archetypes against the grammar and the validity rules.

    Every violation is said with its rule, line and column. Status 1 when there is an error; warnings, such as a missing
    translation, are only shown.
    """
    from cdr.am.adl.reader import read_archetype  # loads the reference model
    from cdr.am.adl.rules import check
    from cdr.errors import KildeError
    from cdr.issue import Issue

    rows: list[dict[str, object]] = []
    errors = 0
    for file in files:
        try:
            issues = list(check(read_archetype(file.read_bytes())))
        except KildeError as error:
            issues = list(error.issues) or [
                Issue(code=error.code, path="", expected=error.message.removeprefix("expected "))
            ]
        for issue in issues:
            errors += issue.severity.value == "error"
            rows.append(
                {
                    "file": str(file),
                    "severity": issue.severity.value,
                    "code": issue.code,
                    "place": issue.path,
                    "label": issue.label,
                    "expected": issue.expected,
                }
            )
    show(rows, ["file", "severity", "code", "place", "expected"], as_json=as_json, empty=f"{len(files)} valid")
    if errors:
        raise Failed(f"{errors} error{'s' if errors > 1 else ''}")


@archetype.command(name="show")
@click.argument("file", type=_FILE)
@click.option("--language", default="", help="The language of the texts; default: the archetype's own.")
@as_json
def show_one(*, file: Path, language: str, as_json: bool) -> None:
    """Show the nodes of an archetype: path, type, occurrences and text."""
    from cdr.am.adl.reader import read_archetype
    from cdr.am.node_index import NodeIndex

    read = read_archetype(file.read_bytes())
    index = NodeIndex(read.definition)
    wanted = language or read.original_language
    rows = [
        {
            "path": index.path_of(node),
            "type": node.rm_type,
            "occurrences": str(node.occurrences),
            "text": read.text(node.node_id, wanted),
        }
        for node in index.nodes()
        if node.node_id
    ]
    if as_json:
        show_json(
            {
                "archetype_id": read.archetype_id,
                "concept": read.text(read.concept, wanted),
                "languages": list(read.languages),
                "specialises": read.parent_id or None,
                "nodes": rows,
            }
        )
        return
    click.echo(f"{read.archetype_id}  {read.text(read.concept, wanted)}  ({', '.join(read.languages)})")
    show(rows, ["path", "type", "occurrences", "text"], as_json=False, empty="no nodes")


@archetype.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@with_settings(*CLIENT_SETTINGS)
@as_json
def upload(settings: Settings, *, files: tuple[Path, ...], as_json: bool) -> None:
    """Upload archetypes (ADL 1.4).

    FILES are sent in order; the first that the server refuses ends the command.
    """
    sent = []
    with connected(settings) as client:
        for file in files:
            answer = client.send("POST", _ADDRESS, headers={"Content-Type": "text/plain"}, body=file.read_bytes())
            sent.append({"file": str(file), **answer.json()})
    show(sent, ["file", "archetype_id"], as_json=as_json, empty="")


@archetype.command(name="list")
@with_settings(*CLIENT_SETTINGS)
@as_json
def list_archetypes(settings: Settings, *, as_json: bool) -> None:
    """List the archetypes of the server."""
    with connected(settings) as client:
        rows = client.send("GET", _ADDRESS).json()
    show(rows, ["archetype_id", "concept", "languages", "created_timestamp"], as_json=as_json, empty="no archetypes")


@archetype.command()
@click.argument("archetype_id")
@with_settings(*CLIENT_SETTINGS)
def get(settings: Settings, *, archetype_id: str) -> None:
    """Print an archetype of the server as it was uploaded."""
    from urllib.parse import quote

    with connected(settings) as client:
        click.echo(client.send("GET", f"{_ADDRESS}/{quote(archetype_id, safe='')}").content.rstrip())
