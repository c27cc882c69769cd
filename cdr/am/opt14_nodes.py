"""The definition tree of operational templates: `<definition>` to constraint nodes.

Called by `opt14.read_opt` with the ontologies that the template carries for further languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from lxml import etree

from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CArchetypeRoot,
    CAttribute,
    CCodePhrase,
    CCodeReference,
    CComplexObject,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CDvState,
    CObject,
    ConstraintRef,
    CPrimitiveObject,
)
from cdr.am.intervals import REQUIRED_ONCE, Cardinality, Multiplicity
from cdr.am.opt14_values import (
    assertion,
    cardinality,
    code_phrase,
    multiplicity,
    ordinal_item,
    primitive,
    quantity_item,
    scale_item,
    states,
)
from cdr.am.opt14_xml import NAMESPACE, OptReader, content, line_of, xsi_type
from cdr.am.terms import Code, Term
from cdr.rm import AnyDataValue, DataValue, DvOrdinal, DvQuantity, DvScale
from cdr.rm.catalog import CATALOG, fields

_ATTRIBUTES = NAMESPACE + "attributes"
_PREFIX = len(NAMESPACE)


@dataclass(slots=True)
class Ontology:
    """The terms and bindings of one archetype, collected from all places where a template keeps them."""

    terms: dict[str, dict[str, Term]] = field(default_factory=dict)
    constraints: dict[str, dict[str, Term]] = field(default_factory=dict)
    bindings: dict[str, dict[str, Code]] = field(default_factory=dict)
    constraint_bindings: dict[str, dict[str, str]] = field(default_factory=dict)


class NodeReader:
    """Builds constraint nodes; one for each template that is read."""

    __slots__ = ("_kinds", "_language", "_lines", "_multiplicities", "_ontologies", "_reader")

    def __init__(self, reader: OptReader, *, language: str, ontologies: Mapping[str, Ontology]) -> None:
        self._reader = reader
        self._lines: dict[int, int] = {}
        self._language = language
        self._ontologies = ontologies
        self._multiplicities: dict[tuple[str | None, ...], Multiplicity] = {}
        self._kinds: dict[str, Callable[[etree._Element, str, Multiplicity, str], CObject]] = {
            "C_COMPLEX_OBJECT": self._complex_object,
            "C_ARCHETYPE_ROOT": self.archetype_root,
            "C_PRIMITIVE_OBJECT": self._primitive_object,
            "C_CODE_PHRASE": self._code_phrase,
            "C_CODE_REFERENCE": self._code_reference,
            "C_DV_QUANTITY": self._quantity,
            "C_DV_ORDINAL": self._ordinal,
            "C_DV_SCALE": self._scale,
            "C_DV_STATE": self._state,
            "ARCHETYPE_SLOT": self._slot,
            "ARCHETYPE_INTERNAL_REF": self._internal_ref,
            "CONSTRAINT_REF": self._constraint_ref,
        }

    def definition(self, element: etree._Element) -> CArchetypeRoot:
        """Return the root of the template."""
        kind = xsi_type(element)
        if kind not in ("", "C_ARCHETYPE_ROOT"):
            self._reader.wrong("OPT_ROOT", element, "a definition that is a C_ARCHETYPE_ROOT")
        root = self.archetype_root(element, *self._object(element))
        self._lines[id(root)] = line_of(element)
        return root

    def line_of(self, node: CObject) -> str:
        """Return where a node stood in the source."""
        return f"line {self._lines[id(node)]}"

    def _object(self, element: etree._Element) -> tuple[str, Multiplicity, str]:
        """Return RM type, occurrences and node id, the parts of every object constraint."""
        rm_type, node_id = "", ""
        occurrences: Multiplicity | None = None
        for child in element:
            name = str(child.tag)[_PREFIX:]
            if name == "rm_type_name":
                rm_type = content(child)
            elif name == "occurrences":
                occurrences = self._multiplicity(child)
            elif name == "node_id":
                node_id = content(child)
                break  # the rest belongs to the kind of constraint
        if not rm_type:
            self._reader.wrong("OPT_MISSING", element, "<rm_type_name> with an RM class")
        if occurrences is None:
            self._reader.wrong("OPT_MISSING", element, "<occurrences>")
        return rm_type, occurrences or REQUIRED_ONCE, node_id

    def _multiplicity(self, element: etree._Element) -> Multiplicity:
        """Read a multiplicity once for each way of writing it: most of a template's text is these."""
        key = tuple(part for child in element for part in (child.tag, child.text))
        known = self._multiplicities.get(key)
        if known is None:
            known = self._multiplicities[key] = multiplicity(self._reader, element)
        return known

    def _attributes(self, element: etree._Element) -> tuple[CAttribute, ...]:
        found = [self._attribute(child) for child in element.iterchildren(_ATTRIBUTES)]
        names = [attribute.name for attribute in found]
        if len(names) != len(set(names)):
            self._reader.wrong("OPT_DUPLICATE", element, "each attribute once in an object constraint")
        return tuple(found)

    def _attribute(self, element: etree._Element) -> CAttribute:
        kind = xsi_type(element)
        is_multiple = kind == "C_MULTIPLE_ATTRIBUTE"
        if not is_multiple and kind != "C_SINGLE_ATTRIBUTE":
            self._reader.wrong("OPT_TYPE", element, "an attribute, C_SINGLE_ATTRIBUTE or C_MULTIPLE_ATTRIBUTE")
        name, existence = "", REQUIRED_ONCE
        is_negated = False
        children: list[CObject] = []
        held: Cardinality | None = None
        for child in element:
            part = str(child.tag)[_PREFIX:]
            if part == "children":
                children.append(self.node(child))
            elif part == "rm_attribute_name":
                name = content(child)
            elif part == "existence":
                existence = self._multiplicity(child)
            elif part == "cardinality":
                held = cardinality(self._reader, child)
            elif part == "match_negated":
                is_negated = content(child) == "true"
        if not name:
            self._reader.wrong("OPT_MISSING", element, "<rm_attribute_name>")
        if existence.upper is None or existence.upper > 1:
            self._reader.wrong("OPT_INTERVAL", element, "an existence of 0..0, 0..1 or 1..1")
        if is_multiple and held is None:
            held = Cardinality(Multiplicity(0, None))
        return CAttribute(
            name=name,
            existence=existence,
            is_multiple=is_multiple,
            cardinality=held,
            children=tuple(children),
            match_negated=is_negated,
        )

    def node(self, element: etree._Element) -> CObject:
        """Return the constraint in a `<children>` element."""
        kind = xsi_type(element)
        build = self._kinds.get(kind)
        if build is None:
            self._reader.wrong("OPT_TYPE", element, f"an object constraint, one of {', '.join(self._kinds)}")
            build = self._complex_object
        node = build(element, *self._object(element))
        self._lines[id(node)] = line_of(element)
        return node

    def _complex_object(
        self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str
    ) -> CComplexObject:
        return CComplexObject(
            rm_type=rm_type, occurrences=occurrences, node_id=node_id, attributes=self._attributes(element)
        )

    def archetype_root(
        self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str
    ) -> CArchetypeRoot:
        """Return an archetype root with the terms of its archetype in all languages of the template."""
        reader = self._reader
        archetype_id = reader.required_text(element, "archetype_id", "value")
        if archetype_id and archetype_id.count(".") < 2:
            reader.wrong("OPT_ROOT", element, "an archetype id such as openEHR-EHR-COMPOSITION.report.v1")
        template_id = reader.child(element, "template_id")
        known = self._ontologies.get(archetype_id) or Ontology()
        terms = {language: dict(codes) for language, codes in known.terms.items()}
        own = terms.setdefault(self._language, {})
        own.update(read_terms(element, "term_definitions"))
        bindings = {terminology: dict(codes) for terminology, codes in known.bindings.items()}
        for terminology, codes in read_bindings(reader, element).items():
            bindings.setdefault(terminology, {}).update(codes)
        return CArchetypeRoot(
            rm_type=rm_type,
            occurrences=occurrences,
            node_id=node_id,
            attributes=self._attributes(element),
            archetype_id=archetype_id,
            template_id=reader.text(template_id, "value") if template_id is not None else "",
            slot_node_id=reader.text(element, "slot_node_id"),
            term_definitions=terms,
            constraint_definitions=known.constraints,
            term_bindings=bindings,
            constraint_bindings=known.constraint_bindings,
        )

    def _primitive_object(
        self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str
    ) -> CPrimitiveObject:
        item = self._reader.child(element, "item")
        return CPrimitiveObject(
            rm_type=rm_type,
            occurrences=occurrences,
            node_id=node_id,
            item=primitive(self._reader, item) if item is not None else None,
        )

    def _code_phrase(
        self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str
    ) -> CCodePhrase:
        return CCodePhrase(rm_type=rm_type, occurrences=occurrences, node_id=node_id, **self._code_constraint(element))

    def _code_reference(
        self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str
    ) -> CCodeReference:
        # Published templates leave it out: any code is then allowed.
        uri = self._reader.text(element, "referenceSetUri")
        return CCodeReference(
            rm_type=rm_type,
            occurrences=occurrences,
            node_id=node_id,
            reference_set_uri=uri,
            **self._code_constraint(element),
        )

    def _code_constraint(self, element: etree._Element) -> dict[str, Any]:  # keyword arguments of two classes
        terminology = self._reader.child(element, "terminology_id")
        assumed = self._reader.child(element, "assumed_value")
        return {
            "terminology": (self._reader.text(terminology, "value") or None) if terminology is not None else None,
            "codes": tuple(content(code) for code in element.iterchildren(NAMESPACE + "code_list")),
            "assumed": code_phrase(self._reader, assumed) if assumed is not None else None,
        }

    def _quantity(self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str) -> CDvQuantity:
        of_property = self._reader.child(element, "property")
        assumed = self._assumed(element, "DV_QUANTITY")
        return CDvQuantity(
            rm_type=rm_type,
            occurrences=occurrences,
            node_id=node_id,
            property=code_phrase(self._reader, of_property) if of_property is not None else None,
            items=tuple(quantity_item(self._reader, item) for item in element.iterchildren(NAMESPACE + "list")),
            assumed=assumed if isinstance(assumed, DvQuantity) else None,
        )

    def _ordinal(self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str) -> CDvOrdinal:
        assumed = self._assumed(element, "DV_ORDINAL")
        return CDvOrdinal(
            rm_type=rm_type,
            occurrences=occurrences,
            node_id=node_id,
            items=tuple(ordinal_item(self._reader, item) for item in element.iterchildren(NAMESPACE + "list")),
            assumed=assumed if isinstance(assumed, DvOrdinal) else None,
        )

    def _scale(self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str) -> CDvScale:
        assumed = self._assumed(element, "DV_SCALE")
        return CDvScale(
            rm_type=rm_type,
            occurrences=occurrences,
            node_id=node_id,
            items=tuple(scale_item(self._reader, item) for item in element.iterchildren(NAMESPACE + "list")),
            assumed=assumed if isinstance(assumed, DvScale) else None,
        )

    def _state(self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str) -> CDvState:
        return CDvState(rm_type=rm_type, occurrences=occurrences, node_id=node_id, states=states(self._reader, element))

    def _slot(self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str) -> ArchetypeSlot:
        return ArchetypeSlot(
            rm_type=rm_type,
            occurrences=occurrences,
            node_id=node_id,
            includes=tuple(assertion(self._reader, item) for item in element.iterchildren(NAMESPACE + "includes")),
            excludes=tuple(assertion(self._reader, item) for item in element.iterchildren(NAMESPACE + "excludes")),
        )

    def _internal_ref(
        self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str
    ) -> ArchetypeInternalRef:
        path = self._reader.required_text(element, "target_path")
        return ArchetypeInternalRef(rm_type=rm_type, occurrences=occurrences, node_id=node_id, target_path=path)

    def _constraint_ref(
        self, element: etree._Element, rm_type: str, occurrences: Multiplicity, node_id: str
    ) -> ConstraintRef:
        reference = self._reader.required_text(element, "reference")
        return ConstraintRef(rm_type=rm_type, occurrences=occurrences, node_id=node_id, reference=reference)

    def _assumed(self, element: etree._Element, rm_type: str) -> DataValue | None:
        found = self._reader.child(element, "assumed_value")
        return data_value(self._reader, found, rm_type=rm_type) if found is not None else None


def read_terms(element: etree._Element, name: str) -> dict[str, Term]:
    """Return the terms in children with a name: `<x code="at1"><items id="text">...`."""
    found: dict[str, Term] = {}
    for term in element.iterchildren(NAMESPACE + name):
        items = {item.get("id", ""): content(item) for item in term.iterchildren(NAMESPACE + "items")}
        text, description = items.pop("text", ""), items.pop("description", "")
        found[term.get("code", "")] = Term(text, description, items)
    return found


def read_bindings(reader: OptReader, element: etree._Element) -> dict[str, dict[str, Code]]:
    """Return the term bindings in an element by terminology and code."""
    found: dict[str, dict[str, Code]] = {}
    for binding in element.iterchildren(NAMESPACE + "term_bindings"):
        codes = found.setdefault(binding.get("terminology", ""), {})
        for item in binding.iterchildren(NAMESPACE + "items"):
            value = reader.child(item, "value")
            if value is not None:
                codes[item.get("code", "")] = code_phrase(reader, value)
    return found


def data_value(reader: OptReader, element: etree._Element, *, rm_type: str = "") -> DataValue | None:
    """Return the data value in an element (a default or assumed value), or None, with an issue, where it is none."""
    kind = xsi_type(element) or rm_type
    try:
        converted: Any = msgspec.convert(_plain(element, kind), type=AnyDataValue, strict=False)  # a union
    except (KeyError, msgspec.ValidationError):
        reader.wrong("OPT_VALUE", element, "a data value")
        return None
    return converted if isinstance(converted, DataValue) else None


def _plain(element: etree._Element, rm_type: str) -> dict[str, Any]:  # the tree that msgspec converts
    known = fields(CATALOG.python_class(rm_type.partition("<")[0]))
    plain: dict[str, Any] = {"_type": rm_type.partition("<")[0]}
    for child in element:
        attribute = known[str(child.tag)[_PREFIX:]]
        value = content(child) if attribute.primitive else _plain(child, xsi_type(child) or attribute.rm_type)
        if attribute.primitive is str:
            value = child.text or ""
        if attribute.is_multiple:
            plain.setdefault(attribute.name, []).append(value)
        else:
            plain[attribute.name] = value
    return plain
