"""FLAT keys: a mapping of keys to a tree of branches that decoders take from, and what is left over.

`a/b:1/c|code` is branch `a`, its child `b` number 1, its child `c`, and there the value with suffix `code`. Decoders
take the values they understand; whatever remains is reported with the nearest key that would have been right.
Source: ITS-REST development, simplified_formats, sections Field Identifiers and Flat format.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cdr.issue import Issue, Stage

# No template is as deep as this; a longer key is a mistake or an attack.
_DEEPEST = 100
_SEGMENT = re.compile(r"(.*?)(?::(\d{1,6}))?", re.DOTALL)

# JSON values of any kind; the decoders check what they take.
Json = Any


class Problems:
    """The issues found while decoding; every method only notes, so that all of them are found at once."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self._wrong: set[str] = set()

    def note(self, code: str, key: str, expected: str, *, node: str = "", label: str = "") -> None:
        """Note one issue at a key; `expected` starts with a small letter and holds no value.

        What is missing because a value was wrong is not noted a second time at the same key.
        """
        if code == "FLAT_VALUE" and key in self._wrong:
            return
        self._wrong.add(key)
        self.issues.append(Issue(code=code, path=key, expected=expected, node=node, label=label, stage=Stage.STRUCTURE))


def absent(value: object) -> bool:
    """Tell whether an attribute is not set: required ones are typed as if they always were."""
    return value is None


class Branch:
    """A place in a FLAT mapping: values by suffix (`""` for the key itself) and children by id and number."""

    __slots__ = ("children", "key", "values")

    def __init__(self, key: str) -> None:
        self.key = key
        self.values: dict[str, Json] = {}
        self.children: dict[str, dict[int, Branch]] = {}

    def take(self, suffix: str = "") -> Json:
        """Remove and return a value, None where there is none."""
        return self.values.pop(suffix, None)

    def has(self, *suffixes: str) -> bool:
        """Tell whether a value with one of the suffixes is there."""
        return any(suffix in self.values for suffix in suffixes)

    def take_child(self, identifier: str) -> Branch | None:
        """Return the first child with an id; values of further ones stay untaken, to be reported."""
        numbered = self.children.get(identifier)
        return numbered[min(numbered)] if numbered else None

    def take_all(self, identifier: str) -> list[Branch]:
        """Return the children with an id in the order of their numbers."""
        numbered = self.children.get(identifier)
        if not numbered:
            return []
        return [numbered[index] for index in sorted(numbered)] if len(numbered) > 1 else list(numbered.values())

    def leftovers(self) -> Iterator[str]:
        """Yield the keys of everything that was not taken."""
        for suffix in self.values:
            yield f"{self.key}|{suffix}" if suffix else self.key
        for numbered in self.children.values():
            for branch in numbered.values():
                yield from branch.leftovers()


def parse(mapping: Mapping[str, Json], problems: Problems) -> Branch:
    """Return the tree of a FLAT mapping; null and the empty text, which forms send for blank fields, are no values."""
    root = Branch("")
    places: dict[str, Branch] = {"": root}
    for key, value in mapping.items():
        if value is None or value == "":
            continue
        path, mark, suffix = key.partition("|")
        branch = places.get(path)
        if branch is None:
            branch = _place(path, places)
            if branch is None:
                problems.note("FLAT_KEY", key, "a key such as a/b:0/c|code, with no empty part")
                continue
        if mark and not suffix:
            problems.note("FLAT_KEY", key, "a suffix after |")
            continue
        if suffix in branch.values:
            problems.note("FLAT_KEY", key, "every key once: :0 may be left out, but not written both ways")
            continue
        branch.values[suffix] = value
    return root


def _place(path: str, places: dict[str, Branch]) -> Branch | None:
    """Return the branch of a path and make what is missing above it; None for an empty segment."""
    above_path, slash, segment = path.rpartition("/")
    above = places.get(above_path)
    if above is None:
        above = _place(above_path, places) if path.count("/") <= _DEEPEST else None
        if above is None:
            return None
    match = _SEGMENT.fullmatch(segment)
    if not segment or match is None or not match[1] or (slash and not above_path):
        return None
    numbered = above.children.setdefault(match[1], {})
    index = int(match[2] or 0)
    branch = numbered.get(index)
    if branch is None:
        branch = numbered[index] = Branch(path)
    places[path] = branch
    return branch


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate most like a word, `""` where none is at all like it."""
    found = difflib.get_close_matches(word, list(candidates), n=1, cutoff=0.3)
    return found[0] if found else ""
