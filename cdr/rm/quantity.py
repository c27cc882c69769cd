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
    """DV_ORDERED (abstract): a value with an order, and perhaps with ranges it is judged by."""

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
    """REFERENCE_RANGE: a named range to judge a value by, such as `therapeutic`."""

    meaning: AnyDvText = REQUIRED
    range: DvInterval = REQUIRED


class DvOrdinal(DvOrdered, tag="DV_ORDINAL"):
    """DV_ORDINAL: a symbol with a whole number as its rank."""

    symbol: DvCodedText = REQUIRED
    value: int = REQUIRED


class DvScale(DvOrdered, tag="DV_SCALE"):
    """DV_SCALE: a symbol with a real number as its rank."""

    symbol: DvCodedText = REQUIRED
    value: float = REQUIRED


class DvQuantified(DvOrdered):
    """DV_QUANTIFIED (abstract): a value with a magnitude; `magnitude_status` is one of =, <, >, <=, >= and ~."""

    magnitude_status: str | None = None


class DvAmount(DvQuantified):
    """DV_AMOUNT (abstract): a magnitude that can be added; `accuracy` is half the error, in units or percent."""

    accuracy_is_percent: bool | None = None
    accuracy: float | None = None


class DvQuantity(DvAmount, tag="DV_QUANTITY"):
    """DV_QUANTITY: a magnitude with UCUM units, or units of `units_system`; `precision` in decimal places."""

    magnitude: float = REQUIRED
    precision: int | None = None
    units: str = REQUIRED
    units_system: str | None = None
    units_display_name: str | None = None


class DvCount(DvAmount, tag="DV_COUNT"):
    """DV_COUNT: a number of things."""

    magnitude: int = REQUIRED


class DvProportion(DvAmount, tag="DV_PROPORTION"):
    """DV_PROPORTION: a ratio of two numbers; `type` 0 ratio, 1 unitary, 2 percent, 3 fraction, 4 integer fraction."""

    numerator: float = REQUIRED
    denominator: float = REQUIRED
    type: int = REQUIRED
    precision: int | None = None


class DvDuration(DvAmount, tag="DV_DURATION"):
    """DV_DURATION: a length of time in ISO 8601, with weeks beside other parts and perhaps a minus sign."""

    value: DurationText = REQUIRED


class DvAbsoluteQuantity(DvQuantified):
    """DV_ABSOLUTE_QUANTITY (abstract): a point on a scale: points subtract to amounts."""


class DvTemporal(DvAbsoluteQuantity):
    """DV_TEMPORAL (abstract): a point in time; `accuracy` is half the width of the error."""

    accuracy: DvDuration | None = None


class DvDate(DvTemporal, tag="DV_DATE"):
    """DV_DATE: a date in ISO 8601, perhaps partial."""

    value: DateText = REQUIRED


class DvTime(DvTemporal, tag="DV_TIME"):
    """DV_TIME: a time of day in ISO 8601, perhaps partial, perhaps with an offset."""

    value: TimeText = REQUIRED


class DvDateTime(DvTemporal, tag="DV_DATE_TIME"):
    """DV_DATE_TIME: a date with a time of day in ISO 8601, perhaps partial, perhaps with an offset."""

    value: DateTimeText = REQUIRED


AnyDvOrdered = DvOrdinal | DvDate | DvDateTime | DvTime | DvCount | DvDuration | DvProportion | DvQuantity | DvScale
