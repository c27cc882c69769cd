"""The invariants of the reference model that ask the openEHR terminology, as a table.

The validator asks `terminology_violations` of each node, beside the rules of `cdr.rm.invariants`. Absent attributes
break nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cdr.issue import Severity
from cdr.rm import CodePhrase, DvCodedText, RmObject
from cdr.rm.catalog import CATALOG
from cdr.terminology import openehr

RELEASE = "https://specifications.openehr.org/releases/RM/Release-1.1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminologyRule:
    """One invariant that a code is of a group or a code set.

    `vocabulary` is the group or the code set. `is_open` marks the vocabularies that practice extends with codes of
    other terminologies: those give a warning, while a code of the openEHR terminology that is not in the group is an
    error all the same.
    """

    name: str
    rm_type: str
    attribute: str
    vocabulary: str
    page: str
    is_open: bool = False

    @property
    def code(self) -> str:
        """Return the code of the issue, such as `TERM_COMPOSITION_CATEGORY_VALIDITY`."""
        return f"TERM_{self.rm_type}_{self.name}".upper()

    @property
    def expected(self) -> str:
        """Return what would be right, as a clause."""
        if self.is_group:
            return f'a code of the openEHR group "{self.vocabulary}"'
        return f"a code of {openehr.external_id(self.vocabulary)}"

    @property
    def is_group(self) -> bool:
        """Tell whether the vocabulary is a group of the openEHR terminology, and not a code set."""
        return self.vocabulary in openehr.groups()

    @property
    def source(self) -> str:
        """Return where the specification says so."""
        return f"RM 1.1.0, {self.rm_type}, invariant {self.name}: {RELEASE}/{self.page}.html"

    def check(self, obj: RmObject) -> Severity | None:
        """Return how bad the code of the object is, None if it is right, absent or incomplete."""
        value = getattr(obj, self.attribute)
        phrase = value.defining_code if isinstance(value, DvCodedText) else value
        if not isinstance(phrase, CodePhrase) or phrase.code_string is None or phrase.terminology_id is None:
            return None
        terminology = (phrase.terminology_id.value or "").casefold()
        if self.is_group:
            if terminology != openehr.OPENEHR:
                return Severity.WARNING if self.is_open else Severity.ERROR
            return None if openehr.is_in_group(phrase.code_string, self.vocabulary) else Severity.ERROR
        if openehr.is_code_in_set(phrase.code_string, self.vocabulary):
            # The invariants ask for the code alone; senders spell the names of the code sets in many ways.
            return None
        return Severity.WARNING if self.is_open else Severity.ERROR


def terminology_violations(obj: RmObject) -> Iterator[tuple[TerminologyRule, Severity]]:
    """Yield the terminology rules that the object itself breaks, each with how bad it is."""
    for rule in terminology_rules_for(type(obj)):
        severity = rule.check(obj)
        if severity is not None:
            yield rule, severity


@cache
def terminology_rules_for(rm_class: type[RmObject]) -> tuple[TerminologyRule, ...]:
    """Return the terminology rules for objects of a class, those of its ancestors included."""
    ancestors = CATALOG.supertypes(rm_class.rm_name())
    return tuple(rule for rule in RULES if rule.rm_type in ancestors)


def _rule(
    rm_type: str, attribute: str, name: str, vocabulary: str, page: str, *, is_open: bool = False
) -> TerminologyRule:
    return TerminologyRule(
        name=name, rm_type=rm_type, attribute=attribute, vocabulary=vocabulary, page=page, is_open=is_open
    )


RULES: tuple[TerminologyRule, ...] = (
    _rule("DV_TEXT", "language", "Language_valid", "languages", "data_types"),
    _rule("DV_TEXT", "encoding", "Encoding_valid", "character sets", "data_types", is_open=True),
    _rule("TERM_MAPPING", "purpose", "Purpose_valid", "term mapping purpose", "data_types", is_open=True),
    _rule("DV_ENCAPSULATED", "language", "Language_valid", "languages", "data_types"),
    _rule("DV_ENCAPSULATED", "charset", "Charset_valid", "character sets", "data_types", is_open=True),
    _rule("DV_MULTIMEDIA", "media_type", "Media_type_valid", "media types", "data_types", is_open=True),
    _rule(
        "DV_MULTIMEDIA", "compression_algorithm", "Compression_algorithm_validity", "compression algorithms",
        "data_types",
    ),
    _rule(
        "DV_MULTIMEDIA", "integrity_check_algorithm", "Integrity_check_algorithm_validity",
        "integrity check algorithms", "data_types",
    ),
    _rule("DV_ORDERED", "normal_status", "Normal_status_validity", "normal statuses", "data_types"),
    _rule("ELEMENT", "null_flavour", "Inv_null_flavour_valid", "null flavours", "data_structures"),
    _rule("INTERVAL_EVENT", "math_function", "Math_function_validity", "event math function", "data_structures"),
    _rule("ATTESTATION", "reason", "Reason_valid", "attestation reason", "common", is_open=True),
    _rule("AUDIT_DETAILS", "change_type", "Change_type_valid", "audit change type", "common"),
    _rule("PARTICIPATION", "function", "Function_valid", "participation function", "common", is_open=True),
    _rule("PARTICIPATION", "mode", "Mode_valid", "participation mode", "common", is_open=True),
    _rule("PARTY_RELATED", "relationship", "Relationship_valid", "subject relationship", "common", is_open=True),
    _rule("ORIGINAL_VERSION", "lifecycle_state", "Lifecycle_state_valid", "version lifecycle state", "common"),
    _rule("COMPOSITION", "category", "Category_validity", "composition category", "ehr"),
    _rule("COMPOSITION", "territory", "Territory_valid", "countries", "ehr"),
    _rule("COMPOSITION", "language", "Language_valid", "languages", "ehr"),
    _rule("EVENT_CONTEXT", "setting", "Setting_valid", "setting", "ehr", is_open=True),
    _rule("ENTRY", "language", "Language_valid", "languages", "ehr"),
    _rule("ENTRY", "encoding", "Encoding_valid", "character sets", "ehr", is_open=True),
    _rule("ISM_TRANSITION", "current_state", "Current_state_valid", "instruction states", "ehr"),
    _rule("ISM_TRANSITION", "transition", "Transition_valid", "instruction transitions", "ehr"),
)  # fmt: skip
