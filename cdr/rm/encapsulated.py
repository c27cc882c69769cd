"""Multimedia and parsable content (RM, data_types.encapsulated) and the time specifications made of it.

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.text import AnyDvUri, CodePhrase, DataValue


class DvEncapsulated(DataValue):
    """DV_ENCAPSULATED (abstract)."""

    charset: CodePhrase | None = None
    language: CodePhrase | None = None


class DvMultimedia(DvEncapsulated, tag="DV_MULTIMEDIA"):
    """DV_MULTIMEDIA."""

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
    """DV_PARSABLE."""

    value: str = REQUIRED
    formalism: str = REQUIRED


class DvTimeSpecification(DataValue):
    """DV_TIME_SPECIFICATION (abstract)."""

    value: DvParsable = REQUIRED


class DvPeriodicTimeSpecification(DvTimeSpecification, tag="DV_PERIODIC_TIME_SPECIFICATION"):
    """DV_PERIODIC_TIME_SPECIFICATION."""


class DvGeneralTimeSpecification(DvTimeSpecification, tag="DV_GENERAL_TIME_SPECIFICATION"):
    """DV_GENERAL_TIME_SPECIFICATION."""


AnyDvEncapsulated = DvMultimedia | DvParsable
