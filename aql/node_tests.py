"""Whether a node is what a node test asks for: its archetype id or code, and its name.

Pure rules over plain JSON for the interpreter; `aql.archetypes` says which archetypes an archetype id accepts.

Source: AQL 1.1.0, Archetype predicate, Node predicate; docs/aql.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aql.archetypes import conforms
from aql.path import Literal, NodeId, NodeTest, Parameter, TermCode


def archetype_class(archetype_id: str) -> str:
    """Return the RM class that an archetype id names.

    Example:
        >>> archetype_class("no.example::openEHR-EHR-CLUSTER.person.v1")
        'CLUSTER'
    """
    return archetype_id.rpartition("::")[2].partition(".")[0].rpartition("-")[2]


# Canonical JSON has no narrower common type.
def node_matches(node: Mapping[str, Any], test: NodeTest) -> bool:
    """Tell whether a node passes a node test. A node without `archetype_node_id` passes none."""
    assert isinstance(test.node_id, NodeId), "parameters are bound before a query runs"
    found = node.get("archetype_node_id")
    wanted = test.node_id.value
    if found is None or not (found == wanted or _is_archetype(node, found, wanted)):
        return False
    return test.name is None or name_matches(node.get("name"), test.name)


def name_matches(name: Mapping[str, Any] | None, wanted: Literal | NodeId | TermCode | Parameter) -> bool:
    """Tell whether the name of a node is the wanted string or code; a bare code is of the terminology `local`."""
    if name is None:
        return False
    if isinstance(wanted, Literal):
        return bool(name.get("value") == wanted.value)
    if isinstance(wanted, NodeId):
        wanted = TermCode("local", wanted.value)
    assert isinstance(wanted, TermCode), "parameters are bound before a query runs"
    code = name.get("defining_code")
    if code is None:
        return False
    return (code.get("code_string"), code["terminology_id"]["value"]) == (wanted.code, wanted.terminology)


def _is_archetype(node: Mapping[str, Any], found: str, wanted: str) -> bool:
    if "-" not in wanted:
        return False
    if "-" not in found:
        # Some systems write the code of the root node there; the archetype is then in the details.
        details = node.get("archetype_details")
        found = details["archetype_id"]["value"] if details else found
    return conforms(found, wanted)
