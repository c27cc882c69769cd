"""The classes of the reference model as JSON Schema definitions, made from the catalogue.

`RmDefinitions` hands out references and collects the definitions behind them, so that a schema holds only the classes
that it needs.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from cdr.rm.catalog import CATALOG, Field, fields

Schema: TypeAlias = dict[str, Any]  # JSON Schema is JSON: keywords with values of many kinds

_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


class RmDefinitions:
    """The definitions of RM classes that a schema refers to."""

    def __init__(self) -> None:
        self.definitions: Schema = {}

    def reference(self, rm_type: str) -> Schema:
        """Return a reference to the definition of a class: its objects, and those of its subclasses."""
        name = f"rm.{rm_type}"
        if name not in self.definitions:
            self.definitions[name] = {}  # a class may refer to itself
            names = sorted(CATALOG.subtypes(rm_type))
            if names == [rm_type]:
                self.definitions[name] = self.object(rm_type, {})
            else:
                self.definitions[name] = self._one_of(names, usual=rm_type)
        return {"$ref": f"#/$defs/{name}"}

    def _one_of(self, names: list[str], *, usual: str) -> Schema:
        """Return the schema of objects of several classes: `_type` chooses, so that only one is looked into."""
        return one_of({name: self._exactly(name) for name in names}, usual=usual)

    def _exactly(self, rm_type: str) -> Schema:
        name = f"only.{rm_type}"
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self.object(rm_type, {})
        return {"$ref": f"#/$defs/{name}"}

    def attribute(self, rm_type: str, name: str) -> Schema:
        """Return the schema of an attribute of a concrete class."""
        return self._attribute(fields(CATALOG.python_class(rm_type))[name])

    def object(self, rm_type: str, overrides: Schema) -> Schema:
        """Return the schema of objects of one concrete class; `overrides` replaces the schemas of attributes."""
        known = fields(CATALOG.python_class(rm_type))
        properties: Schema = {"_type": {"const": rm_type}}
        properties.update(
            {name: overrides[name] if name in overrides else self._attribute(field) for name, field in known.items()}
        )
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name, field in known.items() if field.is_mandatory],
            "additionalProperties": False,
        }

    def _attribute(self, field: Field) -> Schema:
        if field.primitive is not None:
            value: Schema = {"type": _JSON_TYPES[field.primitive]}
        elif len(field.choices) == 1 or set(field.choices) == set(CATALOG.subtypes(field.rm_type)):
            value = self.reference(field.rm_type)
        else:
            value = self._one_of(sorted(field.choices), usual=field.rm_type)
        return {"type": "array", "items": value} if field.is_multiple else value


def one_of(by_type: dict[str, Schema], *, usual: str) -> Schema:
    """Return the schema of objects of several classes; the usual one, if it is concrete, needs no `_type`."""
    branches: list[Schema] = []
    for name, schema in by_type.items():
        condition: Schema = {"properties": {"_type": {"const": name}}}
        if name != usual:
            condition["required"] = ["_type"]
        branches.append({"if": condition, "then": schema})
    schema = {"type": "object", "properties": {"_type": {"enum": list(by_type)}}, "allOf": branches}
    return schema if usual in by_type else {**schema, "required": ["_type"]}
