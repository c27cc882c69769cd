"""What answers are made of: rows with values the server decides left open, and how moments compare.

A question gives the rows of one life for one set of parameters, from the statements alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.demo.town.lives.diary import ZONE
from cli.demo.town.statements import Coded, Document, E, Life, State, Text

# A row by column name. Any: a cell is text, a number, an object as JSON, or one of the two marks below.
Row = dict[str, Any]
Parameters = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A shipped query: its parameters, its columns, the rows of a life, and ORDER BY (always descending) with LIMIT."""

    columns: tuple[str, ...]
    rows: Callable[[Life, Parameters], Iterable[Row]]
    parameters: tuple[str, ...] = ("ehr_id",)
    newest_by: str = ""
    limit: int | None = None


def uid_of(life: Life, key: str) -> dict[str, Any]:
    """Return the mark for the uid of the version that queries see of a record: its key and the version's number."""
    record = next(one for one in life.records if one.key == key)
    complete = [number for number, one in enumerate(record.versions, 1) if one.state is State.COMPLETE]
    return {"$uid": key, "version": complete[-1]}


def committed(life: Life, key: str) -> dict[str, Any]:
    """Return the mark for the time at which a server stored that version."""
    return {"$committed": key, "version": uid_of(life, key)["version"]}


def entries(life: Life, kind: type[E], *templates: str) -> Iterator[tuple[str, Document, E]]:
    """Yield key, document and entry for all that queries see of a kind, only in some templates if these are given."""
    for key, document in life.shown():
        if not templates or document.template in templates:
            for entry in document.of(kind):
                yield key, document, entry


def instant(text: str) -> datetime:
    """Return the first moment that a date or time, also a partial one, speaks of; local time without an offset."""
    padded = text + "-01-01"[len(text) - 4 :] if len(text) < len("2025-01-01") else text
    found = datetime.fromisoformat(padded)
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def is_within(text: str, parameters: Parameters) -> bool:
    """Tell whether a moment is in the period: `from` inclusive, `to` exclusive, or open at its end."""
    if instant(text) < instant(parameters["from"]):
        return False
    return "to" not in parameters or instant(text) < instant(parameters["to"])


def text_of(value: Text | None) -> str | None:
    """Return the text of a value."""
    return value.text if isinstance(value, Coded) else value


def code_of(value: Text | None) -> str | None:
    """Return the code of a value, None for plain text."""
    return value.code if isinstance(value, Coded) else None


def system_of(value: Text | None) -> str | None:
    """Return the code system of a value, None for plain text."""
    return (value.system or "local") if isinstance(value, Coded) else None


def newest_first(rows: list[Row], column: str) -> list[Row]:
    """Return rows by a column with dates, descending: those without one come first."""
    dated = [row for row in rows if row[column] is not None]
    undated = [row for row in rows if row[column] is None]
    return undated + sorted(dated, key=lambda row: instant(row[column]), reverse=True)
