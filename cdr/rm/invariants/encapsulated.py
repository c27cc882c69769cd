"""Rules for multimedia, parsable content and time specifications (RM, data_types.encapsulated)."""

from __future__ import annotations

from cdr.rm import DvMultimedia, DvPeriodicTimeSpecification
from cdr.rm.invariants.rule import Rule, not_empty

PAGE = "data_types"
_PERIODIC = frozenset({"HL7:PIVL", "HL7:EIVL"})


def _has_content(media: DvMultimedia) -> bool:
    return media.data is not None or media.uri is not None


def _has_algorithm(media: DvMultimedia) -> bool:
    return media.integrity_check is None or media.integrity_check_algorithm is not None


def _is_size(media: DvMultimedia) -> bool:
    return media.size is None or media.size >= 0


def _is_periodic(specification: DvPeriodicTimeSpecification) -> bool:
    parsable = specification.value
    return parsable is None or parsable.formalism is None or parsable.formalism in _PERIODIC


RULES: tuple[Rule, ...] = (
    Rule(
        name="Not_empty", rm_type="DV_MULTIMEDIA", attribute="data", expected="data, or a uri of it",
        page=PAGE, check=_has_content,
    ),
    Rule(
        name="Integrity_check_validity", rm_type="DV_MULTIMEDIA", attribute="integrity_check_algorithm",
        expected="the algorithm of the integrity check", page=PAGE, check=_has_algorithm,
    ),
    Rule(
        name="Size_valid", rm_type="DV_MULTIMEDIA", attribute="size", expected="a size of 0 bytes or more",
        page=PAGE, check=_is_size,
    ),
    not_empty("DV_PARSABLE", "formalism", "Formalism_valid", page=PAGE),
    Rule(
        name="Value_valid", rm_type="DV_PERIODIC_TIME_SPECIFICATION", attribute="value",
        expected="the formalism HL7:PIVL or HL7:EIVL", page=PAGE, check=_is_periodic,
    ),
)  # fmt: skip
