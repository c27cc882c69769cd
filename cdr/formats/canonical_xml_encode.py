"""Writing canonical XML: an RM object to bytes. `canonical_xml` is the public door."""

from __future__ import annotations

import re

from cdr.errors import NotSupported
from cdr.formats.canonical_xml_layout import NAMESPACE, NODE_ID, SCHEMA_INSTANCE, elements, root_name
from cdr.rm import Locatable, RmObject

# XML 1.0 has no way to write these characters, not even escaped.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


def encode(obj: RmObject) -> bytes:
    """Return the object as canonical XML, see `canonical_xml.encode`."""
    rm_class = type(obj)
    root = root_name(rm_class)
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    head = f'{root} xmlns="{NAMESPACE}" xmlns:xsi="{SCHEMA_INSTANCE}" xsi:type="{rm_class.rm_name()}"'
    _write(obj, root, head, parts)
    text = "".join(parts)
    if _NOT_IN_XML.search(text):
        raise NotSupported(
            "expected text without control characters, since XML cannot hold them; ask for JSON", code="FMT_CHARACTER"
        )
    return text.encode("utf-8")


def _write(obj: RmObject, name: str, head: str, parts: list[str]) -> None:
    if isinstance(obj, Locatable) and obj.archetype_node_id is not None:
        head += f' {NODE_ID}="{obj.archetype_node_id.translate(_ATTRIBUTE)}"'
    start = len(parts)
    parts.append(f"<{head}>")
    for element, field in elements(type(obj)):
        value = getattr(obj, field.name)
        if value is None:
            continue
        for member in value if field.is_multiple else (value,):
            if isinstance(member, RmObject):
                rm_name = type(member).rm_name()
                child = element if rm_name == field.rm_type else f'{element} xsi:type="{rm_name}"'
                _write(member, element, child, parts)
            else:
                parts.append(f"<{element}>{_text(member)}</{element}>")
    if len(parts) == start + 1:
        parts[start] = f"<{head}/>"
    else:
        parts.append(f"</{name}>")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.translate(_TEXT)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)
