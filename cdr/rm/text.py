"""Texts, codes and links between them (RM, data_types.text and data_types.uri).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.identification import TerminologyId


class DataValue(RmObject):
    """DATA_VALUE (abstract)."""


class DvUri(DataValue, tag="DV_URI"):
    """DV_URI."""

    value: str = REQUIRED


class DvEhrUri(DvUri, tag="DV_EHR_URI"):
    """DV_EHR_URI."""


class CodePhrase(RmObject, tag="CODE_PHRASE"):
    """CODE_PHRASE."""

    terminology_id: TerminologyId = REQUIRED
    code_string: str = REQUIRED
    preferred_term: str | None = None


class TermMapping(RmObject, tag="TERM_MAPPING"):
    """TERM_MAPPING."""

    match: str = REQUIRED
    purpose: DvCodedText | None = None
    target: CodePhrase = REQUIRED


class DvText(DataValue, tag="DV_TEXT"):
    """DV_TEXT."""

    value: str = REQUIRED
    hyperlink: AnyDvUri | None = None
    formatting: str | None = None
    mappings: list[TermMapping] | None = None
    language: CodePhrase | None = None
    encoding: CodePhrase | None = None


class DvCodedText(DvText, tag="DV_CODED_TEXT"):
    """DV_CODED_TEXT."""

    defining_code: CodePhrase = REQUIRED


class DvParagraph(DataValue, tag="DV_PARAGRAPH"):
    """DV_PARAGRAPH."""

    items: list[AnyDvText] = REQUIRED


AnyDvUri = DvUri | DvEhrUri


AnyDvText = DvText | DvCodedText
