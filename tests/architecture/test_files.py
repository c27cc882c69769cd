"""Rules about the project's files: their length, their words, and where they do not come from."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from pathlib import Path

from tests.support.corpus import shared
from tests.support.tree import project_files, shown, source_files

LONGEST = 400

# Built from parts, so that this file does not hold what it looks for.
_MOVING_SPECIFICATION = re.compile("specifications" + r"\.openehr\.org/releases/[^\s/]+/(latest|development)/")
_MACHINE_PATH = re.compile(r"(?<![\w.])/(" + "|".join(("work/", "root/", "home/[a-z]", "Users/")) + ")")
_VAGUE_NAMES = {"utils", "helpers", "common", "manager", "base", "misc", "util", "helper"}


def _texts() -> list[tuple[Path, str]]:
    """Return the project's text files with their contents."""
    return [(path, path.read_text(encoding="utf-8")) for path in project_files() if path.suffix != ".png"]


def test_no_python_file_is_longer_than_the_limit() -> None:
    long = {
        shown(path): lines
        for path in project_files(".py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [shown(path) for path in source_files() if path.stem in _VAGUE_NAMES] == []


def test_every_module_says_what_it_is_for() -> None:
    lacking = [
        shown(path)
        for path in source_files()
        if (text := path.read_text(encoding="utf-8").strip()) and not text.startswith(('"""', "# ruff: noqa", 'r"""'))
    ]
    assert lacking == []


def test_specifications_are_cited_by_a_pinned_release() -> None:
    assert [shown(path) for path, text in _texts() if _MOVING_SPECIFICATION.search(text)] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = {
        f"{shown(path)}:{number}"
        for path, text in _texts()
        for number, line in enumerate(text.splitlines(), 1)
        if _MACHINE_PATH.search(line)
    }
    assert found == set()


def test_mongoengine_never_switches_databases() -> None:
    """Switching is not safe between threads: writes went to the wrong tenant when it was measured."""
    banned = re.compile("switch" + r"_(db|collection)\b|\." + r"using\(")
    assert [shown(path) for path in source_files() if banned.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_is_a_copy_of_published_test_data() -> None:
    own = defaultdict(list)
    for path in project_files():
        if path.stat().st_size > 0:
            own[path.stat().st_size].append(path)
    candidates = [path for path in shared("data").rglob("*") if path.is_file() and path.stat().st_size in own]
    theirs = {_hash(path) for path in candidates}
    assert [shown(path) for paths in own.values() for path in paths if _hash(path) in theirs] == []


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
