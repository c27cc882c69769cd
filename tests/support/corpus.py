"""The published test data that may lie beside the checkout: where it is, and how to go through it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parents[2]


def shared_folder() -> Path | None:
    """Return the folder with the published test data, or None; `KILDE_TEST_SHARED` overrides the place."""
    configured = os.environ.get("KILDE_TEST_SHARED")
    folder = Path(configured) if configured else _CHECKOUT.parent / "shared"
    return folder if (folder / "data").is_dir() else None


def shared(*parts: str) -> Path:
    """Return a path in the published test data; skip the test, saying why, where the data is absent."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the published test data (folder `shared` beside the checkout) is absent")
    return folder.joinpath(*parts)


def files(pattern: str, *parts: str) -> list[Path]:
    """Return the files that match a glob pattern below a folder of the test data, sorted; [] where it is absent."""
    folder = shared_folder()
    return [] if folder is None else sorted(folder.joinpath("data", *parts).rglob(pattern))


def names(paths: list[Path]) -> Iterator[str]:
    """Yield a readable test id for each path: its place below the data folder."""
    folder = shared_folder()
    for path in paths:
        yield str(path.relative_to(folder / "data")) if folder else path.name
