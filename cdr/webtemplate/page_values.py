"""What an element of a definition page may hold: its types, its values in words, and the codes it is bound to.

Called by `cdr.webtemplate.page` for each element; everything comes from the template and its conditions.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdr.am.code_systems import CODE_SYSTEMS, uri_of
from cdr.am.conditions import Conditions, conditions_of
from cdr.am.constraints import (
    CCodePhrase,
    CCodeReference,
    CComplexObject,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CObject,
    ConstraintRef,
    CPrimitiveObject,
    walk,
)
from cdr.am.primitives import CBoolean, CDate, CDateTime, CDuration, CInteger, CReal, CString, CTime
from cdr.am.template import OperationalTemplate
from cdr.webtemplate.page_words import range_text, type_name, word


def types_of(element: CComplexObject, language: str) -> str:
    """Return the types of an element's value for people."""
    value = element.attribute("value")
    types = [type_name(child.rm_type, language) for child in value.children] if value is not None else []
    return f" {word('or', language)} ".join(dict.fromkeys(types)) or word("any", language)


def values_of(template: OperationalTemplate, element: CComplexObject, *, language: str) -> list[str]:
    """Return what an element may hold, one text for each kind of limit; [] where every value is allowed."""
    value = element.attribute("value")
    found: list[str] = []
    for child in value.children if value is not None else ():
        for node in walk(child):
            found.extend(_limits(template, node, language))
    found.extend(_conditions(_conditions_on(template, element), language))
    return list(dict.fromkeys(found))


def states_of(transition: CComplexObject) -> str:
    """Return the states of the openEHR state machine in which a step leaves its instruction, by code: `245`."""
    state = transition.attribute("current_state")
    codes = [
        code
        for child in (state.children if state is not None else ())
        for node in walk(child)
        if isinstance(node, CCodePhrase) and node.terminology == "openehr"
        for code in node.codes
    ]
    return ", ".join(f"openehr `{code}`" for code in dict.fromkeys(codes))


def codes_of(template: OperationalTemplate, element: CComplexObject) -> list[str]:
    """Return the terminologies, value sets and bindings of an element, by the names that people know."""
    found = [f"{system_name(code.terminology)} {code.code}" for code in template.term_bindings(element)]
    value = element.attribute("value")
    for child in value.children if value is not None else ():
        for node in walk(child):
            if isinstance(node, CCodeReference) and node.reference_set_uri:
                found.append(system_name(node.reference_set_uri))
            elif isinstance(node, CCodePhrase) and node.terminology and node.terminology not in ("local", "openehr"):
                found.append(system_name(node.terminology))
            elif isinstance(node, ConstraintRef):
                uris = template.archetype_root_of(node).constraint_bindings.values()
                found.extend(system_name(codes[node.reference]) for codes in uris if node.reference in codes)
    found.extend(system_name(uri) for uri in _conditions_on(template, element).code_systems)
    return list(dict.fromkeys(found))


def system_name(name: str) -> str:
    """Return what a code system is called, for instance `ICPC-2`, or the name as it stands.

    >>> system_name("terminology:urn:oid:2.16.578.1.12.4.1.1.9151")
    '9151'
    """
    text = name.removeprefix("terminology:").partition("?")[0].partition("(")[0]
    uri = uri_of(text)
    return CODE_SYSTEMS[uri][0] if uri is not None else f"`{text}`"


def _conditions_on(template: OperationalTemplate, node: CObject) -> Conditions:
    return template.derived(conditions_of).by_node.get(id(node), Conditions())


def _conditions(conditions: Conditions, language: str) -> Iterator[str]:
    most = word("at most", language)
    if conditions.max_length is not None:
        yield f"{most} {conditions.max_length} {word('characters', language)}"
    if conditions.max_bytes is not None:
        yield f"{most} {conditions.max_bytes} {word('bytes', language)}"
    if conditions.media_types:
        yield ", ".join(conditions.media_types)


def _limits(template: OperationalTemplate, node: CObject, language: str) -> Iterator[str]:
    if isinstance(node, CCodePhrase) and node.terminology in ("local", "openehr"):
        yield "; ".join(_local(template, node, code, language) for code in node.codes)
    elif isinstance(node, (CDvOrdinal, CDvScale)):
        yield "; ".join(f"{item.value:g} {_local(template, node, item.symbol.code, language)}" for item in node.items)
    elif isinstance(node, CDvQuantity):
        for item in node.items:
            parts = [f"`{item.units}`"]
            if item.magnitude is not None:
                parts.append(range_text(item.magnitude, language))
            if item.precision is not None and item.precision.upper is not None and item.precision.upper >= 0:
                parts.append(f"({word('at most', language)} {item.precision.upper} {word('decimals', language)})")
            yield " ".join(parts)
    elif isinstance(node, CPrimitiveObject):
        yield from _primitive(template, node, language)


def _local(template: OperationalTemplate, node: CObject, code: str, language: str) -> str:
    term = template.term(node, code, language=language)
    return f"{term.text} (`{code}`)" if term is not None else f"`{code}`"


def _primitive(template: OperationalTemplate, node: CPrimitiveObject, language: str) -> Iterator[str]:
    item = node.item
    attribute = template.attribute_of(node)
    # Which attribute of a proportion or identifier it is matters; `value` and `magnitude` are the value itself.
    name = attribute.name if attribute is not None and attribute.name not in ("value", "magnitude") else ""
    prefix = f"{name} " if name else ""
    if isinstance(item, CString) and item.values:
        listed = "; ".join(f"«{value}»" for value in item.values)
        yield f"{prefix}{listed}" + (f" ({word('suggested', language)})" if item.is_open else "")
    elif isinstance(item, CString) and item.pattern:
        yield f"{prefix}`{item.pattern}`"
    elif isinstance(item, (CInteger, CReal)):
        if item.values:
            yield prefix + ", ".join(f"{value:g}" for value in item.values)
        if item.range is not None:
            yield prefix + range_text(item.range, language)
    elif isinstance(item, CBoolean) and item.true_valid != item.false_valid:
        yield prefix + word("yes" if item.true_valid else "no", language)
    elif isinstance(item, (CDate, CDateTime, CTime, CDuration)):
        if item.pattern and item.pattern.strip("?-:TXx") and "??" not in item.pattern:
            yield f"`{item.pattern}`"
        if item.range is not None:
            yield range_text(item.range, language)
