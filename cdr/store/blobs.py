"""Compressed content: zstd with a dictionary of generated examples, or without.

A dictionary is stored under its number and never changes or goes away; number 0 means none. It must never be made of
records: it would keep parts of them beyond their erasure.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import zstandard
from pymongo.database import Database

from cdr.store.client import Document
from cdr.store.counters import take_numbers
from cdr.store.layout import DICTIONARY

_LEVEL = 3
_CURRENT = "current"
_DICTIONARY_BYTES = 110 * 1024


class Blobs:
    """Packs and unpacks the contents of one tenant; safe for several threads."""

    def __init__(self, database: Database[Document]) -> None:
        self._dictionaries = database[DICTIONARY]
        # Compressors are not thread-safe: one for each thread, dictionary and direction.
        self._local = threading.local()
        self._known: dict[int, zstandard.ZstdCompressionDict] = {}
        self._current: int | None = None

    def pack(self, content: bytes) -> tuple[int, bytes]:
        """Return the number of the dictionary in use and the compressed content."""
        number = self._current_number()
        compressors: dict[int, zstandard.ZstdCompressor] = self._local.__dict__.setdefault("compressors", {})
        compressor = compressors.get(number)
        if compressor is None:
            dictionary = self._dictionary(number)
            compressor = (
                zstandard.ZstdCompressor(level=_LEVEL)
                if dictionary is None
                else zstandard.ZstdCompressor(level=_LEVEL, dict_data=dictionary)
            )
            compressors[number] = compressor
        return number, compressor.compress(content)

    def unpack(self, number: int, packed: bytes) -> bytes:
        """Return the content that was packed under a dictionary number, byte for byte."""
        decompressors: dict[int, zstandard.ZstdDecompressor] = self._local.__dict__.setdefault("decompressors", {})
        decompressor = decompressors.get(number)
        if decompressor is None:
            dictionary = self._dictionary(number)
            decompressor = (
                zstandard.ZstdDecompressor() if dictionary is None else zstandard.ZstdDecompressor(dict_data=dictionary)
            )
            decompressors[number] = decompressor
        return bytes(decompressor.decompress(packed))

    def add_dictionary(self, examples: Iterable[bytes]) -> int:
        """Make a dictionary of generated examples, store it and use it from now on; return its number.

        Compositions of the kinds that will come, in canonical JSON; the last 110 KB of them count. Other processes
        go on with the dictionary they have until they start again; all can read what each writes.
        """
        data = b"".join(dict.fromkeys(examples))[-_DICTIONARY_BYTES:]
        if not data:
            raise ValueError("a dictionary should be made of at least one example")
        number = take_numbers(self._dictionaries.database, "dict", 1)
        self._dictionaries.insert_one({"_id": number, "data": data})
        self._dictionaries.update_one({"_id": _CURRENT}, {"$set": {"number": number}}, upsert=True)
        self._current = number
        return number

    def _current_number(self) -> int:
        if self._current is None:
            document = self._dictionaries.find_one({"_id": _CURRENT})
            self._current = 0 if document is None else int(document["number"])
        return self._current

    def _dictionary(self, number: int) -> zstandard.ZstdCompressionDict | None:
        if number == 0:
            return None
        if number not in self._known:
            document = self._dictionaries.find_one({"_id": number})
            if document is None:
                raise LookupError(f"the compression dictionary {number} should be in the database")
            # Whole examples and no training: it needs few of them, and took 641 bytes where training took 826 and no
            # dictionary 1,351 (30 examples, 188 other compositions of 5.8 KB).
            self._known[number] = zstandard.ZstdCompressionDict(
                document["data"], dict_type=zstandard.DICT_TYPE_RAWCONTENT
            )
        return self._known[number]
