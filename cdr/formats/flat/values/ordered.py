"""What all ordered values may carry, intervals and reference ranges, and the table of all value types.

`decode` and `encode` are the two entrances for values of any type.
Source: ITS-REST development, simplified_formats, RM Mappings: DV_INTERVAL, REFERENCE_RANGE and the tables of the
ordered types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from cdr import rm
from cdr.formats.flat.inexpressible import Inexpressible
from cdr.formats.flat.keys import Branch, Json
from cdr.formats.flat.scope import Place, Scope
from cdr.formats.flat.values import date_time, encapsulated, quantity, text
from cdr.rm import REQUIRED

_NORMAL_STATUSES = "openehr_normal_statuses"
_ENDS = ("lower", "upper")
_TEXTS = ("DV_TEXT", "DV_CODED_TEXT")

# Each function handles its own classes; the table joins them, which is beyond what the type of a dict can say.
_Decoder = Callable[[Branch, Scope, Place], Any]


def decode(branch: Branch, scope: Scope, place: Place) -> rm.DataValue | None:
    """Take a value of the type that the place names, None where nothing of it is there."""
    if place.rm_type.startswith("DV_INTERVAL"):
        return _decode_interval(branch, scope, place)
    decoder = _DECODERS.get(place.rm_type)
    if decoder is None:
        return None
    value: rm.DataValue | None = decoder(branch, scope, place)
    if value is not None and isinstance(value, rm.DvOrdered) and (branch.values or branch.children):
        _take_ordered(branch, scope, value, place)
    return value


def encode(value: rm.DataValue, key: str, out: dict[str, Json], *, declared: str) -> None:
    """Write a value under a key; raises `Inexpressible` where FLAT has no keys for something in it."""
    match value:
        case rm.DvText():
            if declared not in _TEXTS:  # a reader would make another type of the key
                raise Inexpressible("value")
            text.encode_text(value, key, out, declared=declared)
        case rm.DvUri():
            text.encode_uri(value, key, out, declared=declared)
        case rm.DvInterval():
            if not declared.startswith("DV_INTERVAL"):
                raise Inexpressible("value")
            _encode_interval(value, key, out)
        case _:
            encoder = _ENCODERS.get(type(value))
            if encoder is None or declared != value.rm_name():
                raise Inexpressible("value")
            encoder(value, key, out)
    if isinstance(value, rm.DvOrdered):
        _encode_ordered(value, key, out)


def decode_moment(branch: Branch, scope: Scope) -> rm.DvDateTime | None:
    """Take a DV_DATE_TIME with all that an ordered value may carry."""
    found = decode(branch, scope, Place(rm_type="DV_DATE_TIME"))
    return found if isinstance(found, rm.DvDateTime) else None


def _take_ordered(branch: Branch, scope: Scope, value: rm.DvOrdered, place: Place) -> None:
    status = scope.text(branch, "normal_status")
    if status is not None:
        value.normal_status = text.code_phrase(_NORMAL_STATUSES, status)
    if isinstance(value, rm.DvQuantified):
        value.magnitude_status = scope.text(branch, "magnitude_status")
    if isinstance(value, rm.DvAmount):
        accuracy = scope.number(branch, "accuracy")
        value.accuracy = None if accuracy is None else float(accuracy)
        value.accuracy_is_percent = scope.boolean(branch, "accuracy_is_percent")
    if not branch.children:
        return
    if isinstance(value, rm.DvTemporal):
        accuracy_branch = branch.take_child("_accuracy")
        if accuracy_branch is not None:
            found = decode(accuracy_branch, scope, Place(rm_type="DV_DURATION"))
            value.accuracy = found if isinstance(found, rm.DvDuration) else None
    inner = Place(rm_type=place.rm_type, inputs=place.inputs, node=place.node)
    normal = branch.take_child("_normal_range")
    if normal is not None:
        value.normal_range = _interval(normal, scope, inner)
    ranges = []
    for below in (*branch.take_all("_other_reference_ranges"), *branch.take_all("_other_reference_range")):
        meaning = below.take_child("meaning")
        name = text.decode_text(meaning, scope, Place(rm_type="DV_TEXT")) if meaning is not None else None
        ranges.append(rm.ReferenceRange(meaning=name or REQUIRED, range=_interval(below, scope, inner)))
    if ranges:
        value.other_reference_ranges = ranges


def _encode_ordered(value: rm.DvOrdered, key: str, out: dict[str, Json]) -> None:
    status = value.normal_status
    if status is not None:
        if status.terminology_id.value != _NORMAL_STATUSES or status.preferred_term is not None:
            raise Inexpressible("normal_status")
        out[f"{key}|normal_status"] = status.code_string
    if isinstance(value, rm.DvQuantified) and value.magnitude_status is not None:
        out[f"{key}|magnitude_status"] = value.magnitude_status
    if isinstance(value, rm.DvAmount):
        if value.accuracy is not None:
            out[f"{key}|accuracy"] = value.accuracy
        if value.accuracy_is_percent is not None:
            out[f"{key}|accuracy_is_percent"] = value.accuracy_is_percent
    if isinstance(value, rm.DvTemporal) and value.accuracy is not None:
        encode(value.accuracy, f"{key}/_accuracy", out, declared="DV_DURATION")
    declared = value.rm_name()
    if value.normal_range is not None:
        _encode_interval(value.normal_range, f"{key}/_normal_range", out, declared=declared)
    for number, reference in enumerate(value.other_reference_ranges or ()):
        below = f"{key}/_other_reference_ranges:{number}"
        if reference.meaning is None or reference.range is None:
            raise Inexpressible("other_reference_ranges")
        text.encode_text(reference.meaning, f"{below}/meaning", out)
        _encode_interval(reference.range, below, out, declared=declared)


def _decode_interval(branch: Branch, scope: Scope, place: Place) -> rm.DvInterval | None:
    inner = place.rm_type.removeprefix("DV_INTERVAL").strip("<>")
    children = place.node.by_id if place.node is not None else {}
    inputs = children["lower"].inputs if "lower" in children else ()
    is_there = any(end in branch.children for end in _ENDS) or branch.has("lower_unbounded", "upper_unbounded")
    return _interval(branch, scope, Place(rm_type=inner, inputs=inputs)) if is_there else None


def _interval(branch: Branch, scope: Scope, inner: Place) -> rm.DvInterval:
    """Take an interval; a bound that is not there is open, a bound that is there is included."""
    found = rm.DvInterval()
    for end in _ENDS:
        below = branch.take_child(end)
        bound = None
        if below is not None:
            rm_type = inner.rm_type if inner.rm_type in _DECODERS else _guess(below)
            bound = decode(below, scope, Place(rm_type=rm_type, inputs=inner.inputs))
            setattr(found, end, bound)
        unbounded = scope.boolean(branch, f"{end}_unbounded")
        included = scope.boolean(branch, f"{end}_included")
        unbounded = bound is None if unbounded is None else unbounded
        setattr(found, f"{end}_unbounded", unbounded)
        setattr(found, f"{end}_included", not unbounded if included is None else included)
    return found


def _encode_interval(value: rm.DvInterval, key: str, out: dict[str, Json], *, declared: str = "") -> None:
    for end in _ENDS:
        bound = getattr(value, end)
        unbounded, included = getattr(value, f"{end}_unbounded"), getattr(value, f"{end}_included")
        if bound is not None:
            rm_type = bound.rm_name()
            if declared and rm_type != declared:
                raise Inexpressible(end)
            encode(bound, f"{key}/{end}", out, declared=rm_type)
        if unbounded is None or included is None:
            raise Inexpressible(end)
        # Written where they differ from what a reader assumes.
        if unbounded or bound is None:
            out[f"{key}|{end}_unbounded"] = unbounded
        if not included or unbounded:
            out[f"{key}|{end}_included"] = included


def _guess(branch: Branch) -> str:
    """Return the type that the keys of a bound show, where the template does not say."""
    if branch.has("magnitude", "unit"):
        return "DV_QUANTITY"
    if branch.has("numerator"):
        return "DV_PROPORTION"
    if branch.has("ordinal", "code"):
        return "DV_ORDINAL"
    value = branch.values.get("")
    if not isinstance(value, str):
        return "DV_COUNT"
    if value.lstrip("-").startswith("P"):
        return "DV_DURATION"
    if "T" in value:
        return "DV_DATE_TIME"
    return "DV_TIME" if ":" in value[:3] else "DV_DATE"


_DECODERS: Mapping[str, _Decoder] = MappingProxyType(
    {
        "DV_TEXT": text.decode_text,
        "DV_CODED_TEXT": text.decode_coded_text,
        "DV_URI": text.decode_uri,
        "DV_EHR_URI": text.decode_uri,
        "DV_QUANTITY": quantity.decode_quantity,
        "DV_COUNT": quantity.decode_count,
        "DV_PROPORTION": quantity.decode_proportion,
        "DV_ORDINAL": quantity.decode_ordinal,
        "DV_SCALE": quantity.decode_ordinal,
        "DV_DATE": date_time.decode_date,
        "DV_TIME": date_time.decode_time,
        "DV_DATE_TIME": date_time.decode_date_time,
        "DV_DURATION": date_time.decode_duration,
        "DV_PARSABLE": encapsulated.decode_parsable,
        "DV_MULTIMEDIA": encapsulated.decode_multimedia,
        "DV_IDENTIFIER": encapsulated.decode_identifier,
        "DV_BOOLEAN": encapsulated.decode_boolean,
    }
)
_ENCODERS: Mapping[type, Callable[[Any, str, dict[str, Json]], None]] = MappingProxyType(
    {
        rm.DvQuantity: quantity.encode_quantity,
        rm.DvCount: quantity.encode_count,
        rm.DvProportion: quantity.encode_proportion,
        rm.DvOrdinal: quantity.encode_ordinal,
        rm.DvScale: quantity.encode_ordinal,
        rm.DvDate: date_time.encode_iso,
        rm.DvTime: date_time.encode_iso,
        rm.DvDateTime: date_time.encode_iso,
        rm.DvDuration: date_time.encode_iso,
        rm.DvParsable: encapsulated.encode_parsable,
        rm.DvMultimedia: encapsulated.encode_multimedia,
        rm.DvIdentifier: encapsulated.encode_identifier,
        rm.DvBoolean: encapsulated.encode_boolean,
    }
)
