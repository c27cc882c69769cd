"""Numbers: DV_QUANTITY, DV_COUNT, DV_PROPORTION, DV_ORDINAL, DV_SCALE.

Source: ITS-REST development, simplified_formats, RM Mappings: the sections with these names. DV_SCALE, which the text
leaves out, has the keys of DV_ORDINAL.
"""

from __future__ import annotations

from math import inf, isfinite

from cdr import rm
from cdr.formats.flat.inexpressible import Inexpressible, only
from cdr.formats.flat.keys import Branch, Json
from cdr.formats.flat.scope import Place, Scope
from cdr.formats.flat.values.text import coded_text, label_of
from cdr.rm import REQUIRED
from cdr.webtemplate.model import Input

# RM, DV_QUANTITY.precision: -1 is "no limit", which is also what a precision that is absent means.
_NO_LIMIT = -1
_IMPLIED_DENOMINATOR = {1: 1.0, 2: 100.0}
_KINDS = ("ratio", "unitary", "percent", "fraction", "integer_fraction")


def decode_quantity(branch: Branch, scope: Scope, place: Place) -> rm.DvQuantity | None:
    """Take a DV_QUANTITY; the unit may be left out where the template has only one."""
    magnitude = scope.number(branch, "magnitude")
    if magnitude is None:
        magnitude = scope.number(branch)
    units = scope.text(branch, "unit") or scope.text(branch, "units")
    is_unit_given = units is not None
    if units is None:
        listed = place.field("unit")
        items = listed.items if listed else ()
        units = items[0].value if len(items) == 1 else None
        if units is None and magnitude is not None:
            scope.wrong(branch, "unit", "the unit, as |unit")
    if magnitude is None:
        if is_unit_given:
            scope.wrong(branch, "magnitude", "the magnitude, as |magnitude")
        return None
    precision = scope.whole(branch, "precision")
    if precision is None:
        precision = _fixed_precision(place.inputs, units)
    elif precision == _NO_LIMIT and _fixed_precision(place.inputs, units) is not None:
        precision = None
    return rm.DvQuantity(
        magnitude=float(magnitude),
        units=units if units is not None else REQUIRED,
        precision=precision,
        units_system=scope.text(branch, "units_system"),
        units_display_name=scope.text(branch, "units_display_name"),
    )


def encode_quantity(value: rm.DvQuantity, key: str, out: dict[str, Json]) -> None:
    """Write a DV_QUANTITY."""
    out[f"{key}|magnitude"] = value.magnitude
    out[f"{key}|unit"] = value.units
    for attribute in ("precision", "units_system", "units_display_name"):
        part = getattr(value, attribute)
        if part is not None:
            out[f"{key}|{attribute}"] = part


def leave_fixed_precision(value: rm.DvQuantity, key: str, out: dict[str, Json], *, inputs: tuple[Input, ...]) -> None:
    """Take back a written precision that the template fixes; where there is none in spite of it, say so."""
    fixed = _fixed_precision(inputs, value.units)
    if fixed is None:
        return
    if value.precision is None:
        out[f"{key}|precision"] = _NO_LIMIT
    elif value.precision == fixed:
        del out[f"{key}|precision"]


def _fixed_precision(inputs: tuple[Input, ...], units: str | None) -> int | None:
    """Return the precision of a unit where the template leaves only one."""
    for entry in inputs:
        for item in entry.items if entry.suffix == "unit" else ():
            if item.value == units and item.validation is not None and item.validation.precision is not None:
                lower, upper = item.validation.precision
                is_fixed = (
                    lower is not None and upper is not None and (lower, upper) == ((">=", lower[1]), ("<=", lower[1]))
                )
                return lower[1] if is_fixed and lower is not None else None
    return None


def decode_count(branch: Branch, scope: Scope, place: Place) -> rm.DvCount | None:
    """Take a DV_COUNT."""
    magnitude = scope.whole(branch)
    if magnitude is None:
        magnitude = scope.whole(branch, "magnitude")
    return None if magnitude is None else rm.DvCount(magnitude=magnitude)


def encode_count(value: rm.DvCount, key: str, out: dict[str, Json]) -> None:
    """Write a DV_COUNT."""
    out[key] = value.magnitude


def decode_proportion(branch: Branch, scope: Scope, place: Place) -> rm.DvProportion | None:
    """Take a DV_PROPORTION; its key alone is the quotient, which is used only where there is no numerator."""
    quotient = scope.number(branch, "" if branch.has("") else "value")
    numerator = scope.number(branch, "numerator")
    denominator = scope.number(branch, "denominator")
    kind = scope.whole(branch, "type")
    kinds = place.node.proportion_types if place.node is not None else ()
    if kind is None and len(kinds) == 1:
        kind = _KINDS.index(kinds[0])
    if denominator is None and kind is not None:
        denominator = _IMPLIED_DENOMINATOR.get(kind)
    if numerator is None and quotient is not None and denominator is not None:
        numerator = round(quotient * denominator, 12)
    if numerator is None:
        if denominator is not None and (kind is not None and not kinds):
            scope.wrong(branch, "numerator", "the numerator, as |numerator")
        return None
    if denominator is None:
        scope.wrong(branch, "denominator", "the denominator, as |denominator")
        return None
    if kind is None:
        kind = 0
    return rm.DvProportion(
        numerator=float(numerator),
        denominator=float(denominator),
        type=kind,
        precision=scope.whole(branch, "precision"),
    )


def encode_proportion(value: rm.DvProportion, key: str, out: dict[str, Json]) -> None:
    """Write a DV_PROPORTION with its quotient."""
    out[f"{key}|numerator"] = value.numerator
    out[f"{key}|denominator"] = value.denominator
    out[f"{key}|type"] = value.type
    quotient = value.numerator / value.denominator if value.denominator else inf
    if isfinite(quotient):  # numbers at the edge of a double have a quotient beyond it
        out[key] = quotient
    if value.precision is not None:
        out[f"{key}|precision"] = value.precision


def decode_ordinal(branch: Branch, scope: Scope, place: Place) -> rm.DvOrdinal | rm.DvScale | None:
    """Take a DV_ORDINAL or DV_SCALE by its code, or by its number where the template lists it."""
    code = scope.text(branch, "code")
    label = scope.text(branch, "value")
    terminology = scope.text(branch, "terminology") or "local"
    number = scope.number(branch, "ordinal")
    bare = branch.take()
    if code is None and isinstance(bare, str):
        code = bare
    elif number is None and isinstance(bare, int | float) and not isinstance(bare, bool):
        number = bare
    listed = None
    for item in place.items():
        if item.value == code or (code is None and item.ordinal is not None and item.ordinal == number):
            listed = item
            break
    if code is None and listed is None:
        if number is not None or label is not None:
            scope.wrong(branch, "code", "a code of the template, as |code", code="FLAT_CODE")
        return None
    code = code if code is not None else listed.value if listed else ""
    if number is None:
        number = listed.ordinal if listed else None
    if number is None:
        scope.wrong(branch, "ordinal", "the number of a step that the template does not list, as |ordinal")
        return None
    label = label if label is not None else label_of(terminology, code, scope, place)
    if label is None:
        scope.wrong(branch, "value", "the text of a code that the template does not list, as |value", code="FLAT_CODE")
        return None
    symbol = coded_text(terminology, code, label)
    if place.rm_type == "DV_SCALE":
        return rm.DvScale(symbol=symbol, value=float(number))
    return rm.DvOrdinal(symbol=symbol, value=int(number))


def encode_ordinal(value: rm.DvOrdinal | rm.DvScale, key: str, out: dict[str, Json]) -> None:
    """Write a DV_ORDINAL or DV_SCALE."""
    symbol = value.symbol
    if symbol is None or symbol.defining_code is None:
        raise Inexpressible("symbol")
    only("symbol", symbol.hyperlink, symbol.formatting, symbol.language, symbol.encoding, symbol.mappings)
    only("symbol", symbol.defining_code.preferred_term)
    out[f"{key}|code"] = symbol.defining_code.code_string
    out[f"{key}|value"] = symbol.value
    out[f"{key}|ordinal"] = value.value
    terminology = symbol.defining_code.terminology_id.value
    if terminology != "local":
        out[f"{key}|terminology"] = terminology
