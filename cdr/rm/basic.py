"""Booleans, states and real-world identifiers (RM, data_types.basic).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.text import DataValue, DvCodedText


class DvBoolean(DataValue, tag="DV_BOOLEAN"):
    """DV_BOOLEAN: true or false, as data."""

    value: bool = REQUIRED


class DvState(DataValue, tag="DV_STATE"):
    """DV_STATE: a state of a state machine, and whether it is an end state."""

    value: DvCodedText = REQUIRED
    is_terminal: bool = REQUIRED


class DvIdentifier(DataValue, tag="DV_IDENTIFIER"):
    """DV_IDENTIFIER: an identifier that the real world issued, such as a requisition number."""

    issuer: str | None = None
    assigner: str | None = None
    id: str = REQUIRED
    type: str | None = None
