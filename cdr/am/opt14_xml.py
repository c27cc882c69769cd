"""The XML side of reading operational templates: a hardened parser and a reader that collects issues.

The parser refuses document types, resolves no entities, touches no network and caps size and depth. `OptReader` is the
cursor of the other `opt14_*` modules: they ask it for texts and numbers, and it notes what is wrong, with the line.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from cdr.errors import BadInput, TooLarge
from cdr.issue import Issue
from cdr.untrusted_xml import parse_untrusted

NAMESPACE = "{http://schemas.openehr.org/v1}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MAX_BYTES = 25 * 1024 * 1024
# libxml2 counts elements; the deepest published template nests about 60 of them.
MAX_DEPTH = 250
_MAX_ISSUES = 200


def parse(source: bytes) -> etree._Element:
    """Return the root element of an XML source. Errors: TooLarge, BadInput with `OPT_XML` or `OPT_DOCTYPE`."""
    if len(source) > MAX_BYTES:
        raise TooLarge(f"expected a template of at most {MAX_BYTES} bytes", code="OPT_TOO_LARGE")
    if b"<!DOCTYPE" in source[:4096]:
        raise _refused("OPT_DOCTYPE", "line 1", "XML without a document type declaration")
    try:
        root = parse_untrusted(source)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise _refused("OPT_XML", f"line {line}, column {column}", "well-formed XML") from error
    except ValueError as error:
        raise _refused("OPT_XML", "line 1", "well-formed XML") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]  # the stubs lack it
        raise _refused("OPT_DOCTYPE", "line 1", "XML without a document type declaration")
    return root


def _refused(code: str, path: str, expected: str) -> BadInput:
    return BadInput(
        f"expected {expected} at {path}", code=code, issues=[Issue(code=code, path=path, expected=expected)]
    )


class OptReader:
    """Reads texts, numbers and children of elements and remembers everything that is wrong."""

    __slots__ = ("issues",)

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def wrong(self, code: str, element: etree._Element, expected: str) -> None:
        """Note an issue at an element."""
        if len(self.issues) < _MAX_ISSUES:
            self.issues.append(Issue(code=code, path=f"line {line_of(element)}", expected=expected))

    def child(self, element: etree._Element, name: str) -> etree._Element | None:
        """Return the child with a name; more than one is an `OPT_DUPLICATE`."""
        found = element.findall(NAMESPACE + name)
        if len(found) > 1:
            self.wrong("OPT_DUPLICATE", found[1], f"<{name}> once in <{local_name(element)}>")
        return found[0] if found else None

    def required(self, element: etree._Element, name: str) -> etree._Element | None:
        """Return the child with a name; its absence is an `OPT_MISSING`."""
        found = self.child(element, name)
        if found is None:
            self.wrong("OPT_MISSING", element, f"<{name}> in <{local_name(element)}>")
        return found

    def text(self, element: etree._Element, name: str) -> str:
        """Return the text of a child, trimmed; `""` where it is absent."""
        found = self.child(element, name)
        return content(found) if found is not None else ""

    def required_text(self, element: etree._Element, *names: str) -> str:
        """Return the text of a child, or of a child of it; its absence or emptiness is an `OPT_MISSING`."""
        current: etree._Element | None = element
        for name in names:
            parent = current
            current = self.required(parent, name) if parent is not None else None
        if current is None:
            return ""
        value = content(current)
        if not value:
            self.wrong("OPT_MISSING", current, f"a text in <{'/'.join(names)}>")
        return value

    def boolean(self, element: etree._Element, name: str, *, default: bool) -> bool:
        """Return a boolean child."""
        value = self.text(element, name)
        if value in ("true", "1"):
            return True
        if value in ("false", "0"):
            return False
        if value:
            self.wrong("OPT_VALUE", element, f"true or false in <{name}>")
        return default

    def integer(self, element: etree._Element) -> int | None:
        """Return the whole number in an element; None, with an issue, where there is none."""
        try:
            return int(content(element))
        except ValueError:
            self.wrong("OPT_VALUE", element, f"a whole number in <{local_name(element)}>")
            return None

    def real(self, element: etree._Element) -> float | None:
        """Return the number in an element; None, with an issue, where there is none."""
        try:
            return float(content(element))
        except ValueError:
            self.wrong("OPT_VALUE", element, f"a number in <{local_name(element)}>")
            return None

    def string_items(self, element: etree._Element, name: str) -> dict[str, str]:
        """Return `<name id="key">value</name>` children as a dict."""
        return {item.get("id", ""): content(item) for item in element.findall(NAMESPACE + name)}


def content(element: etree._Element) -> str:
    """Return the trimmed text of an element."""
    return (element.text or "").strip()


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def xsi_type(element: etree._Element) -> str:
    """Return the `xsi:type` of an element without its prefix, `""` where it has none."""
    return (element.get(XSI_TYPE) or "").rpartition(":")[2]


def line_of(element: etree._Element) -> int:
    """Return the line of an element in its source, counted from 1."""
    line: Any = element.sourceline  # the stubs have a placeholder here
    return int(line or 0)
