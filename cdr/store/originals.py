"""Messages as they were received, byte for byte, compressed, each once whatever the number of its copies.

Shape: raw {_id: "<SHA-256 in hex>:<part>", z: zstd of the whole, a piece of at most 8 MiB, of: number of parts}. A
document holds 16 MiB at most; a message may be larger.
"""

from __future__ import annotations

import zstandard
from pymongo import WriteConcern
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from cdr.store.client import Document

RAW = "raw"
# The server's code for an id that is taken.
DUPLICATE = 11000
_PIECE = 8 * 1024 * 1024
_LEVEL = 3
# The receipt that comes after it waits for the journal, which is written in order.
_QUICK = WriteConcern(w=1, j=False)


class Originals:
    """The originals of one tenant."""

    def __init__(self, database: Database[Document]) -> None:
        self._raw = database.get_collection(RAW, write_concern=_QUICK, read_concern=ReadConcern("local"))

    def add(self, digest: str, body: bytes) -> None:
        """Store the bytes of a digest where they are not stored yet."""
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(body)
        pieces = [packed[start : start + _PIECE] for start in range(0, len(packed), _PIECE)] or [b""]
        documents = [
            {"_id": f"{digest}:{number}", "of": len(pieces), "z": piece} for number, piece in enumerate(pieces)
        ]
        try:
            if len(documents) == 1:
                self._raw.insert_one(documents[0])
            else:
                self._raw.insert_many(documents, ordered=False)
        except DuplicateKeyError:
            return
        except BulkWriteError as error:
            if any(failure["code"] != DUPLICATE for failure in error.details["writeErrors"]):
                raise

    def read(self, digest: str) -> bytes | None:
        """Return the bytes of a digest, or None."""
        first = self._raw.find_one({"_id": f"{digest}:0"})
        if first is None:
            return None
        names = [f"{digest}:{number}" for number in range(1, first["of"])]
        found = {one["_id"]: one["z"] for one in self._raw.find({"_id": {"$in": names}})} if names else {}
        packed = first["z"] + b"".join(found[name] for name in names)
        return bytes(zstandard.ZstdDecompressor().decompress(packed))
