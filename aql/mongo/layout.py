"""What the compiler may know of stored documents: names of fields, numbers of archetypes and templates, stored ids.

`cdr.store` supplies it, one value per query, so that all numbers of one answer come from the same state of the path
dictionary.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

StoredId: TypeAlias = bytes | str

ARCHETYPES = "a"
EHR = "e"
KIND = "k"
OBJECT = "vo"
TEMPLATE = "tp"
TEMPLATE_ID = "tp"
KEY = "_id"


class DocumentLayout(Protocol):
    """The state of a tenant's dictionary, as far as filters need it."""

    def archetype_numbers(self, archetype_id: str) -> frozenset[int]:
        """Return the numbers of the archetype and of its specialisations, those that occur in data."""

    def template_number(self, template_id: str) -> int | None:
        """Return the number of a template id, None where no data uses it."""

    def stored_id(self, text: str) -> StoredId:
        """Return an EHR id or the id of a versioned object as documents hold it."""
