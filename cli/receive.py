"""`kilde receive`: send messages for a source, register sources, look after receipts, quarantine and quality."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdr.config import Settings
from cli.client import JSON, connected
from cli.exits import REFUSED, Failed
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json

if TYPE_CHECKING:
    from cli.client import Client

_BASE = "/rest/kilde/v1"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MEDIA = {
    "fhir": "application/fhir+json",
    "csv": "text/csv",
    "json": JSON,
    "xml": "application/xml",
    "flat": "application/openehr.wt.flat+json",
    "structured": "application/openehr.wt.structured+json",
}
_BY_SUFFIX = {".csv": "csv", ".xml": "xml"}


class _SendByDefault(click.Group):
    """A group whose command `send` may be left out: `kilde receive SOURCE FILE`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named, or `send` with all arguments."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["send", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_SendByDefault)
def receive() -> None:
    """Send messages for a source and look after what became of them.

    `kilde receive SOURCE FILE...` is short for `kilde receive send SOURCE FILE...`.
    """


@receive.command()
@click.argument("source")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@with_settings(*CLIENT_SETTINGS)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_MEDIA)),
    help="Format of the files; without it .csv is CSV, .xml XML and everything else FHIR.",
)
@click.option("--message-id", help="Id of the message, where it does not hold one; for one file only.")
@click.option("--ehr", "ehr_id", help="EHR that openEHR content is for.")
@click.option("--subject", help="Resident that openEHR content is for: identity system, |, number.")
@click.option("--template", "template_id", help="Template id, for --format flat and structured.")
@click.option("--item-id", help="The source's own id of openEHR content.")
@click.option("--item-version", help="The source's own version of openEHR content: a number or a time.")
@click.option("--withdrawn", is_flag=True, help="The source takes the item back.")
@as_json
def send(
    settings: Settings, *, source: str, files: tuple[Path, ...], form: str | None, as_json: bool, **said: Any
) -> None:
    """Send files, a message each; prints their receipts.

    Status 0 when everything was stored, 1 when something went to quarantine or a message was refused.
    """
    if said["message_id"] and len(files) > 1:
        raise click.UsageError("--message-id is for one file")
    receipts = []
    with connected(settings) as client:
        for path in files:
            kind = form or _BY_SUFFIX.get(path.suffix.lower(), "fhir")
            headers = {"Content-Type": _MEDIA[kind], "Accept": JSON, **_headers(said)}
            try:
                answer = client.send("POST", f"{_BASE}/receive/{source}", headers=headers, body=path.read_bytes())
            except Failed as error:
                raise Failed(f"{path}: {error.message}") from error
            receipts.append({"file": str(path), **answer.json()})
    if as_json:
        show_json(receipts)
    else:
        for receipt in receipts:
            counts = ", ".join(f"{number} {outcome}" for outcome, number in receipt["counts"].items())
            click.echo(f"{receipt['file']}: {receipt['receipt_id']}: {counts or receipt['state']}")
            for item in receipt["items"]:
                for reason in item["errors"]:
                    click.echo(f"  {item['place']}: {reason['code']}: {reason['message']}")
    if any("quarantined" in receipt["counts"] for receipt in receipts):
        click.get_current_context().exit(REFUSED)


@receive.command()
@click.argument("source")
@click.argument("file", type=_FILE)
@with_settings(*CLIENT_SETTINGS)
@as_json
def register(settings: Settings, *, source: str, file: Path, as_json: bool) -> None:
    """Register a source, or change one.

    FILE holds title, supplier, and mappings or templates, in JSON.
    """
    with connected(settings) as client:
        found = client.send("PUT", f"{_BASE}/receive/{source}", body=file.read_bytes()).json()
    show([found], ["key", "title", "supplier", "mappings", "templates", "unknown_resident"], as_json=as_json, empty="")


@receive.command()
@with_settings(*CLIENT_SETTINGS)
@as_json
def sources(settings: Settings, *, as_json: bool) -> None:
    """List the registered sources."""
    with connected(settings) as client:
        rows = client.send("GET", f"{_BASE}/receive").json()["sources"]
    show(rows, ["key", "title", "supplier", "mappings", "templates"], as_json=as_json, empty="no sources")


@receive.command()
@with_settings(*CLIENT_SETTINGS)
@as_json
def suppliers(settings: Settings, *, as_json: bool) -> None:
    """Say which supplier shares what, and what it only reads."""
    with connected(settings) as client:
        rows = client.send("GET", f"{_BASE}/suppliers").json()["suppliers"]
    show(rows, ["supplier", "sources", "shares", "reads", "only_reads"], as_json=as_json, empty="no suppliers")


@receive.command()
@click.argument("source")
@click.argument("receipt_id", required=False)
@with_settings(*CLIENT_SETTINGS)
@click.option("--original", is_flag=True, help="Write the message byte for byte as it was received.")
@as_json
def receipt(settings: Settings, *, source: str, receipt_id: str | None, original: bool, as_json: bool) -> None:
    """Show what became of a message, item by item.

    Without RECEIPT_ID: the newest receipts of the source.
    """
    address = f"{_BASE}/receive/{source}/receipt"
    with connected(settings) as client:
        if receipt_id and original:
            click.echo(client.send("GET", f"{address}/{receipt_id}/original").content, nl=False)
            return
        if receipt_id is None:
            rows = client.send("GET", address).json()["receipts"]
            columns = ["receipt_id", "message_id", "received", "state", "counts", "repeats"]
            show(rows, columns, as_json=as_json, empty="no receipts")
            return
        found = client.send("GET", f"{address}/{receipt_id}").json()
    if as_json:
        show_json(found)
    else:
        columns = ["number", "place", "outcome", "steps", "item_id", "version_uid"]
        show(found["items"], columns, as_json=False, empty="no items")


@receive.command()
@click.argument("source")
@with_settings(*CLIENT_SETTINGS)
@as_json
def report(settings: Settings, *, source: str, as_json: bool) -> None:
    """Report how good what a source sends is: complete, coded, duplicate, refused."""
    with connected(settings) as client:
        found = client.send("GET", f"{_BASE}/receive/{source}/quality").json()
    if as_json:
        show_json(found)
    else:
        show(
            [{"what": name, "value": value} for name, value in found.items()],
            ["what", "value"],
            as_json=False,
            empty="",
        )


@receive.command()
@click.argument("source")
@click.argument("quarantine_id", required=False)
@with_settings(*CLIENT_SETTINGS)
@click.option("--correct", "file", type=_FILE, help="Put the content of this file in the place of the item's.")
@click.option("--discard", is_flag=True, help="Give the item up.")
@as_json
def quarantine(
    settings: Settings, *, source: str, quarantine_id: str | None, file: Path | None, discard: bool, as_json: bool
) -> None:
    """List what could not be stored, or show, correct or discard one item of it."""
    address = f"{_BASE}/receive/{source}/quarantine"
    with connected(settings) as client:
        if quarantine_id is None:
            rows = _pages(client, address)
            columns = ["quarantine_id", "receipt_id", "place", "corrections", "errors"]
            show(rows, columns, as_json=as_json, empty="the quarantine is empty")
        elif file is not None:
            show_json(client.send("PUT", f"{address}/{quarantine_id}", body=file.read_bytes()).json())
        elif discard:
            show_json(client.send("DELETE", f"{address}/{quarantine_id}").json())
        else:
            click.echo(client.send("GET", f"{address}/{quarantine_id}").content, nl=False)


@receive.command()
@click.argument("source")
@click.argument("quarantine_id", required=False)
@with_settings(*CLIENT_SETTINGS)
@as_json
def replay(settings: Settings, *, source: str, quarantine_id: str | None, as_json: bool) -> None:
    """Try once more to store what is in quarantine.

    Without QUARANTINE_ID: everything of the source.
    """
    one = f"/quarantine/{quarantine_id}" if quarantine_id else ""
    with connected(settings) as client:
        found = client.send("POST", f"{_BASE}/receive/{source}{one}/replay").json()
    rows = [found] if quarantine_id else found["items"]
    show(rows, ["place", "outcome", "item_id", "version_uid"], as_json=as_json, empty="the quarantine is empty")


@receive.command()
@with_settings(*CLIENT_SETTINGS)
@as_json
def recover(settings: Settings, *, as_json: bool) -> None:
    """Finish receipts that a crash left open; the server does so by itself as well."""
    with connected(settings) as client:
        found = client.send("POST", f"{_BASE}/receive-recovery").json()
    if as_json:
        show_json(found)
    else:
        click.echo(f"{len(found['finished'])} finished, {len(found['failed'])} failed")


@receive.command()
@click.argument("file", type=_FILE)
@click.option("--template", "templates", type=_FILE, help="Operational template to check the targets against.")
@as_json
def check(*, file: Path, templates: Path | None, as_json: bool) -> None:
    """Check a mapping file against its schema and its template, without a server.

    The template is one that comes with Kilde, unless a file is named.
    """
    from cdr.errors import BadInput

    try:
        issues = _mapping_issues(file, templates)
    except BadInput as error:
        issues = [{"code": one.code, "path": one.path, "expected": one.expected} for one in error.issues]
    if not issues and not as_json:
        click.echo(f"{file}: valid")
        return
    show(issues, ["code", "path", "expected"], as_json=as_json, empty="")
    if issues:
        click.get_current_context().exit(REFUSED)


def _mapping_issues(file: Path, template_file: Path | None) -> list[dict[str, str]]:
    """Return what is wrong with a mapping's targets."""
    from cdr import resources
    from cdr.am.opt14 import read_opt
    from cdr.formats.mapping.load import check_targets, load_mapping
    from cdr.webtemplate import build

    mapping = load_mapping(file.read_bytes())
    for path in [template_file] if template_file is not None else resources.templates():
        source = path.read_bytes()
        if template_file is None and mapping.template_id.encode() not in source:
            continue
        template = read_opt(source)
        if template_file is not None or template.template_id == mapping.template_id:
            found = check_targets(mapping, build(template), template)
            return [{"code": one.code, "path": one.path, "expected": one.expected} for one in found]
    raise Failed(f"expected a template {mapping.template_id}; name its file with --template")


# `Any`: options of click by name.
def _headers(said: dict[str, Any]) -> dict[str, str]:
    """Return the headers that say what the options say."""
    names = {
        "message_id": "Kilde-Message-Id",
        "ehr_id": "Kilde-Ehr-Id",
        "subject": "Kilde-Subject",
        "item_id": "Kilde-Item-Id",
        "item_version": "Kilde-Item-Version",
        "template_id": "openehr-template-id",
    }
    headers = {header: said[name] for name, header in names.items() if said[name]}
    return {**headers, "Kilde-Item-State": "withdrawn"} if said["withdrawn"] else headers


def _pages(client: Client, address: str) -> list[dict[str, Any]]:
    """Return all rows of a listing that is given a page at a time."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        found = client.send("GET", address, query={"after": after}).json()
        rows += found["items"]
        if not found["next"]:
            return rows
        after = found["next"]
