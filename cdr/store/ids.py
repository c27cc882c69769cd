"""Identifiers as MongoDB keeps them: 16 bytes for a UUID in canonical form, the text itself for anything else.

`unpack_id(pack_id(x)) == x` for every text; bytes sort like the canonical text, so paging by id is stable.
"""

from __future__ import annotations

import re
from typing import TypeAlias

StoredId: TypeAlias = bytes | str

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")


def pack_id(text: str) -> StoredId:
    """Return the stored form of an identifier (EHR id, id of a versioned object, contribution id).

    Example:
    >>> pack_id("00000000-0000-4000-8000-000000000001").hex()
    '00000000000040008000000000000001'
    >>> pack_id("1.2.3")
    '1.2.3'
    """
    if _CANONICAL.match(text):
        return bytes.fromhex(text.replace("-", ""))
    return text


def unpack_id(stored: StoredId) -> str:
    """Return the identifier that was stored."""
    if isinstance(stored, str):
        return stored
    digits = stored.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def pack_optional(text: str | None) -> StoredId | None:
    """Return the stored form of an identifier that may be absent."""
    return None if text is None else pack_id(text)


def unpack_optional(stored: StoredId | None) -> str | None:
    """Return an identifier that may be absent."""
    return None if stored is None else unpack_id(stored)
