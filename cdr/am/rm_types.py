"""Type names as archetypes write them, beside the reference model's own.

Archetypes write `DV_INTERVAL<DV_QUANTITY>`, `STRING` and `DATE_TIME`, constrain abstract classes, and constrain a few
functions of the reference model as if they were attributes.
"""

from __future__ import annotations

from functools import cache

from aql.catalog import Attribute
from cdr.rm.catalog import CATALOG

# The primitive type of the RM attribute for each name that archetypes use.
_PRIMITIVES = {
    "STRING": "String",
    "INTEGER": "Integer",
    "INTEGER64": "Integer",
    "REAL": "Real",
    "DOUBLE": "Real",
    "BOOLEAN": "Boolean",
    "CHARACTER": "String",
    "DATE": "String",
    "TIME": "String",
    "DATE_TIME": "String",
    "DURATION": "String",
    "URI": "String",
    # What one widely used modelling tool writes for the types of primitive constraints.
    "C_STRING": "String",
    "C_INTEGER": "Integer",
    "C_REAL": "Real",
    "C_BOOLEAN": "Boolean",
    "C_DATE": "String",
    "C_TIME": "String",
    "C_DATE_TIME": "String",
    "C_DURATION": "String",
}

# Functions of RM classes that archetypes constrain as attributes, and `rotated`, which RM 1.0.2 still had.
_FUNCTIONS = {
    ("EVENT", "offset"): Attribute("offset", "DV_DURATION"),
    ("DV_PROPORTION", "is_integral"): Attribute("is_integral", "Boolean"),
    ("ITEM_TABLE", "rotated"): Attribute("rotated", "Boolean"),
    ("PARTY", "type"): Attribute("type", "DV_TEXT"),
    ("PARTY_IDENTITY", "purpose"): Attribute("purpose", "DV_TEXT"),
    ("PARTY_RELATIONSHIP", "type"): Attribute("type", "DV_TEXT"),
    ("CONTACT", "purpose"): Attribute("purpose", "DV_TEXT"),
    ("ADDRESS", "type"): Attribute("type", "DV_TEXT"),
}


def plain_type(rm_type: str) -> str:
    """Return the class of a type, generic parameters left out.

    >>> plain_type("DV_INTERVAL<DV_QUANTITY>")
    'DV_INTERVAL'
    """
    return rm_type.partition("<")[0]


def parameter_of(rm_type: str) -> str:
    """Return the generic parameter of a type, `""` where it has none.

    >>> parameter_of("DV_INTERVAL<DV_QUANTITY>")
    'DV_QUANTITY'
    """
    return rm_type.partition("<")[2].rstrip(">")


def is_primitive_name(rm_type: str) -> bool:
    """Tell whether the name is one that archetypes use for a primitive type."""
    return rm_type.upper() in _PRIMITIVES


def is_known(rm_type: str) -> bool:
    """Tell whether the name is an RM class or a primitive type, as archetypes write them."""
    parameter = parameter_of(rm_type)
    return (CATALOG.is_class(plain_type(rm_type)) or is_primitive_name(rm_type)) and (
        not parameter or CATALOG.is_class(parameter)
    )


@cache
def attribute_of(rm_type: str, name: str) -> Attribute | None:
    """Return the attribute of a class; of an abstract class also what any of its subclasses has."""
    plain = plain_type(rm_type)
    if not CATALOG.is_class(plain):
        return None
    candidates = [plain, *sorted(CATALOG.subtypes(plain))] if CATALOG.is_abstract(plain) else [plain]
    for candidate in candidates:
        found = CATALOG.attributes(candidate).get(name)
        if found is not None:
            return found
    for (owner, function), attribute in _FUNCTIONS.items():
        if function == name and owner in CATALOG.supertypes(plain):
            return attribute
    return None


@cache
def conforms(rm_type: str, declared: str) -> bool:
    """Tell whether objects of the type may stand where the RM declares a type: it, a subtype, or an ancestor of it."""
    if is_primitive_name(rm_type):
        return _PRIMITIVES[rm_type.upper()] == declared
    plain = plain_type(rm_type)
    if not CATALOG.is_class(plain) or not CATALOG.is_class(declared):
        return False
    # An abstract ancestor, as in ITEM for ITEM_TREE.items: the objects are narrowed by the RM itself.
    return declared in CATALOG.supertypes(plain) or plain in CATALOG.supertypes(declared)
