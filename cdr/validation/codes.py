"""The table of issue codes: what each means, for documentation and for programs that show issues.

Codes of rules of the reference model and of terminologies come from their rule tables; the others are listed here.
"""

from __future__ import annotations

from collections.abc import Mapping

from cdr import terminology
from cdr.rm.invariants import MISSING, RULES

TEMPLATE_CODES: Mapping[str, str] = {
    "TPL_ARCHETYPE": "the archetype of the root is not the one of the template",
    "TPL_BOOLEAN": "a boolean that the template does not allow",
    "TPL_CARDINALITY": "too few or too many members in a container",
    "TPL_CODE": "a code that is not in the list of the template",
    "TPL_DATE": "a date with other parts than its pattern asks for, or outside its range",
    "TPL_DATE_TIME": "a date-time with other parts than its pattern asks for, or outside its range",
    "TPL_DURATION": "a duration with other parts than its pattern allows, or outside its range",
    "TPL_INTEGER": "a whole number outside its list or range",
    "TPL_LENGTH": "a text that is longer than the template allows",
    "TPL_MEDIA_TYPE": "a file of a type that the template does not allow",
    "TPL_MISSING": "an attribute that the template requires is absent",
    "TPL_NAME": "a node has another name than the template gives it",
    "TPL_OCCURRENCES": "a node of the template is there too seldom or too often",
    "TPL_ORDINAL": "an ordinal that is not in the list of the template",
    "TPL_PATTERN": "a text that does not match the regular expression of the template",
    "TPL_PROHIBITED": "an attribute that the template leaves out is there",
    "TPL_QUANTITY_PRECISION": "more or fewer decimal places than the template allows",
    "TPL_QUANTITY_RANGE": "a magnitude outside the range that the template gives for the unit",
    "TPL_QUANTITY_UNITS": "units that the template does not allow",
    "TPL_REAL": "a number outside its list or range",
    "TPL_RUBRIC": "a coded text that does not say what its local code means (a warning in another language)",
    "TPL_RULE": "the fields of a node do not fit together as the template says",
    "TPL_SCALE": "a step of a scale that is not in the list of the template",
    "TPL_SIZE": "a file or an encapsulated text with more bytes than the template allows",
    "TPL_SLOT": "an archetype that the slot at this place does not allow",
    "TPL_STATE": "a state that the state machine of the template does not have",
    "TPL_STRING": "a text that is not in the list of the template",
    "TPL_TEMPLATE": "the object names another template than the one it is checked against",
    "TPL_TERMINOLOGY": "a code of another terminology than the template asks for",
    "TPL_TIME": "a time with other parts than its pattern asks for, or outside its range",
    "TPL_TYPE": "an object of another type than the template allows at this place",
    "TPL_UNIQUE": "two members of a container that has to hold different ones are equal",
    "TPL_UNKNOWN_NODE": "a node that the template does not have at this place",
    "TPL_VALUE_SET": "a code that is not in the external value set",
    "TPL_VALUE_SET_UNKNOWN": "an external value set could not be resolved, so the code was not checked (a warning)",
}

FLAT_CODES: Mapping[str, str] = {
    "FLAT_CODE": "a code or label that neither the template nor the openEHR terminology knows, without its text",
    "FLAT_CONFLICT": "two values where only one can be: of a choice, or of the original content",
    "FLAT_KEY": "a key that cannot be read, or one that stands twice",
    "FLAT_NO_KEY": "something in the composition has no key, since the template has no node for it",
    "FLAT_UNKNOWN_KEY": "a key that the template and the specification do not know; the nearest one is named",
    "FLAT_VALUE": "a value of another kind than the key needs, or one that is missing beside it",
}

RECEIVE_CODES: Mapping[str, str] = {
    "RCV_CODE": "a code that the mapping's table does not have, or a concept with neither a known code nor a text",
    "RCV_COLUMNS": "a CSV heading without a column that the mapping needs, or a row with more or fewer fields than it",
    "RCV_EHR_LOCKED": "the EHR of the resident does not allow modification",
    "RCV_ENCODING": "a CSV message in another encoding than the mapping allows",
    "RCV_FHIR": "no FHIR resource, or an entry of a Bundle without one",
    "RCV_GROUP": "rows of one item that differ in a column that belongs to the whole item",
    "RCV_ITEM": "an item without an id of its own, or another number of items than one",
    "RCV_MAPPING": "a mapping file that breaks its schema or names a key that the template does not have",
    "RCV_MISSING": "a value that the mapping requires is absent",
    "RCV_NO_MAPPING": "the source is registered without a mapping for records of this kind",
    "RCV_OTHER_RESIDENT": "an item that was about another resident before",
    "RCV_QUOTING": "a CSV field whose quotes are not closed, or stand inside of it",
    "RCV_REFUSED": "an item that was refused for the reason that is said",
    "RCV_RESIDENT": "no identity number of a resident, or one whose control digits are wrong",
    "RCV_RESIDENT_UNKNOWN": "a resident who has no EHR here, from a source that may not make one",
    "RCV_SHAPE": "a record with another kind of value at a place than the mapping needs",
    "RCV_SOURCE": "a source that is registered with a mapping that there is not",
    "RCV_TEMPLATE": "openEHR content under a template that the source may not send",
    "RCV_UNIT": "a quantity without a number, or with a unit that the mapping does not have",
    "RCV_VALUE": "a value that cannot be read as what the mapping needs: a date, a number, yes or no",
}

SOURCE_CODES: Mapping[str, str] = {
    "OPT_CATEGORY": "a template declares a category that is none of the nine, or is not of compositions",
    "OPT_ANNOTATION": "a condition in an annotation that cannot be read, or on a node that is not there",
    "OPT_DOCTYPE": "the template has a document type declaration",
    "OPT_DUPLICATE": "an element or attribute that may stand once stands twice",
    "OPT_ID": "a template id that is too long, or not the one in the path of the request",
    "OPT_INTERVAL": "an interval without a bound, or with its bounds the wrong way round",
    "OPT_MISSING": "a required element is absent or empty",
    "OPT_NAMESPACE": "the document is not a template of the namespace http://schemas.openehr.org/v1",
    "OPT_PATTERN": "a regular expression that cannot be read",
    "OPT_REFERENCE": "an internal reference that leads nowhere",
    "OPT_RM_ATTRIBUTE": "an attribute that the class does not have",
    "OPT_RM_TYPE": "an unknown class, or one that does not fit its place",
    "OPT_ROOT": "an archetype root without a fitting archetype id",
    "OPT_TOO_LARGE": "the template has more than 25 MB",
    "OPT_TYPE": "an unknown kind of constraint",
    "OPT_VALUE": "a text that is no number, boolean or data value where one is needed",
    "OPT_XML": "the document is not well-formed XML",
}

FORMAT_CODES: Mapping[str, str] = {
    "FMT_CHARACTER": "a character that cannot be stored",
    "FMT_CONTRIBUTION": "a contribution whose parts do not fit together",
    "FMT_DATE": "a text that is no date, time or duration",
    "FMT_DEPTH": "objects nested too deep",
    "FMT_DOCTYPE": "the XML has a document type declaration",
    "FMT_DUPLICATE_KEY": "a key that stands twice in one object",
    "FMT_FORMAT": "a format that is not known",
    "FMT_JSON_TYPE": "a JSON value of another kind than the attribute needs",
    "FMT_LINE": "a line of a bulk load that is no version",
    "FMT_NUMBER": "a number that would not survive being stored",
    "FMT_SYNTAX": "the body is not well-formed",
    "FMT_TYPE": "an object without a type, or of a type that does not fit its place",
    "FMT_UNKNOWN_ATTRIBUTE": "an attribute that the class does not have",
    "FMT_UNKNOWN_TYPE": "a type that the reference model does not have",
    "FMT_XML_TEXT": "text where XML elements belong, or elements where text belongs",
    "FMT_XML_VALUE": "a text in XML that is not of the type of its attribute",
}

REQUEST_CODES: Mapping[str, str] = {
    "TPL_BREAKING_CHANGE": "a new version of a template in use would break stored data",
    "TPL_DEPRECATED": "the template is deprecated and takes no new data",
    "TPL_CHANGED": "another template than the one of the earlier versions",
    "TPL_NATIONAL_SOURCE": "a copy does not name the national source that its template says holds the truth (a warning "
    "unless such content is refused)",
    "TPL_NOT_REGISTERED": "only registered templates are taken, and the one that the object names has no category",
    "TPL_UNKNOWN": "the object names a template that is not there",
    "TPL_UNNAMED": "the object does not say which template it is made with",
}


def reference_model_codes() -> dict[str, str]:
    """Return the codes of the rules of the reference model, with what each expects."""
    found = {MISSING: "an attribute that the reference model requires is absent"}
    for rule in RULES:
        found[rule.code] = f"{rule.rm_type}.{rule.attribute}: expected {rule.expected}".replace(".:", ":")
    return found


def terminology_codes() -> dict[str, str]:
    """Return the codes of the rules on openEHR codes, with what each expects."""
    return {rule.code: f"{rule.rm_type}.{rule.attribute}: expected {rule.expected}" for rule in terminology.RULES}


def all_codes() -> dict[str, str]:
    """Return every registered code with its meaning."""
    return {
        **FORMAT_CODES,
        **reference_model_codes(),
        **terminology_codes(),
        **TEMPLATE_CODES,
        **FLAT_CODES,
        **SOURCE_CODES,
        **REQUEST_CODES,
    }
