"""Constraint trees as plain text, one node a line: for comparing two trees that are equal by content."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from cdr.am.constraints import CAttribute, CComplexObject, CObject
from cdr.am.terms import Term


def dump(node: CObject, *, indent: int = 0, without: frozenset[str] = frozenset()) -> list[str]:
    """Return one line for the node and for each attribute and node below it, some fields left out."""
    fields = {
        field.name: _ordered(getattr(node, field.name))
        for field in dataclasses.fields(node)
        if field.name != "attributes" and field.name not in without
    }
    lines = [f"{'  ' * indent}{type(node).__name__} {fields}"]
    if isinstance(node, CComplexObject):
        for attribute in node.attributes:
            lines.extend(_dump_attribute(attribute, indent=indent + 1, without=without))
    return lines


def _ordered(value: object) -> object:
    """Return a mapping with its keys in order, so that two equal ones print alike."""
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value)}
    if isinstance(value, Term):
        return value.text, value.description, sorted(value.others.items())
    return value


def _dump_attribute(attribute: CAttribute, *, indent: int, without: frozenset[str]) -> list[str]:
    fields = {
        field.name: getattr(attribute, field.name)
        for field in dataclasses.fields(attribute)
        if field.name != "children"
    }
    lines = [f"{'  ' * indent}{fields}"]
    for child in attribute.children:
        lines.extend(dump(child, indent=indent + 1, without=without))
    return lines
