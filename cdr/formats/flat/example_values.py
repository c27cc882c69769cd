"""Example values for the leaves of a web template: fixed, within every limit of the template, plain in its language.

Called by `cdr.formats.flat.example`. Comes in: a node; goes out: what stands at its key, by suffix (`""` for the key
itself, `/lower|magnitude` for keys below it).
"""

from __future__ import annotations

import re
from typing import Any

from cdr.am.constraints import CCodePhrase, CComplexObject, CDvQuantity, CObject, CPrimitiveObject, QuantityItem
from cdr.am.intervals import Interval
from cdr.am.primitives import CBoolean, CDate, CDateTime, CDuration, CInteger, CReal, CString, CTime
from cdr.formats.flat.example_text import matching, sentence
from cdr.webtemplate.model import Input, WebTemplateNode

_Values = dict[str, Any]  # JSON values

# Units for quantities of which the template only names the property (openEHR group property).
_UNITS = {
    "122": "m", "124": "kg", "125": "mm[Hg]", "127": "Cel", "128": "h", "129": "l", "382": "/min", "380": "1",
    "119": "ug", "130": "J", "126": "mmol/l", "339": "mm", "347": "mmol/l", "381": "g/l", "350": "mol", "457": "m/s",
}  # fmt: skip
_DAY, _CLOCK, _OFFSET = "2024-03-15", "10:30:00", "+01:00"
_FIELD_ORDER = ("D", "W", "M", "Y")
_MARKS = {"mm": 1, "dd": 2, "HH": 3, "MM": 4, "SS": 5}


def values_of(node: WebTemplateNode, *, language: str, number: int = 0) -> _Values:
    """Return example values for a leaf; `number` counts repetitions, so that they differ where they may."""
    return _of(node.rm_type, node.constraint, node, language, number)


def _of(rm_type: str, constraint: CObject | None, node: WebTemplateNode, language: str, number: int) -> _Values:
    plain = rm_type.partition("<")[0]
    item = _primitive(constraint, "value")
    match plain:
        case "DV_TEXT":
            return {"": _text(item, node, language, number)}
        case "DV_CODED_TEXT":
            return _coded(node, language, number)
        case "DV_QUANTITY":
            return _quantity(constraint if isinstance(constraint, CDvQuantity) else None, number)
        case "DV_COUNT":
            return {"": _whole(_primitive(constraint, "magnitude"), 3 + number)}
        case "DV_PROPORTION":
            return _proportion(constraint, node)
        case "DV_ORDINAL" | "DV_SCALE":
            return _ordinal(node, number)
        case "DV_BOOLEAN":
            return {"": item.true_valid if isinstance(item, CBoolean) else True}
        case "DV_DATE" | "DV_TIME" | "DV_DATE_TIME":
            return {"": _moment(plain, item)}
        case "DV_DURATION":
            return {"": _duration(item if isinstance(item, CDuration) else None)}
        case "DV_IDENTIFIER":
            return _identifier(constraint, language)
        case "DV_URI":
            return {"": _string(item, "https://example.com/dokument")}
        case "DV_EHR_URI":
            return {"": _string(item, "ehr://local/8849182c-82ad-4088-a07f-48ead4180515")}
        case "DV_MULTIMEDIA":
            codes = _codes(constraint, "media_type")
            return {
                "": "https://example.com/bilde.png",
                "|mediatype": codes[0] if codes else "image/png",
                "|size": 2048,
            }
        case "DV_PARSABLE":
            return {"": _string(item, "1"), "|formalism": _string(_primitive(constraint, "formalism"), "text/plain")}
        case "DV_INTERVAL":
            return _interval(rm_type, constraint, node, language)
    return {}


def _text(item: object, node: WebTemplateNode, language: str, number: int) -> str:
    if isinstance(item, CString):
        if item.values:
            return item.values[number % len(item.values)]
        if item.pattern:
            return matching(item.pattern)
    return sentence(node.localized_name or node.name or node.id, language=language, number=number)


def _string(item: object, usual: str) -> str:
    if isinstance(item, CString):
        if item.values:
            return item.values[0]
        if item.pattern and not re.fullmatch(item.pattern, usual):
            return matching(item.pattern)
    return usual


def _coded(node: WebTemplateNode, language: str, number: int) -> _Values:
    listed = next((entry for entry in node.inputs if entry.items), None)
    if listed is not None:
        chosen = listed.items[number % len(listed.items)]
        found: _Values = {"|code": chosen.value}
        if listed.terminology:
            found["|terminology"] = listed.terminology
            found["|value"] = chosen.label
        return found
    terminology = next((entry.terminology for entry in node.inputs if entry.terminology), "")
    phrase = _phrase(node.constraint)
    if not terminology and phrase is not None and phrase.terminology == "local":
        return {"|code": node.node_id, "|terminology": "local"}
    name = terminology.partition("?")[0].removeprefix("//") or "http://snomed.info/sct"
    label = sentence(node.localized_name or node.name, language=language, number=number)
    return {"|code": str(1001 + number), "|value": label, "|terminology": name}


def _quantity(constraint: CDvQuantity | None, number: int) -> _Values:
    if constraint is None or not constraint.items:
        code = constraint.property.code if constraint and constraint.property else ""
        return {"|magnitude": 10.0 + number, "|unit": _UNITS.get(code, "1")}
    chosen = constraint.items[0]
    return {"|magnitude": _magnitude(chosen, number), "|unit": chosen.units}


def _magnitude(chosen: QuantityItem, number: int) -> float:
    value = _within(chosen.magnitude, 10.0) + number
    if chosen.magnitude is not None and not chosen.magnitude.contains(value):
        value -= number
    places = chosen.precision.upper if chosen.precision is not None else None
    rounded = round(value, places if places is not None and places >= 0 else 2)
    if chosen.magnitude is None or chosen.magnitude.contains(rounded):
        return float(rounded)
    return float(value)


def _within(interval: Interval[Any] | None, usual: float) -> float:
    """Return a number in an interval, the usual one if it fits."""
    if interval is None or interval.contains(usual):
        return usual
    low, high = interval.lower, interval.upper
    if low is not None and high is not None:
        return float(low if low == high else low + (high - low) / 3)
    return float(low + 1) if low is not None else float(high - 1) if high is not None else usual


def _whole(item: object, usual: int) -> int:
    if not isinstance(item, CInteger):
        return usual
    if item.values:
        return item.values[0]
    found = int(_within(item.range, usual))
    return found if item.range is None or item.range.contains(found) else found + 1


def _proportion(constraint: CObject | None, node: WebTemplateNode) -> _Values:
    kinds = ("ratio", "unitary", "percent", "fraction", "integer_fraction")
    allowed = node.proportion_types or kinds
    kind = kinds.index("percent" if "percent" in allowed else allowed[0])
    denominator = _real(_primitive(constraint, "denominator"), {1: 1.0, 2: 100.0}.get(kind, 4.0))
    usual = {1: 0.5, 2: 40.0}.get(kind, 3.0)
    numerator = _real(_primitive(constraint, "numerator"), usual)
    if kind >= 3 or _is_integral(constraint):
        numerator, denominator = float(round(numerator)), float(round(denominator))
    return {"|numerator": numerator, "|denominator": denominator, "|type": kind}


def _real(item: object, usual: float) -> float:
    if isinstance(item, CReal | CInteger):
        if item.values:
            return float(item.values[0])
        return float(_within(item.range, usual))
    return usual


def _is_integral(constraint: CObject | None) -> bool:
    item = _primitive(constraint, "is_integral")
    return isinstance(item, CBoolean) and not item.false_valid


def _ordinal(node: WebTemplateNode, number: int) -> _Values:
    items = node.inputs[0].items if node.inputs else ()
    if items:
        return {"|code": items[number % len(items)].value}
    return {"|code": node.node_id or "at0000", "|value": node.name or node.id, "|ordinal": 1}


def _moment(rm_type: str, item: object) -> str:
    """Return a date, time or date-time with the precision that a pattern asks for, within a range."""
    pattern = getattr(item, "pattern", None)
    limits = getattr(item, "range", None)
    if isinstance(item, CDate | CTime | CDateTime) and limits is not None:
        bound = limits.lower or limits.upper
        if bound:
            return str(bound)
    date, clock = _cut(pattern, rm_type)
    if rm_type == "DV_DATE":
        return date
    zone = _OFFSET if len(clock) == len(_CLOCK) else ""
    if rm_type == "DV_TIME":
        return clock + zone
    return f"{date}T{clock}{zone}" if clock else date


def _cut(pattern: str | None, rm_type: str) -> tuple[str, str]:
    """Return the date and the time of the example, without the parts that a pattern forbids."""
    if not pattern:
        return _DAY, _CLOCK
    date, _, clock = pattern.partition("T") if rm_type != "DV_TIME" else ("", "", pattern)
    kept_date = [
        value for value, mark in zip(_DAY.split("-"), re.split("-", date), strict=False) if mark not in ("XX",)
    ]
    kept_clock = [value for value, mark in zip(_CLOCK.split(":"), clock.split(":"), strict=False) if mark != "XX"]
    if not clock.strip():
        kept_clock = []
    return "-".join(kept_date) or _DAY, ":".join(kept_clock)


def _duration(constraint: CDuration | None) -> str:
    if constraint is not None and constraint.range is not None:
        bound = constraint.range.lower if constraint.range.lower_included else None
        bound = bound or (constraint.range.upper if constraint.range.upper_included else None)
        if bound and bound not in ("P0D", "PT0S", "P0Y", "P"):
            return bound
    pattern = constraint.pattern.upper() if constraint is not None and constraint.pattern else ""
    date, _, time = pattern.removeprefix("P").partition("T")
    if not pattern or "D" in date:
        return "P2D"
    for letter in _FIELD_ORDER:
        if letter in date:
            return f"P2{letter}"
    for letter in "HMS":
        if letter in time:
            return f"PT2{letter}"
    return "P2D"


def _identifier(constraint: CObject | None, language: str) -> _Values:
    norwegian = language.partition("-")[0] in ("nb", "nn", "no")
    usual = {
        "id": "A-1001",
        "issuer": "Nordbyen kommune" if norwegian else "Example municipality",
        "assigner": "Tildelingskontoret" if norwegian else "Example office",
        "type": "Saksnummer" if norwegian else "Case number",
    }
    return {f"|{name}": _string(_primitive(constraint, name), value) for name, value in usual.items()}


def _interval(rm_type: str, constraint: CObject | None, node: WebTemplateNode, language: str) -> _Values:
    inner = rm_type.removeprefix("DV_INTERVAL").strip("<>")
    found: _Values = {}
    for end in ("lower", "upper"):
        below = node.by_id.get(end)
        attribute = constraint.attribute(end) if isinstance(constraint, CComplexObject) else None
        own = attribute.children[0] if attribute and attribute.children else None
        kind = inner or (own.rm_type if own else "DV_QUANTITY")
        if isinstance(own, CDvQuantity) and not own.items:
            own = _other_end(constraint, end) or own
        for suffix, value in _of(kind, own, below or node, language, 0).items():
            found[f"/{end}{suffix}"] = value
    return found


def _other_end(constraint: CObject | None, end: str) -> CObject | None:
    """Return the constraint of the opposite bound: both need the same units."""
    other = "upper" if end == "lower" else "lower"
    attribute = constraint.attribute(other) if isinstance(constraint, CComplexObject) else None
    return attribute.children[0] if attribute and attribute.children else None


def _primitive(constraint: CObject | None, attribute: str) -> object | None:
    found = constraint.attribute(attribute) if isinstance(constraint, CComplexObject) else None
    for child in found.children if found else ():
        if isinstance(child, CPrimitiveObject):
            return child.item
    return None


def _phrase(constraint: CObject | None, attribute: str = "defining_code") -> CCodePhrase | None:
    found = constraint.attribute(attribute) if isinstance(constraint, CComplexObject) else None
    return next((child for child in found.children if isinstance(child, CCodePhrase)), None) if found else None


def _codes(constraint: CObject | None, attribute: str) -> tuple[str, ...]:
    phrase = _phrase(constraint, attribute)
    return phrase.codes if phrase else ()


def single_item(inputs: tuple[Input, ...]) -> str | None:
    """Return the first listed value of inputs, None without a list."""
    return next((entry.items[0].value for entry in inputs if entry.items), None)
