"""The node intervals of an index document: which node contains which, packed.

The nodes of the composition (all that have an archetype_node_id, below no feeder audit) are numbered in preorder from
0, the root. For each, two numbers are packed: its path number in the path dictionary, which says its RM type,
archetype or node id, and the number after the last node of its subtree. Node a contains node b if a < b < end of a.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_NARROW = b"\x01"
_WIDE = b"\x02"
_NARROW_LIMIT = 0xFFFF


def pack(numbers: Sequence[int], ends: Sequence[int]) -> bytes:
    """Return path numbers and subtree ends as bytes: a width byte, then pairs, little-endian.

    Example:
    >>> unpack(pack([7, 9, 9], [3, 2, 3]))
    [(7, 3), (9, 2), (9, 3)]
    """
    narrow = len(ends) <= _NARROW_LIMIT and max(numbers, default=0) <= _NARROW_LIMIT
    pairs = [number for pair in zip(numbers, ends, strict=True) for number in pair]
    return (_NARROW if narrow else _WIDE) + struct.pack(f"<{len(pairs)}{'H' if narrow else 'I'}", *pairs)


def unpack(packed: bytes) -> list[tuple[int, int]]:
    """Return the nodes in preorder, each as (path number, number after the last node of its subtree)."""
    form = "<HH" if packed[:1] == _NARROW else "<II"
    # iter_unpack is typed loosely; the format gives two integers.
    return [(number, end) for number, end in struct.iter_unpack(form, packed[1:])]
