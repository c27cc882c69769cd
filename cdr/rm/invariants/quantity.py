"""Rules for ordered values and intervals of them (RM, data_types.quantity)."""

from __future__ import annotations

from cdr.issue import Severity
from cdr.rm import (
    DvAmount,
    DvInterval,
    DvOrdered,
    DvProportion,
    DvQuantified,
    DvQuantity,
    ReferenceRange,
    ordering,
    ucum,
)
from cdr.rm.invariants.rule import Rule, not_empty

PAGE = "data_types"
RATIO, UNITARY, PERCENT, FRACTION, INTEGER_FRACTION = range(5)
_MAGNITUDE_STATUSES = frozenset({"=", "<", ">", "<=", ">=", "~"})
_UCUM_SYSTEMS = frozenset({"", "http://unitsofmeasure.org", "https://unitsofmeasure.org", "UCUM", "ucum"})


def _is_magnitude_status(value: DvQuantified) -> bool:
    return value.magnitude_status is None or value.magnitude_status in _MAGNITUDE_STATUSES


def _is_status_consistent(value: DvOrdered) -> bool:
    if value.normal_range is None or value.normal_status is None or value.normal_status.code_string is None:
        return True
    is_inside = ordering.has(value.normal_range, value)
    return is_inside is None or is_inside == (value.normal_status.code_string == "N")


def _is_exact_without_percent(value: DvAmount) -> bool:
    return not (value.accuracy == 0 and value.accuracy_is_percent)


def _is_accuracy_percentage(value: DvAmount) -> bool:
    return not value.accuracy_is_percent or value.accuracy is None or 0 <= value.accuracy <= 100


def _is_ucum(value: DvQuantity) -> bool:
    if value.units is None or (value.units_system or "") not in _UCUM_SYSTEMS:
        return True
    return ucum.is_valid(value.units)


def _is_kind(value: DvProportion) -> bool:
    return value.type is None or RATIO <= value.type <= INTEGER_FRACTION


def _is_integral(value: DvProportion) -> bool:
    return all(part is None or part == part // 1 for part in (value.numerator, value.denominator))


def _is_precise(value: DvProportion) -> bool:
    return value.precision != 0 or _is_integral(value)


def _is_fraction(value: DvProportion) -> bool:
    return value.type not in (FRACTION, INTEGER_FRACTION) or _is_integral(value)


def _is_unitary(value: DvProportion) -> bool:
    return value.type != UNITARY or value.denominator is None or value.denominator == 1


def _is_percent(value: DvProportion) -> bool:
    return value.type != PERCENT or value.denominator is None or value.denominator == 100


def _has_denominator(value: DvProportion) -> bool:
    return value.denominator is None or value.denominator != 0


def _is_of_one_type(interval: DvInterval) -> bool:
    return interval.lower is None or interval.upper is None or type(interval.lower) is type(interval.upper)


def _are_limits_comparable(interval: DvInterval) -> bool:
    if interval.lower_unbounded or interval.upper_unbounded or interval.lower is None or interval.upper is None:
        return True
    # Limits of two classes break another rule, and one issue is enough.
    is_mixed = type(interval.lower) is not type(interval.upper)
    return is_mixed or ordering.is_strictly_comparable(interval.lower, interval.upper)


def _are_limits_consistent(interval: DvInterval) -> bool:
    if interval.lower_unbounded or interval.upper_unbounded or interval.lower is None or interval.upper is None:
        return True
    order = ordering.compare(interval.lower, interval.upper)
    return order is None or order <= 0


def _is_lower_included(interval: DvInterval) -> bool:
    return not (interval.lower_unbounded and interval.lower_included)


def _is_upper_included(interval: DvInterval) -> bool:
    return not (interval.upper_unbounded and interval.upper_included)


def _has_lower(interval: DvInterval) -> bool:
    return interval.lower_unbounded is None or interval.lower_unbounded == (interval.lower is None)


def _has_upper(interval: DvInterval) -> bool:
    return interval.upper_unbounded is None or interval.upper_unbounded == (interval.upper is None)


def _is_simple(value: DvOrdered | None) -> bool:
    return value is None or (value.normal_range is None and value.other_reference_ranges is None)


def _is_range_simple(reference: ReferenceRange) -> bool:
    return reference.range is None or (_is_simple(reference.range.lower) and _is_simple(reference.range.upper))


RULES: tuple[Rule, ...] = (
    not_empty("DV_ORDERED", "other_reference_ranges", "Other_reference_ranges_validity", page=PAGE),
    # A laboratory judges by more than the range that it sends; refusing its report would lose it.
    Rule(
        name="Normal_range_and_status_consistency", rm_type="DV_ORDERED", attribute="normal_status",
        expected="the normal status N exactly where the value lies in its normal range",
        page=PAGE, check=_is_status_consistent, severity=Severity.WARNING,
    ),
    Rule(
        name="Magnitude_status_valid", rm_type="DV_QUANTIFIED", attribute="magnitude_status",
        expected="one of the statuses =, <, >, <=, >= and ~", page=PAGE, check=_is_magnitude_status,
    ),
    Rule(
        name="Accuracy_is_percent_validity", rm_type="DV_AMOUNT", attribute="accuracy_is_percent",
        expected="no percentage where the accuracy is 0", page=PAGE, check=_is_exact_without_percent,
    ),
    Rule(
        name="Accuracy_validity", rm_type="DV_AMOUNT", attribute="accuracy",
        expected="an accuracy from 0 to 100 where it is a percentage", page=PAGE, check=_is_accuracy_percentage,
    ),
    not_empty("DV_QUANTITY", "units_system", "Units_system_valid", page=PAGE),
    Rule(
        name="Units_ucum", rm_type="DV_QUANTITY", attribute="units", is_ours=True,
        expected="units in UCUM syntax, or another units_system", page=PAGE, check=_is_ucum, severity=Severity.WARNING,
    ),
    Rule(
        name="Type_validity", rm_type="DV_PROPORTION", attribute="type", expected="a kind of proportion from 0 to 4",
        page=PAGE, check=_is_kind,
    ),
    Rule(
        name="Precision_validity", rm_type="DV_PROPORTION", attribute="precision",
        expected="whole numbers where the precision is 0", page=PAGE, check=_is_precise,
    ),
    Rule(
        name="Fraction_validity", rm_type="DV_PROPORTION", attribute="type",
        expected="whole numbers where the proportion is a fraction", page=PAGE, check=_is_fraction,
    ),
    Rule(
        name="Unitary_validity", rm_type="DV_PROPORTION", attribute="denominator",
        expected="a denominator of 1 where the proportion is unitary", page=PAGE, check=_is_unitary,
    ),
    Rule(
        name="Percent_validity", rm_type="DV_PROPORTION", attribute="denominator",
        expected="a denominator of 100 where the proportion is a percentage", page=PAGE, check=_is_percent,
    ),
    Rule(
        name="Valid_denominator", rm_type="DV_PROPORTION", attribute="denominator",
        expected="a denominator other than 0", page=PAGE, check=_has_denominator,
    ),
    Rule(
        name="Limits_of_one_type", rm_type="DV_INTERVAL", attribute="upper", is_ours=True,
        expected="limits of the same data type", page=PAGE, check=_is_of_one_type,
    ),
    Rule(
        name="Limits_comparable", rm_type="DV_INTERVAL", attribute="upper",
        expected="limits of the same units or kind", page=PAGE, check=_are_limits_comparable,
    ),
    Rule(
        name="Limits_consistent", rm_type="DV_INTERVAL", attribute="upper",
        expected="an upper limit that is not below the lower limit", page=PAGE, check=_are_limits_consistent,
    ),
    Rule(
        name="Lower_included_valid", rm_type="DV_INTERVAL", attribute="lower_included",
        expected="lower_included false where lower_unbounded is true", page=PAGE, check=_is_lower_included,
    ),
    Rule(
        name="Upper_included_valid", rm_type="DV_INTERVAL", attribute="upper_included",
        expected="upper_included false where upper_unbounded is true", page=PAGE, check=_is_upper_included,
    ),
    Rule(
        name="Lower_unbounded_valid", rm_type="DV_INTERVAL", attribute="lower", is_ours=True,
        expected="a lower limit, or lower_unbounded true", page=PAGE, check=_has_lower,
    ),
    Rule(
        name="Upper_unbounded_valid", rm_type="DV_INTERVAL", attribute="upper", is_ours=True,
        expected="an upper limit, or upper_unbounded true", page=PAGE, check=_has_upper,
    ),
    Rule(
        name="Range_is_simple", rm_type="REFERENCE_RANGE", attribute="range",
        expected="limits without reference ranges of their own", page=PAGE, check=_is_range_simple,
    ),
)  # fmt: skip
