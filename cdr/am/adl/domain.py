"""The constraint forms that ADL 1.4 gives openEHR's own types: quantities, ordinals, coded texts and states.

Two spellings exist: inline (`[local::at0005, at0006; at0005]`, `0|[local::at0010], 1|[local::at0011]`) and blocks of
ODIN (`C_DV_QUANTITY <...>`, `C_DV_ORDINAL <...>`, `C_CODE_PHRASE <...>`).
Source: AM Release-2.3.0, AOM 1.4, appendix "Domain-specific extension".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cdr import rm
from cdr.am.adl.cursor import Cursor
from cdr.am.adl.odin import OdinInterval, OdinTerm, OdinValue, read_odin_block
from cdr.am.adl.source import AdlSyntaxError
from cdr.am.constraints import (
    CCodePhrase,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CObject,
    OrdinalItem,
    QuantityItem,
    ScaleItem,
)
from cdr.am.intervals import Interval
from cdr.am.terms import Code

_STEP = re.compile(r"(-?[0-9]+(\.[0-9]+)?)\s*\|\s*\[\s*([A-Za-z0-9_.()-]+)\s*::\s*([A-Za-z0-9_.-]+)\s*\]")
_ASSUMED_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_TERMINOLOGY = re.compile(r"\[\s*([A-Za-z0-9_./:-]*?[A-Za-z0-9_./-](?:\([^)\]]*\))?)\s*::")
_CODE = re.compile(r"[^\s,;\]\[]+")
_BLOCK = re.compile(r"\(?(C_DV_QUANTITY|C_QUANTITY|C_DV_ORDINAL|C_DV_SCALE|C_CODE_PHRASE|C_CODED_TERM)\)?\s*(?=<)")


def read_inline(cursor: Cursor) -> CObject | None:
    """Return the coded or ordinal constraint that stands inline at the cursor, or None if there is none."""
    if cursor.peek(_STEP) is not None:
        return _steps(cursor)
    if (match := cursor.take(_TERMINOLOGY)) is not None:
        return _code_phrase(cursor, match.group(1))
    return None


def read_block(cursor: Cursor) -> CObject | None:
    """Return the constraint of an ODIN block at the cursor, or None where an ordinary type name stands."""
    match = cursor.take(_BLOCK)
    if match is None:
        return None
    place = cursor.position
    attributes, cursor.position = read_odin_block(cursor.text, place)
    cursor.skip()
    kind = match.group(1)
    if kind in ("C_DV_QUANTITY", "C_QUANTITY"):
        return _quantity(attributes, place)
    if kind in ("C_DV_ORDINAL", "C_DV_SCALE"):
        return _ordinal_block(attributes, place, is_scale=kind == "C_DV_SCALE")
    return _code_phrase_block(attributes, place)


def _code_phrase(cursor: Cursor, terminology: str) -> CCodePhrase:
    codes: list[str] = []
    assumed: Code | None = None
    if not cursor.at("]") and not cursor.at(";"):
        codes.append(cursor.require(_CODE, "a code").group(0))
        while cursor.accept(","):
            codes.append(cursor.require(_CODE, "a code").group(0))
    if cursor.accept(";"):
        assumed = Code(terminology, cursor.require(_CODE, "the assumed code").group(0))
    cursor.expect("]")
    return CCodePhrase(rm_type="CODE_PHRASE", terminology=terminology, codes=tuple(codes), assumed=assumed)


def _steps(cursor: Cursor) -> CObject:
    found: list[tuple[str, Code]] = []
    is_scale = False
    while (match := cursor.take(_STEP)) is not None:
        is_scale = is_scale or match.group(2) is not None
        found.append((match.group(1), Code(match.group(3), match.group(4))))
        if not cursor.accept(","):
            break
    assumed = cursor.require(_ASSUMED_NUMBER, "the assumed number").group(0) if cursor.accept(";") else None
    if is_scale:
        scale = tuple(ScaleItem(float(value), symbol) for value, symbol in found)
        return CDvScale(rm_type="DV_SCALE", items=scale, assumed=_assumed_scale(scale, assumed))
    ordinal = tuple(OrdinalItem(int(value), symbol) for value, symbol in found)
    return CDvOrdinal(rm_type="DV_ORDINAL", items=ordinal, assumed=_assumed_ordinal(ordinal, assumed))


def _assumed_ordinal(items: tuple[OrdinalItem, ...], assumed: str | None) -> rm.DvOrdinal | None:
    for item in items if assumed is not None else ():
        if str(item.value) == assumed:
            return rm.DvOrdinal(value=item.value, symbol=_symbol(item.symbol))
    return None


def _assumed_scale(items: tuple[ScaleItem, ...], assumed: str | None) -> rm.DvScale | None:
    for item in items if assumed is not None else ():
        if assumed is not None and item.value == float(assumed):
            return rm.DvScale(value=item.value, symbol=_symbol(item.symbol))
    return None


def _symbol(code: Code) -> rm.DvCodedText:
    phrase = rm.CodePhrase(terminology_id=rm.TerminologyId(value=code.terminology), code_string=code.code)
    return rm.DvCodedText(value=code.code, defining_code=phrase)


def _quantity(attributes: Mapping[str, OdinValue], place: int) -> CDvQuantity:
    listed = attributes.get("list")
    items: list[QuantityItem] = []
    if isinstance(listed, dict):
        for entry in listed.values():
            if not isinstance(entry, dict):
                raise AdlSyntaxError("units in every item of the list", place)
            items.append(
                QuantityItem(
                    units=_text(entry.get("units"), place),
                    magnitude=_real_interval(entry.get("magnitude"), place),
                    precision=_whole_interval(entry.get("precision"), place),
                )
            )
    return CDvQuantity(
        rm_type="DV_QUANTITY",
        property=_code(attributes.get("property")),
        items=tuple(items),
        assumed=_assumed_quantity(attributes.get("assumed_value"), place),
    )


def _assumed_quantity(value: OdinValue, place: int) -> rm.DvQuantity | None:
    if not isinstance(value, dict):
        return None
    magnitude = value.get("magnitude")
    precision = value.get("precision")
    if not isinstance(magnitude, (int, float)):
        raise AdlSyntaxError("a magnitude in the assumed value", place)
    return rm.DvQuantity(
        magnitude=float(magnitude),
        units=_text(value.get("units"), place),
        precision=precision if isinstance(precision, int) else None,
    )


def _ordinal_block(attributes: Mapping[str, OdinValue], place: int, *, is_scale: bool) -> CObject:
    listed = attributes.get("list")
    found: list[tuple[float, Code]] = []
    for entry in listed.values() if isinstance(listed, dict) else ():
        value = entry.get("value") if isinstance(entry, dict) else None
        symbol = _code(entry.get("symbol")) if isinstance(entry, dict) else None
        if not isinstance(value, (int, float)) or symbol is None:
            raise AdlSyntaxError("a value and a symbol in every item of the list", place)
        found.append((value, symbol))
    if is_scale:
        return CDvScale(rm_type="DV_SCALE", items=tuple(ScaleItem(float(value), symbol) for value, symbol in found))
    return CDvOrdinal(rm_type="DV_ORDINAL", items=tuple(OrdinalItem(int(value), symbol) for value, symbol in found))


def _code_phrase_block(attributes: Mapping[str, OdinValue], place: int) -> CCodePhrase:
    terminology = attributes.get("terminology_id")
    if isinstance(terminology, dict):
        terminology = terminology.get("value")
    listed = attributes.get("code_list")
    values = listed if isinstance(listed, list) else list(listed.values()) if isinstance(listed, dict) else [listed]
    codes = tuple(_text(value, place) for value in values if value is not None)
    return CCodePhrase(rm_type="CODE_PHRASE", terminology=_text(terminology, place), codes=codes)


def _text(value: OdinValue, place: int) -> str:
    if not isinstance(value, str):
        raise AdlSyntaxError("a text in quotes", place)
    return value


def _code(value: OdinValue) -> Code | None:
    return Code(value.terminology, value.code) if isinstance(value, OdinTerm) else None


def _real_interval(value: OdinValue, place: int) -> Interval[float] | None:
    lower, upper, included = _bounds(value, place)
    if included is None:
        return None
    return Interval(
        None if lower is None else float(lower), None if upper is None else float(upper), included[0], included[1]
    )


def _whole_interval(value: OdinValue, place: int) -> Interval[int] | None:
    lower, upper, included = _bounds(value, place)
    if included is None:
        return None
    return Interval(
        None if lower is None else int(lower), None if upper is None else int(upper), included[0], included[1]
    )


def _bounds(value: OdinValue, place: int) -> tuple[float | None, float | None, tuple[bool, bool] | None]:
    if value is None:
        return None, None, None
    if isinstance(value, (int, float)):
        return value, value, (True, True)
    if not isinstance(value, OdinInterval):
        raise AdlSyntaxError("a range such as |0..10|", place)
    bounds = [value.lower, value.upper]
    if any(bound is not None and not isinstance(bound, (int, float)) for bound in bounds):
        raise AdlSyntaxError("numbers as the bounds of a range", place)
    lower = value.lower if isinstance(value.lower, (int, float)) else None
    upper = value.upper if isinstance(value.upper, (int, float)) else None
    # An open bound counts as included, as it does everywhere in the constraint model.
    return lower, upper, (value.lower_included or lower is None, value.upper_included or upper is None)
