"""The nine categories as data: read once from `templates/categories.json`, in the order of their numbers.

Texts are by language code (`nb`, `en`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from cdr import resources


class CodedNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node whose text ought to be a code of a terminology: its archetype, and the path of the ELEMENT below its root.

    Example of a path: `/data[at0001]/items[at0002]`.
    """

    archetype: str
    path: str


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One category: `number` is 1 to 9, `is_not` says what is easily taken for it and belongs elsewhere."""

    key: str
    number: int
    name: Mapping[str, str]
    definition: Mapping[str, str]
    is_not: Mapping[str, str]
    coded: tuple[CodedNode, ...] = ()


class _File(msgspec.Struct):
    categories: tuple[Category, ...]


@cache
def categories() -> tuple[Category, ...]:
    """Return the nine categories, by number."""
    source = (resources.folder("templates") / "categories.json").read_bytes()
    found = msgspec.json.decode(source, type=_File).categories
    return tuple(sorted(found, key=lambda category: category.number))


def category_keys() -> tuple[str, ...]:
    """Return the nine keys, by number."""
    return tuple(category.key for category in categories())


def find_category(key: str) -> Category | None:
    """Return a category by its key, or None."""
    return next((category for category in categories() if category.key == key), None)
