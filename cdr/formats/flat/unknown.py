"""Says of every key that nobody took why it is wrong and which key comes nearest."""

from __future__ import annotations

from collections.abc import Iterable

from cdr.formats.flat.keys import Branch, Problems, nearest
from cdr.webtemplate.model import WebTemplate, WebTemplateNode

_EXPLAINED = 100
_UNKNOWN = "a key of the template"
_CONTEXT_KEYS = (
    "language",
    "territory",
    "time",
    "end_time",
    "history_origin",
    "action_time",
    "activity_timing",
    "composer_name",
    "composer_id",
    "composer_self",
    "id_namespace",
    "id_scheme",
    "work_flow_id",
    "participation_name",
    "participation_function",
    "participation_mode",
    "participation_id",
    "participation_identifiers",
    "health_care_facility",
    "provider_name",
    "provider_id",
    "action_ism_transition_current_state",
    "instruction_narrative",
    "location",
    "setting",
    "link",
)
_ATTRIBUTES = ("_uid", "_name", "_link", "_feeder_audit")
_ENTRY_ATTRIBUTES = ("_other_participation", "_work_flow_id", "_provider", "_guideline_id")
_EXTRA = {
    "COMPOSITION": _ATTRIBUTES,
    "EVENT_CONTEXT": ("_end_time", "_location", "_health_care_facility", "_participation"),
    "OBSERVATION": (*_ATTRIBUTES, *_ENTRY_ATTRIBUTES, "history_origin"),
    "EVALUATION": (*_ATTRIBUTES, *_ENTRY_ATTRIBUTES),
    "ADMIN_ENTRY": (*_ATTRIBUTES, *_ENTRY_ATTRIBUTES),
    "INSTRUCTION": (*_ATTRIBUTES, *_ENTRY_ATTRIBUTES, "_wf_definition", "_expiry_time"),
    "ACTION": (*_ATTRIBUTES, *_ENTRY_ATTRIBUTES, "_instruction_details"),
    "EVENT": (*_ATTRIBUTES, "width", "math_function"),
}
_SUFFIXES = {
    "DV_TEXT": ("value", "formatting"),
    "DV_CODED_TEXT": ("code", "value", "terminology", "preferred_term", "other"),
    "DV_QUANTITY": ("magnitude", "unit", "precision", "magnitude_status", "normal_status", "accuracy"),
    "DV_PROPORTION": ("numerator", "denominator", "type", "precision"),
    "DV_ORDINAL": ("code", "value", "ordinal"),
    "DV_SCALE": ("code", "value", "ordinal"),
    "DV_IDENTIFIER": ("id", "issuer", "assigner", "type"),
    "DV_PARSABLE": ("value", "formalism"),
    "DV_MULTIMEDIA": ("mediatype", "size", "data", "alternatetext"),
    "DV_DURATION": ("year", "month", "week", "day", "hour", "minute", "second"),
    "CODE_PHRASE": ("code", "terminology", "preferred_term"),
    "PARTY_PROXY": ("name", "id", "id_scheme", "id_namespace", "id_type"),
}


def report_leftovers(tree: Branch, web_template: WebTemplate, problems: Problems) -> None:
    """Note every key that is left in a tree, unless an issue at the same place explains it already."""
    noted = {issue.path for issue in problems.issues}
    refused = {path.partition("|")[0] for path in noted}
    for key in tree.leftovers():
        path = key.partition("|")[0]
        if key in noted or path in refused:
            continue
        # Looking for the nearest key takes time, which a body of nothing but unknown keys must not buy.
        expected, node = _expectation(key, web_template) if len(noted) < _EXPLAINED else (_UNKNOWN, None)
        noted.add(key)
        problems.note(
            "FLAT_UNKNOWN_KEY",
            key,
            expected,
            node=node.aql_path if node is not None else "",
            label=node.localized_name if node is not None else "",
        )


def _expectation(key: str, web_template: WebTemplate) -> tuple[str, WebTemplateNode | None]:
    """Return what would have been right at a key, and the deepest node on the way to it."""
    path, _, suffix = key.partition("|")
    segments = [segment.partition(":")[0] for segment in path.split("/")]
    if segments[0] == "ctx":
        likely = nearest(segments[1] if len(segments) > 1 else "", _CONTEXT_KEYS)
        return (f"a key of the context such as ctx/{likely}" if likely else "a key of the context"), None
    node = web_template.root
    if segments[0] != node.id:
        return f"a key that starts with {node.id}/ or ctx/", None
    good = [node.id]
    for segment in segments[1:]:
        below = node.by_id.get(segment)
        if below is None:
            candidates = [*node.by_id, *_EXTRA.get(node.rm_type, _ATTRIBUTES)]
            likely = nearest(segment, candidates)
            here = "/".join(good)
            return (f"the key {here}/{likely}" if likely else f"one of the ids below {here}"), node
        good.append(segment)
        node = below
    return _value_expectation("/".join(good), suffix, node), node


def _value_expectation(path: str, suffix: str, node: WebTemplateNode) -> str:
    known: Iterable[str] = _SUFFIXES.get(node.rm_type.partition("<")[0], ())
    if node.rm_type == "ELEMENT":
        return f"one of the ids below {path}: {', '.join(node.by_id)}"
    if not suffix:
        if node.children and not node.rm_type.startswith("DV_"):
            return f"a key below {path}"
        return f"a value that fits {node.rm_type} at {path}"
    likely = nearest(suffix, known)
    return f"the key {path}|{likely}" if likely else f"the key {path} without |{suffix}"
