"""Finds archetypes by their id, in folders of `.adl` files.

Files are read when they are first asked for. A broken file hides nothing but itself: its issues come when a template
needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cdr.am.adl.reader import read_archetype
from cdr.am.archetype import Archetype

_HEAD = re.compile(rb"^\xef?\xbb?\xbf?\s*archetype\b[^\n]*\n\s*([^\s-][^\s]*)")


class ArchetypeLibrary:
    """The archetypes of one or more folders, by id; where an id occurs twice the first folder wins."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._files: dict[str, Path] = {}
        self._known: dict[str, Archetype] = {}
        for folder in folders:
            for path in sorted(folder.rglob("*.adl")):
                archetype_id = _id_in(path)
                if archetype_id:
                    self._files.setdefault(archetype_id, path)

    def add(self, archetype: Archetype) -> None:
        """Make an archetype known that does not come from a folder."""
        self._known[archetype.archetype_id] = archetype

    def __contains__(self, archetype_id: str) -> bool:
        return archetype_id in self._known or archetype_id in self._files

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._files), **dict.fromkeys(self._known)})

    def path_of(self, archetype_id: str) -> Path | None:
        """Return the file of an archetype, or None."""
        return self._files.get(archetype_id)

    def get(self, archetype_id: str) -> Archetype | None:
        """Return an archetype, or None when there is none. Errors: BadInput when its file is broken."""
        known = self._known.get(archetype_id)
        if known is None and (path := self._files.get(archetype_id)) is not None:
            known = self._known[archetype_id] = read_archetype(path.read_bytes())
        return known


def _id_in(path: Path) -> str:
    """Return the archetype id in the first lines of a file, or "" when it is no archetype."""
    with path.open("rb") as file:
        match = _HEAD.match(file.read(2000))
    return match.group(1).decode("ascii", "replace") if match else ""
