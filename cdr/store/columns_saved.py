"""Tables of the column cache in the database, so that a restart or another worker need not read every object again.

Shape of a document of `colseg`: {_id: key.stamp.part, key: hash of the shape, stamp, q: change up to which it goes, qo:
its object, ahead: [changes behind a gap that are in it], parts, part, z: zstd}. The parts of one stamp joined are the
lengths of the pieces as JSON, a line feed, and the pieces. Derived like `ix`, and gone with the first erasure.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import orjson
import zstandard
from pymongo.client_session import ClientSession
from pymongo.database import Database

from aql.values import ValueRules
from cdr import __version__
from cdr.store.client import Document
from cdr.store.columns_table import NO_EHR, Table
from cdr.store.columns_values import Values, packed, unpacked
from cdr.store.layout import CHANGE, COLUMNS, EXTRACTOR_VERSION

_PART_BYTES = 8 * 1024 * 1024
_LEVEL = 1
_ID_LENGTH = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A table with what it was saved with; `ahead` are changes behind `mark` that are in it."""

    table: Table
    values: tuple[Values, ...]
    mark: int
    mark_object: object
    ahead: frozenset[int]


def key_of(shape_key: Hashable, rules: ValueRules) -> str:
    """Return the name of a shape in the database: another program version or time zone makes another."""
    told = (shape_key, str(rules.zone), type(rules.units).__name__, EXTRACTOR_VERSION, __version__)
    return sha256(repr(told).encode()).hexdigest()[:32]


def save(database: Database[Document], key: str, saved: Saved, *, ehrs: Sequence[str]) -> None:
    """Write a table in place of what was saved of the shape before."""
    content = zstandard.ZstdCompressor(level=_LEVEL).compress(_content(saved, ehrs))
    stamp = uuid.uuid4().hex
    parts = [content[start : start + _PART_BYTES] for start in range(0, len(content), _PART_BYTES)]
    segments = database[COLUMNS]
    head = {"key": key, "stamp": stamp, "q": saved.mark, "qo": saved.mark_object, "ahead": sorted(saved.ahead)}
    for number, part in enumerate(parts):
        document = {"_id": f"{key}.{stamp}.{number}", **head, "parts": len(parts), "part": number, "z": part}
        segments.insert_one(document)
    segments.delete_many({"key": key, "stamp": {"$ne": stamp}})
    # An erasure that the table does not know may have cleared the collection before this was written.
    later = {"_id": {"$gt": saved.mark, "$nin": sorted(saved.ahead)}, "op": "purge"}
    if database[CHANGE].find_one(later, {"_id": 1}) is not None:
        forget(database, key)


def forget(database: Database[Document], key: str) -> None:
    """Take away what is saved of a shape."""
    database[COLUMNS].delete_many({"key": key})


def load(
    database: Database[Document],
    session: ClientSession,
    key: str,
    *,
    rules: ValueRules,
    width: int,
    number: Callable[[str], int],
) -> Saved | None:
    """Return what is saved of a shape, None when there is nothing whole. `number` gives the place of an EHR id."""
    found = list(database[COLUMNS].find({"key": key}, sort=[("q", -1), ("stamp", 1), ("part", 1)], session=session))
    for stamp in dict.fromkeys(document["stamp"] for document in found):
        parts = [document for document in found if document["stamp"] == stamp]
        if len(parts) == parts[0]["parts"]:
            content = zstandard.ZstdDecompressor().decompress(b"".join(document["z"] for document in parts))
            table, values = _table(content, rules=rules, width=width, number=number)
            first = parts[0]
            return Saved(
                table=table, values=values, mark=first["q"], mark_object=first["qo"], ahead=frozenset(first["ahead"])
            )
    return None


def _content(saved: Saved, ehrs: Sequence[str]) -> bytes:
    table = saved.table
    used = np.unique(table.ehrs[table.ehrs != NO_EHR])
    local = np.searchsorted(used, table.ehrs).astype(np.int32)
    local[table.ehrs == NO_EHR] = NO_EHR
    pieces = [
        orjson.dumps([ehrs[place] for place in used.tolist()]),
        table.keys.astype("<u8").tobytes(),
        local.astype("<i4").tobytes(),
        table.templates.astype("<i4").tobytes(),
        table.starts.astype("<i8").tobytes(),
        table.others.astype("u1").tobytes(),
        *(column.astype("<i4").tobytes() for column in table.columns),
        *(packed(values) for values in saved.values),
    ]
    return orjson.dumps([len(piece) for piece in pieces]) + b"\n" + b"".join(pieces)


def _table(
    content: bytes, *, rules: ValueRules, width: int, number: Callable[[str], int]
) -> tuple[Table, tuple[Values, ...]]:
    head, _, body = content.partition(b"\n")
    pieces = []
    at = 0
    for length in orjson.loads(head):
        pieces.append(body[at : at + length])
        at += length
    places = np.array([number(ehr_id) for ehr_id in orjson.loads(pieces[0])] + [NO_EHR], np.int32)
    local = np.frombuffer(pieces[2], "<i4")
    table = Table(
        np.frombuffer(pieces[1], "<u8").astype(np.uint64).reshape(-1, 2),
        # The last place stands for objects without an EHR, and -1 is the last.
        places[local],
        np.frombuffer(pieces[3], "<i4").astype(np.int32),
        np.frombuffer(pieces[4], "<i8").astype(np.int64),
        np.frombuffer(pieces[5], "u1").astype(np.bool_),
        tuple(np.frombuffer(piece, "<i4").astype(np.int32) for piece in pieces[6 : 6 + width]),
    )
    return table, tuple(unpacked(piece, rules) for piece in pieces[6 + width :])


__all__ = ["Saved", "forget", "key_of", "load", "save"]
