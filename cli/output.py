"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import click


def show(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """Print rows as JSON, or as a table of the named columns; `empty` is said (on stderr) when there are none."""
    if as_json:
        show_json(list(rows))
    elif not rows:
        click.echo(empty, err=True)
    else:
        _show_table([[_cell(row.get(column)) for column in columns] for row in rows], columns)


def show_json(value: object) -> None:
    """Print any JSON value, indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _cell(value: object) -> str:
    """Return a value as one line of a table cell."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return " ".join(str(value).split())


def _show_table(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> None:
    """Print aligned columns under a heading."""
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    for number, row in enumerate([columns, *rows]):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.echo(click.style(line, bold=True) if number == 0 else line)
