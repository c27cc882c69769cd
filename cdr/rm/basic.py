"""Booleans, states and real-world identifiers (RM, data_types.basic).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.text import DataValue, DvCodedText


class DvBoolean(DataValue, tag="DV_BOOLEAN"):
    """DV_BOOLEAN."""

    value: bool = REQUIRED


class DvState(DataValue, tag="DV_STATE"):
    """DV_STATE."""

    value: DvCodedText = REQUIRED
    is_terminal: bool = REQUIRED


class DvIdentifier(DataValue, tag="DV_IDENTIFIER"):
    """DV_IDENTIFIER."""

    issuer: str | None = None
    assigner: str | None = None
    id: str = REQUIRED
    type: str | None = None
