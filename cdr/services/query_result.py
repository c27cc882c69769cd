"""Answers as text: the RESULT_SET of the REST specification as JSON, and CSV and lines of JSON, piece by piece.

Whole compositions come from the store as canonical JSON text and are copied into the answer without being read.

Shape: `{"meta": {...}, "name"?, "q", "columns": [{"name", "path"?}], "rows": [[...]]}`.
Source: ITS-REST 1.1.0, Query API, RESULT_SET.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from aql.objects import RawJson, Value
from aql.result import ResultColumn
from cdr.formats.spreadsheet import guarded

_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer:
    """What a query gives.

    `text` is the query as it came, `name` that of a stored query (`name/version`); `meta` goes into the answer's
    `meta`: the executed query, notes, and how many rows are about other subjects.
    """

    text: str
    columns: tuple[ResultColumn, ...]
    rows: list[tuple[Value, ...]]
    name: str | None = None
    meta: Mapping[str, Value] = field(default_factory=dict)


def encode_json(answer: QueryAnswer) -> bytes:
    """Return the answer as the RESULT_SET of the REST specification."""
    return _head(answer)[:-1] + b',"rows":' + _rows(answer.rows) + b"}"


def csv_head(answer: QueryAnswer) -> bytes:
    """Return the header line of an answer as CSV."""
    return _csv([[column.name for column in answer.columns]])


def csv_rows(rows: Iterable[tuple[Value, ...]]) -> bytes:
    """Return rows as CSV, UTF-8: objects as JSON, null as nothing, lines end in CR LF.

    Source: RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    return _csv([_cell(value) for value in row] for row in rows)


def ndjson_head(answer: QueryAnswer) -> bytes:
    """Return the first line of a streamed answer: what `encode_json` gives, without rows."""
    return _head(answer) + b"\n"


def ndjson_rows(rows: Iterable[tuple[Value, ...]]) -> bytes:
    """Return rows as lines, each a JSON list."""
    return b"".join(b"[" + b",".join(map(_encoded, row)) + b"]\n" for row in rows)


def ndjson_tail(tail: Mapping[str, Value]) -> bytes:
    """Return the last line of a streamed answer: an object, as the first one is."""
    return orjson.dumps(tail) + b"\n"


def _csv(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _head(answer: QueryAnswer) -> bytes:
    head: dict[str, Value] = {"meta": dict(answer.meta)}
    if answer.name is not None:
        head["name"] = answer.name
    head["q"] = answer.text
    head["columns"] = [
        {"name": column.name} if column.path is None else {"name": column.name, "path": column.path}
        for column in answer.columns
    ]
    return orjson.dumps(head)


def _rows(rows: Iterable[tuple[Value, ...]]) -> bytes:
    rows = list(rows)
    try:
        return orjson.dumps(rows, default=_refuse, option=_OPTIONS)
    except orjson.JSONEncodeError:
        # Some value is stored text, which only goes in between the encoded ones.
        return b"[" + b",".join(b"[" + b",".join(map(_encoded, row)) + b"]" for row in rows) + b"]"


def _refuse(value: object) -> object:
    raise TypeError


def _encoded(value: Value) -> bytes:
    return value.text if isinstance(value, RawJson) else orjson.dumps(value)


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _encoded(value).decode()
