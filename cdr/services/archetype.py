"""Archetypes: upload, list, read and remove. They are what modellers compile templates from; no data refers to them."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.am.adl.reader import read_archetype
from cdr.am.adl.rules import check
from cdr.errors import Invalid, NotFound
from cdr.identity import Caller
from cdr.issue import errors_of
from cdr.ports import ArchetypeRecord
from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class ArchetypeService:
    """The archetypes of the tenant."""

    context: Context

    def upload(self, caller: Caller, *, source: bytes) -> ArchetypeRecord:
        """Store an archetype (ADL 1.4) and return it.

        Errors: `BadInput` when the text breaks the grammar, `Invalid` with every broken validity rule, `Conflict` when
        the id is taken; nothing is stored then.
        """
        archetype = read_archetype(source)
        issues = errors_of(check(archetype))
        if issues:
            count = "one rule" if len(issues) == 1 else f"{len(issues)} rules"
            raise Invalid(f"the archetype breaks {count}", code="ARCHETYPE", issues=issues)
        record = ArchetypeRecord(
            archetype_id=archetype.archetype_id,
            source=source,
            concept=archetype.text(archetype.concept, archetype.original_language),
            languages=archetype.languages,
            time_created=self.context.clock.now(),
        )
        self.context.archetypes.add(record)
        self.context.told(caller, action="write", resource="ARCHETYPE", ehr_ids=[], detail=record.archetype_id)
        return record

    def list(self, caller: Caller) -> list[ArchetypeRecord]:
        """Return all archetypes by id."""
        return self.context.archetypes.list()

    def read(self, caller: Caller, archetype_id: str) -> ArchetypeRecord:
        """Return an archetype; `NotFound` when there is none."""
        found = self.context.archetypes.current(archetype_id)
        if found is None:
            raise NotFound("no archetype has this id", code="ARCHETYPE_UNKNOWN")
        return found

    def remove(self, caller: Caller, archetype_id: str) -> None:
        """Remove an archetype; `NotFound` when there is none. Templates compiled from it stay as they are."""
        if not self.context.archetypes.remove(archetype_id):
            raise NotFound("no archetype has this id", code="ARCHETYPE_UNKNOWN")
        self.context.told(caller, action="delete", resource="ARCHETYPE", ehr_ids=[], detail=archetype_id)
