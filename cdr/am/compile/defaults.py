"""The default of a template's rule, a text, as the data value that a form starts with.

Sources write `true`, `local::at0005::Past`, `SNOMED-CT::271825005::Respiratory distress` or plain text; which value
that is follows from the types that the element allows.
"""

from __future__ import annotations

from cdr import rm
from cdr.am.compile.draft import DraftNode


def default_value(element: DraftNode, text: str) -> rm.DataValue | None:
    """Return the value that a text stands for in an element, or None where no type of the element can hold it."""
    holder = element.attribute("value")
    types = [child.rm_type.split("<", 1)[0] for child in holder.children] if holder is not None else []
    parts = [part.strip() for part in text.split("::")]
    if len(parts) >= 2 and (not types or {"DV_CODED_TEXT", "DV_TEXT"} & set(types)):
        return _coded(parts)
    for rm_type in types or ["DV_TEXT"]:
        value = _plain(rm_type, text)
        if value is not None:
            return value
    return None


def _coded(parts: list[str]) -> rm.DvCodedText:
    phrase = rm.CodePhrase(terminology_id=rm.TerminologyId(value=parts[0]), code_string=parts[1])
    return rm.DvCodedText(value=parts[2] if len(parts) > 2 else parts[1], defining_code=phrase)


def _plain(rm_type: str, text: str) -> rm.DataValue | None:
    if rm_type == "DV_BOOLEAN" and text in ("true", "false"):
        return rm.DvBoolean(value=text == "true")
    if rm_type == "DV_COUNT" and text.lstrip("-").isdecimal():
        return rm.DvCount(magnitude=int(text))
    if rm_type == "DV_TEXT":
        return rm.DvText(value=text)
    if rm_type == "DV_URI" and ":" in text:
        return rm.DvUri(value=text)
    return None
