"""Labels of openEHR codes in the languages of a template."""

from __future__ import annotations


def openehr_label(code: str, language: str) -> str:
    """Return the rubric of an openEHR code in a language, in English where there is none, `""` if unknown."""
    return ""
