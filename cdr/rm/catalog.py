"""The reference model as data: which classes there are, what they inherit, and which attributes they have.

Everything is read once, on first use, from the annotations of the classes in `cdr.rm`, so there is one place to change.
The query language, the formats, the templates and the validator all ask `CATALOG`; it satisfies
`aql.catalog.RmCatalog`. Formats that build objects use `fields()`, which also knows the Python classes.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import msgspec

from aql.catalog import Attribute
from cdr import rm
from cdr.rm._object import RmObject

PRIMITIVES: Mapping[type, str] = types.MappingProxyType({str: "String", bool: "Boolean", int: "Integer", float: "Real"})


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute with the Python side of it.

    `choices` maps the RM names that the value (or each member, if `is_multiple`) may have to their classes; it is empty
    for a primitive, whose Python type is then `primitive`. `pattern` is the regular expression that a string must
    match.
    """

    name: str
    rm_type: str
    is_multiple: bool
    is_mandatory: bool
    choices: Mapping[str, type[RmObject]]
    primitive: type | None
    pattern: str | None


class Catalog:
    """The classes, attributes and inheritance of RM 1.1.0; `CATALOG` is the only instance one needs.

    Source: https://specifications.openehr.org/releases/RM/Release-1.1.0
    """

    def is_class(self, rm_type: str) -> bool:
        """Tell whether the name is an RM class, abstract or concrete, or a primitive type."""
        return rm_type in self._classes or rm_type in self._primitive_names

    def is_abstract(self, rm_type: str) -> bool:
        """Tell whether the class is abstract; False for primitive and unknown names."""
        return rm_type in self._classes and rm_type not in self._concrete

    def is_primitive(self, rm_type: str) -> bool:
        """Tell whether the name is a primitive type: `String`, `Boolean`, `Integer` or `Real`."""
        return rm_type in self._primitive_names

    def subtypes(self, rm_type: str) -> frozenset[str]:
        """Return the concrete classes that conform to the class, itself included if it is concrete.

        Errors: KeyError for a name that is no class.
        """
        return self._subtypes[rm_type]

    def supertypes(self, rm_type: str) -> frozenset[str]:
        """Return all ancestors of the class, itself included. Errors: KeyError for a name that is no class."""
        return self._supertypes[rm_type]

    def attributes(self, rm_type: str) -> Mapping[str, Attribute]:
        """Return the attributes of the class, inherited ones first, in the order of the specification.

        Primitive types have none. Errors: KeyError for a name that is no class.
        """
        if rm_type in self._primitive_names:
            return types.MappingProxyType({})
        return _attributes(self._classes[rm_type])

    def class_names(self) -> frozenset[str]:
        """Return the names of all classes, abstract ones included, primitive types left out."""
        return frozenset(self._classes)

    def python_class(self, rm_type: str) -> type[RmObject]:
        """Return the class of an RM name. Errors: KeyError for a name that is no class."""
        return self._classes[rm_type]

    @cached_property
    def _primitive_names(self) -> frozenset[str]:
        return frozenset(PRIMITIVES.values())

    @cached_property
    def _classes(self) -> dict[str, type[RmObject]]:
        found = [value for value in vars(rm).values() if isinstance(value, type) and issubclass(value, RmObject)]
        return {rm_class.rm_name(): rm_class for rm_class in found if rm_class is not RmObject}

    @cached_property
    def _concrete(self) -> frozenset[str]:
        return frozenset(name for name, rm_class in self._classes.items() if is_concrete(rm_class))

    @cached_property
    def _supertypes(self) -> dict[str, frozenset[str]]:
        ancestors = {
            name: frozenset(
                base.rm_name() for base in rm_class.__mro__ if issubclass(base, RmObject) and base is not RmObject
            )
            for name, rm_class in self._classes.items()
        }
        return ancestors | {name: frozenset({name}) for name in self._primitive_names}

    @cached_property
    def _subtypes(self) -> dict[str, frozenset[str]]:
        below: dict[str, set[str]] = {name: set() for name in self._supertypes}
        for name, ancestors in self._supertypes.items():
            if name in self._concrete or name in self._primitive_names:
                for ancestor in ancestors:
                    below[ancestor].add(name)
        return {name: frozenset(members) for name, members in below.items()}


CATALOG = Catalog()


def python_class(rm_name: str) -> type[RmObject]:
    """Return the class of an RM name. Errors: KeyError for a name that is no class."""
    return CATALOG.python_class(rm_name)


def rm_name(obj: RmObject) -> str:
    """Return the RM name of an object's class.

    >>> rm_name(rm.DvCodedText(value="x"))
    'DV_CODED_TEXT'
    """
    return type(obj).rm_name()


def is_concrete(rm_class: type[RmObject]) -> bool:
    """Tell whether objects of the class may exist: only concrete classes declare a tag of their own."""
    return rm_class.__struct_config__.tag != rm_class.__name__


@cache
def fields(rm_class: type[RmObject]) -> Mapping[str, Field]:
    """Return the attributes of a class with their Python types, by name, in the order of the specification."""
    return types.MappingProxyType({field.name: _field(field) for field in msgspec.structs.fields(rm_class)})


@cache
def _attributes(rm_class: type[RmObject]) -> Mapping[str, Attribute]:
    return types.MappingProxyType(
        {
            name: Attribute(
                name, field.rm_type, is_multiple=field.is_multiple, is_mandatory=field.is_mandatory, is_map=False
            )
            for name, field in fields(rm_class).items()
        }
    )


def _field(info: msgspec.structs.FieldInfo) -> Field:
    members = _union_members(info.type)
    is_mandatory = type(None) not in members
    members = tuple(member for member in members if member is not type(None))
    is_multiple = len(members) == 1 and typing.get_origin(members[0]) is list
    if is_multiple:
        members = _union_members(typing.get_args(members[0])[0])
    pattern = None
    if len(members) == 1 and typing.get_origin(members[0]) is typing.Annotated:
        plain, *extras = typing.get_args(members[0])
        pattern = next((extra.pattern for extra in extras if isinstance(extra, msgspec.Meta)), None)
        members = (plain,)
    if members[0] in PRIMITIVES:
        return Field(info.name, PRIMITIVES[members[0]], is_multiple, is_mandatory, {}, members[0], pattern)
    choices = {member.rm_name(): member for member in members}
    return Field(info.name, _nearest_ancestor(members).rm_name(), is_multiple, is_mandatory, choices, None, None)


def _union_members(annotation: typing.Any) -> tuple[typing.Any, ...]:  # annotations have no common type
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return typing.get_args(annotation)
    return (annotation,)


def _nearest_ancestor(classes: tuple[type[RmObject], ...]) -> type[RmObject]:
    """Return the most special class that all of them conform to."""
    return next(base for base in classes[0].__mro__ if all(issubclass(other, base) for other in classes))
