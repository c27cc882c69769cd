"""Labels of openEHR codes, and codes of labels, whatever the group."""

from __future__ import annotations

from functools import cache

from cdr.terminology import group_codes, groups, label

_LANGUAGES = ("en", "nb")


def openehr_label(code: str, language: str, *, group: str = "") -> str:
    """Return what an openEHR code is called in a language, in English where there is no translation, `""` if unknown.

    >>> openehr_label("433", "en"), openehr_label("238", "sl", group="setting"), openehr_label("none", "en")
    ('event', 'other care', '')
    """
    for name in (group,) if group else groups():
        found = label(code, name, language)
        if found is not None:
            return found
    return ""


def openehr_code(text: str, *, group: str = "") -> str:
    """Return the code that a label in any language stands for, `""` if there is none; upper and lower case are alike.

    >>> openehr_code("Other care"), openehr_code("not specified", group="participation mode")
    ('238', '193')
    """
    wanted = text.casefold()
    for name in (group,) if group else groups():
        found = _codes(name).get(wanted)
        if found is not None:
            return found
    return ""


@cache
def _codes(group: str) -> dict[str, str]:
    """Return the codes of a group by label, the first code where two share one."""
    found: dict[str, str] = {}
    for code in group_codes(group):
        for language in _LANGUAGES:
            found.setdefault((label(code, group, language) or "").casefold(), code)
    return found
