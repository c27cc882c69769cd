"""Labels of openEHR codes in the languages of a template."""

from __future__ import annotations

_T = {
    "433": "event",
    "431": "persistent",
    "238": "other care",
    "193": "not specified",
    "216": "face-to-face communication",
    "526": "planned",
    "245": "active",
    "532": "completed",
    "530": "suspended",
    "531": "aborted",
    "527": "postponed",
    "528": "cancelled",
    "529": "scheduled",
    "524": "initial",
    "146": "mean",
}


def openehr_label(code: str, language: str, *, group: str = "") -> str:
    """Return the rubric of an openEHR code in a language, in English where there is none, `""` if unknown."""
    return _T.get(code, "")


def openehr_code(label: str, *, group: str = "") -> str:
    """Return the openEHR code of a rubric in any language, `""` if unknown."""
    return next((code for code, text in _T.items() if text == label), "")
