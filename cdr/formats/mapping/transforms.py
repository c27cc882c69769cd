"""The closed set of transforms: from values of a record to the suffixes of one FLAT key.

A transform gets a rule and the values that its path led to, and gives a mapping from suffix (`""` for the key itself)
to value, None where there is nothing to say. What cannot be read raises `Refused`, without the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cdr.am.code_systems import uri_of
from cdr.formats.mapping.model import Rule
from cdr.formats.mapping.moments import day_of, read_moment
from cdr.formats.mapping.paths import canonical

# `Any`: JSON of any shape.
Json = Any
Parts = dict[str, Json]

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?")
_YES = frozenset({"j", "ja", "true", "1", "y", "yes"})
_NO = frozenset({"n", "nei", "false", "0", "no"})
_LONGEST = 100_000


class Refused(Exception):
    """A value is not what the rule needs; `code` is an issue code, `expected` what would have been right."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected


def text(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give one text; several are joined where the rule says so, else the first counts."""
    texts = [_plain(value) for value in values]
    return {"": rule.join.join(texts) if rule.join else texts[0]}


def code(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give the code that the rule's table has for the value."""
    given = _plain(values[0])
    found = _looked_up(rule.table, given)
    if found is None:
        if rule.otherwise:
            return {rule.otherwise: given}
        raise Refused("RCV_CODE", "one of the codes " + ", ".join(sorted(rule.table)))
    return {"|code": found["code"]}


def name(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give the text that the rule's table has for the value, nothing where it has none."""
    found = _looked_up(rule.table, _plain(values[0]))
    return None if found is None else {"": found["code"]}


def coding(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give a coded text of a CodeableConcept or Coding: the preferred system as the code, the others as mappings.

    Without a code it is the text alone. The target's suffixes are `|code`, `|value`, `|terminology`.
    """
    concept = values[0]
    if isinstance(concept, str):
        return {"": concept}
    if not isinstance(concept, dict):
        raise Refused("RCV_SHAPE", "a CodeableConcept")
    codings = [_coding(one) for one in _list(concept.get("coding", [concept] if "code" in concept else []))]
    usable = [one for one in codings if one["code"] and one["system"]]
    label = concept.get("text")
    displays = (one["display"] for one in codings if one["display"])
    written = label.strip() if isinstance(label, str) and label.strip() else next(displays, "")
    ranks = {canonical(system): rank for rank, system in enumerate(rule.prefer)}
    known = sorted((one for one in usable if one["system"] in ranks), key=lambda one: ranks[one["system"]])
    if not known:
        known = [one for one in usable if uri_of(one["system"]) is not None]
    if not known:
        if not written:
            raise Refused("RCV_CODE", "a code of a known code system, or a text")
        return {"": written, **_mappings(usable)}
    primary = known[0]
    return {
        "|code": primary["code"],
        "|value": primary["display"] or written or primary["code"],
        "|terminology": primary["system"],
        **_mappings([one for one in usable if one is not primary]),
    }


def date(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give a date, as precise as it was written; a time of day is left out."""
    moment = _moment(values[0])
    return {"": day_of(moment) or moment}


def date_time(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give a date-time, as precise as it was written."""
    return {"": _moment(values[0])}


def number(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give a number; texts may have a decimal comma."""
    return {"": _number(values[0])}


def boolean(rule: Rule, values: Sequence[Json]) -> Parts | None:
    """Give true or false; J and N, ja and nei as well."""
    if isinstance(values[0], bool):
        return {"": values[0]}
    given = _plain(values[0]).lower()
    if given not in _YES | _NO:
        raise Refused("RCV_VALUE", "J or N, or true or false")
    return {"": given in _YES}


def quantity(rule: Rule, values: Sequence[Json], unit: str = "") -> Parts | None:
    """Give `|magnitude` and `|unit` by the rule's table of units; what does not fit goes to the rule's other target."""
    given = _plain(values[0])
    entry = _looked_up(rule.table, unit)
    if entry is None or _NUMBER.fullmatch(given) is None:
        if rule.otherwise:
            return {rule.otherwise: f"{given} {unit}".strip()}
        raise Refused("RCV_UNIT", "a number with one of the units " + ", ".join(sorted(rule.table)))
    magnitude = _number(given) / float(entry.get("divide", 1))
    most = entry.get("most")
    if magnitude < 0 or (most is not None and magnitude > float(most)):
        raise Refused("RCV_VALUE", f"at most {most} {entry['unit']}")
    return {"|magnitude": magnitude, "|unit": entry["unit"]}


TRANSFORMS: Mapping[str, Callable[[Rule, Sequence[Json]], Parts | None]] = {
    "text": text,
    "code": code,
    "name": name,
    "coding": coding,
    "date": date,
    "date_time": date_time,
    "number": number,
    "boolean": boolean,
    "quantity": quantity,
}


def _plain(value: Json) -> str:
    """Return a value as text; `Refused` for objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if not isinstance(value, str):
        raise Refused("RCV_SHAPE", "a text")
    if len(value) > _LONGEST:
        raise Refused("RCV_VALUE", f"at most {_LONGEST} characters")
    return value.strip()


def _moment(value: Json) -> str:
    found = read_moment(value) if isinstance(value, str) else None
    if found is None:
        raise Refused("RCV_VALUE", "a date such as 2024-03-01 or 01.03.2024, with a time of day where it has one")
    return found


def _number(value: Json) -> float | int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    given = _plain(value)
    if _NUMBER.fullmatch(given) is None:
        raise Refused("RCV_VALUE", "a number")
    return float(given.replace(",", ".")) if re.search("[.,]", given) else int(given)


def _looked_up(table: Mapping[str, Mapping[str, Json]], given: str) -> Mapping[str, Json] | None:
    """Return a table's entry; codes that only differ in zeros in front of digits are the same."""
    found = table.get(given)
    if found is None and given.isdigit():
        found = table.get(given.lstrip("0") or "0")
    return found


def _coding(value: Json) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Refused("RCV_SHAPE", "a Coding")
    parts = {name: value.get(name) or "" for name in ("system", "code", "display")}
    if not all(isinstance(part, str) for part in parts.values()):
        raise Refused("RCV_SHAPE", "a Coding whose system, code and display are texts")
    return {"system": canonical(parts["system"]), "code": parts["code"].strip(), "display": parts["display"].strip()}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _mappings(codings: Sequence[Mapping[str, str]]) -> Parts:
    """Return further codes as TERM_MAPPINGs; nobody said that they mean the same, so the match is unknown."""
    parts: Parts = {}
    for number, one in enumerate(codings):
        parts[f"/_mapping:{number}|match"] = "?"
        parts[f"/_mapping:{number}/target|code"] = one["code"]
        parts[f"/_mapping:{number}/target|terminology"] = one["system"]
    return parts
