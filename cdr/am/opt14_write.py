"""`OperationalTemplate` to OPT 1.4 in XML: what the template compiler delivers.

The output follows the order of elements in the v1 Template.xsd. The terms of the template's own language stand at each
archetype root, those of further languages in `component_ontologies`, where `read_opt` finds them again.
Source: the Template.xsd of the openEHR Release 1.0.1 XML schemas (AM 1.4).
"""

from __future__ import annotations

from collections.abc import Mapping

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
from cdr.am.intervals import ANY_NUMBER, REQUIRED_ONCE, Cardinality
from cdr.am.opt14_write_values import (
    add,
    assertion,
    assumed_value,
    boolean,
    cardinality,
    code_phrase,
    data_value,
    interval,
    multiplicity,
    number,
    primitive,
    symbol,
)
from cdr.am.opt14_xml import NAMESPACE
from cdr.am.template import Description, OperationalTemplate
from cdr.am.terms import Code, Term

_NAMESPACES: dict[str | None, str] = {
    None: NAMESPACE.strip("{}"),
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsd": "http://www.w3.org/2001/XMLSchema",
}


def write_opt(template: OperationalTemplate) -> bytes:
    """Return the template as an XML document in UTF-8, indented, ended by a newline."""
    root = etree.Element(NAMESPACE + "template", nsmap=_NAMESPACES)  # type: ignore[arg-type]  # None is the default prefix
    code_phrase(root, "language", Code("ISO_639-1", template.language))
    if template.is_controlled is not None:
        add(root, "is_controlled", boolean(template.is_controlled))
    _description(root, template.description, template.language)
    if template.uid:
        add(add(root, "uid"), "value", template.uid)
    add(add(root, "template_id"), "value", template.template_id)
    add(root, "concept", template.concept)
    _Writer(template.language).root(add(root, "definition"), template.root)
    _ontologies(root, template)
    for annotation in template.annotations:
        element = add(root, "annotations")
        element.set("path", annotation.path)
        _dictionary(element, "items", annotation.items)
    _default_values(root, template)
    if template.view:
        view = add(root, "view")
        for hint in template.view:
            constraints = add(view, "constraints")
            constraints.set("path", hint.path)
            for name, value in hint.items.items():
                item = add(constraints, "items")
                item.set("id", name)
                add(item, "value", value)
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"


def _default_values(root: etree._Element, template: OperationalTemplate) -> None:
    if not template.default_values:
        return
    constraints = add(root, "constraints")
    for default in template.default_values:
        attribute = add(constraints, "attributes")
        add(attribute, "rm_attribute_name", default.attribute)
        child = add(attribute, "children")
        add(child, "rm_type_name", default.value.rm_name())
        multiplicity(child, "occurrences", REQUIRED_ONCE)
        add(child, "node_id", "")
        data_value(child, "default_value", default.value)
        add(attribute, "differential_path", default.path)


def _dictionary(parent: etree._Element, name: str, items: Mapping[str, str]) -> None:
    for key, value in items.items():
        add(parent, name, value).set("id", key)


def _description(root: etree._Element, description: Description, language: str) -> None:
    if description == Description():
        return
    element = add(root, "description")
    # The schema wants one author at least, whoever it is.
    _dictionary(element, "original_author", description.original_author or {"name": ""})
    for contributor in description.other_contributors:
        add(element, "other_contributors", contributor)
    add(element, "lifecycle_state", description.lifecycle_state)
    if description.resource_package_uri:
        add(element, "resource_package_uri", description.resource_package_uri)
    _dictionary(element, "other_details", description.other_details)
    if not description.details:
        details = add(element, "details")
        code_phrase(details, "language", Code("ISO_639-1", language))
        add(details, "purpose", "")
    for item in description.details.values():
        details = add(element, "details")
        code_phrase(details, "language", Code("ISO_639-1", item.language))
        add(details, "purpose", item.purpose)
        for keyword in item.keywords:
            add(details, "keywords", keyword)
        for name, text in (("use", item.use), ("misuse", item.misuse), ("copyright", item.copyright)):
            if text:
                add(details, name, text)
        _dictionary(details, "other_details", item.other_details)


def _term(parent: etree._Element, name: str, code: str, term: Term) -> None:
    element = add(parent, name)
    element.set("code", code)
    _dictionary(element, "items", {"text": term.text, "description": term.description, **term.others})


def _bindings(parent: etree._Element, bindings: Mapping[str, Mapping[str, Code]]) -> None:
    for terminology, codes in bindings.items():
        element = add(parent, "term_bindings")
        element.set("terminology", terminology)
        for code, bound in codes.items():
            item = add(element, "items")
            item.set("code", code)
            code_phrase(item, "value", bound)


def _ontologies(root: etree._Element, template: OperationalTemplate) -> None:
    """Add the terms of the further languages, and what only an ontology can hold, once for each archetype."""
    seen: set[str] = set()
    for node in template.nodes():
        if not isinstance(node, CArchetypeRoot) or node.archetype_id in seen:
            continue
        seen.add(node.archetype_id)
        languages = {code: terms for code, terms in node.term_definitions.items() if code != template.language}
        if not languages and not node.constraint_definitions and not node.constraint_bindings:
            continue
        element = add(root, "component_ontologies")
        element.set("archetype_id", node.archetype_id)
        for language, terms in languages.items() or [(template.language, {})]:
            _definitions(element, "term_definitions", language, terms)
        for language, terms in node.constraint_definitions.items():
            _definitions(element, "constraint_definitions", language, terms)
        for terminology, uris in node.constraint_bindings.items():
            bindings = add(element, "constraint_bindings")
            bindings.set("terminology", terminology)
            for code, uri in uris.items():
                item = add(bindings, "items")
                item.set("code", code)
                add(item, "value", uri)


def _definitions(parent: etree._Element, name: str, language: str, terms: Mapping[str, Term]) -> None:
    element = add(parent, name)
    element.set("language", language)
    for code, term in terms.items():
        _term(element, "items", code, term)


class _Writer:
    """Writes the definition tree in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def root(self, element: etree._Element, node: CArchetypeRoot) -> None:
        """Fill the element of an archetype root."""
        self._complex(element, node)
        add(add(element, "archetype_id"), "value", node.archetype_id)
        if node.template_id:
            add(add(element, "template_id"), "value", node.template_id)
        for code, term in node.term_definitions.get(self._language, {}).items():
            _term(element, "term_definitions", code, term)
        _bindings(element, node.term_bindings)

    def _object(self, element: etree._Element, node: CObject) -> None:
        add(element, "rm_type_name", node.rm_type)
        multiplicity(element, "occurrences", node.occurrences)
        add(element, "node_id", node.node_id)

    def _complex(self, element: etree._Element, node: CComplexObject) -> None:
        self._object(element, node)
        for attribute in node.attributes:
            self._attribute(element, attribute)

    def _attribute(self, parent: etree._Element, attribute: CAttribute) -> None:
        kind = "C_MULTIPLE_ATTRIBUTE" if attribute.is_multiple else "C_SINGLE_ATTRIBUTE"
        element = add(parent, "attributes", kind=kind)
        add(element, "rm_attribute_name", attribute.name)
        multiplicity(element, "existence", attribute.existence)
        for child in attribute.children:
            self._child(element, child)
        if attribute.is_multiple:
            cardinality(element, attribute.cardinality or Cardinality(ANY_NUMBER))

    def _child(self, parent: etree._Element, node: CObject) -> None:
        element = add(parent, "children", kind=_KINDS[type(node)])
        match node:
            case CArchetypeRoot():
                self.root(element, node)
                return
            case CComplexObject():
                self._complex(element, node)
                return
        self._object(element, node)
        match node:
            case ArchetypeSlot():
                for included in node.includes:
                    assertion(element, "includes", included)
                for excluded in node.excludes:
                    assertion(element, "excludes", excluded)
            case ArchetypeInternalRef():
                add(element, "target_path", node.target_path)
            case ConstraintRef():
                add(element, "reference", node.reference)
            case CPrimitiveObject():
                if node.item is not None:
                    primitive(element, node.item)
            case CCodePhrase():
                _code_phrase(element, node)
            case CDvQuantity():
                _quantity(element, node)
            case CDvOrdinal() | CDvScale():
                _steps(element, node)
            case CDvState():
                _states(element, node)


_KINDS: dict[type[CObject], str] = {
    CComplexObject: "C_COMPLEX_OBJECT",
    CArchetypeRoot: "C_ARCHETYPE_ROOT",
    ArchetypeSlot: "ARCHETYPE_SLOT",
    ArchetypeInternalRef: "ARCHETYPE_INTERNAL_REF",
    ConstraintRef: "CONSTRAINT_REF",
    CPrimitiveObject: "C_PRIMITIVE_OBJECT",
    CCodePhrase: "C_CODE_PHRASE",
    CCodeReference: "C_CODE_REFERENCE",
    CDvQuantity: "C_DV_QUANTITY",
    CDvOrdinal: "C_DV_ORDINAL",
    CDvScale: "C_DV_SCALE",
    CDvState: "C_DV_STATE",
}


def _code_phrase(element: etree._Element, node: CCodePhrase) -> None:
    if node.assumed is not None:
        code_phrase(element, "assumed_value", node.assumed)
    if node.terminology is not None:
        add(add(element, "terminology_id"), "value", node.terminology)
    for code in node.codes:
        add(element, "code_list", code)
    if isinstance(node, CCodeReference):
        add(element, "referenceSetUri", node.reference_set_uri)


def _quantity(element: etree._Element, node: CDvQuantity) -> None:
    if node.assumed is not None:
        assumed_value(element, node.assumed)
    if node.property is not None:
        code_phrase(element, "property", node.property)
    for item in node.items:
        listed = add(element, "list")
        if item.magnitude is not None:
            interval(listed, "magnitude", item.magnitude)
        if item.precision is not None:
            interval(listed, "precision", item.precision)
        add(listed, "units", item.units)
        for name, text in (("units_system", item.units_system), ("units_display_name", item.units_display_name)):
            if text:
                add(listed, name, text)


def _steps(element: etree._Element, node: CDvOrdinal | CDvScale) -> None:
    if node.assumed is not None:
        assumed_value(element, node.assumed)
    for item in node.items:
        listed = add(element, "list")
        add(listed, "value", number(item.value))
        symbol(listed, item.symbol, item.text)


def _states(element: etree._Element, node: CDvState) -> None:
    machine = add(element, "value")
    for state in node.states:
        listed = add(machine, "states", kind="NON_TERMINAL_STATE" if state.transitions else "TERMINAL_STATE")
        add(listed, "name", state.name)
        for transition in state.transitions:
            step = add(listed, "transitions")
            for name, text in (("event", transition.event), ("action", transition.action), ("guard", transition.guard)):
                if text:
                    add(step, name, text)
            if transition.next_state:
                add(add(step, "next_state", kind="TERMINAL_STATE"), "name", transition.next_state)
