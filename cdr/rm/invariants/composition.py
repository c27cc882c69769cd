"""Rules for compositions, sections and entries (RM, ehr: composition)."""

from __future__ import annotations

from cdr.issue import Severity
from cdr.rm.invariants.rule import Rule, is_root, not_empty

PAGE = "ehr"

RULES: tuple[Rule, ...] = (
    not_empty("COMPOSITION", "content", "Content_valid", page=PAGE),
    is_root("COMPOSITION", page=PAGE),
    not_empty("EVENT_CONTEXT", "participations", "Participations_validity", page=PAGE),
    not_empty("EVENT_CONTEXT", "location", "Location_valid", page=PAGE),
    not_empty("SECTION", "items", "Items_valid", page=PAGE),
    not_empty("ENTRY", "other_participations", "Other_participations_valid", page=PAGE),
    # Many senders leave the details out below the composition, and nothing is lost: the node id says the archetype.
    is_root("ENTRY", page=PAGE, severity=Severity.WARNING),
    not_empty("INSTRUCTION", "activities", "Activities_valid", page=PAGE),
    not_empty("ACTIVITY", "action_archetype_id", "Action_archetype_id_valid", page=PAGE),
    not_empty("INSTRUCTION_DETAILS", "activity_id", "Activity_path_valid", page=PAGE),
)
