"""The openEHR terminology and the code sets of the reference model, with English and Norwegian labels.

Groups are asked by their name in the specification ("composition category"), code sets by their openEHR id
("languages") or by the terminology id of their codes ("ISO_639-1"). The tables are read once, on first use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from cdr.terminology import code_sets_table, groups_table

OPENEHR = "openehr"
"""The terminology id of codes of the groups."""

_MEDIA_TYPE = re.compile(
    r"(?:application|audio|font|haptics|image|message|model|multipart|text|video)/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
    r"(?:\s*;\s*[A-Za-z0-9!#$&^_.+-]+=(?:[A-Za-z0-9!#$&^_.+-]+|\"[^\"]*\"))*\Z"
)


def is_in_group(code: str, group: str) -> bool:
    """Tell whether an openEHR code belongs to a group. Errors: KeyError for a group that does not exist.

    >>> is_in_group("433", "composition category")
    True
    """
    return code in _groups()[group]


def group_codes(group: str) -> tuple[str, ...]:
    """Return the codes of a group in their usual order. Errors: KeyError for a group that does not exist."""
    return tuple(_groups()[group])


def groups() -> tuple[str, ...]:
    """Return the names of all groups."""
    return tuple(_groups())


def code_sets() -> tuple[str, ...]:
    """Return the openEHR ids of all code sets."""
    return tuple(code_sets_table.EXTERNAL_IDS)


def label(code: str, group: str, language: str = "en") -> str | None:
    """Return what a code of a group or a code set is called, or None if it is not in there.

    Norwegian (`nb`, `nn`, `no`, also with a country) is there for the groups; every other language gets English. Codes
    of a set without names are their own label.

    >>> label("433", "composition category", "nb"), label("433", "composition category", "fr")
    ('hendelse', 'event')
    """
    members = _groups().get(group)
    if members is not None:
        rubrics = members.get(code)
        if rubrics is None:
            return None
        return rubrics[1 if language.casefold().split("-")[0] in ("nb", "nn", "no") else 0]
    return _members(_code_set_id(group)).get(code.casefold())


def is_code_in_set(code: str, code_set: str) -> bool:
    """Tell whether a code belongs to a code set. Errors: KeyError for a set that does not exist.

    Letter case never decides. A language may carry a country (`nb-NO`), and every well-formed media type below a
    registered top-level type counts, since both registries are open-ended.

    >>> is_code_in_set("nb-NO", "languages"), is_code_in_set("NO", "ISO_3166-1"), is_code_in_set("xx", "languages")
    (True, True, False)
    """
    openehr_id = _code_set_id(code_set)
    members = _members(openehr_id)
    if code.casefold() in members:
        return True
    if openehr_id == "media types":
        return _MEDIA_TYPE.match(code) is not None
    if openehr_id == "languages":
        language, _, country = code.partition("-")
        return language.casefold() in members and country.casefold() in _members("countries")
    return False


def code_set_codes(code_set: str) -> tuple[str, ...]:
    """Return the codes that are listed for a code set. Errors: KeyError for a set that does not exist."""
    return tuple(code for code, _ in _listed(_code_set_id(code_set)))


def external_id(code_set: str) -> str:
    """Return the terminology id that codes of a set carry in data: `ISO_639-1` for languages."""
    return code_sets_table.EXTERNAL_IDS[_code_set_id(code_set)]


def _code_set_id(name: str) -> str:
    if name in code_sets_table.EXTERNAL_IDS:
        return name
    return _by_external_id()[name.casefold()]


@cache
def _by_external_id() -> Mapping[str, str]:
    return {external.casefold(): openehr_id for openehr_id, external in code_sets_table.EXTERNAL_IDS.items()}


@cache
def _groups() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Return the English and Norwegian label by group and code."""
    tables = {}
    for group, lines in groups_table.GROUPS.items():
        rows = (line.split("|") for line in lines.splitlines())
        tables[group] = MappingProxyType({code: (english, norwegian) for code, english, norwegian in rows})
    return MappingProxyType(tables)


@cache
def _listed(openehr_id: str) -> tuple[tuple[str, str], ...]:
    """Return code and name of each member of a code set, as listed."""
    table: str = getattr(code_sets_table, openehr_id.upper().replace(" ", "_"))
    members = (member.partition("=") for member in re.split(r";\s+", table.strip()))
    return tuple((code, name or code) for code, _, name in members)


@cache
def _members(openehr_id: str) -> Mapping[str, str]:
    return MappingProxyType({code.casefold(): name for code, name in _listed(openehr_id)})
