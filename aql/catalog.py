"""What the query language may know of the reference model: the `RmCatalog` protocol.

`cdr.rm.catalog` supplies it. Type names are the specification's (`DV_QUANTITY`); primitive types are `String`,
`Boolean`, `Integer` and `Real`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an RM class.

    `rm_type` is the declared type (of the members, if `is_multiple`), generic parameters left out: `DV_INTERVAL`.
    `is_map` marks the few `Hash<String, String>` attributes.
    """

    name: str
    rm_type: str
    is_multiple: bool = False
    is_mandatory: bool = False
    is_map: bool = False


class RmCatalog(Protocol):
    """The classes, attributes and inheritance of the RM, and access to the objects."""

    def is_class(self, rm_type: str) -> bool:
        """Tell whether the name is an RM class, abstract or concrete, or a primitive type."""

    def is_abstract(self, rm_type: str) -> bool:
        """Tell whether the class is abstract."""

    def is_primitive(self, rm_type: str) -> bool:
        """Tell whether the name is a primitive type."""

    def subtypes(self, rm_type: str) -> frozenset[str]:
        """Return the concrete classes that conform to the class, itself included if it is concrete."""

    def supertypes(self, rm_type: str) -> frozenset[str]:
        """Return all ancestors of the class, itself included."""

    def attributes(self, rm_type: str) -> Mapping[str, Attribute]:
        """Return the attributes of the class, inherited ones first, in the order of the specification."""
