"""`kilde import` and `kilde export`: compositions as lines of JSON, many at a time, through a running server.

Shape of a line, both ways: `{"ehr_id": "...", "composition": {"_type": "COMPOSITION", ...}}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

import click

from cdr.config import Settings
from cli.client import Client, connected
from cli.exits import Failed
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show_json
from cli.progress import progress

_BULK = "/rest/kilde/v1/bulk/composition"
_EHRS = "/rest/kilde/v1/ehr"
_AT_ONCE = 1000
_PAGE = 100


@dataclass(slots=True)
class Imported:
    """What became of the lines so far; `refused` holds what the server says of each refused line."""

    stored: int = 0
    refused: list[dict[str, object]] = field(default_factory=list)


@click.command(name="import")
@click.argument("file", type=click.File("rb"))
@with_settings(*CLIENT_SETTINGS)
@click.option("--create-ehrs", is_flag=True, help="Create the EHRs that are not there yet, without a subject.")
@as_json
def import_lines(settings: Settings, *, file: IO[bytes], create_ehrs: bool, as_json: bool) -> None:
    """Commit compositions from a file of JSON lines.

    A line of FILE (- for standard input) is {"ehr_id": "...", "composition": {...}}. A refused line never holds up the
    others; each is said, and the status is then 1.
    """
    with connected(settings) as client, progress("compositions", None) as moved:
        done = Imported()
        seen: set[str] = set()
        for first, lines in _batches(file):
            if create_ehrs:
                _create(client, _ehr_ids(lines) - seen)
                seen |= _ehr_ids(lines)
            send(client, lines, first_line=first, done=done)
            moved(len(lines))
    if as_json:
        show_json({"stored": done.stored, "refused": done.refused})
    else:
        click.echo(f"{done.stored} compositions stored")
    if done.refused:
        raise Failed("\n".join(["some lines were refused", *(_said(each) for each in done.refused)]))


@click.command()
@click.argument("file", type=click.File("wb"), default="-")
@with_settings(*CLIENT_SETTINGS)
@click.option("--ehr", "ehr_ids", multiple=True, help="Only this EHR; may be repeated. Without it: all.")
def export(settings: Settings, *, file: IO[bytes], ehr_ids: tuple[str, ...]) -> None:
    """Write the newest version of every composition as JSON lines.

    FILE is standard output by default. The lines are those that `kilde import` reads, without the uids, since an import
    makes versions of its own.
    """
    with connected(settings) as client, progress("EHRs", len(ehr_ids) or None) as moved:
        for ehr_id in ehr_ids or _all_ehrs(client):
            for composition in _compositions(client, ehr_id):
                composition.pop("uid", None)
                line = json.dumps({"ehr_id": ehr_id, "composition": composition}, ensure_ascii=False)
                file.write(line.encode() + b"\n")
            moved(1)


def send(client: Client, lines: list[bytes], *, first_line: int, done: Imported) -> None:
    """Commit lines in one request and add what became of them to `done`."""
    headers = {"Content-Type": "application/x-ndjson", "Accept": "application/json"}
    answer = client.send("POST", _BULK, headers=headers, body=b"\n".join(lines)).json()
    done.stored += answer["stored"]
    for refused in answer["errors"]:
        done.refused.append({**refused, "line": refused["line"] + first_line - 1})


def _batches(file: IO[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Yield lists of lines with the number of the first, from 1."""
    lines: list[bytes] = []
    first = 1
    for line in file:
        lines.append(line.rstrip(b"\r\n"))
        if len(lines) == _AT_ONCE:
            yield first, lines
            first += len(lines)
            lines = []
    if lines:
        yield first, lines


def _ehr_ids(lines: Iterable[bytes]) -> set[str]:
    """Return the EHR ids in the lines; what cannot be read is left to the server to refuse."""
    found = set()
    for line in lines:
        try:
            read = json.loads(line)
        except ValueError:
            continue
        if isinstance(read, dict) and isinstance(read.get("ehr_id"), str):
            found.add(read["ehr_id"])
    return found


def _create(client: Client, ehr_ids: Iterable[str]) -> None:
    """Create EHRs; one that is there already is left as it is."""
    for ehr_id in sorted(ehr_ids):
        client.send("PUT", f"/rest/openehr/v1/ehr/{ehr_id}", headers={"Prefer": "return=minimal"}, accepted=(409,))


def _all_ehrs(client: Client) -> Iterator[str]:
    """Yield every EHR id of the server."""
    after: str | None = ""
    while after is not None:
        page = client.send("GET", _EHRS, query={"after": after, "limit": _PAGE}).json()
        yield from page["ehr_ids"]
        after = page["next"]


def _compositions(client: Client, ehr_id: str) -> Iterator[dict[str, object]]:
    """Yield the newest version of each composition of an EHR."""
    text = "SELECT c FROM EHR e[ehr_id/value=$ehr] CONTAINS COMPOSITION c"
    offset = 0
    while True:
        body = {"q": text, "query_parameters": {"ehr": ehr_id}, "offset": offset, "fetch": _PAGE}
        rows = client.post("/query/aql", json.dumps(body).encode()).json()["rows"]
        yield from (row[0] for row in rows)
        if len(rows) < _PAGE:
            return
        offset += _PAGE


def _said(refused: dict[str, object]) -> str:
    """Return one refused line for people."""
    return f"  line {refused['line']}: {refused['message']}"
