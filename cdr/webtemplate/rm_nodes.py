"""The nodes that a web template has although the template does not constrain them: times, languages, parties, states.

`cdr.webtemplate.build` adds them after the constrained children of a node. They are mostly filled by the application
from its context, not by the user.
Source: ITS-REST development, simplified_formats, RM Mappings: the tables of each class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class RmNode:
    """An RM attribute that becomes a node: its id is the attribute's name."""

    attribute: str
    rm_type: str
    is_required: bool = True
    is_in_context: bool = True
    is_named: bool = True
    children: tuple[RmNode, ...] = ()


_ENTRY = (RmNode("language", "CODE_PHRASE"), RmNode("encoding", "CODE_PHRASE"), RmNode("subject", "PARTY_PROXY"))
_TIME = (RmNode("time", "DV_DATE_TIME"),)
_STATES = (
    RmNode("current_state", "DV_CODED_TEXT"),
    RmNode("transition", "DV_CODED_TEXT", is_required=False),
    RmNode("careflow_step", "DV_CODED_TEXT", is_required=False),
)

RM_NODES: Mapping[str, tuple[RmNode, ...]] = MappingProxyType(
    {
        "COMPOSITION": (
            RmNode("category", "DV_CODED_TEXT", is_named=False),
            RmNode("language", "CODE_PHRASE"),
            RmNode("territory", "CODE_PHRASE"),
            RmNode("composer", "PARTY_PROXY"),
        ),
        "EVENT_CONTEXT": (RmNode("start_time", "DV_DATE_TIME"), RmNode("setting", "DV_CODED_TEXT")),
        "OBSERVATION": _ENTRY,
        "EVALUATION": _ENTRY,
        "ADMIN_ENTRY": _ENTRY,
        "INSTRUCTION": (
            RmNode("expiry_time", "DV_DATE_TIME", is_required=False, is_in_context=False),
            RmNode("narrative", "DV_TEXT"),
            *_ENTRY,
        ),
        "ACTION": (*_TIME, RmNode("ism_transition", "ISM_TRANSITION", children=_STATES), *_ENTRY),
        "ACTIVITY": (RmNode("timing", "DV_PARSABLE"), RmNode("action_archetype_id", "STRING")),
        "EVENT": _TIME,
        "POINT_EVENT": _TIME,
        "INTERVAL_EVENT": (RmNode("width", "DV_DURATION"), RmNode("math_function", "DV_CODED_TEXT"), *_TIME),
        "ISM_TRANSITION": _STATES,
    }
)

# Attributes of every node that FLAT reaches with an underscore (`_uid`, `_link`...) or not at all.
NOT_NODES = frozenset(
    {
        "name",
        "archetype_node_id",
        "archetype_details",
        "uid",
        "links",
        "feeder_audit",
        "null_flavour",
        "null_reason",
        "other_participations",
        "participations",
        "health_care_facility",
        "location",
        "end_time",
        "workflow_id",
        "guideline_id",
        "wf_definition",
        "wf_details",
        "instruction_details",
        "provider",
        "origin",
        "period",
        "duration",
        "summary",
        "offset",
        "sample_count",
        "reason",
    }
)

# Structures without a node of their own: their children stand in the node above.
TRANSPARENT = frozenset({"ITEM_TREE", "ITEM_LIST", "ITEM_SINGLE", "ITEM_TABLE", "ITEM_STRUCTURE", "HISTORY"})
EVENTS = frozenset({"EVENT", "POINT_EVENT", "INTERVAL_EVENT"})
