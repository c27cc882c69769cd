"""`kilde category`: the nine information categories on a server, their templates and what is stored under them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import click

from cdr.config import Settings
from cli.client import JSON, connected
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json

_KILDE = "/rest/kilde/v1"
_language = click.option(
    "--language", type=click.Choice(["nb", "en"]), default="nb", show_default=True, help="Language of names and texts."
)


@click.group()
def category() -> None:
    """List the nine information categories, register templates, count what is coded and used."""


@category.command(name="list")
@with_settings(*CLIENT_SETTINGS)
@_language
@as_json
def list_categories(settings: Settings, *, language: str, as_json: bool) -> None:
    """List the nine categories with how many templates and compositions each has.

    Templates without a category are the last row; `kilde category register` gives them one.
    """
    with connected(settings) as client:
        body = client.send("GET", f"{_KILDE}/category").json()
    if as_json:
        show_json(body)
        return
    rows = [
        {
            "": one["number"],
            "key": one["key"],
            "name": one["name"][language],
            "templates": one["template_count"],
            "compositions": one["composition_count"],
        }
        for one in body["categories"]
    ]
    rest = body["unregistered"]
    if rest["templates"]:
        rows.append({"key": "(no category)", "templates": len(rest["templates"]), "compositions": rest["compositions"]})
    show(rows, ["", "key", "name", "templates", "compositions"], as_json=False, empty="")


@category.command(name="show")
@click.argument("key")
@with_settings(*CLIENT_SETTINGS)
@_language
@as_json
def show_category(settings: Settings, *, key: str, language: str, as_json: bool) -> None:
    """Say what a category is and what it is not, and list its templates.

    KEY is the key of a category, such as journaldokumenter.
    """
    with connected(settings) as client:
        body = client.send("GET", f"{_KILDE}/category/{quote(key, safe='')}").json()
    if as_json:
        show_json(body)
        return
    not_this = {"nb": "Ikke", "en": "Not"}[language]
    click.echo(f"{body['number']}. {body['name'][language]} ({body['key']})")
    click.echo(f"{body['definition'][language]}\n{not_this}: {body['is_not'][language]}\n")
    rows = [
        {
            "template_id": one["template_id"],
            "compositions": one["compositions"],
            "national source": ", ".join(one["national_sources"]),
            "by": "the template" if one["declared"] else "registration",
        }
        for one in body["templates"]
    ]
    show(rows, ["template_id", "compositions", "national source", "by"], as_json=False, empty="no templates")


@category.command()
@click.argument("template_id")
@click.argument("key")
@with_settings(*CLIENT_SETTINGS)
@click.option("--national-source", help="The national solution that holds the truth, several with commas between.")
def register(settings: Settings, *, template_id: str, key: str, national_source: str | None) -> None:
    """Register a template that declares no category.

    TEMPLATE_ID is a template of the server, KEY the category that its compositions belong to from now on, those that
    are there already included.
    """
    body: dict[str, Any] = {} if national_source is None else {"national_source": national_source}
    with connected(settings) as client:
        client.send("PUT", _path(key, template_id), headers={"Content-Type": JSON}, body=json.dumps(body).encode())
    click.echo(f"{template_id} belongs to {key}")


@category.command()
@click.argument("template_id")
@click.argument("key")
@with_settings(*CLIENT_SETTINGS)
def unregister(settings: Settings, *, template_id: str, key: str) -> None:
    """Take the registration of a template back.

    TEMPLATE_ID is a template that was registered under the category KEY.
    """
    with connected(settings) as client:
        client.send("DELETE", _path(key, template_id))
    click.echo(f"{template_id} belongs to no category")


@category.command()
@with_settings(*CLIENT_SETTINGS)
@as_json
def coded(settings: Settings, *, as_json: bool) -> None:
    """Say how much of what ought to be coded is coded, by category."""
    with connected(settings) as client:
        body = client.send("GET", f"{_KILDE}/category/coded").json()
    if as_json:
        show_json(body)
        return
    rows = [{**one, "share": "" if one["share"] is None else f"{one['share']:.0%}"} for one in body["categories"]]
    show(rows, ["key", "values", "coded", "share"], as_json=False, empty="")


@category.command()
@with_settings(*CLIENT_SETTINGS)
@click.option("--since", default="", metavar="TIME", help="From this time on, such as 2026-01-31.")
@as_json
def usage(settings: Settings, *, since: str, as_json: bool) -> None:
    """Say how often each consumer used each template and stored query, the most frequent first.

    Needs an administrator.
    """
    with connected(settings) as client:
        rows = client.send("GET", f"{_KILDE}/category/usage", query={"since": since} if since else None).json()["usage"]
    if as_json:
        show_json(rows)
        return
    named = [{**row, "what": row["template_id"] or row["query"] or "(purged)"} for row in rows]
    show(named, ["count", "consumer", "action", "what", "category"], as_json=False, empty="no usage")


def _path(key: str, template_id: str) -> str:
    return f"{_KILDE}/category/{quote(key, safe='')}/template/{quote(template_id, safe='')}"
