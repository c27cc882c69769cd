"""What the walk over an RM object needs to know of each class: its children, its own leaves, and whether it repeats.

A table, since an index document has to be the same whatever route an object came in by. The order of the children is
the order of the nodes in the index document: that of the attributes in the RM.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cdr import rm
from cdr.store.leaves import Sink, code_leaves, raw_leaf, text_leaf, value_leaves

# The class in the table decides what the object is.
OwnLeaves = Callable[[Sink, Any], None]


@dataclass(frozen=True, slots=True)
class NodeClass:
    """How objects of one class are walked.

    `children` are (attribute, is it a list); `inner` are children below an attribute that is no node itself, as
    (path, first attribute, second attribute). `is_group`: its instances get a level in `m`; `is_top`: and at the top.
    """

    children: tuple[tuple[str, bool], ...] = ()
    inner: tuple[tuple[str, str, str], ...] = ()
    leaves: OwnLeaves | None = None
    is_group: bool = False
    is_top: bool = False


def _composition(sink: Sink, node: rm.Composition) -> None:
    if node.category is not None:
        raw_leaf(sink, "category/value DV_TEXT raw", node.category.value)
        if node.category.defining_code is not None:
            raw_leaf(
                sink, "category/defining_code/code_string CODE_PHRASE raw", node.category.defining_code.code_string
            )
    if node.language is not None:
        raw_leaf(sink, "language/code_string CODE_PHRASE raw", node.language.code_string)
    if node.territory is not None:
        raw_leaf(sink, "territory/code_string CODE_PHRASE raw", node.territory.code_string)
    _party(sink, "composer/", node.composer)
    if node.feeder_audit is not None:
        _system(sink, "feeder_audit/originating_system_audit/", node.feeder_audit.originating_system_audit)
        _system(sink, "feeder_audit/feeder_system_audit/", node.feeder_audit.feeder_system_audit)
    context = node.context
    if context is None:
        return
    value_leaves(sink, "context/start_time/", context.start_time)
    value_leaves(sink, "context/end_time/", context.end_time)
    raw_leaf(sink, "context/location EVENT_CONTEXT raw", context.location)
    if context.setting is not None:
        raw_leaf(sink, "context/setting/value DV_TEXT raw", context.setting.value)
        if context.setting.defining_code is not None:
            code = context.setting.defining_code.code_string
            raw_leaf(sink, "context/setting/defining_code/code_string CODE_PHRASE raw", code)
    _party(sink, "context/health_care_facility/", context.health_care_facility)


def _system(sink: Sink, prefix: str, audit: rm.FeederAuditDetails | None) -> None:
    if audit is not None:
        raw_leaf(sink, prefix + "system_id FEEDER_AUDIT_DETAILS raw", audit.system_id)


def _party(sink: Sink, prefix: str, party: rm.PartyProxy | None) -> None:
    if party is None:
        return
    if isinstance(party, rm.PartyIdentified):
        text_leaf(sink, prefix + "name PARTY_IDENTIFIED text", party.name)
    reference = party.external_ref
    if reference is not None and reference.id is not None:
        text_leaf(sink, prefix + "external_ref/id/value PARTY_REF text", reference.id.value)
        raw_leaf(sink, prefix + "external_ref/namespace PARTY_REF raw", reference.namespace)


def _entry(sink: Sink, node: rm.Entry) -> None:
    _party(sink, "provider/", node.provider)


def _instruction(sink: Sink, node: rm.Instruction) -> None:
    _entry(sink, node)
    value_leaves(sink, "narrative/", node.narrative)
    value_leaves(sink, "expiry_time/", node.expiry_time)


def _activity(sink: Sink, node: rm.Activity) -> None:
    if node.timing is not None:
        raw_leaf(sink, "timing/value DV_PARSABLE raw", node.timing.value)
        raw_leaf(sink, "timing/formalism DV_PARSABLE raw", node.timing.formalism)
    raw_leaf(sink, "action_archetype_id ACTIVITY raw", node.action_archetype_id)


def _action(sink: Sink, node: rm.Action) -> None:
    _entry(sink, node)
    value_leaves(sink, "time/", node.time)
    transition = node.ism_transition
    if transition is not None:
        value_leaves(sink, "ism_transition/current_state/", transition.current_state)
        value_leaves(sink, "ism_transition/transition/", transition.transition)
        value_leaves(sink, "ism_transition/careflow_step/", transition.careflow_step)


def _history(sink: Sink, node: rm.History) -> None:
    value_leaves(sink, "origin/", node.origin)


def _event(sink: Sink, node: rm.Event) -> None:
    value_leaves(sink, "time/", node.time)


def _interval_event(sink: Sink, node: rm.IntervalEvent) -> None:
    value_leaves(sink, "time/", node.time)
    value_leaves(sink, "width/", node.width)
    if node.math_function is not None and node.math_function.defining_code is not None:
        code = node.math_function.defining_code.code_string
        raw_leaf(sink, "math_function/defining_code/code_string CODE_PHRASE raw", code)
        raw_leaf(sink, "math_function/value DV_TEXT raw", node.math_function.value)


def _element(sink: Sink, node: rm.Element) -> None:
    value_leaves(sink, "value/", node.value)
    if node.null_flavour is not None:
        code_leaves(sink, "null_flavour/defining_code/", node.null_flavour.defining_code)
        raw_leaf(sink, "null_flavour/value DV_TEXT raw", node.null_flavour.value)


def _ehr_status(sink: Sink, node: rm.EhrStatus) -> None:
    _party(sink, "subject/", node.subject)
    for label, flag in (("is_queryable", node.is_queryable), ("is_modifiable", node.is_modifiable)):
        if flag is not None:
            sink.searched(f"{label} EHR_STATUS boolean", flag)


def _folder(sink: Sink, node: rm.Folder) -> None:
    items = [item.id.value for item in node.items or () if item.id is not None and item.id.value is not None]
    if items:
        sink.listed("items/id/value OBJECT_REF text", items)


def _relationship(sink: Sink, node: rm.PartyRelationship) -> None:
    for label, reference in (("source", node.source), ("target", node.target)):
        if reference is not None and reference.id is not None:
            text_leaf(sink, f"{label}/id/value PARTY_REF text", reference.id.value)


_LIST = True
_ONE = False
_PARTY = (
    ("identities", _LIST),
    ("contacts", _LIST),
    ("details", _ONE),
    ("relationships", _LIST),
)
_actor = NodeClass(_PARTY, is_group=True, is_top=True)

ELEMENT = NodeClass(leaves=_element)

NODE_CLASSES: dict[type, NodeClass] = {
    rm.Composition: NodeClass(
        (("content", _LIST),),
        inner=(("context/other_context", "context", "other_context"),),
        leaves=_composition,
        is_group=True,
        is_top=True,
    ),
    rm.Section: NodeClass((("items", _LIST),), is_group=True, is_top=True),
    rm.Observation: NodeClass(
        (("protocol", _ONE), ("data", _ONE), ("state", _ONE)), leaves=_entry, is_group=True, is_top=True
    ),
    rm.Evaluation: NodeClass((("protocol", _ONE), ("data", _ONE)), leaves=_entry, is_group=True, is_top=True),
    rm.Instruction: NodeClass(
        (("protocol", _ONE), ("activities", _LIST)), leaves=_instruction, is_group=True, is_top=True
    ),
    rm.Action: NodeClass(
        (("protocol", _ONE), ("description", _ONE)),
        inner=(("instruction_details/wf_details", "instruction_details", "wf_details"),),
        leaves=_action,
        is_group=True,
        is_top=True,
    ),
    rm.AdminEntry: NodeClass((("data", _ONE),), leaves=_entry, is_group=True, is_top=True),
    rm.GenericEntry: NodeClass((("data", _ONE),), is_group=True, is_top=True),
    rm.Activity: NodeClass((("description", _ONE),), leaves=_activity, is_group=True),
    rm.History: NodeClass((("summary", _ONE), ("events", _LIST)), leaves=_history),
    rm.PointEvent: NodeClass((("state", _ONE), ("data", _ONE)), leaves=_event, is_group=True),
    rm.IntervalEvent: NodeClass((("state", _ONE), ("data", _ONE)), leaves=_interval_event, is_group=True),
    rm.ItemTree: NodeClass((("items", _LIST),)),
    rm.ItemList: NodeClass((("items", _LIST),)),
    rm.ItemSingle: NodeClass((("item", _ONE),)),
    rm.ItemTable: NodeClass((("rows", _LIST),)),
    rm.Cluster: NodeClass((("items", _LIST),), is_group=True),
    rm.Element: ELEMENT,
    rm.EhrStatus: NodeClass((("other_details", _ONE),), leaves=_ehr_status, is_group=True, is_top=True),
    rm.EhrAccess: NodeClass(is_group=True, is_top=True),
    rm.Folder: NodeClass((("folders", _LIST), ("details", _ONE)), leaves=_folder, is_group=True, is_top=True),
    rm.Person: _actor,
    rm.Organisation: _actor,
    rm.Group: _actor,
    rm.Agent: _actor,
    rm.Role: NodeClass((*_PARTY, ("capabilities", _LIST)), is_group=True, is_top=True),
    rm.PartyIdentity: NodeClass((("details", _ONE),), is_group=True),
    rm.Contact: NodeClass((("addresses", _LIST),), is_group=True),
    rm.Address: NodeClass((("details", _ONE),), is_group=True),
    rm.Capability: NodeClass((("credentials", _ONE),), is_group=True),
    rm.PartyRelationship: NodeClass((("details", _ONE),), leaves=_relationship, is_group=True, is_top=True),
}
