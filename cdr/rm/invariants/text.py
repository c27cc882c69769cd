"""Rules for texts, codes, URIs and identifiers of the real world (RM, data_types.basic, text and uri)."""

from __future__ import annotations

from cdr.rm import DvEhrUri, TermMapping
from cdr.rm.invariants.rule import Rule, not_empty

PAGE = "data_types"
_MATCH_CODES = frozenset("<>=?")


def _is_match_code(mapping: TermMapping) -> bool:
    return mapping.match is None or mapping.match in _MATCH_CODES


def _is_ehr_uri(uri: DvEhrUri) -> bool:
    return uri.value is None or uri.value.startswith("ehr:")


RULES: tuple[Rule, ...] = (
    not_empty("DV_TEXT", "mappings", "Mappings_valid", page=PAGE),
    not_empty("DV_TEXT", "formatting", "Formatting_valid", page=PAGE),
    not_empty("DV_PARAGRAPH", "items", "Items_valid", page=PAGE),
    not_empty("CODE_PHRASE", "code_string", "Code_string_valid", page=PAGE),
    not_empty("DV_URI", "value", "Value_valid", page=PAGE),
    not_empty("DV_IDENTIFIER", "id", "Id_valid", page=PAGE),
    Rule(
        name="Match_valid", rm_type="TERM_MAPPING", attribute="match", expected="one of the codes >, =, < and ?",
        page=PAGE, check=_is_match_code,
    ),
    Rule(
        name="Scheme_valid", rm_type="DV_EHR_URI", attribute="value", expected="a URI of the scheme ehr",
        page=PAGE, check=_is_ehr_uri,
    ),
)  # fmt: skip
