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
    """DATA_STRUCTURE (abstract): a history or an item structure."""


class Item(Locatable):
    """ITEM (abstract): an element or a cluster."""


class Element(Item, tag="ELEMENT"):
    """ELEMENT: a leaf: a value, or why there is none."""

    null_flavour: DvCodedText | None = None
    value: AnyDataValue | None = None
    null_reason: AnyDvText | None = None


class Cluster(Item, tag="CLUSTER"):
    """CLUSTER: a group of elements and clusters."""

    items: list[AnyItem] = REQUIRED


class ItemStructure(DataStructure):
    """ITEM_STRUCTURE (abstract): data of an entry in one of four shapes."""


class ItemSingle(ItemStructure, tag="ITEM_SINGLE"):
    """ITEM_SINGLE: one element."""

    item: Element = REQUIRED


class ItemList(ItemStructure, tag="ITEM_LIST"):
    """ITEM_LIST: elements in a row."""

    items: list[Element] | None = None


class ItemTable(ItemStructure, tag="ITEM_TABLE"):
    """ITEM_TABLE: rows that are clusters of elements, one for each column."""

    rows: list[Cluster] | None = None


class ItemTree(ItemStructure, tag="ITEM_TREE"):
    """ITEM_TREE: elements and clusters."""

    items: list[AnyItem] | None = None


AnyItemStructure = ItemList | ItemSingle | ItemTable | ItemTree


AnyItem = Cluster | Element
