"""Puts the values with which a template wants a form to start into the inputs of a node."""

from __future__ import annotations

from dataclasses import replace

from cdr import rm
from cdr.webtemplate.model import Input


def with_default(inputs: tuple[Input, ...], value: rm.DataValue | None) -> tuple[Input, ...]:
    """Return inputs that start with the parts of a value; other inputs stay as they are."""
    parts = _parts(value)
    if not parts:
        return inputs
    return tuple(replace(field, default=parts[field.suffix]) if field.suffix in parts else field for field in inputs)


def _parts(value: rm.DataValue | None) -> dict[str, str | float | bool]:
    """Return the parts of a value by the suffix that they have in FLAT."""
    match value:
        case rm.DvCodedText():
            return {"code": value.defining_code.code_string, "value": value.value, "": value.value}
        case rm.DvQuantity():
            return {"magnitude": value.magnitude, "unit": value.units}
        case rm.DvProportion():
            return {"numerator": value.numerator, "denominator": value.denominator}
        case rm.DvOrdinal() | rm.DvScale():
            return {"": value.symbol.defining_code.code_string}
        case rm.DvCount():
            return {"": value.magnitude}
        case rm.DvText() | rm.DvUri() | rm.DvBoolean() | rm.DvDate() | rm.DvTime() | rm.DvDateTime() | rm.DvDuration():
            return {"": value.value}
    return {}
