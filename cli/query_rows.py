"""The rows of a query as they come from the server: printed at once, so that an answer may be of any size.

The server sends lines of JSON: a head with the columns, a list for each row, and at the end how it ended. Where it had
to stop before the end and says where to go on, the next request does.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import click

from cli.client import Client
from cli.exits import Failed

NDJSON = "application/x-ndjson"


@dataclass
class Ending:
    """What was said at the end: the number of rows, and the cursor of a next page if there is one."""

    rows: int = 0
    total: int | None = None
    cursor: str | None = None
    headings: list[str] = field(default_factory=list)


def streamed_rows(client: Client, body: dict[str, Any], ending: Ending) -> Iterator[list[Any]]:
    """Give the rows of a query; `ending` is complete when they end. Errors: Failed where the server could not go on."""
    is_page = "cursor" in body
    while True:
        tail: dict[str, Any] = {}
        with client.lines("/query/aql", json.dumps(body).encode(), accept=NDJSON) as lines:
            head = json.loads(next(lines))
            ending.headings = headings([column["name"] for column in head["columns"]])
            ending.total = head["meta"].get("total", ending.total)
            for line in lines:
                said = json.loads(line)
                if isinstance(said, dict):
                    tail = said
                    break
                ending.rows += 1
                yield said
        if not tail:
            raise Failed("the answer ended before its last line; what was printed is not all")
        ending.cursor = tail.get("next")
        error = tail.get("error")
        if error is None and (is_page or ending.cursor is None):
            return
        if ending.cursor is None or (error is not None and not tail["rows"]):
            raise Failed(f"{(error or {}).get('message', '')} What was printed is not all.".strip())
        body = {**body, "cursor": ending.cursor, "total": False}


def print_csv(rows: Iterator[list[Any]], ending: Ending) -> None:
    """Print rows as CSV with a header line: objects as JSON, null as nothing."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    is_begun = False
    for row in rows:
        if not is_begun:
            writer.writerow(ending.headings)
            is_begun = True
        writer.writerow([_cell(value) for value in row])
    if not is_begun:
        writer.writerow(ending.headings)


def print_objects(rows: Iterator[list[Any]], ending: Ending) -> None:
    """Print a JSON object for each row, a line each, by the names of the columns."""
    for row in rows:
        click.echo(json.dumps(dict(zip(ending.headings, row, strict=True)), ensure_ascii=False))


def headings(names: list[str]) -> list[str]:
    """Return the column names, numbered where two columns have the same."""
    return [name if names.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(names, 1)]


def _cell(value: Any) -> Any:  # JSON
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    # A text that a spreadsheet would take for a formula gets an apostrophe in front.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t", "\r") else value
