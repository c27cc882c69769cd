"""The leaves of one data value or attribute: which scalars of it the index document keeps, and as what.

Each function is given a sink, the path of the value from its node ("value/", "context/start_time/"), and the value; it
tells the sink each scalar under a label `path type scalar` that the path dictionary understands. Called by the walk of
`cdr.store.to_document` for every ELEMENT and for the attributes of `cdr.store.structure`.

What is not here (mappings, reference ranges, multimedia bytes) is read from the stored version.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Protocol

from cdr import rm
from cdr.store.instants import date_seconds, date_time_seconds, duration_seconds, time_seconds
from cdr.store.layout import TEXT_CAP

_INT64 = 1 << 63


class Sink(Protocol):
    """Where leaves go; `zone` is the time zone of dates and times without an offset."""

    zone: tzinfo

    def searched(self, label: str, scalar: float | str) -> None:
        """Keep a scalar in `m`."""

    def kept(self, label: str, scalar: float | str) -> None:
        """Keep a scalar in `r`."""

    def listed(self, label: str, scalars: list[str]) -> None:
        """Keep all values of an attribute with many in `m`."""


# The value's class decides the function, so the parameter has that class; the table below cannot say so.
Leaves = Callable[[Sink, str, Any], None]


def value_leaves(sink: Sink, prefix: str, value: Any) -> None:
    """Tell the sink the leaves of a data value of any class; classes without any are left out."""
    function = _FUNCTIONS.get(type(value))
    if function is not None:
        function(sink, prefix, value)


def text_leaf(sink: Sink, label: str, text: str | None) -> None:
    """Keep a text in `m`, cut to `TEXT_CAP` characters."""
    if text is not None:
        sink.searched(label, text if len(text) <= TEXT_CAP else text[:TEXT_CAP])


def raw_leaf(sink: Sink, label: str, scalar: float | str | None) -> None:
    """Keep a scalar in `r`, if there is one."""
    if scalar is not None:
        sink.kept(label, scalar if type(scalar) is not int or -_INT64 <= scalar < _INT64 else float(scalar))


def number_leaf(sink: Sink, label: str, number: float | None) -> None:
    """Keep a number in `m`, if there is one; integers that BSON cannot hold become doubles."""
    if number is not None:
        sink.searched(label, number if type(number) is not int or -_INT64 <= number < _INT64 else float(number))


def code_leaves(sink: Sink, prefix: str, code: rm.CodePhrase | None) -> None:
    """Keep a code in `m` and its terminology in `r`."""
    if code is not None:
        text_leaf(sink, prefix + "code_string CODE_PHRASE text", code.code_string)
        if code.terminology_id is not None:
            raw_leaf(sink, prefix + "terminology_id/value CODE_PHRASE raw", code.terminology_id.value)


def _text(sink: Sink, prefix: str, value: rm.DvText) -> None:
    text_leaf(sink, prefix + "value DV_TEXT text", value.value)


def _coded_text(sink: Sink, prefix: str, value: rm.DvCodedText) -> None:
    text_leaf(sink, prefix + "value DV_TEXT text", value.value)
    code_leaves(sink, prefix + "defining_code/", value.defining_code)


def _quantity(sink: Sink, prefix: str, value: rm.DvQuantity) -> None:
    number_leaf(sink, prefix + "magnitude DV_QUANTITY number", value.magnitude)
    raw_leaf(sink, prefix + "units DV_QUANTITY raw", value.units)
    if value.precision is not None:
        raw_leaf(sink, prefix + "precision DV_QUANTITY raw", value.precision)
    if value.magnitude_status is not None:
        raw_leaf(sink, prefix + "magnitude_status DV_QUANTITY raw", value.magnitude_status)


def _count(sink: Sink, prefix: str, value: rm.DvCount) -> None:
    number_leaf(sink, prefix + "magnitude DV_COUNT number", value.magnitude)
    if value.magnitude_status is not None:
        raw_leaf(sink, prefix + "magnitude_status DV_COUNT raw", value.magnitude_status)


def _proportion(sink: Sink, prefix: str, value: rm.DvProportion) -> None:
    number_leaf(sink, prefix + "numerator DV_PROPORTION number", value.numerator)
    number_leaf(sink, prefix + "denominator DV_PROPORTION number", value.denominator)
    raw_leaf(sink, prefix + "type DV_PROPORTION raw", value.type)
    raw_leaf(sink, prefix + "precision DV_PROPORTION raw", value.precision)


def _ordinal(sink: Sink, prefix: str, value: rm.DvOrdinal | rm.DvScale) -> None:
    number_leaf(sink, prefix + f"value {value.rm_name()} number", value.value)
    if value.symbol is not None:
        raw_leaf(sink, prefix + "symbol/value DV_TEXT raw", value.symbol.value)
        code_leaves(sink, prefix + "symbol/defining_code/", value.symbol.defining_code)


def _written(rm_type: str, scalar: str, seconds: Callable[[str, tzinfo], float | None]) -> Leaves:
    """Return the function for a class whose value is ISO 8601 text: seconds in `m`, the text in `r`."""
    label = f"value {rm_type} {scalar}"

    def leaves(sink: Sink, prefix: str, value: rm.DvDateTime | rm.DvDuration) -> None:
        if value.value is not None:
            number = seconds(value.value, sink.zone)
            if number is not None:
                sink.searched(prefix + label, number)
            sink.kept(prefix + label, value.value)

    return leaves


def _boolean(sink: Sink, prefix: str, value: rm.DvBoolean) -> None:
    number_leaf(sink, prefix + "value DV_BOOLEAN boolean", value.value)


def _identifier(sink: Sink, prefix: str, value: rm.DvIdentifier) -> None:
    text_leaf(sink, prefix + "id DV_IDENTIFIER text", value.id)
    raw_leaf(sink, prefix + "issuer DV_IDENTIFIER raw", value.issuer)
    raw_leaf(sink, prefix + "assigner DV_IDENTIFIER raw", value.assigner)
    raw_leaf(sink, prefix + "type DV_IDENTIFIER raw", value.type)


def _uri(sink: Sink, prefix: str, value: rm.DvUri) -> None:
    text_leaf(sink, prefix + f"value {value.rm_name()} text", value.value)


def _parsable(sink: Sink, prefix: str, value: rm.DvParsable) -> None:
    text_leaf(sink, prefix + "value DV_PARSABLE text", value.value)
    raw_leaf(sink, prefix + "formalism DV_PARSABLE raw", value.formalism)


def _multimedia(sink: Sink, prefix: str, value: rm.DvMultimedia) -> None:
    raw_leaf(sink, prefix + "size DV_MULTIMEDIA raw", value.size)
    if value.media_type is not None:
        raw_leaf(sink, prefix + "media_type/code_string CODE_PHRASE raw", value.media_type.code_string)
    if value.uri is not None:
        raw_leaf(sink, prefix + "uri/value DV_URI raw", value.uri.value)


def _interval(sink: Sink, prefix: str, value: rm.DvInterval) -> None:
    if value.lower is not None:
        value_leaves(sink, prefix + "lower/", value.lower)
    if value.upper is not None:
        value_leaves(sink, prefix + "upper/", value.upper)
    raw_leaf(sink, prefix + "lower_unbounded DV_INTERVAL raw", value.lower_unbounded)
    raw_leaf(sink, prefix + "upper_unbounded DV_INTERVAL raw", value.upper_unbounded)
    raw_leaf(sink, prefix + "lower_included DV_INTERVAL raw", value.lower_included)
    raw_leaf(sink, prefix + "upper_included DV_INTERVAL raw", value.upper_included)


def _state(sink: Sink, prefix: str, value: rm.DvState) -> None:
    if value.value is not None:
        _coded_text(sink, prefix + "value/", value.value)
    raw_leaf(sink, prefix + "is_terminal DV_STATE raw", value.is_terminal)


_FUNCTIONS: dict[type, Leaves] = {
    rm.DvText: _text,
    rm.DvCodedText: _coded_text,
    rm.DvQuantity: _quantity,
    rm.DvCount: _count,
    rm.DvProportion: _proportion,
    rm.DvOrdinal: _ordinal,
    rm.DvScale: _ordinal,
    rm.DvDateTime: _written("DV_DATE_TIME", "time", date_time_seconds),
    rm.DvDate: _written("DV_DATE", "time", date_seconds),
    rm.DvTime: _written("DV_TIME", "clock", time_seconds),
    rm.DvDuration: _written("DV_DURATION", "duration", duration_seconds),
    rm.DvBoolean: _boolean,
    rm.DvIdentifier: _identifier,
    rm.DvUri: _uri,
    rm.DvEhrUri: _uri,
    rm.DvParsable: _parsable,
    rm.DvMultimedia: _multimedia,
    rm.DvInterval: _interval,
    rm.DvState: _state,
}
