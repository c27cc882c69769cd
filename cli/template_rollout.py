"""`kilde template check`, `replace` and `deprecate`: a new version of a template against a running server."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import quote

import click

from cdr.config import Settings
from cli.client import XML, connected
from cli.exits import Failed
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json
from cli.progress import progress

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_KILDE = "/rest/kilde/v1"


@click.command()
@click.argument("new", type=_FILE)
@with_settings(*CLIENT_SETTINGS)
@click.option("--sample", type=click.IntRange(min=1), help="Look at this many compositions at most. Default: all.")
@as_json
def check(settings: Settings, *, new: Path, sample: int | None, as_json: bool) -> None:
    """Validate stored compositions against a new version of their template.

    Nothing is changed. The report counts the issues by code and by template node; status 1 when a composition is
    refused that the current version accepts.
    """
    source = new.read_bytes()
    checked = refused = invalid_before = 0
    by_code: Counter[str] = Counter()
    by_node: Counter[str] = Counter()
    after: str | None = ""
    with connected(settings) as client, progress("compositions", sample) as moved:
        while after is not None:
            query: dict[str, str | int] = {"limit": 50}
            if after:
                query["after"] = after
            if sample is not None:
                query["sample"] = sample - checked
            page = client.send(
                "POST", f"{_KILDE}/template/check", headers={"Content-Type": XML}, body=source, query=query
            ).json()
            moved(page["checked"])
            checked += page["checked"]
            refused += page["refused"]
            invalid_before += page["invalid_before"]
            by_code.update(page["by_code"])
            by_node.update(page["by_node"])
            after = page["next"] if sample is None or checked < sample else None
    if as_json:
        counts = {"checked": checked, "refused": refused, "invalid_before": invalid_before}
        show_json({**counts, "by_code": dict(by_code.most_common()), "by_node": dict(by_node.most_common())})
    else:
        rows = [{"count": count, "code": code} for code, count in by_code.most_common()]
        show(rows, ["count", "code"], as_json=False, empty="no issues")
        click.echo(f"{checked} checked, {refused} refused, {invalid_before} of them by the current version too")
    if refused > invalid_before:
        raise Failed(f"{refused - invalid_before} stored compositions would break")


@click.command()
@click.argument("new", type=_FILE)
@with_settings(*CLIENT_SETTINGS)
def replace(settings: Settings, *, new: Path) -> None:
    """Put a new version of a template in the place of the current one.

    Refused with every breaking change when data uses the template. What is stored keeps the version that it was
    stored under.
    """
    from cdr.am.opt14 import read_opt  # loads the reference model

    source = new.read_bytes()
    template_id = read_opt(source).template_id
    with connected(settings) as client:
        path = f"/rest/admin/template/{quote(template_id, safe='')}"
        client.send("PUT", path, headers={"Content-Type": XML, "Accept": XML}, body=source)
    click.echo(f"{template_id} replaced")


@click.command()
@click.argument("template_id")
@with_settings(*CLIENT_SETTINGS)
@click.option("--undo", is_flag=True, help="Let the template take new data again.")
def deprecate(settings: Settings, *, template_id: str, undo: bool) -> None:
    """Let a template take no new data.

    What is stored under it stays, can be read and queried, and can still be corrected.
    """
    path = f"{_KILDE}/template/{quote(template_id, safe='')}/deprecated"
    with connected(settings) as client:
        client.send("DELETE" if undo else "PUT", path)
    click.echo(f"{template_id} {'takes new data again' if undo else 'takes no new data'}")
