"""Rules for parties of the demographic model (RM, demographic)."""

from __future__ import annotations

from cdr.rm import Party
from cdr.rm.invariants.rule import Rule, is_root, not_empty

PAGE = "demographic"


def _has_uid(party: Party) -> bool:
    return party.uid is not None


def _is_source(party: Party) -> bool:
    """Check the part of the invariant that one object shows: a relationship names this party as its source."""
    own = party.uid.value.partition("::")[0] if party.uid is not None and party.uid.value else None
    for relationship in party.relationships or []:
        source = relationship.source
        if own is None or source is None or source.id is None or source.id.value is None:
            continue
        if source.id.value.partition("::")[0] != own:
            return False
    return True


RULES: tuple[Rule, ...] = (
    not_empty("PARTY", "contacts", "Contacts_valid", page=PAGE),
    not_empty("PARTY", "relationships", "Relationships_validity", page=PAGE),
    not_empty("PARTY", "reverse_relationships", "Reverse_relationships_validity", page=PAGE),
    Rule(
        name="Relationship_source_validity", rm_type="PARTY", attribute="relationships", is_ours=True,
        expected="relationships whose source is this party", page=PAGE, check=_is_source,
    ),
    is_root("PARTY", page=PAGE),
    Rule(
        name="Uid_mandatory", rm_type="PARTY", attribute="uid", expected="a uid", page=PAGE, check=_has_uid,
    ),
    not_empty("ROLE", "capabilities", "Capabilities_valid", page=PAGE),
)  # fmt: skip
