"""The rows of a shape as columns: objects in the order of their ids, the rows of each in their order.

A `Table` never changes; `with_objects` gives the next one. So a query works on what it got while others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from cdr.store.columns_values import NULL, Places

NO_EHR = -1
NO_TEMPLATE = -1

Keys: TypeAlias = "npt.NDArray[np.uint64]"


@dataclass(slots=True)
class Block:
    """The rows of some objects as lists, on their way into a table; the objects come in any order."""

    width: int
    keys: list[bytes] = field(default_factory=list)
    ehrs: list[int] = field(default_factory=list)
    templates: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    others: list[bool] = field(default_factory=list)
    columns: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = [[] for _ in range(self.width)]

    def take(self, other: Block) -> None:
        """Add the objects of another block."""
        self.keys += other.keys
        self.ehrs += other.ehrs
        self.templates += other.templates
        self.sizes += other.sizes
        self.others += other.others
        for mine, new in zip(self.columns, other.columns, strict=True):
            mine += new


@dataclass(frozen=True)
class Table:
    """Objects and rows.

    `keys` are the ids of objects as two big-endian halves, sorted; `ehrs` places in the list of EHR ids; `templates`
    dictionary numbers; object i has the rows `starts[i]` to `starts[i + 1]`; `others` marks rows about other subjects;
    `columns` hold places of values, one array a working column.
    """

    keys: Keys
    ehrs: npt.NDArray[np.int32]
    templates: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    others: npt.NDArray[np.bool_]
    columns: tuple[Places, ...]

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return int(self.starts[-1])

    @property
    def nbytes(self) -> int:
        """Return the bytes of all arrays, those that are made when needed included."""
        objects = self.keys.nbytes + self.ehrs.nbytes + self.templates.nbytes + self.starts.nbytes
        return objects + self.others.nbytes + sum(column.nbytes for column in self.columns) + 4 * self.rows

    @cached_property
    def object_of_row(self) -> npt.NDArray[np.int32]:
        """Return the number of the object of each row."""
        return np.repeat(np.arange(len(self.keys), dtype=np.int32), np.diff(self.starts))

    @cached_property
    def has_others(self) -> bool:
        """Tell whether any row is about another subject."""
        return bool(self.others.any())

    def key(self, number: int) -> bytes:
        """Return the stored id of an object."""
        high, low = self.keys[number].tolist()
        return int(high).to_bytes(8, "big") + int(low).to_bytes(8, "big")

    def find(self, keys: Keys) -> npt.NDArray[np.int64]:
        """Return the numbers of the objects among the keys that are here."""
        if not len(keys) or not len(self.keys):
            return np.zeros(0, np.int64)
        wanted = {(int(high), int(low)) for high, low in keys.tolist()}
        first = np.searchsorted(self.keys[:, 0], keys[:, 0], "left")
        last = np.searchsorted(self.keys[:, 0], keys[:, 0], "right")
        found = {
            number
            for begin, end in zip(first.tolist(), last.tolist(), strict=True)
            for number in range(begin, end)
            if tuple(self.keys[number].tolist()) in wanted
        }
        return np.array(sorted(found), np.int64)

    def with_objects(self, block: Block, *, replaced: Keys) -> Table:
        """Return the table without the replaced objects and with those of a block."""
        gone = self.find(replaced)
        if not len(gone) and not block.keys:
            return self
        kept = np.ones(len(self.keys), np.bool_)
        kept[gone] = False
        kept_rows = np.ones(self.rows, np.bool_)
        for number in gone.tolist():
            kept_rows[self.starts[number] : self.starts[number + 1]] = False
        added = table_of(block)
        keys = self.keys[kept]
        places = np.searchsorted(keys[:, 0], added.keys[:, 0])
        if _stands_there(keys, added.keys, places):
            return _sorted_anew(self, added, kept, kept_rows)
        sizes = np.diff(self.starts)[kept]
        # Each new object goes in before the first that is greater, and its rows before the rows of that one.
        starts = _starts(sizes)
        rows = np.repeat(starts[places], np.diff(added.starts))
        return Table(
            np.insert(keys, places, added.keys, axis=0),
            np.insert(self.ehrs[kept], places, added.ehrs),
            np.insert(self.templates[kept], places, added.templates),
            _starts(np.insert(sizes, places, np.diff(added.starts))),
            np.insert(self.others[kept_rows], rows, added.others),
            tuple(np.insert(old[kept_rows], rows, new) for old, new in zip(self.columns, added.columns, strict=True)),
        )


def _stands_there(keys: Keys, added: Keys, places: npt.NDArray[np.int64]) -> bool:
    """Tell whether the first half of an added key is that of another key: its place is then not sure."""
    here = places < len(keys)
    return bool((keys[places[here], 0] == added[here, 0]).any())


def _sorted_anew(old: Table, added: Table, kept: npt.NDArray[np.bool_], kept_rows: npt.NDArray[np.bool_]) -> Table:
    """Return what is kept of a table and what is added, all objects sorted."""
    keys = np.concatenate([old.keys[kept], added.keys])
    sizes = np.concatenate([np.diff(old.starts)[kept], np.diff(added.starts)])
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    rows = _rows_in_order(_starts(sizes)[:-1], sizes, order)
    return Table(
        keys[order],
        np.concatenate([old.ehrs[kept], added.ehrs])[order],
        np.concatenate([old.templates[kept], added.templates])[order],
        _starts(sizes[order]),
        np.concatenate([old.others[kept_rows], added.others])[rows],
        tuple(
            np.concatenate([mine[kept_rows], new])[rows] for mine, new in zip(old.columns, added.columns, strict=True)
        ),
    )


def empty(width: int) -> Table:
    """Return a table of no objects."""
    return table_of(Block(width))


def keys_of(ids: list[bytes]) -> Keys:
    """Return stored ids of 16 bytes as two halves each."""
    return np.frombuffer(b"".join(ids), ">u8").astype(np.uint64).reshape(-1, 2)


def table_of(block: Block) -> Table:
    """Return a block as a table."""
    keys = keys_of(block.keys)
    sizes = np.array(block.sizes, np.int64)
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])[:-1]
    rows = _rows_in_order(begins, sizes, order)
    return Table(
        keys[order],
        np.array(block.ehrs, np.int32)[order],
        np.array(block.templates, np.int32)[order],
        _starts(sizes[order]),
        np.array(block.others, np.bool_)[rows],
        tuple(np.array(column, np.int32)[rows] for column in block.columns),
    )


def _rows_in_order(
    begins: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the old numbers of all rows when their objects come in another order."""
    counts = sizes[order]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    # Row j of an object that now begins at b and began at a is at a + (j - b).
    rows: npt.NDArray[np.int64] = np.arange(total, dtype=np.int64) + np.repeat(begins[order] - (ends - counts), counts)
    return rows


def _starts(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


__all__ = ["NO_EHR", "NO_TEMPLATE", "NULL", "Block", "Keys", "Table", "empty", "keys_of", "table_of"]
