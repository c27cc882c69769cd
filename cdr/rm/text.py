"""Texts, codes and links between them (RM, data_types.text and data_types.uri).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.identification import TerminologyId


class DataValue(RmObject):
    """DATA_VALUE (abstract): any value that an element may have."""


class DvUri(DataValue, tag="DV_URI"):
    """DV_URI: a reference to something on a network, by RFC 3986."""

    value: str = REQUIRED


class DvEhrUri(DvUri, tag="DV_EHR_URI"):
    """DV_EHR_URI: a reference into an EHR, with the scheme `ehr`."""


class CodePhrase(RmObject, tag="CODE_PHRASE"):
    """CODE_PHRASE: a code of a terminology."""

    terminology_id: TerminologyId = REQUIRED
    code_string: str = REQUIRED
    preferred_term: str | None = None


class TermMapping(RmObject, tag="TERM_MAPPING"):
    """TERM_MAPPING: a code that means about the same; `match` is > (broader), = , < (narrower) or ? (unknown)."""

    match: str = REQUIRED
    purpose: DvCodedText | None = None
    target: CodePhrase = REQUIRED


class DvText(DataValue, tag="DV_TEXT"):
    """DV_TEXT: a text in natural language, perhaps with codes that it maps to."""

    value: str = REQUIRED
    hyperlink: AnyDvUri | None = None
    formatting: str | None = None
    mappings: list[TermMapping] | None = None
    language: CodePhrase | None = None
    encoding: CodePhrase | None = None


class DvCodedText(DvText, tag="DV_CODED_TEXT"):
    """DV_CODED_TEXT: a text that is the name of a code."""

    defining_code: CodePhrase = REQUIRED


class DvParagraph(DataValue, tag="DV_PARAGRAPH"):
    """DV_PARAGRAPH: texts in a row (deprecated in the specification)."""

    items: list[AnyDvText] = REQUIRED


AnyDvUri = DvUri | DvEhrUri


AnyDvText = DvText | DvCodedText
