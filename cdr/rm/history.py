"""Histories of events (RM, data_structures.history).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm._object import REQUIRED
from cdr.rm.archetyped import Locatable
from cdr.rm.quantity import DvDateTime, DvDuration
from cdr.rm.structures import AnyItemStructure, DataStructure
from cdr.rm.text import DvCodedText


class Event(Locatable):
    """EVENT (abstract): one point or interval of a history, with its data."""

    time: DvDateTime = REQUIRED
    state: AnyItemStructure | None = None
    data: AnyItemStructure = REQUIRED


class PointEvent(Event, tag="POINT_EVENT"):
    """POINT_EVENT: an observation at an instant."""


class IntervalEvent(Event, tag="INTERVAL_EVENT"):
    """INTERVAL_EVENT: an interval of `width` that ends at `time`, summed up by `math_function`."""

    width: DvDuration = REQUIRED
    sample_count: int | None = None
    math_function: DvCodedText = REQUIRED


class History(DataStructure, tag="HISTORY"):
    """HISTORY: a series of events from an origin on."""

    origin: DvDateTime = REQUIRED
    period: DvDuration | None = None
    duration: DvDuration | None = None
    summary: AnyItemStructure | None = None
    events: list[AnyEvent] | None = None


AnyEvent = IntervalEvent | PointEvent
