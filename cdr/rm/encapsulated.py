"""Multimedia and parsable content (RM, data_types.encapsulated) and the time specifications made of it.

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.text import AnyDvUri, CodePhrase, DataValue


class DvEncapsulated(DataValue):
    """DV_ENCAPSULATED (abstract): content in a format of its own, with its character set and language."""

    charset: CodePhrase | None = None
    language: CodePhrase | None = None


class DvMultimedia(DvEncapsulated, tag="DV_MULTIMEDIA"):
    """DV_MULTIMEDIA: an image, a sound or another file: base64 `data` or a `uri`; `size` in bytes before encoding."""

    alternate_text: str | None = None
    uri: AnyDvUri | None = None
    data: str | None = None
    media_type: CodePhrase = REQUIRED
    compression_algorithm: CodePhrase | None = None
    integrity_check: str | None = None
    integrity_check_algorithm: CodePhrase | None = None
    thumbnail: DvMultimedia | None = None
    size: int = REQUIRED


class DvParsable(DvEncapsulated, tag="DV_PARSABLE"):
    """DV_PARSABLE: a text in a formal language that `formalism` names."""

    value: str = REQUIRED
    formalism: str = REQUIRED


class DvTimeSpecification(DataValue):
    """DV_TIME_SPECIFICATION (abstract): when something is to happen, in HL7's notation."""

    value: DvParsable = REQUIRED


class DvPeriodicTimeSpecification(DvTimeSpecification, tag="DV_PERIODIC_TIME_SPECIFICATION"):
    """DV_PERIODIC_TIME_SPECIFICATION: recurring points in time, in the formalism HL7:PIVL or HL7:EIVL."""


class DvGeneralTimeSpecification(DvTimeSpecification, tag="DV_GENERAL_TIME_SPECIFICATION"):
    """DV_GENERAL_TIME_SPECIFICATION: recurring points in time, in the formalism HL7:GTS."""


AnyDvEncapsulated = DvMultimedia | DvParsable
