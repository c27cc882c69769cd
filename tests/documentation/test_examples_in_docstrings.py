"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.tree import module_name, shown, source_files

WITH_EXAMPLES = [path for path in source_files() if "\n    >>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=shown)
def test_examples_give_what_they_say(path: Path) -> None:
    outcome = doctest.testmod(import_module(module_name(path)), optionflags=doctest.ELLIPSIS)
    assert outcome.attempted > 0
    assert outcome.failed == 0
