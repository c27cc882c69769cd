"""Reading CSV: fields, quotes and line breaks as RFC 4180 has them; what cannot be read is refused with its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr.errors import BadInput
from cdr.formats.csv_message import read_rows

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.sampled_from('";,\n'), max_size=12)


def rows(body: bytes, *columns: str, separator: str = ";") -> list[dict[str, str]]:
    found, broken = read_rows(body, separator=separator, columns=columns, encodings=("utf-8", "iso-8859-1"))
    assert broken == []
    return [row.values for row in found]


@settings(deadline=None)
@given(st.lists(st.tuples(_TEXT, _TEXT, _TEXT), max_size=6), st.sampled_from([";", ",", "\t"]), st.booleans())
def test_what_a_csv_writer_writes_is_read_back(table: list[tuple[str, str, str]], separator: str, crlf: bool) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n" if crlf else "\n", quoting=csv.QUOTE_ALL)
    writer.writerow(("a", "b", "c"))
    writer.writerows(table)
    expected = [dict(zip("abc", (cell.strip() for cell in row), strict=True)) for row in table]
    assert rows(out.getvalue().encode(), "a", "b", separator=separator) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a;b\n1;2\n", [{"a": "1", "b": "2"}]),
        (b"a;b\r\n1;2\r\n\r\n", [{"a": "1", "b": "2"}]),
        (b"a;b\n1;", [{"a": "1", "b": ""}]),
        (b'a;b\n"x;y";"z ""q"""\n', [{"a": "x;y", "b": 'z "q"'}]),
        (b'a;b\n"two\nlines";2\n3;4', [{"a": "two\nlines", "b": "2"}, {"a": "3", "b": "4"}]),
        ("\ufeffa;b\nå;ø".encode(), [{"a": "å", "b": "ø"}]),
        ("a;b\nå;ø".encode("iso-8859-1"), [{"a": "å", "b": "ø"}]),
    ],
)
def test_rows_are_read_by_their_heading(body: bytes, expected: list[dict[str, str]]) -> None:
    assert rows(body, "a") == expected


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b'a;b\n1;"2\n3;4\n', "RCV_QUOTING", "line 2"),
        (b'a;b\n1;2\n3;x"y\n', "RCV_QUOTING", "line 3"),
        (b'a;b\n"x"y;2\n', "RCV_QUOTING", "line 2"),
        (b"b;c\n1;2\n", "RCV_COLUMNS", "line 1"),
        (b"a;a\n1;2\n", "RCV_COLUMNS", "line 1"),
        (b"", "RCV_COLUMNS", "line 1"),
        (b"a;b\n1;\x002\n", "RCV_ENCODING", "$"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(body: bytes, code: str, place: str) -> None:
    with pytest.raises(BadInput) as caught:
        rows(body, "a")
    assert [(issue.code, issue.path) for issue in caught.value.issues] == [(code, place)]


def test_a_row_of_another_width_is_kept_apart_with_its_line() -> None:
    found, broken = read_rows(b'a;b\n"x\ny";2\n1;2;3\n5;6\n', separator=";", columns=("a",), encodings=("utf-8",))
    assert [row.line for row in found] == [2, 5]
    assert [(one.line, one.text, one.issue.code) for one in broken] == [(4, "1;2;3", "RCV_COLUMNS")]
