"""What FLAT has no key for: such an object is written whole, as canonical JSON under `|raw`."""

from __future__ import annotations

from collections.abc import Mapping


class Inexpressible(Exception):
    """Raised by encoders at something without a key; `where` is the attribute, never a value."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def only(where: str, *absent: object) -> None:
    """Raise `Inexpressible` unless all of the given attributes are absent."""
    for value in absent:
        if value is not None and value != []:
            raise Inexpressible(where)


def refuse_blank(written: Mapping[str, object]) -> None:
    """Raise `Inexpressible` for an empty text, which a reader takes for no value."""
    for value in written.values():
        if value == "" and isinstance(value, str):
            raise Inexpressible("value")
