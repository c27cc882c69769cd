"""Prints an `Archetype` as ADL 1.4 text that the reader reads back to the same archetype.

Nodes get their text in the original language as a comment, as published archetypes have it.
"""

from __future__ import annotations

from cdr.am.adl.cadl_writer import write_assertion, write_object
from cdr.am.adl.odin_writer import write_attributes
from cdr.am.archetype import Archetype


def write_archetype(archetype: Archetype) -> str:
    """Return the archetype as text, lines ended by a newline and indented by tabs."""
    meta = [f"adl_version={archetype.adl_version}"]
    if archetype.uid:
        meta.append(f"uid={archetype.uid}")
    if archetype.is_controlled:
        meta.append("controlled")
    parts = [f"archetype ({'; '.join(meta)})\n\t{archetype.archetype_id}\n"]
    if archetype.parent_id:
        parts.append(f"specialise\n\t{archetype.parent_id}\n")
    name = archetype.text(archetype.concept, archetype.original_language)
    parts.append(f"concept\n\t[{archetype.concept}]\t-- {' '.join(name.split())}\n")
    parts.append("language\n" + write_attributes(archetype.language, indent=1))
    if archetype.description:
        parts.append("description\n" + write_attributes(archetype.description, indent=1))
    parts.append("definition\n" + write_object(archetype.definition, archetype=archetype, indent=1))
    if archetype.invariants:
        parts.append("invariant\n" + "".join(f"\t{write_assertion(rule)}\n" for rule in archetype.invariants))
    parts.append("ontology\n" + write_attributes(archetype.ontology, indent=1))
    if archetype.annotations:
        parts.append("annotations\n" + write_attributes(archetype.annotations, indent=1))
    if archetype.revision_history:
        parts.append("revision_history\n" + write_attributes(archetype.revision_history, indent=1))
    return "\n".join(parts)
