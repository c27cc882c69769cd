"""CSV messages as they are received: bytes to rows, strictly; what cannot be read is refused with its line.

Comes in: a body in UTF-8 (with or without a byte order mark) or, where the mapping allows it, ISO-8859-1. Goes out:
rows as mappings from column to text, with the number of the line that each starts on. Nothing is guessed: a quote
that is not closed, a row of another width and a byte that is no text are errors.
Source: RFC 4180, section 2, with the separator that the mapping names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from cdr.errors import BadInput
from cdr.issue import Issue, Stage

_MARK = "\ufeff"
_LINE_END = re.compile(r"[\r\n]|\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the line it starts on (from 1) and its texts by column, without blanks around them."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row that cannot be read, kept as it came."""

    line: int
    text: str
    issue: Issue


def read_rows(
    body: bytes, *, separator: str, columns: Sequence[str], encodings: Sequence[str]
) -> tuple[list[Row], list[BrokenRow]]:
    """Return the rows below the heading, and those that have another number of fields than it.

    `columns` are those that the heading has to have, in any order; further ones are read as well.
    Errors: `BadInput` with `RCV_ENCODING`, `RCV_QUOTING` or `RCV_COLUMNS`: then no row is usable.
    """
    text = _decoded(body, encodings)
    records = _records(text, separator)
    if not records:
        raise _refused("RCV_COLUMNS", "line 1", "a heading with the names of the columns")
    heading = [name.strip() for name in records[0][1]]
    problems = [
        Issue(code="RCV_COLUMNS", path="line 1", expected=f"the column {name}", stage=Stage.STRUCTURE)
        for name in columns
        if name not in heading
    ]
    if len(set(heading)) < len(heading):
        expected = "every column once"
        problems.append(Issue(code="RCV_COLUMNS", path="line 1", expected=expected, stage=Stage.STRUCTURE))
    if problems:
        raise BadInput("the heading must name the columns of the mapping", code="MESSAGE", issues=problems)
    rows: list[Row] = []
    broken: list[BrokenRow] = []
    for line, fields, source in records[1:]:
        if len(fields) == 1 and not fields[0].strip():
            continue
        if len(fields) != len(heading):
            expected = f"{len(heading)} fields"
            issue = Issue(code="RCV_COLUMNS", path=f"line {line}", expected=expected, stage=Stage.STRUCTURE)
            broken.append(BrokenRow(line=line, text=source, issue=issue))
        else:
            values = {name: value.strip() for name, value in zip(heading, fields, strict=True)}
            rows.append(Row(line=line, values=values))
    return rows, broken


def _decoded(body: bytes, encodings: Sequence[str]) -> str:
    """Return the text; the first encoding that fits counts, and control characters fit none."""
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = text.removeprefix(_MARK)
        # ISO-8859-1 reads any byte: what it makes of other encodings shows in control characters.
        if not any((ord(one) < 32 and one not in "\t\r\n") or 0x7F <= ord(one) < 0xA0 for one in set(text)):
            return text
    raise _refused("RCV_ENCODING", "$", f"text in {' or '.join(encodings)}")


def _records(text: str, separator: str) -> list[tuple[int, list[str], str]]:
    """Return every record as the line it starts on, its fields and its source text."""
    records: list[tuple[int, list[str], str]] = []
    at, line, end = 0, 1, len(text)
    while at < end:
        start, first, fields = at, line, []
        stop = _LINE_END.search(text, at).start()  # type: ignore[union-attr]  # the end of the text is one
        if text.find('"', at, stop) < 0:
            fields, at = text[at:stop].split(separator), stop
        while not fields or (at < end and text[at] == separator):
            at += bool(fields)
            value, at, breaks = _field(text, at, separator, line)
            fields.append(value)
            line += breaks
        source = text[start:at]
        if text.startswith("\r\n", at):
            at += 2
        elif at < end:
            at += 1
        line += 1
        records.append((first, fields, source))
    return records


def _field(text: str, at: int, separator: str, line: int) -> tuple[str, int, int]:
    """Return a field, where it ends and how many line breaks were in it."""
    if not text.startswith('"', at):
        stop = _ends(separator).search(text, at).start()  # type: ignore[union-attr]  # the end of the text is one
        if text.startswith('"', stop):
            raise _refused("RCV_QUOTING", f"line {line}", "quotes around a whole field only")
        return text[at:stop], stop, 0
    parts: list[str] = []
    at += 1
    while True:
        stop = text.find('"', at)
        if stop < 0:
            raise _refused("RCV_QUOTING", f"line {line}", "a closing quote")
        parts.append(text[at:stop])
        if text.startswith('""', stop):
            parts.append('"')
            at = stop + 2
            continue
        value, at = "".join(parts), stop + 1
        if at < len(text) and text[at] not in (separator, "\r", "\n"):
            raise _refused("RCV_QUOTING", f"line {line}", "a separator or the end of the line after a closing quote")
        return value, at, value.count("\n")


@cache
def _ends(separator: str) -> re.Pattern[str]:
    """Return what ends a field without quotes, and the quote that must not stand in it."""
    return re.compile(rf'[{re.escape(separator)}\r\n"]|\Z')


def _refused(code: str, path: str, expected: str) -> BadInput:
    issue = Issue(code=code, path=path, expected=expected, stage=Stage.STRUCTURE)
    return BadInput(issue.message, code="MESSAGE", issues=[issue])
