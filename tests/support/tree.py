"""The project's own files: what lies in this checkout, without environments, caches and data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("aql", "cdr", "cli")

_FOLDERS = (*PACKAGES, "tests", "bench", "docs", "templates", "archetypes", ".ci")
_TOP = ("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "Dockerfile", "compose.yaml", ".gitignore")


def project_files(suffix: str = "") -> Iterator[Path]:
    """Yield every file of the project whose name ends with the suffix, sorted within its folder."""
    for name in _TOP:
        path = CHECKOUT / name
        if path.is_file() and name.endswith(suffix):
            yield path
    for folder in _FOLDERS:
        for path in sorted((CHECKOUT / folder).rglob(f"*{suffix}")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def source_files() -> list[Path]:
    """Return the Python files of the three packages."""
    return [path for package in PACKAGES for path in sorted((CHECKOUT / package).rglob("*.py"))]


def module_name(path: Path) -> str:
    """Return the dotted name of a source file."""
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shown(path: Path) -> str:
    """Return a path as test messages show it."""
    return str(path.relative_to(CHECKOUT))
