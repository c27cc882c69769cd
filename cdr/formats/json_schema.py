"""JSON Schema of a template: what a vendor can check before sending a composition in canonical JSON.

`json_schema(template)` is served beside the web template. It says structure, types, required attributes, code lists,
numeric ranges, patterns, occurrences and cardinalities; whatever the server accepts is valid for it, and what it
refuses the server refuses too. Source: JSON Schema 2020-12, https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CArchetypeRoot,
    CAttribute,
    CComplexObject,
    CObject,
    CPrimitiveObject,
)
from cdr.am.rm_types import parameter_of, plain_type
from cdr.am.template import OperationalTemplate
from cdr.formats import json_schema_leaves as leaves
from cdr.formats.json_schema_rm import RmDefinitions, Schema, one_of
from cdr.rm.catalog import CATALOG

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(template: OperationalTemplate) -> Schema:
    """Return the JSON Schema of a template, as a tree that can be written as JSON."""
    writer = _Writer(template)
    root = writer.node(template.root)
    return {
        "$schema": DIALECT,
        "title": template.template_id,
        "description": template.concept,
        "allOf": [root, _identity(template.root, others=()), _made_with(template)],
        "$defs": {**writer.definitions, **writer.rm.definitions},
    }


def _made_with(template: OperationalTemplate) -> Schema:
    """Return that an object names the template, if it names one."""
    template_id = {"properties": {"value": {"const": template.template_id}}}
    return {"properties": {"archetype_details": {"properties": {"template_id": template_id}}}}


class _Writer:
    """Writes the nodes of one template; nodes that others refer to become definitions."""

    def __init__(self, template: OperationalTemplate) -> None:
        self._template = template
        self._names: dict[int, str] = {}
        self.definitions: Schema = {}
        self.rm = RmDefinitions()

    def node(self, node: CObject) -> Schema:
        """Return a reference to the definition of an object constraint."""
        if isinstance(node, ArchetypeInternalRef):
            target = self._template.target_of(node)
            return self.node(target) if target is not None else self.rm.reference(plain_type(node.rm_type))
        if not isinstance(node, CComplexObject):
            return {"allOf": [self.rm.reference(plain_type(node.rm_type)), leaves.domain(node)]}
        name = self._names.get(id(node))
        if name is None:
            name = self._names[id(node)] = f"node{len(self._names)}"
            self.definitions[name] = {}  # an internal reference may point back here
            self.definitions[name] = self._complex(node)
        return {"$ref": f"#/$defs/{name}"}

    def _complex(self, node: CComplexObject) -> Schema:
        schema: Schema = {"title": self._template.label(node), "$comment": self._template.path_of(node)}
        names = sorted(CATALOG.subtypes(plain_type(node.rm_type)))
        if len(names) == 1:
            return {**schema, **self._class(node, names[0])}
        return {
            **schema,
            **one_of({name: self._class(node, name) for name in names}, usual=plain_type(node.rm_type)),
        }

    def _class(self, node: CComplexObject, rm_type: str) -> Schema:
        """Return the schema of a constraint for objects of one concrete class."""
        stored = CATALOG.attributes(rm_type)
        # Archetypes also constrain functions, which data do not hold.
        constrained = [attribute for attribute in node.attributes if attribute.name in stored]
        overrides: Schema = {}
        parameter = parameter_of(node.rm_type)
        if parameter:
            overrides = {bound: self.rm.reference(parameter) for bound in ("lower", "upper")}
        for attribute in constrained:
            overrides[attribute.name] = self._attribute(attribute, rm_type)
        if "name" in stored and (node.names or node.name_codes):
            overrides["name"] = {"allOf": [self.rm.attribute(rm_type, "name"), _name(self._template, node)]}
        schema = self.rm.object(rm_type, overrides)
        required = [attribute.name for attribute in constrained if attribute.existence.lower > 0]
        if rm_type == "ELEMENT":
            required = [name for name in required if name != "value"]
            schema["anyOf"] = [{"required": ["value"]}, {"required": ["null_flavour"]}]
        schema["required"] = list(dict.fromkeys([*schema["required"], *required]))
        return schema

    def _attribute(self, attribute: CAttribute, rm_type: str) -> Schema:
        if attribute.existence.upper == 0:
            return {"not": {}}
        if attribute.is_multiple:
            return self._container(attribute, rm_type)
        primitives = [child for child in attribute.children if isinstance(child, CPrimitiveObject)]
        if primitives:
            is_pattern = (rm_type, attribute.name) == ("ACTIVITY", "action_archetype_id")
            allowed = _any_of([leaves.primitive(child.item, is_pattern=is_pattern) for child in primitives])
            return {"allOf": [self.rm.attribute(rm_type, attribute.name), allowed]}
        if not attribute.children:
            return self.rm.attribute(rm_type, attribute.name)
        return _any_of([self._alternative(child) for child in attribute.children])

    def _alternative(self, child: CObject) -> Schema:
        if isinstance(child, ArchetypeSlot):
            return {"allOf": [self.rm.reference(plain_type(child.rm_type)), _slot(child)]}
        known = _identity(child, others=())
        schema = self.node(child)
        return {"allOf": [known, schema]} if known else schema

    def _container(self, attribute: CAttribute, rm_type: str) -> Schema:
        schema: Schema = self.rm.attribute(rm_type, attribute.name)
        if attribute.cardinality is not None:
            interval = attribute.cardinality.interval
            schema["minItems"] = interval.lower
            if interval.upper is not None:
                schema["maxItems"] = interval.upper
            if attribute.cardinality.is_unique:
                schema["uniqueItems"] = True
        if not attribute.children:
            return schema
        ids = [child.archetype_node_id for child in attribute.children]
        groups: dict[str, tuple[Schema, list[Schema]]] = {}
        counts: list[Schema] = []
        for child in attribute.children:
            identity = _slot(child) if isinstance(child, ArchetypeSlot) else _identity(child, others=ids)
            if isinstance(child, ArchetypeSlot):
                held = self.rm.reference(plain_type(child.rm_type))
            else:
                held = self.node(child)
                counts.extend(_count(self._told_apart(child, identity, ids=ids), child))
            groups.setdefault(json.dumps(identity), (identity, []))[1].append(held)
        schema["items"] = _chosen(list(groups.values()))
        if counts:
            schema["allOf"] = counts
        return schema

    def _told_apart(self, child: CObject, identity: Schema, *, ids: Sequence[str]) -> Schema:
        """Return what only the members for a node have: its id, with its name where siblings share that; {} if none."""
        if not identity or ids.count(child.archetype_node_id) == 1:
            return identity
        if isinstance(child, CComplexObject) and (child.names or child.name_codes):
            return {"allOf": [identity, {"properties": {"name": _name(self._template, child)}, "required": ["name"]}]}
        return {}


def _chosen(groups: Sequence[tuple[Schema, list[Schema]]]) -> Schema:
    """Return the schema of members: what they say they are chooses the constraint, so that only one is looked into."""
    identities = [identity for identity, _ in groups]
    if not all(identities) or len(groups) == 1:
        return _any_of([{"allOf": [identity, _any_of(held)]} for identity, held in groups])
    choices = [{"if": identity, "then": _any_of(held)} for identity, held in groups]
    return {"anyOf": identities, "allOf": choices}


def _any_of(schemas: Sequence[Schema]) -> Schema:
    if len(schemas) == 1:
        return schemas[0]
    return {"anyOf": list(schemas)} if schemas else {}


def _identity(child: CObject, *, others: Sequence[str]) -> Schema:
    """Return how data say that they are meant for a node: by archetype id or at-code, specialised ones included."""
    node_id = child.archetype_node_id
    if not node_id or "LOCATABLE" not in CATALOG.supertypes(plain_type(child.rm_type)):
        return {}
    if isinstance(child, CArchetypeRoot):
        entity, concept, version = child.archetype_id.split(".", 2)
        major = version.split(".")[0]
        pattern = f"^{re.escape(entity)}\\.{re.escape(concept)}(-[^.]+)?\\.{re.escape(major)}(\\..*)?$"
        value: Schema = {"pattern": pattern}
    elif any(other.startswith(f"{node_id}.") for other in others):
        value = {"const": node_id}
    else:
        value = {"pattern": f"^{re.escape(node_id)}(\\.[0-9]+)*$"}
    return {"properties": {"archetype_node_id": value}, "required": ["archetype_node_id"]}


def _slot(slot: ArchetypeSlot) -> Schema:
    """Return which archetypes may fill a slot, as far as patterns on their ids say so."""
    included = [assertion.archetype_id_pattern for assertion in slot.includes]
    excluded = [assertion.archetype_id_pattern for assertion in slot.excludes]
    # Archetype ids have hyphens and at-codes do not: what has an at-code is never meant for a slot.
    value: list[Schema] = [{"pattern": "-"}]
    if included and None not in included:
        value.append({"anyOf": [{"pattern": leaves.anchored(pattern)} for pattern in included if pattern]})
    for pattern in excluded:
        if pattern is not None and not (slot.includes and pattern.strip("/") == ".*"):
            value.append({"not": {"pattern": leaves.anchored(pattern)}})
    names = sorted(CATALOG.subtypes(plain_type(slot.rm_type)))
    return {"properties": {"archetype_node_id": {"allOf": value}, "_type": {"enum": names}}}


def _count(identity: Schema, child: CObject) -> list[Schema]:
    """Return how often a member may be there; nothing where it cannot be told from its siblings."""
    occurrences = child.occurrences
    if not identity or (occurrences.lower == 0 and occurrences.upper is None):
        return []
    schema: Schema = {"contains": identity, "minContains": occurrences.lower}
    if occurrences.upper is not None:
        schema["maxContains"] = occurrences.upper
    return [schema]


def _name(template: OperationalTemplate, node: CComplexObject) -> Schema:
    """Return the names that a node may have, by text or by code."""
    codes = [code.code for code in node.name_codes]
    terms = (template.term(node, code) for code in codes)
    texts = [*node.names, *(term.text for term in terms if term is not None)]
    by_text: Schema = {"properties": {"value": {"enum": texts}}}
    if not codes:
        return by_text
    coded = {"properties": {"code_string": {"enum": codes}}}
    return {"anyOf": [by_text, {"properties": {"defining_code": coded}, "required": ["defining_code"]}]}
