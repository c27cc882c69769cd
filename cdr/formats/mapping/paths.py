"""Paths of mappings: where in a record a value stands.

    path        = alternative *( " | " alternative )         the first that leads somewhere counts
    alternative = [ "$." ] step *( ( "." | "->" ) step ) | "@"
    step        = name *( "[" ( number | key "=" text ) "]" )

A path leads to any number of values: arrays are gone through at every step. `$.` starts at the whole record inside of
an `each`, `@` is the element itself. `[system=ICPC-2]` keeps the elements whose member is equal; names of code systems
are compared by their URI, whatever alias either side has. `->` follows a FHIR reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cdr.am.code_systems import uri_of

# `Any`: JSON of any shape.
Json = Any
Follow = Callable[[Json, Mapping[str, Json]], Mapping[str, Json] | None]

_STEP = re.compile(r"([A-Za-z_](?:\w|-(?!>))*)((?:\[[^\]\[]+\])*)")
_FILTER = re.compile(r"\[([^\]\[]+)\]")
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")


class WrongShape(Exception):
    """A record has another kind of value at a place than the path needs; `place` names it without a value."""

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(place)
        self.place = place
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Step:
    """One name on the way, with what is kept of the values there; `follows` says that the value is a reference."""

    name: str
    position: int | None = None
    filters: tuple[tuple[tuple[str, ...], str], ...] = ()
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to values; without steps it is the element itself."""

    steps: tuple[Step, ...]
    from_root: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """A path that has been read; `text` is what was written."""

    text: str
    alternatives: tuple[Alternative, ...]

    def values(self, record: Json, *, root: Mapping[str, Json], follow: Follow) -> list[Json]:
        """Return the values that the path leads to; absent, null and blank ones are none.

        Errors: `WrongShape` where a name is looked for in something that is no object.
        """
        for alternative in self.alternatives:
            found = _walk(alternative, record, root, follow)
            if found:
                return found
        return []


@lru_cache(maxsize=4096)
def read_path(text: str) -> Path:
    """Return the path that a text says; ValueError names what is wrong."""
    return Path(text, tuple(_alternative(part.strip()) for part in text.split(" | ")))


def canonical(name: str) -> str:
    """Return the one URI of a code or identifier system by any of its names, or the name as it is.

    >>> canonical("2.16.578.1.12.4.1.4.1"), canonical("ICPC-2")
    ('urn:oid:2.16.578.1.12.4.1.4.1', 'http://hl7.org/fhir/sid/icpc-2')
    """
    known = uri_of(name)
    if known is not None:
        return known
    return f"urn:oid:{name}" if _OID.fullmatch(name) and name.count(".") > 3 else name


def _alternative(text: str) -> Alternative:
    if text == "@":
        return Alternative(())
    from_root = text.startswith("$.")
    rest = text.removeprefix("$.")
    steps: list[Step] = []
    follows = False
    while True:
        match = _STEP.match(rest)
        if match is None:
            raise ValueError(f"a path such as code.coding[system=ICPC-2].code, not {text}")
        steps.append(_step(match[1], _FILTER.findall(match[2]), follows=follows))
        rest = rest[match.end() :]
        if not rest:
            return Alternative(tuple(steps), from_root)
        follows = rest.startswith("->")
        if not follows and not rest.startswith("."):
            raise ValueError(f"a path such as code.coding[system=ICPC-2].code, not {text}")
        rest = rest[2 if follows else 1 :]


def _step(name: str, brackets: Iterable[str], *, follows: bool) -> Step:
    position: int | None = None
    filters: list[tuple[tuple[str, ...], str]] = []
    for inside in brackets:
        if inside.isdigit():
            position = int(inside)
            continue
        key, sign, value = inside.partition("=")
        if not sign:
            raise ValueError(f"[number] or [key=text], not [{inside}]")
        filters.append((tuple(key.strip().split(".")), canonical(value.strip())))
    return Step(name, position, tuple(filters), follows)


def _walk(alternative: Alternative, record: Json, root: Mapping[str, Json], follow: Follow) -> list[Json]:
    level: list[Json] = _flat([root if alternative.from_root else record])
    for step in alternative.steps:
        below: list[Json] = []
        for holder in level:
            if step.follows:
                holder = follow(holder, root)
                if holder is None:
                    continue
            if not isinstance(holder, dict):
                raise WrongShape(_place(alternative, step), "an object")
            value = holder.get(step.name)
            if value is not None:
                below.append(value)
        found = _flat(below)
        for key, wanted in step.filters:
            found = [one for one in found if _holds(one, key, wanted)]
        if step.position is not None:
            found = found[step.position : step.position + 1]
        level = found
    return [one for one in level if one not in (None, "")]


def _holds(value: Json, key: tuple[str, ...], wanted: str) -> bool:
    """Tell whether a member of a value, or of one of its parts, is the wanted text."""
    level: list[Json] = [value]
    for name in key:
        level = _flat([one[name] for one in level if isinstance(one, dict) and name in one])
    return any(isinstance(one, (str, bool)) and canonical(_text(one)) == wanted for one in level)


def _text(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _flat(values: Iterable[Json]) -> list[Json]:
    found: list[Json] = []
    for value in values:
        if isinstance(value, list):
            found.extend(one for one in value if one is not None)
        else:
            found.append(value)
    return found


def _place(alternative: Alternative, last: Step) -> str:
    names = []
    for step in alternative.steps:
        if step is last:
            break
        names.append(step.name)
    return ".".join(names) or "$"
