"""Ordered values, quantities, dates and times (RM, data_types.quantity and quantity.date_time).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from cdr.rm._object import REQUIRED, RmObject
from cdr.rm.temporal_patterns import DATE_PATTERN, DATE_TIME_PATTERN, DURATION_PATTERN, TIME_PATTERN
from cdr.rm.text import AnyDvText, CodePhrase, DataValue, DvCodedText

# Decoders refuse other text: a value that is no date cannot be ordered, indexed or shown.
DateText = Annotated[str, Meta(pattern=DATE_PATTERN)]
TimeText = Annotated[str, Meta(pattern=TIME_PATTERN)]
DateTimeText = Annotated[str, Meta(pattern=DATE_TIME_PATTERN)]
DurationText = Annotated[str, Meta(pattern=DURATION_PATTERN)]


class DvOrdered(DataValue):
    """DV_ORDERED (abstract)."""

    normal_status: CodePhrase | None = None
    normal_range: DvInterval | None = None
    other_reference_ranges: list[ReferenceRange] | None = None


class DvInterval(DataValue, tag="DV_INTERVAL"):
    """DV_INTERVAL.

    The type parameter is checked by a rule, since all objects share this class. Senders leave the two `included` flags
    out, as the v1 XML schema allows: a limit that is there is then included.
    """

    lower: AnyDvOrdered | None = None
    upper: AnyDvOrdered | None = None
    lower_unbounded: bool = REQUIRED
    upper_unbounded: bool = REQUIRED
    lower_included: bool = REQUIRED
    upper_included: bool = REQUIRED

    def __post_init__(self) -> None:
        for flag, unbounded in (("lower_included", self.lower_unbounded), ("upper_included", self.upper_unbounded)):
            if getattr(self, flag) is None and isinstance(unbounded, bool):
                setattr(self, flag, not unbounded)


class ReferenceRange(RmObject, tag="REFERENCE_RANGE"):
    """REFERENCE_RANGE."""

    meaning: AnyDvText = REQUIRED
    range: DvInterval = REQUIRED


class DvOrdinal(DvOrdered, tag="DV_ORDINAL"):
    """DV_ORDINAL."""

    symbol: DvCodedText = REQUIRED
    value: int = REQUIRED


class DvScale(DvOrdered, tag="DV_SCALE"):
    """DV_SCALE."""

    symbol: DvCodedText = REQUIRED
    value: float = REQUIRED


class DvQuantified(DvOrdered):
    """DV_QUANTIFIED (abstract)."""

    magnitude_status: str | None = None


class DvAmount(DvQuantified):
    """DV_AMOUNT (abstract)."""

    accuracy_is_percent: bool | None = None
    accuracy: float | None = None


class DvQuantity(DvAmount, tag="DV_QUANTITY"):
    """DV_QUANTITY."""

    magnitude: float = REQUIRED
    precision: int | None = None
    units: str = REQUIRED
    units_system: str | None = None
    units_display_name: str | None = None


class DvCount(DvAmount, tag="DV_COUNT"):
    """DV_COUNT."""

    magnitude: int = REQUIRED


class DvProportion(DvAmount, tag="DV_PROPORTION"):
    """DV_PROPORTION."""

    numerator: float = REQUIRED
    denominator: float = REQUIRED
    type: int = REQUIRED
    precision: int | None = None


class DvDuration(DvAmount, tag="DV_DURATION"):
    """DV_DURATION."""

    value: DurationText = REQUIRED


class DvAbsoluteQuantity(DvQuantified):
    """DV_ABSOLUTE_QUANTITY (abstract)."""


class DvTemporal(DvAbsoluteQuantity):
    """DV_TEMPORAL (abstract)."""

    accuracy: DvDuration | None = None


class DvDate(DvTemporal, tag="DV_DATE"):
    """DV_DATE."""

    value: DateText = REQUIRED


class DvTime(DvTemporal, tag="DV_TIME"):
    """DV_TIME."""

    value: TimeText = REQUIRED


class DvDateTime(DvTemporal, tag="DV_DATE_TIME"):
    """DV_DATE_TIME."""

    value: DateTimeText = REQUIRED


AnyDvOrdered = DvOrdinal | DvDate | DvDateTime | DvTime | DvCount | DvDuration | DvProportion | DvQuantity | DvScale
