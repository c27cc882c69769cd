"""What the compiler may know of stored documents: names of fields, numbers of archetypes and templates, stored ids.

`cdr.store` supplies it, one value per query, so that all numbers of one answer come from the same state of the path
dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

StoredId: TypeAlias = bytes | str

ARCHETYPES = "a"
EHR = "e"
KIND = "k"
OBJECT = "vo"
TEMPLATE = "tp"
TEMPLATE_ID = "tp"
KEY = "_id"


@dataclass(frozen=True, slots=True)
class LeafPlace:
    """Where values of a leaf path are indexed: `field` below `m`, and what is known of them, which only advises.

    `scalar` is number, text, time, clock, duration, boolean or raw (not indexed).
    """

    field: str
    scalar: str
    count: int
    low: float | None
    high: float | None


class DocumentLayout(Protocol):
    """The state of a tenant's dictionary, as far as filters need it."""

    def archetype_numbers(self, archetype_id: str) -> frozenset[int]:
        """Return the numbers of the archetype and of its specialisations, those that occur in data."""

    def template_number(self, template_id: str) -> int | None:
        """Return the number of a template id, None where no data uses it."""

    def leaf_places(self, archetype_id: str, path: str) -> tuple[LeafPlace, ...]:
        """Return where a path below the root of an archetype, or of a specialisation, has values."""

    def stored_id(self, text: str) -> StoredId:
        """Return an EHR id or the id of a versioned object as documents hold it."""
