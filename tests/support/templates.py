"""Operational templates for tests: XML sources that can be broken in one place, and trees built in Python."""

from __future__ import annotations

from cdr.am.constraints import (
    ANY_NUMBER,
    OPTIONAL,
    REQUIRED_ONCE,
    CArchetypeRoot,
    Cardinality,
    CAttribute,
    CComplexObject,
    CObject,
    CPrimitiveObject,
    Multiplicity,
)
from cdr.am.primitives import CPrimitive, CString
from cdr.am.template import OperationalTemplate
from cdr.am.terms import Term

_ONCE = """<lower_included>true</lower_included><upper_included>true</upper_included>
<lower_unbounded>false</lower_unbounded><upper_unbounded>false</upper_unbounded><lower>1</lower><upper>1</upper>"""
_ANY = """<lower_included>true</lower_included><upper_included>false</upper_included>
<lower_unbounded>false</lower_unbounded><upper_unbounded>true</upper_unbounded><lower>0</lower>"""


def opt_object(kind: str, rm_type: str, inner: str = "", *, node_id: str = "", occurrences: str = _ONCE) -> str:
    """Return a `<children>` element of a kind such as `C_COMPLEX_OBJECT`."""
    return f"""<children xsi:type="{kind}"><rm_type_name>{rm_type}</rm_type_name>
<occurrences>{occurrences}</occurrences><node_id>{node_id}</node_id>
{inner}</children>"""


def opt_single(name: str, *children: str) -> str:
    """Return a single attribute."""
    return f"""<attributes xsi:type="C_SINGLE_ATTRIBUTE"><rm_attribute_name>{name}</rm_attribute_name>
<existence>{_ONCE}</existence>{"".join(children)}</attributes>"""


def opt_multiple(name: str, *children: str) -> str:
    """Return a multiple attribute that holds any number of members."""
    return f"""<attributes xsi:type="C_MULTIPLE_ATTRIBUTE"><rm_attribute_name>{name}</rm_attribute_name>
<existence>{_ONCE}</existence>{"".join(children)}<cardinality><is_ordered>true</is_ordered>
<is_unique>false</is_unique><interval>{_ANY}</interval></cardinality></attributes>"""


def opt_language(code: str = "en") -> str:
    """Return a `<language>` element."""
    return f"<language><terminology_id><value>ISO_639-1</value></terminology_id><code_string>{code}</code_string></language>"


def opt_element(value: str, *, node_id: str = "at0004") -> str:
    """Return an ELEMENT with a constraint on its value."""
    return opt_object("C_COMPLEX_OBJECT", "ELEMENT", opt_single("value", value), node_id=node_id)


def opt_source(items: str = "", *, attributes: str | None = None, before: str = "", after: str = "") -> bytes:
    """Return the source of a template of one evaluation: `items` are the members of its item tree.

    `attributes` replaces all attributes of the composition; `before` and `after` are put around the definition.
    """
    tree = opt_object("C_COMPLEX_OBJECT", "ITEM_TREE", opt_multiple("items", items), node_id="at0001")
    entry = opt_object(
        "C_ARCHETYPE_ROOT",
        "EVALUATION",
        opt_single("data", tree)
        + """<archetype_id><value>openEHR-EHR-EVALUATION.goal.v1</value></archetype_id>
<term_definitions code="at0000"><items id="text">Goal</items><items id="description">What is aimed at.</items>
</term_definitions><term_definitions code="at0004"><items id="text">Target</items><items id="comment">Any.</items>
</term_definitions>""",
        node_id="at0000",
    )
    content = attributes if attributes is not None else opt_multiple("content", entry)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<template xmlns="http://schemas.openehr.org/v1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{opt_language()}<description><lifecycle_state>published</lifecycle_state></description>
<uid><value>7c4ad1e1-14c1-4ac2-9ca8-b7c4c1ee7a10</value></uid>
<template_id><value>goals.v1</value></template_id><concept>Goals</concept>{before}
<definition><rm_type_name>COMPOSITION</rm_type_name><occurrences>{_ONCE}</occurrences><node_id>at0000</node_id>
{content}<archetype_id><value>openEHR-EHR-COMPOSITION.report.v1</value></archetype_id>
<term_definitions code="at0000"><items id="text">Report</items></term_definitions></definition>{after}
</template>""".encode()


def primitive(rm_type: str, item: CPrimitive | None = None) -> CPrimitiveObject:
    """Return a constraint on a primitive value."""
    return CPrimitiveObject(rm_type=rm_type, item=item)


def single(name: str, *children: CObject, existence: Multiplicity = REQUIRED_ONCE) -> CAttribute:
    """Return a constraint on a single attribute."""
    return CAttribute(name=name, existence=existence, children=children)


def multiple(
    name: str,
    *children: CObject,
    existence: Multiplicity = OPTIONAL,
    cardinality: Multiplicity = ANY_NUMBER,
    is_unique: bool = False,
) -> CAttribute:
    """Return a constraint on a multiple attribute."""
    return CAttribute(
        name=name,
        existence=existence,
        is_multiple=True,
        cardinality=Cardinality(cardinality, is_unique=is_unique),
        children=children,
    )


def named(*names: str) -> CAttribute:
    """Return a constraint on the name of a node."""
    value = single("value", primitive("STRING", CString(values=names)))
    return single("name", CComplexObject(rm_type="DV_TEXT", attributes=(value,)))


def element(
    *values: CObject,
    node_id: str = "at0004",
    occurrences: Multiplicity = OPTIONAL,
    extra: tuple[CAttribute, ...] = (),
) -> CComplexObject:
    """Return a constraint on an ELEMENT and its value."""
    attributes = ((single("value", *values, existence=OPTIONAL),) if values else ()) + extra
    return CComplexObject(rm_type="ELEMENT", node_id=node_id, occurrences=occurrences, attributes=attributes)


def template_of(
    *items: CObject, cardinality: Multiplicity = ANY_NUMBER, is_unique: bool = False, language: str = "en"
) -> OperationalTemplate:
    """Return a template of a composition with one evaluation, whose item tree has the members."""
    tree = CComplexObject(
        rm_type="ITEM_TREE",
        node_id="at0001",
        attributes=(multiple("items", *items, cardinality=cardinality, is_unique=is_unique),),
    )
    return composition_template(evaluation(single("data", tree), language=language), language=language)


def evaluation(*attributes: CAttribute, language: str = "en", occurrences: Multiplicity = ANY_NUMBER) -> CArchetypeRoot:
    """Return the root of an evaluation with a few terms."""
    terms = {"at0000": Term("Goal"), "at0004": Term("Target"), "at0005": Term("Note"), "at0010": Term("Met")}
    return CArchetypeRoot(
        rm_type="EVALUATION",
        node_id="at0000",
        occurrences=occurrences,
        archetype_id="openEHR-EHR-EVALUATION.goal.v1",
        term_definitions={language: terms},
        attributes=attributes,
    )


def composition_template(
    *content: CObject, language: str = "en", extra: tuple[CAttribute, ...] = (), cardinality: Multiplicity = ANY_NUMBER
) -> OperationalTemplate:
    """Return a template of a composition with the content."""
    root = CArchetypeRoot(
        rm_type="COMPOSITION",
        node_id="at0000",
        archetype_id="openEHR-EHR-COMPOSITION.report.v1",
        term_definitions={language: {"at0000": Term("Report")}},
        attributes=(multiple("content", *content, cardinality=cardinality), *extra),
    )
    return OperationalTemplate(template_id="goals.v1", concept="Goals", language=language, root=root)
