"""Reading canonical XML: bytes to an RM object, or every structural issue. `canonical_xml` is the public door.

One hardened parser: no DTD, no entities, no network, bounded depth. Elements may come in any order, since senders
differ, and in the v1 namespace or in none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

from lxml import etree

from cdr.errors import BadInput
from cdr.formats.canonical_json_lenient import Limits, exact_number
from cdr.formats.canonical_xml_layout import NAMESPACE, NODE_ID, SCHEMA_INSTANCE, attributes_by_element
from cdr.issue import Issue, Stage
from cdr.rm import Locatable, RmObject
from cdr.rm.catalog import CATALOG, Field
from cdr.untrusted_xml import parse_untrusted

# Attributes of these namespaces say nothing about the object, but for `xsi:type` and `xsi:nil`.
_IGNORED = (f"{{{SCHEMA_INSTANCE}}}", "{http://www.w3.org/XML/1998/namespace}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?\Z")
_LONGEST_NUMBER = 400
_HINTS = 50
_MOST_ATTRIBUTES = 50
_LONGEST_WORD = 60
_TYPE = f"{{{SCHEMA_INSTANCE}}}type"
_NIL = f"{{{SCHEMA_INSTANCE}}}nil"
_OUR_TAG = f"{{{NAMESPACE}}}"
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
# Some senders write the derived parts of an archetype id beside it; the value says the same, so they are left out.
_DERIVED = frozenset(
    {"qualifiedRmEntity", "domainConcept", "rmOriginator", "rmName", "rmEntity", "specialisation", "versionId"}
)
_WORD = re.compile(r"[A-Za-z_]{1,40}\Z")


def decode(body: bytes, choices: Mapping[str, type[RmObject]], *, limits: Limits) -> RmObject:
    """Return the object that a document describes. Errors: `BadInput` with all structural issues."""
    root = parse(body, limits=limits)
    reading = _Reading(limits)
    declared = next(iter(choices)) if len(choices) == 1 else etree.QName(root).localname.upper()
    result = reading.read(root, choices, declared, f"/{etree.QName(root).localname}", 1)
    if reading.issues or result is None:
        first = reading.issues[0]
        raise BadInput(f"expected valid canonical XML: {first.message}", code=first.code, issues=reading.issues)
    return result


def parse(body: bytes, *, limits: Limits) -> etree._Element:
    """Return the root element of a document, read without DTD, entities or network.

    Errors: `BadInput` with `FMT_SYNTAX` (not well-formed), `FMT_DOCTYPE` or `FMT_DEPTH`.
    """
    if b"<!DOCTYPE" in body[:4096]:
        _refuse("FMT_DOCTYPE", "line 1", "a document without a document type declaration")
    try:
        root = parse_untrusted(body)
    except etree.XMLSyntaxError as error:
        if "depth" in (error.msg or "").lower():
            _refuse("FMT_DEPTH", "/", f"at most {limits.depth} levels of elements")
        # The parser's own words may repeat names and text of the document, so only the place is passed on.
        _refuse("FMT_SYNTAX", f"line {error.lineno or 1}, column {error.offset or 1}", "well-formed XML")
    document: Any = root.getroottree().docinfo  # the stubs know one of its attributes only
    if document.internalDTD is not None:
        _refuse("FMT_DOCTYPE", "line 1", "a document without a document type declaration")
    return root


class _Reading:
    """One pass over one document."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.issues: list[Issue] = []

    def fail(self, code: str, element: etree._Element, path: str, expected: str) -> None:
        if len(self.issues) < self.limits.issues:
            place = f"{path} (line {element.sourceline})"
            self.issues.append(Issue(code=code, path=place, expected=expected, stage=Stage.STRUCTURE))

    def read(
        self, element: etree._Element, choices: Mapping[str, type[RmObject]], declared: str, path: str, depth: int
    ) -> RmObject | None:
        if depth > self.limits.depth:
            self.fail("FMT_DEPTH", element, path, f"at most {self.limits.depth} levels of elements")
            return None
        rm_name = self.type_name(element, choices, declared, path)
        if rm_name is None:
            return None
        rm_class = choices[rm_name]
        values: dict[str, Any] = {}
        self.attributes(element, rm_class, values, path)
        self.stray_text(element, element.text, path)
        known = attributes_by_element(rm_class)
        counts: dict[str, int] = {}
        for child in element:
            if len(self.issues) >= self.limits.issues:
                return None
            self.stray_text(element, child.tail, path)
            self.child(child, rm_name, known, values, counts, path, depth)
        return rm_class(**values)

    def child(
        self,
        child: etree._Element,
        rm_name: str,
        known: Mapping[str, Field],
        values: dict[str, Any],
        counts: dict[str, int],
        path: str,
        depth: int,
    ) -> None:
        tag = child.tag
        name = tag.removeprefix(_OUR_TAG)
        field = known.get(name)
        if field is None:
            if rm_name == "ARCHETYPE_ID" and name in _DERIVED:
                return
            near = self.nearest(name, known)
            hint = f'; the nearest is "{near}"' if near else ""
            where = f"{path}/{name}" if _WORD.match(name) else path
            self.fail("FMT_UNKNOWN_ATTRIBUTE", child, where, f"only elements of {rm_name}{hint}")
            return
        if child.get(_NIL) in ("true", "1"):
            return
        counts[field.name] = position = counts.get(field.name, 0) + 1
        where = f"{path}/{name}" + (f"[{position}]" if field.is_multiple else "")
        if position > 1 and not field.is_multiple:
            self.fail("FMT_DUPLICATE_KEY", child, where, "the element once")
            return
        value = (
            self.read(child, field.choices, field.rm_type, where, depth + 1)
            if field.primitive is None
            else self.primitive(child, field, rm_name, where)
        )
        if field.is_multiple:
            values.setdefault(field.name, []).append(value)
        else:
            values[field.name] = value

    def type_name(
        self, element: etree._Element, choices: Mapping[str, type[RmObject]], declared: str, path: str
    ) -> str | None:
        written = element.get(_TYPE)
        if written is None:
            if declared in choices:
                return declared
            self.fail("FMT_TYPE", element, path, f"an xsi:type, one of {_any_of(choices)}")
            return None
        rm_name = written.strip().rpartition(":")[2].partition("<")[0]
        if rm_name in choices:
            return rm_name
        if CATALOG.is_class(rm_name):
            self.fail("FMT_TYPE", element, f"{path}/@xsi:type", _any_of(choices))
            return None
        near = self.nearest(rm_name, choices) or self.nearest(rm_name, CATALOG.class_names())
        hint = f', such as "{near}"' if near else ""
        self.fail("FMT_UNKNOWN_TYPE", element, f"{path}/@xsi:type", f"the name of an RM class{hint}")
        return None

    def nearest(self, word: str, names: Iterable[str]) -> str:
        """Return the name most like a word, "" if none is, or if enough hints have been given: they are not cheap."""
        if len(self.issues) >= _HINTS or len(word) > _LONGEST_WORD:
            return ""
        return next(iter(get_close_matches(word, names, n=1)), "")

    def attributes(self, element: etree._Element, rm_class: type[RmObject], values: dict[str, Any], path: str) -> None:
        for key, value in _attributes(element):
            if key == NODE_ID and issubclass(rm_class, Locatable):
                values[NODE_ID] = value
            elif not key.startswith(_IGNORED):
                expected = f"no XML attribute but {NODE_ID} of archetyped nodes"
                self.fail("FMT_UNKNOWN_ATTRIBUTE", element, path, expected)

    def stray_text(self, element: etree._Element, text: str | None, path: str) -> None:
        if text is not None and text.strip():
            self.fail("FMT_XML_TEXT", element, path, "elements and no text between them")

    def primitive(self, element: etree._Element, field: Field, owner: str, path: str) -> Any:
        if len(element):
            self.fail("FMT_XML_TEXT", element, path, "text and no elements in it")
            return None
        if not all(key.startswith(_IGNORED) for key, _ in _attributes(element)):
            self.fail("FMT_UNKNOWN_ATTRIBUTE", element, path, "no XML attributes")
        text = element.text or ""
        if field.primitive is str:
            if field.pattern is not None and not re.search(field.pattern, text):
                self.fail("FMT_DATE", element, path, f"a {owner.lower()} value in ISO 8601")
            return text
        text = text.strip()
        if field.primitive is bool:
            if text not in _BOOLEANS:
                self.fail("FMT_XML_VALUE", element, path, "true or false")
            return _BOOLEANS.get(text)
        return self.number(element, text, field, path)

    def number(self, element: etree._Element, text: str, field: Field, path: str) -> int | float | None:
        assert field.primitive is not None
        wanted = "an integer" if field.primitive is int else "a number"
        if len(text) > _LONGEST_NUMBER or not _NUMBER.match(text):
            self.fail("FMT_XML_VALUE", element, path, f"{wanted} in decimal notation")
            return None
        exact = exact_number(text, field.primitive)
        if exact is None:
            expected = "an integer of 64 bits" if wanted == "an integer" else "a number that a double holds exactly"
            self.fail("FMT_NUMBER", element, path, expected)
        return exact


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield names and values of the XML attributes; the stubs of lxml allow bytes, which the parser never gives.

    Reading all attributes takes quadratic time, so of very many only a name that is refused anyway is given.
    """
    if len(element.attrib) > _MOST_ATTRIBUTES:
        yield "", ""
        return
    for key, value in element.items():
        yield str(key), str(value)


def _any_of(choices: Mapping[str, type[RmObject]]) -> str:
    names = sorted(choices)
    return ", ".join(names[:8]) + (" or another subtype" if len(names) > 8 else "")


def _refuse(code: str, path: str, expected: str) -> NoReturn:
    issue = Issue(code=code, path=path, expected=expected, stage=Stage.STRUCTURE)
    raise BadInput(issue.message, code=code, issues=[issue])
