"""Elements, clusters and item structures (RM, data_structures).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdr.rm._object import REQUIRED
from cdr.rm.archetyped import Locatable
from cdr.rm.text import AnyDvText, DvCodedText

if TYPE_CHECKING:
    from cdr.rm._unions import AnyDataValue


class DataStructure(Locatable):
    """DATA_STRUCTURE (abstract)."""


class Item(Locatable):
    """ITEM (abstract)."""


class Element(Item, tag="ELEMENT"):
    """ELEMENT."""

    null_flavour: DvCodedText | None = None
    value: AnyDataValue | None = None
    null_reason: AnyDvText | None = None


class Cluster(Item, tag="CLUSTER"):
    """CLUSTER."""

    items: list[AnyItem] = REQUIRED


class ItemStructure(DataStructure):
    """ITEM_STRUCTURE (abstract)."""


class ItemSingle(ItemStructure, tag="ITEM_SINGLE"):
    """ITEM_SINGLE."""

    item: Element = REQUIRED


class ItemList(ItemStructure, tag="ITEM_LIST"):
    """ITEM_LIST."""

    items: list[Element] | None = None


class ItemTable(ItemStructure, tag="ITEM_TABLE"):
    """ITEM_TABLE."""

    rows: list[Cluster] | None = None


class ItemTree(ItemStructure, tag="ITEM_TREE"):
    """ITEM_TREE."""

    items: list[AnyItem] | None = None


AnyItemStructure = ItemList | ItemSingle | ItemTable | ItemTree


AnyItem = Cluster | Element
