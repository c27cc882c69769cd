"""Constraints on codes: code lists, value sets of other terminologies, references into the archetype's ontology.

Source: AM 1.4, openEHR Archetype Profile, C_CODE_PHRASE; OPT 1.4, C_CODE_REFERENCE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from cdr.am.constraints import CCodePhrase, CCodeReference, CComplexObject, ConstraintRef, TermTable
from cdr.am.terms import Term
from cdr.issue import Severity
from cdr.rm import CodePhrase, DvCodedText, RmObject
from cdr.validation.primitives import listed
from cdr.validation.report import Finding
from cdr.validation.terminology_names import canonical
from cdr.validation.value_sets import ValueSets

Check = Callable[[RmObject, ValueSets], Finding | None]


def code_phrase(node: CCodePhrase, *, terms: Mapping[str, Term]) -> Check | None:
    """Return the check of a code against terminology and list, or None; `terms` names local codes in sentences."""
    terminology = node.terminology
    codes = frozenset(node.codes)
    if isinstance(node, CCodeReference):
        return _reference(node.reference_set_uri, terminology, codes)
    if terminology is None and not codes:
        return None
    wrong_terminology = Finding("TPL_TERMINOLOGY", f"a code of the terminology {terminology}", "terminology_id")
    shown = listed([f"{code} ({terms[code].text})" if code in terms else code for code in node.codes])
    wrong_code = Finding("TPL_CODE", f"a code of {terminology or 'the list'}, one of {shown}", "code_string")

    def check(obj: RmObject, sets: ValueSets) -> Finding | None:
        if not isinstance(obj, CodePhrase):
            return None
        if terminology is not None and not _is_terminology(obj, terminology):
            return wrong_terminology
        return wrong_code if codes and obj.code_string not in codes else None

    return check


def rubric(node: CComplexObject, *, term_table: TermTable) -> Callable[[RmObject], Finding | None] | None:
    """Return the check that a coded text says what its local code means, in any language of the template; or None.

    Source: RM 1.1.0, data_types.text, DV_CODED_TEXT: the value is the rubric of the code.
    """
    attribute = node.attribute("defining_code")
    codes = [child for child in attribute.children if isinstance(child, CCodePhrase)] if attribute else []
    listed_codes = {code for child in codes if child.terminology == "local" for code in child.codes}
    texts: dict[str, set[str]] = {}
    for terms in term_table.values():
        for code in listed_codes & terms.keys():
            texts.setdefault(code, set()).add(_folded(terms[code].text))
    if not texts:
        return None
    wrong = Finding("TPL_RUBRIC", "the text that the template gives the code", "value")

    def check(obj: RmObject) -> Finding | None:
        if not isinstance(obj, DvCodedText) or obj.defining_code is None or obj.value is None:
            return None
        known = texts.get(obj.defining_code.code_string)
        is_local = obj.defining_code.terminology_id is not None and obj.defining_code.terminology_id.value == "local"
        return wrong if known is not None and is_local and _folded(obj.value) not in known else None

    return check


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _is_terminology(obj: CodePhrase, terminology: str) -> bool:
    """Tell whether the code is of the terminology, however that is written."""
    found = obj.terminology_id.value if obj.terminology_id is not None else None
    if found is None or found == terminology:
        return True
    return canonical(found) == canonical(terminology)


def _reference(uri: str, terminology: str | None, codes: frozenset[str]) -> Check:
    name = terminology_of(uri) or terminology
    wrong = Finding("TPL_VALUE_SET", f"a code of the value set {uri}", "code_string")
    wrong_terminology = Finding("TPL_TERMINOLOGY", f"a code of the terminology {name}", "terminology_id")
    unknown = Finding(
        "TPL_VALUE_SET_UNKNOWN",
        f"a value set that a terminology server resolves ({uri}), so that the code can be checked",
        severity=Severity.WARNING,
    )

    def check(obj: RmObject, sets: ValueSets) -> Finding | None:
        if not isinstance(obj, CodePhrase) or obj.code_string is None or obj.terminology_id is None:
            return None
        if codes:
            return None if obj.code_string in codes else wrong
        if name is not None and not _is_terminology(obj, name):
            return wrong_terminology
        is_member = sets.is_member(uri, terminology=obj.terminology_id.value, code=obj.code_string)
        if is_member is None:
            return unknown
        return None if is_member else wrong

    return check


def terminology_of(uri: str) -> str | None:
    """Return the terminology that a reference set URI names, or None if it names a server's value set only.

    >>> terminology_of("terminology:SNOMED-CT?subset=problems"), terminology_of("terminology://fhir.hl7.org/ValueSet")
    ('SNOMED-CT', None)
    """
    parts = urlsplit(uri)
    if parts.scheme != "terminology" or parts.netloc:
        return None
    named = parse_qs(parts.query).get("terminology")
    return named[0] if named else parts.path.strip("/") or None


def constraint_reference(node: ConstraintRef, *, uri: str | None) -> Check | None:
    """Return the check of a reference to an ac-code, which the archetype may bind to a value set."""
    if uri is None:
        return None
    return _reference(uri, None, frozenset())
