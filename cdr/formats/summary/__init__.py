"""Summaries in the forms that callers choose: JSON, a FHIR R4 document, CSV, plain text and a page of HTML."""

from cdr.formats.summary.csv_form import write_csv
from cdr.formats.summary.fhir_form import write_fhir
from cdr.formats.summary.html_form import Links, write_html
from cdr.formats.summary.json_form import json_schema, plain, write_json
from cdr.formats.summary.text_form import write_text
from cdr.formats.summary.wording import Language

__all__ = [
    "Language",
    "Links",
    "json_schema",
    "plain",
    "write_csv",
    "write_fhir",
    "write_html",
    "write_json",
    "write_text",
]
