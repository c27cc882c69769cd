"""Where the files that come with Kilde are: its templates and archetypes.

In a checkout they lie beside the packages, in an installed wheel inside `cdr/_data`. Callers get paths and read them
themselves.
"""

from __future__ import annotations

from pathlib import Path

from cdr.errors import NotFound

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder `templates` or `archetypes` of this installation; `NotFound` when it came without."""
    for place in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise NotFound(f"expected the folder {name} in this installation of Kilde; install it again")


def templates() -> list[Path]:
    """Return the operational templates (OPT 1.4) that come with Kilde, sorted by name."""
    return sorted(folder("templates").glob("*.opt"))
