"""`kilde query`: run AQL on the server, see how it would be run, check it without one, and keep it under a name."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import click

from cdr.config import Settings
from cli.client import BASE, JSON, connected
from cli.exits import WrongUsage
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json
from cli.query_rows import Ending, headings, print_csv, print_objects, streamed_rows

_parameters = click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Value of a $parameter; may be repeated."
)


@click.group()
def query() -> None:
    """Run, explain, check and store AQL."""


@query.command()
@click.argument("aql")
@with_settings(*CLIENT_SETTINGS)
@_parameters
@click.option("--fetch", type=click.IntRange(min=1), help="Most rows to return.")
@click.option("--offset", type=click.IntRange(min=0), help="Rows to pass over first.")
@click.option("--total", is_flag=True, help="Count all rows too, whatever LIMIT, OFFSET, --fetch and --offset say.")
@click.option("--cursor", help="`start`, or the cursor that the page before ended with: a page of about --fetch rows.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "csv", "ndjson"]),
    default="table",
    show_default=True,
    help="csv and ndjson (an object a line) are printed as they come, whatever their number.",
)
@as_json
def run(
    settings: Settings,
    *,
    aql: str,
    parameters: tuple[str, ...],
    fetch: int | None,
    offset: int | None,
    total: bool,
    cursor: str | None,
    shape: str,
    as_json: bool,
) -> None:
    """Run a query and print its rows.

    AQL is the text of the query, or - to read it from standard input. A value of --parameter is a number, true or
    false where it looks like one, else a text; quote it ("5") to make a text of it anyway.
    """
    body: dict[str, Any] = {"q": _text(aql), "query_parameters": _values(parameters), "total": total}
    given = {"fetch": fetch, "offset": offset, "cursor": cursor}
    body |= {name: value for name, value in given.items() if value is not None}
    with connected(settings) as client:
        if shape != "table" and not as_json:
            ending = Ending()
            rows = streamed_rows(client, body, ending)
            (print_csv if shape == "csv" else print_objects)(rows, ending)
            _say_end(ending.total, ending.cursor)
            return
        answer = client.post("/query/aql", json.dumps(body).encode()).json()
    if as_json:
        show_json(answer)
        return
    names = headings([column["name"] for column in answer["columns"]])
    show([dict(zip(names, row, strict=True)) for row in answer["rows"]], names, as_json=False, empty="no rows")
    _say_end(answer["meta"].get("total"), answer["meta"].get("next"))


def _say_end(total: int | None, cursor: str | None) -> None:
    """Say on stderr what is known beside the rows."""
    if total is not None:
        click.echo(f"{total} rows in all", err=True)
    if cursor is not None:
        click.echo(f"next: --cursor {cursor}", err=True)


@query.command()
@click.argument("aql")
@with_settings(*CLIENT_SETTINGS)
@_parameters
def explain(settings: Settings, *, aql: str, parameters: tuple[str, ...]) -> None:
    """Print how a query would be run, without running it.

    AQL is the text of the query, or - to read it from standard input.
    """
    body = {"q": _text(aql), "query_parameters": _values(parameters), "explain": True}
    with connected(settings) as client:
        click.echo(client.post("/query/aql", json.dumps(body).encode()).text.rstrip())


@query.command()
@click.argument("aql")
@as_json
def check(*, aql: str, as_json: bool) -> None:
    """Say whether a query is legal AQL that Kilde answers, without a server.

    AQL is the text of the query, or - to read it from standard input. Parameters need no values. Prints the features
    that the query uses and remarks on what it hardly means; status 1 when it is refused, with line and column.
    """
    from aql.analyse import analyse
    from aql.errors import line_and_column
    from aql.features import FEATURES, used_features
    from aql.parser import parse
    from cdr.rm.catalog import CATALOG
    from cdr.services.query_errors import aql_errors

    text = _text(aql)
    with aql_errors():
        parsed = parse(text)
        notes = analyse(parsed, CATALOG).notes
    rows = [
        {"kind": "feature", "code": key, "place": "", "what": f"{FEATURES[key].example}: {FEATURES[key].support.value}"}
        for key in used_features(parsed)
    ]
    for note in notes:
        line, column = line_and_column(text, note.offset)
        rows.append({"kind": "remark", "code": note.code, "place": f"{line}:{column}", "what": note.message})
    show(rows, ["kind", "code", "place", "what"], as_json=as_json, empty="legal")


@query.command()
@as_json
def features(*, as_json: bool) -> None:
    """List what Kilde answers of AQL, without a server."""
    from aql.features import FEATURES

    rows = [
        {"feature": each.key, "answered": each.support.value, "example": each.example} for each in FEATURES.values()
    ]
    show(rows, ["feature", "answered", "example"], as_json=as_json, empty="")


@query.command()
@click.argument("name")
@click.argument("aql")
@with_settings(*CLIENT_SETTINGS)
@click.option("--version", "version", metavar="MAJOR.MINOR.PATCH", help="Version; the next minor one if left out.")
@click.option("--purpose", default="", help="What the query is for.")
@click.option("--category", default="", metavar="KEY", help="The information category that its answer belongs to.")
@click.option(
    "--type", "types", multiple=True, metavar="NAME=TYPE", help="Type of a $parameter (String...); may be repeated."
)
@as_json
def store(
    settings: Settings,
    *,
    name: str,
    aql: str,
    version: str | None,
    purpose: str,
    category: str,
    types: tuple[str, ...],
    as_json: bool,
) -> None:
    """Keep a query on the server under a name.

    NAME is [namespace::]name, AQL the text of the query, or - to read it from standard input. The server checks it
    first; remarks, for instance on codes that no template has, are printed and do not keep it from being stored.
    """
    body: dict[str, Any] = {"q": _text(aql), "purpose": purpose, "category": category}
    body["parameters"] = {key: str(of) for key, of in _pairs(types, "--type")}
    with connected(settings) as client:
        made = client.send(
            "PUT",
            f"{BASE}/definition/query/{quote(name, safe='')}" + ("" if version is None else f"/{version}"),
            headers={"Content-Type": JSON, "Accept": JSON},
            body=json.dumps(body).encode(),
        ).json()
    if as_json:
        show_json(made)
        return
    for note in made.get("notes", ()):
        click.echo(f"{note['line']}:{note['column']} {note['message']}", err=True)
    show([made], ["name", "version"], as_json=False, empty="")


@query.command(name="list")
@click.argument("prefix", default="")
@with_settings(*CLIENT_SETTINGS)
@click.option("--category", default="", metavar="KEY", help="Only those of this information category.")
@as_json
def list_queries(settings: Settings, *, prefix: str, category: str, as_json: bool) -> None:
    """List the stored queries, or those whose names begin with PREFIX."""
    path = "/definition/query" + (f"/{quote(prefix, safe='')}" if prefix else "")
    with connected(settings) as client:
        found = client.get(path, query={"category": category} if category else None).json()
    rows = found["versions"] if isinstance(found, dict) else found
    show(rows, ["name", "version", "category", "saved", "purpose"], as_json=as_json, empty="no stored queries")


def _text(aql: str) -> str:
    """Return the query itself."""
    return sys.stdin.read() if aql == "-" else aql


def _values(parameters: tuple[str, ...]) -> dict[str, object]:
    """Return the parameters by name."""
    return {name.removeprefix("$"): _value(text) for name, text in _pairs(parameters, "--parameter")}


def _pairs(given: tuple[str, ...], option: str) -> Iterator[tuple[str, str]]:
    """Give names and texts of `NAME=TEXT`."""
    for each in given:
        name, equals, text = each.partition("=")
        if not equals or not name:
            raise WrongUsage(f"expected NAME=VALUE for {option}, got {each}")
        yield name, text


def _value(text: str) -> object:
    """Return a JSON scalar where the text is one, else the text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (str, int, float, bool)) else text
