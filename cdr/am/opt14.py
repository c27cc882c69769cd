"""Operational templates in XML (OPT 1.4, namespace v1): bytes in, `OperationalTemplate` out.

Called when a template is uploaded, read from the store, or given on the command line. A source that breaks the format
is refused with all its issues; order of elements is not insisted on, since published tools differ in it.
Source: the Template.xsd of the openEHR Release 1.0.1 XML schemas (AM 1.4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from lxml import etree

from cdr.am.conditions import conditions_of
from cdr.am.opt14_check import check_tree
from cdr.am.opt14_nodes import NodeReader, Ontology, data_value, read_bindings, read_terms
from cdr.am.opt14_xml import NAMESPACE, OptReader, content, parse
from cdr.am.template import (
    Annotation,
    DefaultValue,
    Description,
    DescriptionDetails,
    OperationalTemplate,
    ViewConstraint,
)
from cdr.errors import BadInput
from cdr.issue import Issue


def read_opt(source: bytes) -> OperationalTemplate:
    """Return the template in an OPT 1.4 source.

    Errors: TooLarge beyond 25 MB; BadInput with `OPT_...` issues, each with the line and what was expected there.
    """
    root = parse(source)
    reader = OptReader()
    if root.tag != NAMESPACE + "template":
        reader.wrong("OPT_NAMESPACE", root, "the element <template> of the namespace http://schemas.openehr.org/v1")
        raise _refused(reader)
    language = _language(reader, root)
    template_id = reader.required_text(root, "template_id", "value")
    concept = reader.required_text(root, "concept")
    uid = reader.child(root, "uid")
    ontologies = _ontologies(reader, root)
    definition = reader.required(root, "definition")
    if definition is None:
        raise _refused(reader)
    nodes = NodeReader(reader, language=language, ontologies=ontologies)
    tree = nodes.definition(definition)
    description = reader.child(root, "description")
    template = OperationalTemplate(
        template_id=template_id,
        concept=concept,
        language=language,
        languages=tuple(dict.fromkeys([language, *(code for known in ontologies.values() for code in known.terms)])),
        root=tree,
        uid=reader.text(uid, "value") if uid is not None else "",
        is_controlled=reader.boolean(root, "is_controlled", default=False) if _has(root, "is_controlled") else None,
        description=_description(reader, description) if description is not None else Description(),
        annotations=tuple(
            Annotation(item.get("path", ""), reader.string_items(item, "items"))
            for item in root.iterchildren(NAMESPACE + "annotations")
        ),
        view=_view(reader, root),
        default_values=_default_values(reader, root),
        source_hash=hashlib.sha256(source).hexdigest(),
    )
    if not reader.issues:
        reader.issues.extend(check_tree(template, where=nodes.line_of))
        reader.issues.extend(
            Issue(code="OPT_ANNOTATION", path=path, expected=expected)
            for path, expected in template.derived(conditions_of).problems
        )
    if reader.issues:
        raise _refused(reader)
    return template


def _refused(reader: OptReader) -> BadInput:
    first = reader.issues[0]
    count = len(reader.issues)
    more = f" (and {count - 1} more)" if count > 1 else ""
    return BadInput(f"{first.message}{more}", code=first.code, issues=reader.issues)


def _has(element: etree._Element, name: str) -> bool:
    return element.find(NAMESPACE + name) is not None


def _language(reader: OptReader, element: etree._Element) -> str:
    return reader.required_text(element, "language", "code_string")


def _description(reader: OptReader, element: etree._Element) -> Description:
    details: dict[str, DescriptionDetails] = {}
    for item in element.iterchildren(NAMESPACE + "details"):
        language = _language(reader, item)
        details[language] = DescriptionDetails(
            language=language,
            purpose=reader.text(item, "purpose"),
            use=reader.text(item, "use"),
            misuse=reader.text(item, "misuse"),
            keywords=_texts(item, "keywords"),
            copyright=reader.text(item, "copyright"),
            other_details=reader.string_items(item, "other_details"),
        )
    return Description(
        lifecycle_state=reader.text(element, "lifecycle_state"),
        original_author=reader.string_items(element, "original_author"),
        other_contributors=_texts(element, "other_contributors"),
        resource_package_uri=reader.text(element, "resource_package_uri"),
        other_details=reader.string_items(element, "other_details"),
        details=details,
    )


def _texts(element: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(content(item) for item in element.iterchildren(NAMESPACE + name))


def _ontologies(reader: OptReader, root: etree._Element) -> Mapping[str, Ontology]:
    """Return the terms of the further languages by archetype id."""
    found: dict[str, Ontology] = {}
    for name in ("ontology", "component_ontologies"):
        for element in root.iterchildren(NAMESPACE + name):
            known = found.setdefault(element.get("archetype_id", ""), Ontology())
            for attribute, table in (("term_definitions", known.terms), ("constraint_definitions", known.constraints)):
                for terms in element.iterchildren(NAMESPACE + attribute):
                    table.setdefault(terms.get("language", ""), {}).update(read_terms(terms, "items"))
            for terminology, codes in read_bindings(reader, element).items():
                known.bindings.setdefault(terminology, {}).update(codes)
            for binding in element.iterchildren(NAMESPACE + "constraint_bindings"):
                uris = known.constraint_bindings.setdefault(binding.get("terminology", ""), {})
                for item in binding.iterchildren(NAMESPACE + "items"):
                    uris[item.get("code", "")] = reader.text(item, "value")
    return found


def _view(reader: OptReader, root: etree._Element) -> tuple[ViewConstraint, ...]:
    view = reader.child(root, "view")
    if view is None:
        return ()
    return tuple(
        ViewConstraint(
            item.get("path", ""),
            {entry.get("id", ""): reader.text(entry, "value") for entry in item.iterchildren(NAMESPACE + "items")},
        )
        for item in view.iterchildren(NAMESPACE + "constraints")
    )


def _default_values(reader: OptReader, root: etree._Element) -> tuple[DefaultValue, ...]:
    constraints = reader.child(root, "constraints")
    found: list[DefaultValue] = []
    for attribute in constraints.iterchildren(NAMESPACE + "attributes") if constraints is not None else ():
        for child in attribute.iterchildren(NAMESPACE + "children"):
            default = reader.child(child, "default_value")
            value = data_value(reader, default) if default is not None else None
            if value is not None:
                path = reader.text(attribute, "differential_path")
                found.append(DefaultValue(path, reader.text(attribute, "rm_attribute_name"), value))
    return tuple(found)
