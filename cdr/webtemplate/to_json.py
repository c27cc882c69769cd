"""Writes a web template as `application/openehr.wt+json`, in the form (2.3) that other servers write.

Members that would be empty are left out; `max` -1 means unlimited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from cdr.am.terms import Code
from cdr.webtemplate.model import Input, ListItem, Validation, WebTemplate, WebTemplateNode

# JSON objects are made here for the encoder; nothing else in the project sees them.
_Json = dict[str, Any]


def to_json(web_template: WebTemplate) -> bytes:
    """Return the web template as UTF-8 JSON."""
    return orjson.dumps(to_object(web_template))


def to_object(web_template: WebTemplate) -> _Json:
    """Return the web template as plain dictionaries, shaped like the JSON."""
    found: _Json = {"templateId": web_template.template_id}
    if web_template.sem_ver:
        found["semVer"] = web_template.sem_ver
    found["version"] = web_template.version
    found["defaultLanguage"] = web_template.default_language
    found["languages"] = list(web_template.languages)
    found["tree"] = _node(web_template.root)
    return found


def _node(node: WebTemplateNode) -> _Json:
    found: _Json = {"id": node.id}
    _put(found, "name", node.name)
    _put(found, "localizedName", node.localized_name)
    found["rmType"] = node.rm_type
    _put(found, "nodeId", node.node_id)
    found["min"] = node.min
    found["max"] = -1 if node.max is None else node.max
    _put(found, "dependsOn", list(node.depends_on))
    _put(found, "localizedNames", dict(node.localized_names))
    _put(found, "localizedDescriptions", dict(node.localized_descriptions))
    _put(found, "annotations", dict(node.annotations))
    found["aqlPath"] = node.aql_path
    _put(found, "proportionTypes", list(node.proportion_types))
    _put(
        found,
        "cardinalities",
        [
            {"min": group.min, "max": -1 if group.max is None else group.max, "ids": list(group.ids)}
            for group in node.cardinalities
        ],
    )
    _put(found, "children", [_node(child) for child in node.children])
    _put(found, "inputs", [_input(field) for field in node.inputs])
    if node.is_in_context:
        found["inContext"] = True
    _put(found, "termBindings", _bindings(node.term_bindings))
    return found


def _input(field: Input) -> _Json:
    found: _Json = {}
    _put(found, "suffix", field.suffix)
    found["type"] = field.type
    _put(found, "list", [_item(item) for item in field.items])
    if field.is_list_open is not None:
        found["listOpen"] = field.is_list_open
    if field.default is not None:
        found["defaultValue"] = field.default
    if field.validation is not None:
        found["validation"] = _validation(field.validation)
    _put(found, "terminology", field.terminology)
    return found


def _item(item: ListItem) -> _Json:
    found: _Json = {"value": item.value, "label": item.label}
    if item.ordinal is not None:
        found["ordinal"] = int(item.ordinal) if float(item.ordinal).is_integer() else item.ordinal
    _put(found, "localizedLabels", dict(item.localized_labels))
    _put(found, "localizedDescriptions", dict(item.localized_descriptions))
    _put(found, "currentStates", list(item.current_states))
    if item.validation is not None:
        found["validation"] = _validation(item.validation)
    _put(found, "termBindings", _bindings(item.term_bindings))
    return found


def _validation(validation: Validation) -> _Json:
    found: _Json = {}
    for name, bounds in (("range", validation.range), ("precision", validation.precision)):
        if bounds is not None:
            low, high = bounds
            found[name] = {
                **({"minOp": low[0], "min": low[1]} if low else {}),
                **({"maxOp": high[0], "max": high[1]} if high else {}),
            }
    _put(found, "pattern", validation.pattern)
    return found


def _bindings(bindings: Mapping[str, Code]) -> _Json:
    return {name: {"value": code.code, "terminologyId": code.terminology} for name, code in bindings.items()}


def _put(found: _Json, key: str, value: object) -> None:
    if value:
        found[key] = value
