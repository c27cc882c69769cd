"""`kilde composition`: commit and fetch compositions, and validate one against a template without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdr.config import Settings
from cli.client import JSON, XML, connected
from cli.convert import convert
from cli.exits import REFUSED
from cli.named_template import named_template
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json

if TYPE_CHECKING:
    from cdr.am.template import OperationalTemplate
    from cdr.issue import Issue

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMATS = {
    "json": JSON,
    "xml": XML,
    "flat": "application/openehr.wt.flat+json",
    "structured": "application/openehr.wt.structured+json",
}
_format = click.option(
    "--format", "form", type=click.Choice(list(_FORMATS)), default="json", show_default=True, help="Form of the data."
)


@click.group()
def composition() -> None:
    """Commit, fetch, convert and validate compositions."""


composition.add_command(convert)


@composition.command()
@click.argument("file", type=_FILE)
@with_settings(*CLIENT_SETTINGS)
@click.option("--ehr", "ehr_id", required=True, help="EHR that gets the composition.")
@click.option("--template", "template_id", help="Template id; needed with --format flat and structured.")
@_format
@as_json
def commit(settings: Settings, *, file: Path, ehr_id: str, template_id: str | None, form: str, as_json: bool) -> None:
    """Commit a composition; prints the uid of its first version.

    FILE holds one composition.
    """
    headers = {"Prefer": "return=minimal", "Accept": _FORMATS[form]}
    if template_id:
        headers["openehr-template-id"] = f'"{template_id}"'
    with connected(settings) as client:
        answer = client.post(
            f"/ehr/{ehr_id}/composition", file.read_bytes(), content_type=_FORMATS[form], headers=headers
        )
    uid = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
    if as_json:
        show_json({"uid": uid, "ehr_id": ehr_id})
    else:
        click.echo(uid)


@composition.command()
@click.argument("uid")
@with_settings(*CLIENT_SETTINGS)
@click.option("--ehr", "ehr_id", required=True, help="EHR that the composition is in.")
@_format
def get(settings: Settings, *, uid: str, ehr_id: str, form: str) -> None:
    """Print a composition.

    UID is a version uid, or the uid of a composition for its newest version.
    """
    with connected(settings) as client:
        answer = client.get(f"/ehr/{ehr_id}/composition/{uid}", accept=_FORMATS[form])
    if form == "xml":
        click.echo(answer.content.rstrip())
    else:
        click.echo(json.dumps(answer.json(), ensure_ascii=False, indent=2))


@composition.command()
@click.argument("file", type=_FILE)
@with_settings(*CLIENT_SETTINGS)
@click.option(
    "--template",
    required=True,
    help="A template file, the id of a template that comes with Kilde, or the id of one on the server.",
)
@as_json
def validate(settings: Settings, *, file: Path, template: str, as_json: bool) -> None:
    """Say everything that is wrong with a composition.

    FILE holds one composition as canonical JSON. Status 0 when a commit would accept it, 1 when it would not; warnings
    do not count. No server is asked unless the template is only there.
    """
    from cdr.issue import errors_of

    found = _issues(file.read_bytes(), named_template(settings, template))
    rows = [
        {
            "severity": str(issue.severity),
            "code": issue.code,
            "path": issue.path,
            "expected": issue.expected,
            "node": issue.node,
            "label": issue.label,
        }
        for issue in found
    ]
    if as_json:
        show_json(rows)
    else:
        show(rows, ["severity", "code", "path", "expected"], as_json=False, empty=f"{file}: valid")
    if errors_of(found):
        click.get_current_context().exit(REFUSED)


def _issues(body: bytes, template: OperationalTemplate) -> list[Issue]:
    """Return all issues of a composition: those of its structure, else those of the model and the template."""
    from cdr import rm
    from cdr.errors import BadInput
    from cdr.formats.canonical_json import decode
    from cdr.terminology.local import bundled_terminology
    from cdr.validation import validate

    try:
        decoded = decode(body, rm.Composition)
    except BadInput as error:
        if error.issues:
            return list(error.issues)
        raise
    return list(validate(decoded, template, terminology=bundled_terminology()).issues)
