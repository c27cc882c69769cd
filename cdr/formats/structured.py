"""The STRUCTURED format: the keys of FLAT, nested.

`nest` and `flatten` only reshape; `decode` and `encode` add the way to RM objects and back. Every value stands in an
array; `|suffix` members stay as they are; the value of the key itself is the array's element, or its member `""` where
it has suffixes or children beside it.
Source: ITS-REST development, simplified_formats, sections Structured format and Conversion Between Formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cdr import rm
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from cdr.formats import flat
from cdr.issue import Issue, Stage
from cdr.webtemplate.model import WebTemplate

# JSON values of any kind; this module only moves them.
Json = Any

_CONTEXT = "ctx"
# Keys whose value is an object of any shape and stays whole.
_OPAQUE = frozenset({"ctx/generic_fields"})


def decode(
    tree: Mapping[str, Json],
    web_template: WebTemplate,
    template: OperationalTemplate,
    *,
    now: datetime,
    dialect: flat.Dialect = flat.SPECIFICATION,
) -> rm.Composition:
    """Return the composition that a STRUCTURED tree describes. Errors: as `cdr.formats.flat.decode`."""
    return flat.decode(flatten(tree), web_template, template, now=now, dialect=dialect)


def encode(
    composition: rm.Composition,
    web_template: WebTemplate,
    template: OperationalTemplate,
    *,
    dialect: flat.Dialect = flat.SPECIFICATION,
) -> dict[str, Json]:
    """Return the STRUCTURED tree of a composition. Errors: as `cdr.formats.flat.encode`."""
    return nest(flat.encode(composition, web_template, template, dialect=replace(dialect, has_bare_identifiers=False)))


def flatten(tree: Mapping[str, Json]) -> dict[str, Json]:
    """Return the FLAT mapping of a STRUCTURED tree; empty objects and arrays give no keys.

    Keys that are FLAT already stay as they are, so a mapping may mix both.
    Errors: BadInput with `FLAT_KEY` where both forms give the same key.

    >>> flatten({"a": {"b": [{"|code": "x", "c": [1, 2]}]}})
    {'a/b:0|code': 'x', 'a/b:0/c:0': 1, 'a/b:0/c:1': 2}
    """
    found: dict[str, Json] = {}
    for key, value in tree.items():
        if "|" in key:
            _put(key, value, found)
        else:
            _flatten(key, value, found)
    return found


def nest(mapping: Mapping[str, Json]) -> dict[str, Json]:
    """Return the STRUCTURED tree of a FLAT mapping.

    >>> nest({"ctx/language": "nb", "a/b:0|code": "x", "a/b:0/c:1": 2})
    {'ctx': {'language': 'nb'}, 'a': {'b': [{'|code': 'x', 'c': [None, 2]}]}}
    """
    found: dict[str, Json] = {}
    for key, value in mapping.items():
        path, mark, suffix = key.partition("|")
        segments = path.split("/")
        if segments[0] == _CONTEXT:
            found.setdefault(_CONTEXT, {})["/".join(segments[1:]) + mark + suffix] = value
            continue
        place = found.setdefault(segments[0], {})
        for segment in segments[1:]:
            place = _member(place, segment)
        place[mark + suffix] = value
    return {key: _collapse(value) if key != _CONTEXT else value for key, value in found.items()}


def _flatten(key: str, value: Json, found: dict[str, Json]) -> None:
    if isinstance(value, list):
        for number, member in enumerate(value):
            _flatten(f"{key}:{number}", member, found)
    elif isinstance(value, dict) and key not in _OPAQUE:
        for name, member in value.items():
            if name.startswith("|") or f"{key}/{name}" in _OPAQUE:
                _put(f"{key}{name}" if name.startswith("|") else f"{key}/{name}", member, found)
            elif not name:
                _put(key, member, found)
            else:
                _flatten(f"{key}/{name}", member, found)
    else:
        _put(key, value, found)


def _put(key: str, value: Json, found: dict[str, Json]) -> None:
    if value is None:
        return
    if key in found:
        issue = Issue(code="FLAT_KEY", path=key, expected="every key once", stage=Stage.STRUCTURE)
        raise BadInput(issue.message, code="FLAT", issues=[issue])
    found[key] = value


def _member(place: dict[str, Json], segment: str) -> dict[str, Json]:
    """Return the object of a segment, in the array of its id; missing numbers before it become null."""
    name, _, number = segment.rpartition(":") if segment.rpartition(":")[2].isdigit() else (segment, "", "0")
    members = place.setdefault(name or segment, [])
    while len(members) <= int(number):
        members.append(None)
    if members[int(number)] is None:
        members[int(number)] = {}
    found: dict[str, Json] = members[int(number)]
    return found


def _collapse(value: Json) -> Json:
    """Replace an object that holds nothing but its own value by that value."""
    if isinstance(value, list):
        return [_collapse(member) for member in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and "" in value:
        return value[""]
    return {key: member if key.startswith("|") or not key else _collapse(member) for key, member in value.items()}
