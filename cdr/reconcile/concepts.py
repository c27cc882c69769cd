"""Codes: which system an address means, and whether one code is the same as, or a part of, another.

`Concepts` is read from `templates/summaries/concepts.json`: systems with their aliases, systems in which a longer code
is a part of the shorter one, and pairs of codes of different systems.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as Table
from dataclasses import dataclass, field

import msgspec

from cdr.reconcile.model import Code, Match, Statement

Key = tuple[str, str]


class _System(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    uri: str
    aliases: tuple[str, ...] = ()
    prefix: int = 0
    title: str = ""


class _Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    wide: str
    narrow: str
    match: Match


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    version: str
    systems: dict[str, _System]
    pairs: tuple[_Pair, ...]


@dataclass(frozen=True, slots=True)
class Concepts:
    """Code systems and the relations between codes.

    `prefix` is, by system, how long a code must be at least for longer codes that begin with it to be parts of it.
    """

    uris: Table[str, str] = field(default_factory=dict)
    titles: Table[str, str] = field(default_factory=dict)
    prefix: Table[str, int] = field(default_factory=dict)
    same: Table[Key, frozenset[Key]] = field(default_factory=dict)
    parts: Table[Key, frozenset[Key]] = field(default_factory=dict)

    def key(self, code: Code) -> Key:
        """Return a code under the one address of its system, without the marks that writers leave out."""
        uri = self.uris.get(code.system.strip().lower(), code.system.strip())
        text = code.code.strip().upper()
        return uri, text.replace(".", "") if uri in self.prefix else text

    def title(self, system: str) -> str:
        """Return the name of a code system as readers know it, else its address."""
        return self.titles.get(self.uris.get(system.strip().lower(), system), system)

    def keys(self, statement: Statement) -> frozenset[Key]:
        """Return all codes that mean what a statement says: its own, those it was mapped to, and those of the map."""
        own = {self.key(code) for code in statement.codes}
        own |= {self.key(one.target) for one in statement.mappings if one.match in (Match.SAME, Match.UNKNOWN)}
        return frozenset(own.union(*(self.same.get(key, frozenset()) for key in own)))

    def is_part(self, narrow: frozenset[Key], wide: frozenset[Key]) -> bool:
        """Tell whether one meaning is a part of another, by its place in the system or by the map."""
        if any(key in self.parts.get(one, ()) for one in wide for key in narrow):
            return True
        for uri, code in narrow:
            least = self.prefix.get(uri)
            if least is None:
                continue
            for other, start in wide:
                if other == uri and least <= len(start) < len(code) and code.startswith(start):
                    return True
        # What the map says of a code holds for its parts as well: the part of a part is a part.
        return any(
            self.is_part(narrow, frozenset((part,))) or part in narrow
            for one in wide
            for part in self.parts.get(one, ())
        )


def read_concepts(text: bytes) -> Concepts:
    """Return the concepts of a file. Errors: `msgspec.ValidationError`, `KeyError` for a system that it lacks."""
    file = msgspec.json.decode(text, type=_File)
    uris: dict[str, str] = {}
    for name, system in file.systems.items():
        for alias in (name, system.uri, *system.aliases):
            uris[alias.lower()] = system.uri
    prefix = {system.uri: system.prefix for system in file.systems.values() if system.prefix}
    titles = {system.uri: system.title or name for name, system in file.systems.items()}
    bare = Concepts(uris, titles, prefix)

    def key(written: str) -> Key:
        name, _, code = written.partition("|")
        return bare.key(Code(file.systems[name].uri, code))

    same: dict[Key, set[Key]] = defaultdict(set)
    parts: dict[Key, set[Key]] = defaultdict(set)
    for pair in file.pairs:
        wide, narrow = key(pair.wide), key(pair.narrow)
        if pair.match is Match.SAME:
            same[wide].add(narrow)
            same[narrow].add(wide)
        else:
            parts[wide].add(narrow)
    return Concepts(
        uris,
        titles,
        prefix,
        {one: frozenset(others) for one, others in same.items()},
        {one: frozenset(others) for one, others in parts.items()},
    )
