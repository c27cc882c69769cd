"""Constraints on quantities, ordinals, scales and states.

Source: AM 1.4, openEHR Archetype Profile, C_DV_QUANTITY, C_DV_ORDINAL and C_DV_STATE.
"""

from __future__ import annotations

from collections.abc import Callable

from cdr.am.constraints import CDvOrdinal, CDvQuantity, CDvScale, CDvState, QuantityItem
from cdr.rm import DvOrdinal, DvQuantity, DvScale, DvState, RmObject
from cdr.validation.primitives import listed
from cdr.validation.report import Finding

Check = Callable[[RmObject], Finding | None]


def quantity(node: CDvQuantity) -> Check | None:
    """Return the check of units, magnitude and precision, or None where any quantity is allowed."""
    if not node.items:
        return None
    by_units: dict[str, list[tuple[QuantityItem, Finding, Finding]]] = {}
    for item in node.items:
        out_of_range = Finding("TPL_QUANTITY_RANGE", f"a magnitude in {item.units} of {item.magnitude}", "magnitude")
        imprecise = Finding("TPL_QUANTITY_PRECISION", f"a precision of {item.precision}", "precision")
        by_units.setdefault(item.units, []).append((item, out_of_range, imprecise))
    wrong_units = Finding("TPL_QUANTITY_UNITS", f"units, one of {listed(list(by_units))}", "units")

    def check(obj: RmObject) -> Finding | None:
        if not isinstance(obj, DvQuantity) or obj.units is None:
            return None
        found = by_units.get(obj.units)
        if found is None:
            return wrong_units
        finding: Finding | None = None
        for item, out_of_range, imprecise in found:
            if item.magnitude is not None and obj.magnitude is not None and not item.magnitude.contains(obj.magnitude):
                finding = out_of_range
            elif item.precision is not None and not _is_precise(obj.precision, item):
                finding = imprecise
            else:
                return None
        return finding

    return check


def _is_precise(precision: int | None, item: QuantityItem) -> bool:
    # -1 in data, and an absent precision, mean that it is not limited: RM 1.1.0, DV_QUANTITY.precision.
    if item.precision is None or precision is None or precision == -1:
        return True
    # The Ocean tools write -1..-1 for "any precision".
    if item.precision.upper == -1:
        return True
    return item.precision.contains(precision)


def ordinal(node: CDvOrdinal) -> Check | None:
    """Return the check of an ordinal's value and symbol, or None where any is allowed."""
    if not node.items:
        return None
    allowed = {(item.symbol.code, item.value) for item in node.items}
    codes = [item.symbol.code for item in node.items]
    return _steps(allowed, codes, DvOrdinal, Finding("TPL_ORDINAL", "an ordinal of the list: " + _shown(node)))


def scale(node: CDvScale) -> Check | None:
    """Return the check of a scale's value and symbol, or None where any is allowed."""
    if not node.items:
        return None
    allowed = {(item.symbol.code, item.value) for item in node.items}
    codes = [item.symbol.code for item in node.items]
    return _steps(allowed, codes, DvScale, Finding("TPL_SCALE", "a step of the list: " + _shown(node)))


def _shown(node: CDvOrdinal | CDvScale) -> str:
    return listed([f"{item.value} ({item.symbol.code})" for item in node.items])


def _steps(
    allowed: set[tuple[str, int]] | set[tuple[str, float]],
    codes: list[str],
    kind: type[DvOrdinal] | type[DvScale],
    wrong: Finding,
) -> Check:
    # One template of the published ones leaves symbols empty; then the value alone decides.
    values = {value for _, value in allowed} if not any(codes) else None

    def check(obj: RmObject) -> Finding | None:
        if not isinstance(obj, kind):
            return None
        if values is not None:
            return None if obj.value in values else wrong
        code = obj.symbol.defining_code if obj.symbol else None
        return None if not code or (code.code_string, obj.value) in allowed else wrong

    return check


def state(node: CDvState) -> Check | None:
    """Return the check that a state is one of the machine's, or None where any is allowed."""
    names = {item.name for item in node.states}
    if not names:
        return None
    wrong = Finding("TPL_STATE", f"a state, one of {listed(sorted(names))}")

    def check(obj: RmObject) -> Finding | None:
        if not isinstance(obj, DvState) or obj.value is None:
            return None
        return None if obj.value.value in names else wrong

    return check
