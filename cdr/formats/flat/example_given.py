"""Example values that the author of a template chose: annotations `kilde:example` on elements.

`kilde:example-minimal` is another value for the example with only what has to be there.

Called by `cdr.formats.flat.example` before it makes up a value. Comes in: the leaf of a web template and the text of
the annotation; goes out: what stands at its key, by suffix. A text that does not fit the leaf gives None.

Shape of the text: a code, or code, text and code system separated by `|`; magnitude and units separated by a space;
numerator and denominator separated by `/`; identifier, issuer and type separated by `|`; else the value as written.
"""

from __future__ import annotations

import re
from typing import Any

from cdr.webtemplate.model import WebTemplateNode

_ANNOTATION, _MINIMAL = "kilde:example", "kilde:example-minimal"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_MOMENTS = {
    "DV_DATE": re.compile(r"\d{4}(-\d\d){0,2}"),
    "DV_DATE_TIME": re.compile(r"\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)?)?"),
    "DV_TIME": re.compile(r"\d\d(:\d\d){0,2}.*"),
    "DV_DURATION": re.compile(r"-?P[0-9A-Z.]+"),
}


def given_text(node: WebTemplateNode, *, is_minimal: bool) -> str | None:
    """Return what the author of the template wrote as the example of a node, or None."""
    usual = node.annotations.get(_ANNOTATION)
    return node.annotations.get(_MINIMAL, usual) if is_minimal else usual


def given_values(node: WebTemplateNode, text: str) -> dict[str, Any] | None:  # JSON values
    """Return the chosen example of a leaf, or None where the text is for another type."""
    parts = [part.strip() for part in text.split("|")]
    match node.rm_type:
        case "DV_CODED_TEXT" | "DV_TEXT":
            return _text(node, parts, text)
        case "DV_QUANTITY":
            magnitude, _, unit = text.partition(" ")
            return {"|magnitude": float(magnitude), "|unit": unit} if unit and _NUMBER.fullmatch(magnitude) else None
        case "DV_COUNT":
            return {"": int(text)} if text.isdecimal() else None
        case "DV_PROPORTION":
            numbers = text.split("/")
            if len(numbers) != 2 or not all(_NUMBER.fullmatch(number) for number in numbers):
                return None
            kind = 2 if numbers[1] == "100" else 1 if numbers[1] == "1" else 0
            return {"|numerator": float(numbers[0]), "|denominator": float(numbers[1]), "|type": kind}
        case "DV_ORDINAL" | "DV_SCALE":
            return {"|code": text} if text in _codes(node) else None
        case "DV_BOOLEAN":
            return {"": text == "true"} if text in ("true", "false") else None
        case "DV_IDENTIFIER":
            return dict(zip(("|id", "|issuer", "|type"), parts, strict=False)) if len(parts) > 1 else None
        case "DV_DATE" | "DV_DATE_TIME" | "DV_TIME" | "DV_DURATION":
            return {"": text} if _MOMENTS[node.rm_type].fullmatch(text) else None
        case "DV_URI":
            return {"": text} if ":" in text else None
    return None


def _text(node: WebTemplateNode, parts: list[str], text: str) -> dict[str, Any] | None:
    if len(parts) == 3:
        return {"|code": parts[0], "|value": parts[1], "|terminology": parts[2]}
    listed = _codes(node)
    if node.rm_type == "DV_CODED_TEXT":
        return {"|code": text} if text in listed else None
    return {"": text}


def _codes(node: WebTemplateNode) -> set[str]:
    return {item.value for entry in node.inputs for item in entry.items}
